# pyright: reportAttributeAccessIssue=false
"""What holds for every figure: words, units, both looks, safe text, untouched inputs."""

import copy
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.figures.conftest import (
    HOSTILE,
    make_attribution,
    make_occlusion,
    make_segmentation,
)
from tests.figures.evidence_tools import (
    make_agreement,
    make_cases_evidence,
    make_curves,
    make_randomisation,
)
from tscviz import figures
from tscviz.data import make_planted
from tscviz.explain.localisation import Mean
from tscviz.explain.masks import KernelRows, Movement
from tscviz.figures import (
    CamPanel,
    CamView,
    ComparisonColumn,
    MapRow,
    RankRow,
    RecordCell,
    SizePanel,
    StackCurve,
    WhatIfVersion,
)
from tscviz.figures.results_costs import CostPoints
from tscviz.figures.results_curves import seed_curves
from tscviz.figures.results_stats import Scores, critical_difference, multi_comparison
from tscviz.types import Dataset

RNG = np.random.default_rng(3)
X = RNG.normal(size=(6, 2, 20)).astype(np.float32)
MASK = np.ones((6, 20), bool)
MASK[0, 17:] = False
Y = np.array([0, 1] * 3)
CAMS = RNG.normal(size=(6, 20)).astype(np.float32)
BOUNDS = np.tile([0, 5, 11, 20], (6, 1))
SEG = make_segmentation([0, 5, 11, 20])
ATTR = make_attribution(RNG.normal(size=(2, 20)))
GAPS = np.where(RNG.random(X.shape) < 0.1, np.nan, X).astype(np.float32)
DATA = Dataset("<i>d</i>", X, Y, X, Y, HOSTILE, MASK, MASK, "0" * 64)
PROTOTYPES, WEIGHTS = RNG.normal(size=(3, 8)), RNG.normal(size=(2, 3, 8))
EVENTS = [
    {"epoch": e, "epochs": 9, "losses": {"<b>a</b>": 1.0, "b": 0.5}, "train_accuracy": 0.5,
     "test_accuracy": 0.4} for e in (1, 2)
]  # fmt: skip
SHARE = np.array([[0.0, 0.5], [0.25, 1.0]])
ROWS = [KernelRows(0, np.array([1, 0]), np.array([1.0, 2.0]), SHARE, SHARE - 0.5, 4)]
KEPT, GROWN, PRUNED = (np.isclose(SHARE, s).astype(float) for s in (1.0, 0.5, 0.25))
MOVED = [Movement(0, np.array([1, 0]), KEPT, GROWN, PRUNED, 1)]
SIZES = np.array([[1, 2, 0, 3], [0, 0, 4, 1]])

MAP_ROWS = [
    MapRow(HOSTILE[0], HOSTILE[1], ATTR, told=HOSTILE[1], group=HOSTILE[0]),
    MapRow(HOSTILE[1], reason=HOSTILE[0]),
]

SHARES = np.where(MASK, RNG.random((6, 20)), 0)
SHARES /= SHARES.sum(1, keepdims=True)

SCORES = Scores((*HOSTILE[:2], "c"), ("<i>d</i>", "e", "f"), RNG.random((3, 3)))

PLANTED = make_planted(n_cases=8, length=20, channels=2, seed=3)
PLANTED = replace(PLANTED, dataset=replace(PLANTED.dataset, class_names=HOSTILE[:2]))
RANKS = [RankRow(HOSTILE[0], Mean(0.9, 0.8, 1.0, 9), Mean(0.7, 0.5, 0.8, 9)),
         RankRow(HOSTILE[1], reason=HOSTILE[0])]  # fmt: skip
RECORD = [RecordCell(HOSTILE[0], HOSTILE[1], 0.9, 0.1, 0.8, 1.0, 5),
          RecordCell(HOSTILE[1], "DSN", np.nan, np.nan, np.nan, 1.0, 5, HOSTILE[0])]  # fmt: skip

