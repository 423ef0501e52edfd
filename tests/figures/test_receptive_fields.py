# pyright: reportAttributeAccessIssue=false
"""Figures of receptive fields and masks show the numbers they were given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.figures.conftest import traces
from tscviz import figures
from tscviz.explain.masks import KernelRows, Movement
from tscviz.figures import (
    SizePanel,
    StackCurve,
    plot_enrf_sizes,
    plot_kernel_masks,
    plot_mask_history,
    plot_mask_movement,
    plot_stack_sizes,
)
from tscviz.figures.palette import class_style
from tscviz.types import TscvizError

BARS = np.array([[1, 4, 0, 0], [0, 1, 2, 3]])
LINE = np.array([0, 0, 1, 10])
SHARE = np.array([[0.0, 0.5], [0.25, 1.0]])
NAN = np.nan


def test_bars_are_stacked_by_group_and_lines_lie_over_them() -> None:
    fig = plot_enrf_sizes([SizePanel("layer 1", BARS, (LINE,))], ["a", "b"], ["other"])
    assert fig.layout.barmode == "stack"
    assert [t.y.tolist() for t in traces(fig, kind="bar")] == BARS.tolist()
    (line,) = traces(fig, name="other")
    assert line.y.tolist() == LINE.tolist()
    assert "11 kernels of sizes 1 to 3, 1.8 on average" in figures.alt_text(fig)
    assert fig.layout.yaxis.range[1] == pytest.approx(1.06 * 10)


def test_a_peak_far_above_the_bars_is_cut_and_told() -> None:
    fig = plot_enrf_sizes([SizePanel("layer 1", BARS, (100 * LINE,))], ["a", "b"], ["other"])
    assert fig.layout.yaxis.range[1] == pytest.approx(1.06 * 3 * 5)
    (note,) = figures.notes(fig)
    assert note == "layer 1: other leaves the axis, 1,000 kernels have size 3."


def test_a_group_alone_keeps_its_colour() -> None:
    fig = plot_enrf_sizes([SizePanel("layer 1", BARS[1:])], ["b"], first_group=1)
    assert fig.data[0].marker.color == class_style(1).colour


def test_panels_of_many_layers_are_named_and_the_rest_is_hidden() -> None:
    panels = [SizePanel(f"layer {i}", BARS) for i in (1, 2, 3)]
    fig = plot_enrf_sizes(panels, ["a", "b"])
    texts = [note.text for note in fig.layout.annotations]
    assert texts == ["<b>layer 1</b>", "<b>layer 2</b>", "<b>layer 3</b>"]
    assert fig.layout.xaxis4.visible is False
    titles = [fig.layout[f"xaxis{i}"].title.text for i in ("", 2, 3)]
    assert titles == [None, "eNRF size (taps)", "eNRF size (taps)"]


def test_empty_kernels_alone_have_a_sentence() -> None:
    fig = plot_enrf_sizes([SizePanel("layer 1", np.array([[5, 0, 0]]))], ["a"])
    assert "all kernels are empty" in figures.alt_text(fig)


def test_the_stack_shows_shares_from_size_1_and_gaps_in_reach() -> None:
    first = StackCurve("1 layer", np.array([0.1, 0.9]), np.array([1]))
    second = StackCurve("2 layers", np.array([0.1, 0.2, 0.0, 0.7]), np.array([1, 3]))
    fig = plot_stack_sizes([first, second], [first, second], others_label="x", length=9)
    (curve, dotted) = traces(fig, name="2 layers")
    assert curve.y.tolist() == [0.2, 0.0, 0.7]
    assert curve.x.tolist() == [1, 2, 3]
    assert (curve.showlegend, dotted.showlegend, dotted.line.dash) == (True, False, "dot")
    assert not traces(fig, name="1 layer")  # in the main figure already
    (reach,) = traces(fig, name="2 layers, reached")
    expected = [0.5, 1.5, NAN, 2.5, 3.5, NAN]
    assert np.array_equal(reach.x, expected, equal_nan=True)
    assert fig.layout.xaxis.range[1] == 10.5
    assert "The series has 9 time points" in figures.alt_text(fig)


def test_a_stack_that_carries_nothing_is_drawn() -> None:
    fig = plot_stack_sizes([StackCurve("1 layer", np.array([1.0, 0.0]), np.array([], int))])
    assert "nothing gets through" in figures.alt_text(fig)


def rows(group: int, kernels: int, weight: np.ndarray | None) -> KernelRows:
    return KernelRows(group, np.array([7, 3]), np.array([1.0, 2.0]), SHARE, weight, kernels)


def test_inactive_taps_are_empty_and_a_zero_weight_is_not() -> None:
    weight = np.array([[NAN, 0.0], [-2.0, 1.0]])
    fig = plot_kernel_masks([rows(0, 1, weight)])
    (heat,) = traces(fig, kind="heatmap")
    assert np.array_equal(heat.z, weight, equal_nan=True)
    assert heat.zmin == -heat.zmax
    assert heat.customdata[:, 0].tolist() == [7, 3]
    assert "weights from -2 to 1, 33% positive" in figures.alt_text(fig)


def test_an_outlier_does_not_pale_the_rest() -> None:
    weight = np.full((40, 10), 0.1)
    weight[0, 0] = -50
    group = KernelRows(0, np.arange(40), np.ones(40), np.ones((40, 10)), weight, 1)
    fig = plot_kernel_masks([group])
    assert fig.data[0].zmax == pytest.approx(0.1)
    assert figures.notes(fig) == ("1 of 400 values lie beyond the ends of the colour scale.",)


def test_active_shares_leave_taps_empty_that_nobody_uses() -> None:
    fig = plot_kernel_masks([rows(0, 4, None)], quantity="share")
    assert np.array_equal(fig.data[0].z, [[NAN, 0.5], [0.25, 1.0]], equal_nan=True)
    assert (fig.data[0].zmin, fig.data[0].zmax) == (0, 1)


def test_weights_that_are_not_known_cannot_be_drawn() -> None:
    with pytest.raises(TscvizError, match="active share"):
        plot_kernel_masks([rows(0, 4, None)])


def test_panels_are_as_wide_as_their_regions() -> None:
    wide = replace(rows(1, 1, None), share=np.tile(SHARE, 3))
    fig = plot_kernel_masks([rows(0, 1, None), wide], quantity="share")
    narrow, broad = (np.diff(fig.layout[axis].domain)[0] for axis in ("xaxis", "xaxis2"))
    assert broad == pytest.approx(3 * narrow)


def moved(kernels: int) -> Movement:
    kept, grown, pruned = (
        np.array(values, float) for values in ([[1, 0], [0, 0]], [[0, 1], [0, 0]], [[0, 0], [1, 0]])
    )
    return Movement(0, np.array([7, 3]), kept / kernels, grown / kernels, pruned / kernels, kernels)


def test_single_kernels_show_cells_and_crosses() -> None:
    fig = plot_mask_movement([moved(1)])
    (heat,) = traces(fig, kind="heatmap")
    assert np.array_equal(heat.z, [[0, 1], [NAN, NAN]], equal_nan=True)
    (crosses,) = traces(fig, name="pruned")
    assert (crosses.x.tolist(), crosses.y.tolist()) == ([0], [1])
    assert crosses.customdata.tolist() == [3]
    names = [t.name for t in fig.data if t.type == "scatter"]
    assert names == ["stayed", "grown", "pruned"]
    assert "in group 1 1 tap grown and 1 pruned" in figures.alt_text(fig)


def test_averaged_kernels_show_the_change_of_their_share() -> None:
    fig = plot_mask_movement([moved(4)])
    (heat,) = traces(fig, kind="heatmap")
    assert np.array_equal(heat.z, [[0, 0.25], [-0.25, NAN]], equal_nan=True)
    assert (heat.zmin, heat.zmax) == (-0.25, 0.25)


def test_the_history_splits_what_was_grown() -> None:
    counts = np.array([[5, 5, 0], [4, 4, 3]])
    sizes = np.array([[1.0, 2.0], [3.0, 4.0]])
    fig = plot_mask_history(np.array([5, 10]), counts, np.array([0, 10]), sizes, ["a", "b"], at=10)
    first, returned, pruned = traces(fig, kind="bar")
    assert first.customdata.tolist() == [5, 1]
    assert returned.y.tolist() == [0, 3]
    assert pruned.y.tolist() == [-5, -4]
    assert pruned.customdata.tolist() == [5, 4]
    assert [t.y.tolist() for t in traces(fig, kind="scatter")] == [[1, 3], [2, 4]]
    assert "9 weights pruned, 9 grown, 3 of them returned" in figures.alt_text(fig)
    assert "a 1.0 to 3.0 taps" in figures.alt_text(fig)
    assert {shape.x0 for shape in fig.layout.shapes} == {10}


def test_a_mask_that_never_moved_is_drawn() -> None:
    nothing = np.zeros((0, 3), int)
    fig = plot_mask_history(np.array([], int), nothing, np.array([0]), np.array([[1.0]]), ["a"])
    assert figures.alt_text(fig) == "The mask never moved."
