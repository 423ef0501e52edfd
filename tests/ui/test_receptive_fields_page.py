"""The page Receptive fields: its figures, options and sentences, and what stands in its place."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.ui.attention_tools import store_network
from tests.ui.read_page import OpenApp, assert_clean, figures, kinds, link, numbers, texts
from tscviz import load_dataset, train
from tscviz.explain.receptive_fields import enrf_sizes, masked_layers, size_counts
from tscviz.explain.stack_sizes import stack_sizes
from tscviz.models import load_model, load_record
from tscviz.models.sparse_record import read_masks

VIEWS = {
    "weights": ["kernel-masks"],
    "training": ["mask-movement", "mask-history"],
    "stack": ["stack-sizes"],
    "sparsity": ["enrf-sizes"],
}
SMALL = {"channels": 12, "kernel": 9, "layers": 3, "sparsity": 0.5}
TRAINED = "a100000000000000"


@pytest.fixture(scope="module")
def trained_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a small DSN, trained for 12 epochs with a move every second one."""
    folder = tmp_path_factory.mktemp("dsn")
    options: dict[str, Any] = SMALL | {"epochs": 12, "update_every": 2}
    train(load_dataset("UnitTest"), "dsn", preset="quick", out=folder, **options)
    return folder / "model"


@pytest.fixture
def dsn(trained_folder: Path, home: Path) -> str:
    """Return the name of that model in the home of this test."""
    shutil.copytree(trained_folder, home / "jobs" / TRAINED / "model")
    return f"job/{TRAINED}"