#: function name -> arguments and options of one call
CALLS = {
    "plot_series": ((GAPS[0],), {"mask": MASK[0], "channel_names": HOSTILE}),
    "plot_cam": ((X[0], ATTR), {"segmentation": SEG, "mask": MASK[0], "class_names": HOSTILE,
                                "channel_names": HOSTILE}),
    "plot_cam_panels": ((X[0], [CamPanel(HOSTILE[0], ATTR, SEG)]), {"class_names": HOSTILE}),
    "plot_alignment": ((X[0], SEG), {"soft": True}),
    "plot_class_cams": ((X, Y, HOSTILE, [CamView(HOSTILE[1], CAMS, BOUNDS)]), {"mask": MASK}),
    "plot_segmented_cases": ((X, CAMS, BOUNDS), {"case_names": HOSTILE * 3, "mask": MASK}),
    "plot_cam_heatmap": ((CAMS, Y, HOSTILE), {"boundaries": BOUNDS, "mask": MASK}),
    "plot_contributions": ((SEG, HOSTILE), {}),
    "plot_segment_lengths": ((BOUNDS, Y, HOSTILE), {}),
    "plot_prototypes": ((PROTOTYPES,), {}),
    "plot_prototype_similarity": ((PROTOTYPES, WEIGHTS, HOSTILE), {}),
    "plot_segment_shapes": ((X, BOUNDS, Y, HOSTILE), {}),
    "plot_glance": ((X, Y, HOSTILE), {"mask": MASK}),
    "plot_class_means": ((X, Y, HOSTILE), {"mask": MASK}),
    "plot_case_map": ((figures.project_cases(X, MASK), Y, HOSTILE),
                      {"current": 0, "chosen": [0, 3], "prototypes": {0: 1, 1: 4}}),
    "plot_what_if": ((WhatIfVersion(X[0], np.array([0.9, 0.1]), SEG, ATTR),
                      WhatIfVersion(X[1], np.array([0.2, 0.8]), SEG, ATTR), HOSTILE),
                     {"mask": MASK[0], "map_label": HOSTILE[1]}),
    "plot_class_balance": ((DATA,), {}),
    "plot_lengths": ((MASK, Y, HOSTILE), {}),
    "plot_missing": ((GAPS,), {"mask": MASK, "case_names": HOSTILE * 3}),
    "plot_probabilities": ((np.array([0.3, 0.7]), HOSTILE), {}),
    "plot_training": ((EVENTS,), {"best_epoch": 1}),
    "plot_enrf_sizes": (([SizePanel(HOSTILE[0], SIZES, (SIZES[0],))], HOSTILE, [HOSTILE[1]]), {}),
    "plot_stack_sizes": (([StackCurve(HOSTILE[0], np.array([0.1, 0.4, 0.5]), np.array([1, 2]))] * 2,
                          [StackCurve(HOSTILE[1], np.array([0.0, 1.0]), np.array([1]))] * 2),
                         {"others_label": HOSTILE[0], "length": 5}),
    "plot_kernel_masks": ((ROWS,), {"row_label": HOSTILE[0], "order": HOSTILE[1]}),
    "plot_mask_movement": ((MOVED,), {"row_label": HOSTILE[0], "order": HOSTILE[1]}),
    "plot_mask_history": ((np.array([5, 10]), np.array([[3, 3, 0], [2, 2, 1]]), np.array([0, 10]),
                           np.array([[1.0, 2.0], [3.0, 4.0]]), HOSTILE), {"at": 5}),
    "plot_occlusion": ((X[0], make_occlusion((2, 20), per_channel=True)),
                       {"mask": MASK[0], "class_name": HOSTILE[0], "filling": X[0]}),
    "plot_filters": ((X[0], RNG.normal(size=(3, 2, 5)), CAMS[:3] ** 2, [4, 0, 2]), {"before": 2}),
    "plot_activation_map": ((X[0], [CAMS[:2] ** 2, CAMS[2:] ** 2], [4, 8]), {}),
    "plot_length_ablation": (([4, 8], np.array([0.5, -1]), np.array([0.9, 0.4]), 0.95),
                             {"class_name": HOSTILE[0]}),
    "plot_attention": ((X[0], SHARES[:2]), {"queries": SHARES, "mask": MASK[0],
                                            "channel_names": HOSTILE, "query_label": HOSTILE[0]}),
    "plot_class_attention": ((X, SHARES, Y, HOSTILE), {"mask": MASK}),
    "plot_attention_entropy": ((RNG.random((6, 3)), Y, HOSTILE), {}),
    "plot_place_attention": ((SHARES[:2], HOSTILE), {"row_label": "class"}),
    "plot_branches": ((RNG.normal(size=(3, 2)), HOSTILE), {}),
    "plot_branch_spread": ((RNG.normal(size=(6, 2)), Y, HOSTILE), {"quantity": HOSTILE[0]}),
    "plot_filter_scales": (([RNG.random((2, 8)), RNG.random((2, 4))], HOSTILE), {}),
    "plot_critical_difference": ((critical_difference(SCORES, "nemenyi"),), {}),
    "plot_multi_comparison": ((multi_comparison(SCORES),), {}),
    "plot_pairwise": ((SCORES, *SCORES.models[:2]), {}),
    "plot_cost": (([CostPoints(HOSTILE[0], HOSTILE, np.array([1.0, 2]), np.array([0.5, 1]))],),
                  {"cost": "FLOPs"}),
    "plot_option_effect": (("sparsity S", [0.5, 0.8], {HOSTILE[0]: np.array([0.5, 0.6])}),
                           {"costs": {"FLOPs": np.array([2.0, 1.0])}}),
    "plot_learning_curves": (([seed_curves(HOSTILE[0], [EVENTS, EVENTS])],), {}),
    "plot_confusion": ((Y, Y[::-1], HOSTILE), {}),
    "plot_deletion_insertion": ((make_curves(),), {"method": HOSTILE[0], "class_name": HOSTILE[1]}),
    "plot_mean_deletion_insertion": ((make_cases_evidence(),), {"method": HOSTILE[0]}),
    "plot_agreement": ((make_agreement(("a", "b", "c")),),
                       {"titles": {"a": HOSTILE[0], "b": HOSTILE[1]}}),
    "plot_randomisation": ((make_randomisation(HOSTILE),), {"method": HOSTILE[0]}),
    "plot_planted": ((PLANTED,), {}),
    "plot_planted_maps": ((ComparisonColumn(PLANTED.dataset.X_test[0], MAP_ROWS, HOSTILE[1]),
                           PLANTED.truth_test[0]), {"channel_names": HOSTILE}),
    "plot_localisation": ((RANKS, 0.1), {}),
    "plot_planted_record": ((RECORD, 0.1), {}),
    "plot_comparison": (([ComparisonColumn(X[0], MAP_ROWS, HOSTILE[1], MASK[0], np.isnan(GAPS[0]),
                                           SEG.boundaries, overlays={HOSTILE[0]: X[1]})],),
                        {"channel_names": HOSTILE, "class_name": HOSTILE[0]}),
}  # fmt: skip

