# pyright: reportAttributeAccessIssue=false
"""Filters by length, all activations, and the ablation of a length."""

import numpy as np
import pytest

from tests.figures.conftest import traces
from tscviz.figures import (
    alt_text,
    length_colours,
    plot_activation_map,
    plot_filters,
    plot_length_ablation,
)


@pytest.fixture
def answers() -> tuple[np.ndarray, np.ndarray]:
    """Return activations of 3 filters of length 4 and of 2 of length 8, that peak late to early."""
    short, long = np.zeros((3, 20)), np.zeros((2, 20))
    short[[0, 1, 2], [15, 10, 5]] = [1, 2, 3]
    long[[0, 1], [12, 2]] = [1, 4]
    return short, long


def test_taps_stand_around_the_point_they_answer_at(x, answers) -> None:
    weights = np.arange(12.0).reshape(3, 1, 4)
    fig = plot_filters(x, weights, answers[0], [7, 0, 2], before=1)
    taps = traces(fig, "weight")
    assert [t.x.tolist() for t in taps] == [[-1, 0, 1, 2]] * 3
    np.testing.assert_array_equal(taps[1].y, [4, 5, 6, 7])
    np.testing.assert_array_equal(traces(fig, "filter 8")[0].y, answers[0][0])
    texts = [note.text for note in fig.layout.annotations]
    assert [t for t in texts if "filter" in t] == ["filter 8", "filter 1", "filter 3"]
    assert alt_text(fig) == (
        "3 filters of length 4 over one series. Filter 3 answers most strongly, 3 at point 5."
    )


def test_filters_share_their_scales_and_the_time_axis(x, answers) -> None:
    weights = np.array([1.0, -2, 0.5])[:, None, None] * np.ones((3, 2, 4))
    fig = plot_filters(np.concatenate([x, x]), weights, answers[0], [0, 1, 2], before=1)
    first, second = (traces(fig, f"channel {c}") for c in (1, 2))
    assert [len(first), len(second)] == [4, 4]  # the series, and the taps of three filters
    assert {t.line.color for t in first}.isdisjoint(t.line.color for t in second)
    assert first[1].hovertemplate.startswith("channel 1, tap ")
    ranges = {fig.layout[f"yaxis{i}"].range for i in (4, 6, 8)}
    assert ranges == {(0, 3.24)}
    assert {fig.layout[f"yaxis{i}"].range for i in (3, 5, 7)} == {(-2.2, 2.2)}
    assert {fig.layout[f"xaxis{i}"].matches for i in (2, 4, 6)} == {"x8"}


def test_rows_of_the_map_are_grouped_by_length_and_sorted_by_peak(x, answers) -> None:
    fig = plot_activation_map(x, answers, [4, 8])
    heat = traces(fig, kind="heatmap")[0]
    assert heat.z.shape == (5, 20)
    assert heat.z.argmax(1).tolist() == [5, 10, 15, 2, 12]
    assert heat.customdata[:, 0].tolist() == [[4, 3], [4, 2], [4, 1], [8, 2], [8, 1]]
    assert fig.layout.yaxis2.ticktext == ("length 4", "length 8")
    assert fig.layout.yaxis2.tickvals == (1, 3.5)
    assert "5 first-layer filters" in alt_text(fig)


def test_silent_filters_make_no_empty_scale(x) -> None:
    fig = plot_activation_map(x, [np.zeros((2, 20))], [4])
    heat = traces(fig, kind="heatmap")[0]
    assert (heat.zmin, heat.zmax) == (0, 1)


def test_bars_of_a_length_have_its_colour_in_both_panels() -> None:
    fig = plot_length_ablation(
        [4, 8, 16], np.array([0.2, -1.5, 0]), np.array([0.9, 0.6, 0.5]), 0.95, class_name="Gun"
    )
    upper, lower = traces(fig, kind="bar")
    assert upper.marker.color == lower.marker.color == tuple(length_colours(3, dark=False))
    np.testing.assert_allclose(upper.y, [0.2, -1.5, 0])
    np.testing.assert_allclose(lower.y, [0.9, 0.6, 0.5])
    levels = [(shape.yref, shape.y0) for shape in fig.layout.shapes]
    assert levels == [("y", 0), ("y2", 0.95)]
    assert fig.layout.xaxis.ticktext == ("4", "8", "16")
    assert alt_text(fig) == (
        "Without the filters of length 8 the score of Gun changes by -1.5, the least of 3 lengths. "
        "Accuracy falls most without length 16, from 95.0% to 50.0%."
    )


@pytest.mark.parametrize("least", [0.9, 0.92])
def test_where_no_accuracy_is_lost_none_is_said_to_fall(least) -> None:
    fig = plot_length_ablation(
        [4, 8], np.array([0.5, 0.2]), np.array([least, 0.95]), 0.9, class_name="Gun"
    )
    assert alt_text(fig) == (
        "Without the filters of length 8 the score of Gun changes by 0.2, the least of 2 lengths. "
        "Leaving out any one length costs no accuracy (90.0%)."
    )


def test_lengths_keep_their_colours_apart() -> None:
    for dark in (False, True):
        assert len(set(length_colours(7, dark))) == 7
        assert len(length_colours(1, dark)) == 1