def of_kind(figure: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [trace for trace in figure["data"] if trace["type"] == kind]


def test_the_main_figure_counts_the_kernels_of_the_trained_model(
    open_app: OpenApp, dsn: str, trained_folder: Path
) -> None:
    app = open_app("receptive-fields", dataset="UnitTest", model=dsn, against="none")
    assert_clean(app)
    assert kinds(app) == ["enrf-sizes", "kernel-masks"]
    drawn = [numbers(t["y"]) for t in of_kind(figures(app)[0], "bar")]
    layers = masked_layers(load_model(trained_folder))
    expected = np.concatenate([size_counts(layer) for layer in layers])
    assert np.array_equal(drawn, expected)
    sizes = np.concatenate([enrf_sizes(layer.mask).ravel() for layer in layers])
    live = sizes[sizes > 0]
    stack = stack_sizes([size_counts(layer).sum(0) for layer in layers])
    said = texts(app)
    assert f"A kernel sees {live.min()} to {live.max()} points, {live.mean():.0f} on" in said
    assert f"through all 3 layers sees {stack.sizes[0]} to {stack.sizes[-1]}" in said
    assert "sparsity 0.5, 3 kernel groups; weights of epoch" in said


def test_a_visit_without_a_model_opens_with_a_dsn(open_app: OpenApp, dsn: str, home: Path) -> None:
    store_network(home, "a200000000000000", "dtp-fcn", "UnitTest")
    app = open_app("receptive-fields", dataset="UnitTest")
    assert_clean(app)
    assert app.sidebar.selectbox(key="selection_model").value == dsn
    assert kinds(app)[0] == "enrf-sizes"


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("layer", ["all", "1", "3"])
def test_every_view_is_drawn(view: str, layer: str, open_app: OpenApp, dsn: str) -> None:
    app = open_app("receptive-fields", dataset="UnitTest", model=dsn, view=view, layer=layer)
    assert_clean(app)
    assert kinds(app) == ["enrf-sizes", *VIEWS[view]]
    n_panels = 3 if layer == "all" else 1
    assert len(of_kind(figures(app)[0], "bar")) == 3 * n_panels


@pytest.mark.parametrize(
    ("against", "trained"), [("ungrouped", False), ("random", False), ("start", False)]
)
def test_what_is_held_against_the_model_is_called_untrained(
    against: str, trained: bool, open_app: OpenApp, dsn: str
) -> None:
    app = open_app("receptive-fields", dataset="UnitTest", model=dsn, against=against)
    assert_clean(app)
    lines = of_kind(figures(app)[0], "scatter")
    assert len(lines) == 3
    assert lines[0]["name"].endswith("(not trained)") is not trained
    assert "(not trained). Its fields are" in texts(app)


def test_the_own_start_is_the_first_mask_of_the_record(
    open_app: OpenApp, dsn: str, trained_folder: Path
) -> None:
    app = open_app("receptive-fields", dataset="UnitTest", model=dsn, against="start")
    module: Any = load_model(trained_folder).module
    masks = read_masks(load_record(trained_folder), module).masks(0)
    drawn = [numbers(t["y"]) for t in of_kind(figures(app)[0], "scatter")]
    for line, mask in zip(drawn, masks, strict=True):
        assert line.tolist() == np.bincount(enrf_sizes(mask).ravel(), minlength=10).tolist()


def test_another_trained_model_can_be_held_against_it(
    open_app: OpenApp, dsn: str, home: Path
) -> None:
    other = store_network(home, "a300000000000000", "dsn", "UnitTest", groups=1, **SMALL)
    app = open_app("receptive-fields", dataset="UnitTest", model=dsn, against=other)
    assert_clean(app)

    line = of_kind(figures(app)[0], "scatter")[0]
    assert line["name"] == "DSN, trained here (a30000) (trained)"
    assert app.selectbox(key="option_against").value == other


def test_one_group_is_held_against_the_same_output_channels(open_app: OpenApp, dsn: str) -> None:
    app = open_app("receptive-fields", dataset="UnitTest", model=dsn, group="2", layer="2")
    assert_clean(app)
    (bar,), (line,) = (of_kind(figures(app)[0], kind) for kind in ("bar", "scatter"))
    assert bar["name"] == "group 2: taps 0–5"
    assert numbers(bar["y"]).sum() == numbers(line["y"]).sum() == 4 * 4  # 12 / 3 channels, 4 inputs
    assert len(of_kind(figures(app)[1], "heatmap")) == 1


def test_the_slider_moves_the_mask(open_app: OpenApp, dsn: str, trained_folder: Path) -> None:
    module: Any = load_model(trained_folder).module
    history = read_masks(load_record(trained_folder), module)
    assert len(history.epochs) > 3
    app = open_app("receptive-fields", dataset="UnitTest", model=dsn, view="training", layer="1")
    assert_clean(app)
    for i in (1, 3):
        app.select_slider(key="option_epoch").set_value(str(history.epochs[i])).run()
        assert_clean(app)
        before, after = history.masks(i - 1)[0], history.masks(i)[0]
        cells = sum(np.isfinite(numbers(t["z"])).sum() for t in of_kind(figures(app)[1], "heatmap"))
        crosses = [t for t in of_kind(figures(app)[1], "scatter") if t["name"] == "pruned"]
        assert cells == after.sum()
        assert sum(len(numbers(t["x"])) for t in crosses) == (before & ~after).sum()
        if i == 3:  # the first is the default
            assert link(app, "epoch") == str(history.epochs[i])
    app.segmented_control(key="option_since").set_value("start").run()
    crosses = [t for t in of_kind(figures(app)[1], "scatter") if t["name"] == "pruned"]
    gone = history.masks(0)[0] & ~history.masks(3)[0]
    assert sum(len(numbers(t["x"])) for t in crosses) == gone.sum()
    assert "3 moves lie between; only their net effect is drawn." in texts(app)
    pruned, grown, returned = history.counts[:, 0].sum((0, 1))
    assert f"pruned {pruned:,} weights and grew {grown:,}" in texts(app)
    assert f"{returned:,} of those grown had been active before" in texts(app)


def test_an_output_channel_is_opened(open_app: OpenApp, dsn: str) -> None:
    app = open_app("receptive-fields", dataset="UnitTest", model=dsn, layer="2", row="5")
    assert_clean(app)
    (heat,) = of_kind(figures(app)[1], "heatmap")
    assert numbers(heat["z"]).shape == (4, 6)  # inputs, taps of group 2
    assert "Each row is one kernel." in texts(app)
    app.selectbox(key="option_row").set_value("all").run()
    assert len(of_kind(figures(app)[1], "heatmap")) == 3
    app.segmented_control(key="option_show").set_value("share").run()
    assert_clean(app)
    assert of_kind(figures(app)[1], "heatmap")[0]["zmax"] == 1


def test_other_sparsities_are_called_untrained(open_app: OpenApp, dsn: str) -> None:
    app = open_app("receptive-fields", dataset="UnitTest", model=dsn, view="sparsity")
    titles = [note["text"] for note in figures(app)[1]["layout"]["annotations"]]
    assert titles == [f"<b>S = {s}</b>" for s in ("50&#37; (this model's)", "70&#37;", "90&#37;")]
    assert "None of these networks is trained" in texts(app)
    assert "Layer 2 (the first one has 12 kernels only)" in texts(app)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "No record of the masks"),
        ({"topology": "fixed"}, "fixed topology"),
        ({"sparsity": 0.0}, "This model is dense"),
    ],
)
def test_a_model_without_a_record_says_why(
    options: dict[str, Any], said: str, open_app: OpenApp, home: Path
) -> None:
    model = store_network(home, "a400000000000000", "dsn", "UnitTest", **SMALL | options)
    app = open_app("receptive-fields", dataset="UnitTest", model=model, view="training")
    assert_clean(app)
    assert kinds(app) == ["enrf-sizes"]
    assert said in app.info[0].value
    for view in ("weights", "stack", "sparsity"):
        app = open_app("receptive-fields", dataset="UnitTest", model=model, view=view)
        assert_clean(app)
        assert kinds(app) == ["enrf-sizes", *VIEWS[view]]


