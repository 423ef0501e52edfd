"""The page Attention: figures, options and sentences, for every variant and kind of dataset."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.attention_tools import store_network
from tests.ui.read_page import OpenApp, assert_clean, figures, kinds, texts
from tests.ui.test_receptive_fields_page import numbers
from tscviz.data import load_dataset, prepare
from tscviz.explain.attention import attention_of
from tscviz.explain.branches import branch_shares
from tscviz.models import load_model
from tscviz.ui.attention import data, views, words

Keep = Callable[..., str]
FIRST = "a700000000000000"
VIEW_KINDS = {
    "classes": "class-attention",
    "entropy": "attention-entropy",
    "queries": "attention",
    "branches": "branch-spread",
    "fcn": "cam",
    "filters": "filter-scales",
}


@pytest.fixture
def keep(home: Path) -> Keep:
    """Return a function that stores a network of the family."""

    def save(model: str, dataset: str, job_id: str = FIRST, **options: Any) -> str:
        return store_network(home, job_id, model, dataset, **options)

    return save


def named(figure: dict[str, Any], name: str) -> dict[str, Any]:
    return next(trace for trace in figure["data"] if trace.get("name") == name)


def tab_names(app: AppTest) -> list[str]:
    return [tab.label for tab in app.tabs]


def test_the_page_shows_what_the_model_looked_at(open_app: OpenApp, keep: Keep, home: Path) -> None:
    name = keep("alstm-fcn", "UnitTest", variant="additive")
    app = open_app("attention", dataset="UnitTest", model=name, case="3")
    assert_clean(app)
    assert kinds(app) == ["attention", "branches", "class-attention"]
    model = load_model(home / "jobs" / FIRST / "model")
    source = load_dataset("UnitTest")
    ready = prepare(source.X_test, source.mask_test, model.preparation)
    want = attention_of(model, ready.X[3:4]).weights[0, 0]
    main = figures(app)[0]
    assert np.allclose(numbers(named(main, "attention")["y"]), want, atol=1e-6)
    table = named(main, "by LSTM step")
    steps = numbers(table["z"])
    assert steps.shape == (len(want), len(want))
    assert np.allclose(steps.mean(0) / len(want), want, atol=1e-5)
    shares = branch_shares(model, ready.X[3:4])
    bars = numbers(figures(app)[1]["data"][int(shares.target[0])]["y"])
    assert np.allclose(bars, [shares.lstm[0], shares.fcn[0], shares.rest[0]], atol=1e-5)
    assert tab_names(app) == ["By class", "Entropy", "Branches in all cases",
                              "FCN branch over time"]  # fmt: skip


@pytest.mark.parametrize("view", ["classes", "entropy", "queries", "branches", "fcn"])
@pytest.mark.parametrize("dataset", ["UnitTest", "BasicMotions", "JapaneseVowels"])
def test_every_view_of_self_attention(
    view: str, dataset: str, open_app: OpenApp, keep: Keep
) -> None:
    name = keep("alstm-fcn", dataset, variant="self")
    app = open_app("attention", dataset=dataset, model=name, view=view)
    assert_clean(app)
    assert kinds(app) == ["attention", "branches", VIEW_KINDS[view]]
    strips = [t for t in figures(app)[0]["data"] if t["type"] == "heatmap"]
    assert numbers(strips[0]["z"]).shape[0] == 5  # mean and four heads
    left_out = "8 of 9 classes are drawn." in texts(app)
    assert left_out == ((view, dataset) == ("classes", "JapaneseVowels"))


@pytest.mark.parametrize("dataset", ["BasicMotions", "JapaneseVowels"])
def test_additive_attention_over_several_channels_and_lengths(
    dataset: str, open_app: OpenApp, keep: Keep
) -> None:
    name = keep("alstm-fcn", dataset, variant="additive")
    app = open_app("attention", dataset=dataset, model=name, draw="heatmap")
    assert_clean(app)
    assert kinds(app) == ["attention", "branches", "cam-heatmap"]
    n = int(load_dataset(dataset).mask_test[0].sum())
    curve = numbers(named(figures(app)[0], "attention")["y"])
    assert np.isclose(np.nansum(curve), 1, atol=1e-5)
    assert np.isfinite(curve).sum() == n
    held = [t for t in figures(app)[0]["data"] if t.get("name", "").startswith("channel")]
    assert len(held) == 3
    app.segmented_control(key="option_channels").set_value("all").run()
    assert_clean(app)
    held = [t for t in figures(app)[0]["data"] if t.get("name", "").startswith("channel")]
    assert len(held) == load_dataset(dataset).n_channels


def test_a_head_is_shown_on_its_own(open_app: OpenApp, keep: Keep) -> None:
    name = keep("alstm-fcn", "UnitTest", variant="self")
    app = open_app("attention", dataset="UnitTest", model=name, head="2", view="queries")
    assert_clean(app)
    assert named(figures(app)[0], "head 2")["line"]["width"] == 2
    assert "Head 2 looks" in texts(app)
    before = texts(app)
    app.segmented_control(key="option_head").set_value("mean").run()
    assert "head" not in app.query_params
    assert texts(app) != before
    assert named(figures(app)[0], "mean of the heads")


def test_the_scale_can_run_from_least_to_greatest(open_app: OpenApp, keep: Keep) -> None:
    name = keep("alstm-fcn", "UnitTest", variant="additive")
    app = open_app("attention", dataset="UnitTest", model=name)
    strip = next(t for t in figures(app)[0]["data"] if t["type"] == "heatmap")
    assert strip["zmin"] == 0
    app.segmented_control(key="option_scale").set_value("range").run()
    assert_clean(app)
    strip = next(t for t in figures(app)[0]["data"] if t["type"] == "heatmap")
    z = numbers(strip["z"])
    assert np.isclose(strip["zmin"], z.min())
    assert np.isclose(strip["zmax"], z.max())
    assert app.query_params["scale"] in ("range", ["range"])


def test_the_report_shows_filters_and_shapley_shares(
    open_app: OpenApp, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = keep("alstm-fcn", "UnitTest", variant="report")
    app = open_app("attention", dataset="UnitTest", model=name, view="filters")
    assert_clean(app)
    assert kinds(app) == ["attention", "branches", "filter-scales"]
    blocks = [numbers(t["z"]) for t in figures(app)[2]["data"] if t["type"] == "heatmap"]
    assert [block.shape for block in blocks] == [(3, 128), (3, 256), (3, 128)]
    assert all(((block >= 0) & (block <= 1)).all() for block in blocks)
    assert "Shapley" in texts(app)
    assert "FCN branch over time" not in tab_names(app)
    assert "classes are drawn" not in texts(app)
    monkeypatch.setattr(views, "MAX_ROWS", 1)
    app.segmented_control(key="option_sort").set_value("size").run()
    assert "The first 1 of 2 classes are drawn." in texts(app)
    first = numbers(next(t for t in figures(app)[2]["data"] if t["type"] == "heatmap")["z"])[0]
    assert (np.diff(first) <= 0).all()


def test_the_papers_attention_is_said_to_be_constant_and_not_drawn(
    open_app: OpenApp, keep: Keep
) -> None:
    name = keep("alstm-fcn", "UnitTest", variant="paper")
    app = open_app("attention", dataset="UnitTest", model=name)
    assert_clean(app)
    assert kinds(app) == ["branches", "branch-spread"]
    assert "its weight is always 1" in texts(app)
    assert "one step with all its time points" in texts(app)
    assert "no gradient" in texts(app)
    assert tab_names(app) == ["Branches in all cases", "FCN branch over time"]
    assert "Train ALSTM-FCN" in [p.proto.label.replace("\\", "") for p in app.get("page_link")]


def test_the_papers_attention_over_several_channels_weighs_channels(
    open_app: OpenApp, keep: Keep
) -> None:
    name = keep("alstm-fcn", "BasicMotions", variant="paper")
    app = open_app("attention", dataset="BasicMotions", model=name)
    assert_clean(app)
    assert kinds(app) == ["place-attention", "branches", "place-attention"]
    steps, classes = (numbers(figures(app)[i]["data"][0]["z"]) for i in (0, 2))
    assert steps.shape == (6, 6)
    assert np.allclose(steps.sum(1), 1, atol=1e-5)
    assert np.allclose(classes.sum(1), 1, atol=1e-5)
    assert "cannot point at a time" in texts(app)
    entropy = open_app("attention", dataset="BasicMotions", model=name, view="entropy")
    assert_clean(entropy)


@pytest.mark.parametrize("variant", ["paper", "time", "report"])
def test_lstm_fcn_has_branches_and_leads_to_an_attention(
    variant: str, open_app: OpenApp, keep: Keep
) -> None:
    other = keep("alstm-fcn", "UnitTest", "a800000000000000", variant="additive")
    name = keep("lstm-fcn", "UnitTest", variant=variant)
    app = open_app("attention", dataset="UnitTest", model=name)
    assert_clean(app)
    assert kinds(app) == ["branches", "branch-spread"]
    assert "has no attention, so there is no attention map" in texts(app)
    assert words.NO_ATTENTION[variant] in texts(app)
    app.main.button(key=f"attention_{other}").click().run()
    assert_clean(app)
    assert app.selectbox(key="selection_model").value == other
    assert kinds(app)[0] == "attention"


def test_attention_over_filters_is_named(open_app: OpenApp, keep: Keep) -> None:
    name = keep("alstm-fcn", "UnitTest", variant="paper", reads="features")
    app = open_app("attention", dataset="UnitTest", model=name)
    assert_clean(app)
    assert kinds(app) == ["branches", "branch-spread"]
    assert "weighs filters, not time points" in texts(app)


def test_branches_add_to_the_score_or_to_the_lead(open_app: OpenApp, keep: Keep) -> None:
    name = keep("alstm-fcn", "UnitTest", variant="additive")
    app = open_app("attention", dataset="UnitTest", model=name, view="branches")
    lead = [numbers(box["y"]) for box in figures(app)[2]["data"]]
    app.segmented_control(key="option_of").set_value("score").run()
    assert_clean(app)
    score = [numbers(box["y"]) for box in figures(app)[2]["data"]]
    assert all(len(a) == len(b) for a, b in zip(lead, score, strict=True))
    assert not np.allclose(lead[0], score[0])


def test_another_class_changes_the_sum_and_the_link(open_app: OpenApp, keep: Keep) -> None:
    name = keep("alstm-fcn", "UnitTest", variant="additive")
    app = open_app("attention", dataset="UnitTest", model=name)
    predicted = app.selectbox(key="attention_target").value
    assert predicted is not None
    before = next(c.value for c in app.caption if "make the score" in c.value)
    app.selectbox(key="attention_target").set_value(1 - predicted).run()
    assert_clean(app)
    assert app.query_params["target"] in (str(1 - predicted), [str(1 - predicted)])
    assert next(c.value for c in app.caption if "make the score" in c.value) != before


def test_a_bad_option_in_a_link_gives_way_to_the_default(open_app: OpenApp, keep: Keep) -> None:
    name = keep("alstm-fcn", "UnitTest", variant="self")
    app = open_app("attention", dataset="UnitTest", model=name, view="<b>", head="99", scale="x")
    assert_clean(app)
    assert kinds(app) == ["attention", "branches", "class-attention"]


def test_a_model_of_another_family_is_told_so(open_app: OpenApp, keep: Keep, home: Path) -> None:
    other = store_network(home, "a900000000000000", "dtp-fcn", "UnitTest")
    fitting = keep("alstm-fcn", "UnitTest", variant="additive")
    app = open_app("attention", dataset="UnitTest", model=other)
    assert_clean(app)
    assert "DTP-FCN, trained here (a90000) has no attention" in texts(app)
    assert not app.get("plotly_chart")
    app.main.button(key=f"need_{fitting}").click().run()
    assert kinds(app)[0] == "attention"


def test_a_dataset_without_a_model_leads_to_training(open_app: OpenApp) -> None:
    app = open_app("attention", dataset="ACSF1")
    assert_clean(app)
    assert "No model for ACSF1 yet" in texts(app)


def test_hostile_class_names_stay_text(open_app: OpenApp, keep: Keep, hostile_archive: str) -> None:
    name = keep("alstm-fcn", hostile_archive, variant="report")
    for view in ("classes", "entropy", "queries", "branches", "filters"):
        app = open_app("attention", dataset=hostile_archive, model=name, view=view)
        assert_clean(app)
        for part in (*app.markdown, *app.caption):
            assert "![" not in part.value.replace("\\!", "").replace("\\[", "")
            assert "<img" not in part.value.replace("\\<", "")


def test_large_splits_are_shown_in_part(monkeypatch: pytest.MonkeyPatch, open_app: OpenApp,
                                        keep: Keep) -> None:  # fmt: skip
    name = keep("alstm-fcn", "UnitTest", variant="additive")
    length = load_dataset("UnitTest").X_test.shape[2]
    monkeypatch.setattr(data, "MAX_PAIRS", 6 * length**2)
    monkeypatch.setattr(data, "MAX_TABLE", 10)
    app = open_app("attention", dataset="UnitTest", model=name)
    assert_clean(app)
    n = len(load_dataset("UnitTest").y_test)
    assert f"5 of {n} test cases, each class in its share" in texts(app)
    tables_drawn = [t for t in figures(app)[0]["data"] if t.get("name") == "by LSTM step"]
    assert not tables_drawn
