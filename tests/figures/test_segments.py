# pyright: reportAttributeAccessIssue=false

import numpy as np
import pytest

from tests.figures.conftest import make_segmentation, traces
from tscviz.figures import (
    CamView,
    alt_text,
    notes,
    plot_alignment,
    plot_cam_heatmap,
    plot_class_cams,
    plot_contributions,
    plot_segment_lengths,
    plot_segmented_cases,
)
from tscviz.types import TscvizError

NAMES = ("Gun", "Point")


def test_the_path_steps_where_segments_begin(x, segmentation) -> None:
    fig = plot_alignment(x, segmentation)
    path = traces(fig, "path")[-1]
    assert path.x.tolist() == [-0.5, 3.5, 3.5, 9.5, 9.5, 19.5]
    assert path.y.tolist() == [1, 1, 2, 2, 3, 3]
    cost = traces(fig, kind="heatmap")[0]
    assert np.array_equal(cost.z, segmentation.cost)
    assert cost.y.tolist() == [1, 2, 3]
    assert fig.layout.yaxis2.range == (3.5, 0.5)
    assert "Total cost 5.00." in alt_text(fig)


def test_bright_is_near_in_the_cost_and_heavy_in_the_soft_alignment(x, segmentation) -> None:
    cost, soft = traces(plot_alignment(x, segmentation, soft=True), kind="heatmap")
    assert cost.colorscale[0][1] == soft.colorscale[-1][1] == "#fee838"
    assert (soft.zmin, soft.zmax) == (0, 1)


def test_infinite_cost_and_padding_are_left_blank(x) -> None:
    seg = make_segmentation([0, 4, 10, 16])
    cost = np.ones((3, 20), np.float32)
    cost[2, 0] = np.inf
    padded = type(seg)(
        np.r_[seg.segments, [-1] * 4], seg.boundaries, seg.contributions, seg.bias, seg.logits, cost
    )
    z = traces(plot_alignment(x, padded, mask=np.arange(20) < 16), kind="heatmap")[0].z
    assert np.isnan(z[:, 16:]).all()
    assert np.isnan(z[2, 0])
    assert np.isfinite(z[:2, :16]).all()


def test_pooling_without_alignment_is_a_clear_error(x) -> None:
    with pytest.raises(TscvizError, match="choose a DTP model"):
        plot_alignment(x, make_segmentation([0, 20], cost=False))


def test_contributions_add_up_to_the_score_in_the_legend(segmentation) -> None:
    fig = plot_contributions(segmentation, NAMES)
    for k, bar in enumerate(traces(fig, kind="bar")):
        assert np.isclose(sum(bar.y), segmentation.logits[k])
        assert list(bar.customdata) == ["1", "2", "3", "bias"]
    assert fig.data[0].name == "Gun  (score 9.5)"


def test_many_classes_become_a_symmetric_heat_map() -> None:
    seg = make_segmentation([0, 4, 20], n_classes=7)
    (cells,) = plot_contributions(seg, [f"c{k}" for k in range(7)]).data
    assert cells.z.shape == (7, 3)
    assert cells.zmax == -cells.zmin == 14
    only = plot_contributions(seg, [f"c{k}" for k in range(7)], classes=[3])
    assert only.data[0].y.tolist() == [4, 11, 0.5]


def test_segment_lengths_per_class(cases) -> None:
    _, y, _, _, boundaries = cases
    gun, point = plot_segment_lengths(boundaries, y, NAMES).data
    assert sorted(gun.y[gun.x == 0].tolist()) == [4, 5, 6]
    assert sorted(point.y[point.x == 2].tolist()) == [5, 6, 7]


def test_figure_8_has_a_panel_for_each_class_and_model(cases) -> None:
    X, y, mask, cams, boundaries = cases
    views = [CamView("GTP", cams), CamView("DTP", cams, boundaries)]
    fig = plot_class_cams(X, y, NAMES, views, mask=mask, case_idx=np.arange(10, 16))
    holders = [t for t in fig.data if t.meta]
    assert [t.xaxis for t in holders] == ["x", "x2", "x3", "x4"]
    first = holders[0]
    assert set(first.customdata[:, 0][np.isfinite(first.customdata[:, 0])]) == {10, 11, 12}
    shares = first.customdata[:, 1]
    assert (np.nanmin(shares), np.nanmax(shares)) == (0, 1)
    second_case = slice(21, 41)
    assert np.isnan(first.y[second_case][18:]).all()
    rug = traces(fig, "boundaries")[0]
    assert sorted({float(v) for v in rug.x if np.isfinite(v)}) == [3.5, 4.5, 5.5, 9.5, 10.5, 11.5]


def test_figure_8_thins_cases_and_classes_and_says_so() -> None:
    X = np.zeros((60, 1, 5), np.float32)
    many = plot_class_cams(X, np.zeros(60, int), ("a",), [CamView("m", X[:, 0])])
    assert notes(many) == ("a: 40 of 60 cases drawn.",)
    y = np.arange(60) % 10
    wide = plot_class_cams(X, y, [f"c{k}" for k in range(10)], [CamView("m", X[:, 0])])
    assert notes(wide) == ("The first 8 of 10 classes are drawn.",)


def test_lanes_hold_the_raw_values_and_their_boundaries(cases) -> None:
    X, _, mask, cams, boundaries = cases
    fig = plot_segmented_cases(X, cams, boundaries, mask=mask, case_names=list("abcdef"))
    lane = traces(fig, "b")[0]
    assert np.allclose(lane.customdata[:18, 0], X[1, 0, :18])
    assert np.nanmin(lane.y) > 4
    assert np.nanmax(lane.y) < 5
    lines = traces(fig, "boundaries")[0]
    assert lines.x[:2].tolist() == [3.5, 3.5]
    assert np.allclose(lines.y[:2], [5.04, 5.96])


def test_heat_map_sorts_by_class_then_by_where_segments_begin(cases) -> None:
    _, y, mask, cams, boundaries = cases
    late_first = boundaries[::-1].copy()
    fig = plot_cam_heatmap(cams, y[::-1], NAMES, boundaries=late_first, mask=mask[::-1])
    cells = traces(fig, kind="heatmap")[0]
    assert cells.customdata[:, 0].tolist() == [5, 4, 3, 2, 1, 0]
    assert cells.zmax == -cells.zmin
    stair = traces(fig, "boundary")[0]
    assert stair.x[::3].tolist() == [3.5, 4.5, 5.5, 6.5, 7.5, 8.5]
    assert stair.y[:2].tolist() == [-0.5, 0.5]
    assert fig.layout.yaxis.ticktext == NAMES


def test_heat_map_keeps_the_given_order_and_numbers(cases) -> None:
    _, y, _, cams, boundaries = cases
    fig = plot_cam_heatmap(
        cams, y, NAMES, boundaries=boundaries[::-1], sort=False, case_idx=np.arange(20, 26),
        normalised=True,
    )  # fmt: skip
    cells = traces(fig, kind="heatmap")[0]
    assert cells.customdata[:, 0].tolist() == [20, 21, 22, 23, 24, 25]
    assert np.allclose(cells.z.max(axis=1), 1)


def test_heat_map_thins_rows_and_says_so() -> None:
    fig = plot_cam_heatmap(np.zeros((50, 4)), np.arange(50) % 2, NAMES, max_cases=10)
    assert fig.data[0].z.shape == (10, 4)
    assert notes(fig) == ("10 of 50 cases drawn.",)
