# pyright: reportAttributeAccessIssue=false

from typing import Any

import numpy as np

from tscviz.figures.frame import Panel, grid, rows
from tscviz.figures.lines import (
    N_COLOURS,
    calm_width,
    coloured_line,
    hatch,
    segment_labels,
    segment_lines,
)
from tscviz.figures.palette import signed_scale

PANEL = Panel("x", "y", 0, 1, 0, 1)
BLACK_WHITE = [(0.0, "#000000"), (1.0, "#ffffff")]


def draw(y, values, limits=(0.0, 1.0), scale=BLACK_WHITE) -> list[Any]:
    y, values = np.atleast_2d(y).astype(float), np.atleast_2d(values).astype(float)
    t = np.arange(y.shape[1])
    return coloured_line(t, y, values, PANEL, scale=scale, limits=limits)


def test_colours_change_half_way_between_points() -> None:
    low, high = draw([0, 0, 2, 2], [0, 0, 1, 1])
    assert np.nan_to_num(low.x, nan=-1).tolist() == [0, 0, 1, 1.5, -1]
    assert np.nan_to_num(high.x, nan=-1).tolist() == [1.5, 2, 3, 3, -1]
    assert low.y[3] == 1
    assert high.y[0] == 1


def test_the_line_ends_in_the_point_beside_a_gap() -> None:
    (only,) = draw([1, np.nan, 3], [0, 0, 0])
    drawn = np.column_stack([only.x, only.y])[np.isfinite(only.y)]
    assert drawn.tolist() == [[0, 1], [0, 1], [0, 1], [2, 3], [2, 3], [2, 3]]


def test_a_line_that_would_fill_its_panel_is_thin() -> None:
    t = np.linspace(0, 1, 1500)
    assert calm_width(np.sin(6 * t), 3.2) == 3.2
    assert np.isclose(calm_width(np.tile([0.0, 1.0], 100), 3.2), 300 / 199)
    assert calm_width(np.tile([0.0, 1.0], 700), 3.2) == 0.8
    assert calm_width(np.array([np.nan, 2.0, 2.0]), 2.4) == 2.4
    assert calm_width(np.full(3, np.nan), 2.4) == 2.4


def test_every_value_is_drawn_once_with_at_most_24_traces_for_3000_points() -> None:
    rng = np.random.default_rng(0)
    traces = draw(rng.normal(size=3000), rng.normal(size=3000), (-3, 3), signed_scale())
    assert len(traces) <= N_COLOURS
    whole = np.concatenate([t.x[np.isfinite(t.x) & (t.x % 1 == 0)] for t in traces])
    assert set(whole.tolist()) == set(range(3000))


def test_values_outside_the_limits_take_the_end_colours_and_strong_ones_come_last() -> None:
    traces = draw([0, 1, 2], [-9, 0.01, 9], (-1, 1), signed_scale())
    assert traces[0].line.color != traces[-1].line.color
    assert {t.x[1] for t in traces[1:]} == {0.0, 2.0}


def test_missing_values_of_the_map_leave_no_line() -> None:
    (only,) = draw([0, 0, 0], [0, np.nan, 0])
    assert 1.0 not in only.x.tolist()


def test_segment_lines_stand_half_a_step_before_a_segment() -> None:
    fig, panels = rows([100, 20])
    segment_lines(fig, np.array([0, 4, 10, 20]), panels, length=20, dark=False)
    assert [(s.x0, s.x1) for s in fig.layout.shapes] == [(3.5, 3.5), (9.5, 9.5)]
    assert fig.layout.shapes[0].y0 == panels[1].bottom == 0
    assert fig.layout.shapes[0].y1 == panels[0].top == 1
    numbers = [(a.text, a.x) for a in fig.layout.annotations if a.text != "segment"]
    assert numbers == [("1", 1.5), ("2", 6.5), ("3", 14.5)]


def test_numbers_that_would_touch_share_one_text() -> None:
    assert segment_labels(np.array([0, 50, 51, 52, 100]), 4) == [
        ("1", 24.5), ("2-3", 50.5), ("4", 75.5),
    ]  # fmt: skip


def test_padding_is_hatched_over_the_whole_height() -> None:
    fig, panels = rows([100])
    hatch(fig, panels[0], (9.5, 19.5), (-2, 3), dark=True)
    trace = fig.data[0]
    assert trace.fillpattern.shape == "/"
    assert (min(trace.x), max(trace.x), min(trace.y), max(trace.y)) == (9.5, 19.5, -2, 3)


def test_row_heights_and_gaps_are_kept_in_pixels() -> None:
    fig, panels = rows([200, 100], gaps=20)
    inner = fig.layout.height - fig.layout.margin.t - fig.layout.margin.b
    assert inner == 320
    assert np.isclose((panels[0].top - panels[0].bottom) * inner, 200)
    assert np.isclose((panels[0].bottom - panels[1].top) * inner, 20)
    assert panels[1].bottom == 0


def test_grid_columns_keep_their_shares() -> None:
    fig, panels = grid(1, 2, height=100, widths=[3, 1], gap=(0.1, 0))
    widths = [p.right - p.left for p in panels[0]]
    assert np.allclose(widths, [0.675, 0.225])
    assert fig.layout.xaxis2.matches == "x"
