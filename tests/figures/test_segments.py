# pyright: reportAttributeAccessIssue=false

from typing import Any

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


def test_heat_map_keeps_single_peaks_of_long_series_and_says_so() -> None:
    cams = np.zeros((3, 10_000), np.float32)
    cams[0, 5001], cams[1, 7], cams[2, 9999] = 1, -1, 0.5
    fig = plot_cam_heatmap(cams, np.array([0, 0, 1]), NAMES)
    cells = fig.data[0]
    assert cells.z.shape == (3, 3000)
    assert (cells.z[0].max(), cells.z[1].min(), cells.z[2].max()) == (1, -1, 0.5)
    assert abs(cells.x[cells.z[0].argmax()] - 5001) <= 2
    assert notes(fig) == ("Drawn with 3000 of 10000 points (strongest of each block).",)
    assert "around time point %{x}" in cells.hovertemplate


def negative_maps() -> tuple[Any, Any]:
    """Return maps below zero, highest at point 20, with zeros on the padding from point 60."""
    cams = np.full((4, 100), -1, np.float32)
    cams[:, 20], cams[:, 60:] = -0.25, 0
    return cams, np.tile(np.arange(100) < 60, (4, 1))


def test_the_heat_map_tells_no_peak_in_the_padding() -> None:
    cams, mask = negative_maps()
    fig = plot_cam_heatmap(cams, np.zeros(4, int), NAMES, mask=mask)
    assert alt_text(fig).endswith("in Gun the mean is highest at point 20.")


def test_figure_8_tells_no_peak_in_the_padding() -> None:
    cams, mask = negative_maps()
    X = np.zeros((4, 1, 100), np.float32)
    fig = plot_class_cams(X, np.zeros(4, int), NAMES[:1], [CamView("M", cams)], mask=mask)
    assert alt_text(fig).endswith("M lights Gun most near point 20.")


def test_the_mean_of_maps_is_over_the_cases_that_reach_a_point() -> None:
    cams = np.array([[0.0, 2, 0, 0], [0, 2, 0, 3], [0, 2, 0, 0]])
    mask = np.array([[True] * 3 + [False], [True] * 4, [True] * 3 + [False]])
    fig = plot_cam_heatmap(cams, np.zeros(3, int), NAMES, mask=mask)
    assert alt_text(fig).endswith("highest at point 3.")
    empty = plot_cam_heatmap(np.full((1, 4), np.nan), np.zeros(1, int), NAMES)
    assert alt_text(empty) == "Maps of 1 cases, one row a case."


def spikes(n_cases, length) -> Any:
    """Return maps and series of zeros with one spike a case, each at a place of its own."""
    X = np.zeros((n_cases, 1, length), np.float32)
    at = 1001 + 101 * np.arange(n_cases)
    X[np.arange(n_cases), 0, at] = 3
    return X, at


def test_figure_8_keeps_the_extremes_of_every_case_and_says_so() -> None:
    X, at = spikes(40, 12_000)
    fig = plot_class_cams(X, np.zeros(40, int), ("a",), [CamView("m", X[:, 0])])
    holder = fig.data[0]
    top = holder.y == 3
    assert holder.x[top].tolist() == at.tolist()
    assert holder.customdata[top, 0].tolist() == list(range(40))
    strongest = np.concatenate([t.x[t.y == 3] for t in fig.data[1:]])
    assert set(at.tolist()) <= set(strongest.tolist())
    # 750 blocks: a flat one needs one point, that of the spike two
    assert notes(fig) == ("Drawn with 751 of 12000 points (lowest and highest of each block).",)


def test_lanes_of_long_series_keep_the_colours_of_every_peak() -> None:
    X, at = spikes(3, 12_000)
    fig = plot_segmented_cases(X, X[:, 0])
    lanes = [t for t in fig.data if t.meta]
    assert [int(lane.x[lane.customdata[:, 0].argmax()]) for lane in lanes] == at.tolist()
    coloured = np.concatenate([t.x for t in fig.data if t.hoverinfo == "skip" and len(t.x) > 1])
    assert set(at.tolist()) <= set(coloured[np.isfinite(coloured)].tolist())
    assert notes(fig) == ("Drawn with 2501 of 12000 points (lowest and highest of each block).",)


def test_names_of_many_classes_do_not_overlap() -> None:
    names = [f"class-{k}" for k in range(60)]
    y = np.repeat(np.arange(60), 5)
    fig = plot_cam_heatmap(np.zeros((300, 4)), y, names)
    inner = fig.layout.height - fig.layout.margin.t - fig.layout.margin.b
    assert (len(fig.layout.yaxis.ticktext), inner) == (60, 840)
    uneven = np.r_[np.zeros(240, int), np.arange(60)]
    ticks = plot_cam_heatmap(np.zeros((300, 4)), uneven, names).layout.yaxis.tickvals
    assert np.diff(ticks).min() * 840 / 300 >= 14