@pytest.mark.parametrize(
    ("options", "panels", "said"),
    [
        ({"channels": 9, "kernel": 9, "sparsity": 0.5}, ["50 (this model's)", "70"], "90%"),
        ({"channels": 2, "groups": 1, "sparsity": 0.7}, ["50", "70 (this model's)", "90"], ""),
    ],
)
def test_a_network_too_small_for_a_sparsity_says_so(
    options: dict[str, Any], panels: list[str], said: str, open_app: OpenApp, home: Path
) -> None:
    model = store_network(home, "a700000000000000", "dsn", "UnitTest", **options)
    app = open_app("receptive-fields", dataset="UnitTest", model=model, view="sparsity")
    assert_clean(app)
    titles = [note["text"] for note in figures(app)[1]["layout"]["annotations"]]
    assert [title.replace("&#37;", "") for title in titles] == [f"<b>S = {p}</b>" for p in panels]
    left = f"Left out, because a kernel group would have no weight: {said}."
    assert (left in texts(app)) is bool(said)


def test_several_channels_make_the_first_layer_many_kernels(open_app: OpenApp, home: Path) -> None:
    model = store_network(home, "a500000000000000", "dsn", "BasicMotions", **SMALL)
    for view in ("weights", "stack", "sparsity"):
        app = open_app("receptive-fields", dataset="BasicMotions", model=model, view=view)
        assert_clean(app)
    assert "Layer 1; choose another one above." in texts(app)


def test_a_model_without_sparse_layers_gives_way_to_a_dsn(
    open_app: OpenApp, dsn: str, home: Path
) -> None:
    dense = store_network(home, "a600000000000000", "dtp-fcn", "UnitTest")
    app = open_app("receptive-fields", dataset="UnitTest", model=dense)
    assert_clean(app)
    assert "has no sparse layers" in texts(app)
    assert not app.get("plotly_chart")
    (button,) = [b for b in app.main.button if b.label.startswith("Show DSN")]
    button.click().run()
    assert_clean(app)
    assert link(app, "model") == dsn
    assert kinds(app)[0] == "enrf-sizes"


def test_a_dataset_without_a_dsn_leads_to_training(open_app: OpenApp) -> None:
    app = open_app("receptive-fields", dataset="ACSF1")
    assert_clean(app)
    assert "No model for ACSF1 yet" in texts(app)
    assert [p.proto.label for p in app.main.get("page_link")] == ["Train DSN"]


def test_bad_options_in_a_link_give_way_to_the_defaults(open_app: OpenApp, dsn: str) -> None:
    app = open_app(
        "receptive-fields", dataset="UnitTest", model=dsn, view="<b>", layer="9", group="x",
        against="../x", row="999", epoch="-1",
    )  # fmt: skip
    assert_clean(app)
    assert kinds(app) == ["enrf-sizes", "kernel-masks"]
    assert not {"view", "layer", "group", "against"} & set(app.query_params)