#: The only markup the figures write themselves.
OWN_TAGS = re.compile(r"</?b>|<br>|<extra></extra>|<extra>%\{fullData\.name\}</extra>")


def draw(name, dark=False) -> Any:
    args, options = CALLS[name]
    return getattr(figures, name)(*args, **options, dark=dark)


def strings(node) -> Iterator[str]:
    """Yield every string of a figure that plotly may show, outside meta."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for key, value in node.items():
            if key not in ("meta", "customdata"):
                yield from strings(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from strings(value)


def test_every_figure_is_checked_here() -> None:
    assert set(CALLS) == {name for name in figures.__all__ if name.startswith("plot_")}


@pytest.mark.parametrize("name", CALLS)
def test_words_units_and_look(name) -> None:
    light, dark = draw(name), draw(name, dark=True)
    assert len(figures.alt_text(light)) > 20
    assert figures.alt_text(light) == figures.alt_text(dark)
    assert light.layout.uirevision
    assert light.layout.paper_bgcolor == "rgba(0,0,0,0)"
    assert light.layout.font.color != dark.layout.font.color
    assert 60 < light.layout.height < 1200
    texts = [str(a.text) for a in light.layout.annotations]
    titles = {light.layout[key].title.text for key in light.layout if key.startswith("xaxis")}
    assert any(titles) or any("points since" in text for text in texts)


@pytest.mark.parametrize("name", CALLS)
def test_text_from_files_is_never_markup(name) -> None:
    fig = draw(name).to_plotly_json()
    for text in strings(fig):
        bare = OWN_TAGS.sub("", text)
        assert "<" not in bare, text
        assert "bold</b>" not in text
        assert "$" not in bare
    for trace in fig["data"]:
        told = str(trace.get("hovertemplate", ""))
        assert "%{x} &#36;" not in told


@pytest.mark.parametrize("name", CALLS)
def test_inputs_stay_as_they_were(name) -> None:
    before = copy.deepcopy(CALLS[name])
    draw(name)
    assert repr(_plain(before)) == repr(_plain(CALLS[name]))


def _plain(node) -> Any:
    if isinstance(node, np.ndarray):
        return node.tobytes()
    if isinstance(node, list | tuple):
        return [_plain(item) for item in node]
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    return (
        {key: _plain(value) for key, value in vars(node).items()}
        if hasattr(node, "__dataclass_fields__")
        else node
    )


@pytest.mark.parametrize("name", CALLS)
def test_numbers_can_be_taken_away(name) -> None:
    lines = figures.to_csv(draw(name)).splitlines()
    assert len(lines) > 1
    assert lines[0].startswith("trace,")
