# pyright: reportAttributeAccessIssue=false
"""The occlusion figure: map, curve, worst window."""

from typing import Any

import numpy as np
import pytest

from tests.figures.conftest import make_occlusion, traces
from tscviz.figures import alt_text, plot_cam, plot_occlusion, to_csv, worst_window


def shapes(fig, kind) -> list[Any]:
    return [shape for shape in fig.layout.shapes if shape.type == kind]


def test_the_curve_stands_at_the_windows_centres_over_the_series_axis(x) -> None:
    fig = plot_occlusion(x, make_occlusion(), class_name="Gun")
    curve = traces(fig, "p(Gun)")[0]
    assert curve.x.tolist() == [2, 7, 12, 17]
    np.testing.assert_allclose(curve.y, [0.9, 0.75, 0.25, 0.5])
    assert list(curve.customdata) == ["0–4", "5–9", "10–14", "15–19"]
    assert {trace.xaxis for trace in fig.data} == {"x"}
    assert fig.layout.xaxis.range == (-0.5, 19.5)
    (level,) = shapes(fig, "line")
    assert (level.y0, level.y1, level.yref) == (0.8, 0.8, curve.yaxis)
    assert fig.layout.yaxis3.range == (-0.04, 1.04)
    strip = traces(fig, kind="heatmap")[0]
    np.testing.assert_allclose(strip.z[0], make_occlusion().values[0])
    assert strip.zmax == -strip.zmin == pytest.approx(0.55)


def test_the_window_that_costs_most_is_shaded_with_its_fill(x) -> None:
    found = make_occlusion()
    assert worst_window(found.details) == 2
    filling = np.full((1, 20), np.nan)
    filling[0, 9:16] = 0.5
    fig = plot_occlusion(x, found, filling=filling)
    (shade,) = shapes(fig, "rect")
    assert (shade.x0, shade.x1, shade.yref) == (9.5, 14.5, "y domain")
    fill = traces(fig, "fill")[0]
    assert np.flatnonzero(np.isfinite(fill.y)).tolist() == [9, 10, 11, 12, 13, 14, 15]
    mark = traces(fig, "costs most")[0]
    assert (mark.x, mark.y) == ((12.0,), (0.25,))


def test_the_words_tell_the_worst_and_the_best_window(x) -> None:
    text = alt_text(plot_occlusion(x, make_occlusion(), class_name="Gun"))
    assert text == (
        "Occlusion with windows of 5 points; the probability of Gun is 0.8. Hiding points 10-14 "
        "lowers it most, to 0.25; hiding points 0-4 leaves it highest, at 0.9."
    )


def test_scores_have_their_own_range_and_name(x) -> None:
    fig = plot_occlusion(x, make_occlusion(output="logit"), class_name="Gun")
    curve = traces(fig, "score(Gun)")[0]
    np.testing.assert_allclose(curve.y, [2.6, 2, 0, 1])
    low, high = fig.layout.yaxis3.range
    assert low < 0
    assert high > 2.6
    assert any(note.text == "fall of score if hidden" for note in fig.layout.annotations)


def test_one_channel_at_a_time_has_a_line_and_a_row_for_each(x) -> None:
    both = np.concatenate([x, -x])
    fig = plot_occlusion(both, make_occlusion((2, 20), per_channel=True))
    curves = [t for t in fig.data if t.showlegend]
    assert [t.name for t in curves] == ["channel 1", "channel 2"]
    assert curves[0].line.dash != curves[1].line.dash
    np.testing.assert_allclose(curves[1].y, 0.75)
    (shade,) = shapes(fig, "rect")  # of the channel that was hidden, and no other
    assert shade.yref == "y domain"
    together = plot_occlusion(both, make_occlusion((2, 20)))
    assert [s.yref for s in shapes(together, "rect")] == ["y domain", "y2 domain"]
    assert len(traces(together, kind="heatmap")[0].z) == 1


def test_a_probability_that_hardly_moves_is_pale_and_drawn_large(x) -> None:
    found = make_occlusion()
    for key in ("window_probabilities",):
        found.details[key][:] = [0.8, 0.801, 0.799, 0.8]
    found.values[:] = 0.001
    fig = plot_occlusion(x, found)
    assert traces(fig, kind="heatmap")[0].zmax == 0.05
    low, high = fig.layout.yaxis3.range
    assert 0.79 < low < high < 0.81
    assert traces(plot_cam(x, found), kind="heatmap")[0].zmax == 0.05  # on every page alike


def test_nothing_costs_most_where_every_window_helps(x) -> None:
    found = make_occlusion()
    found.details["window_probabilities"][:] = [0.9, 0.8, 0.85, 0.95]
    fig = plot_occlusion(x, found, class_name="Gun", filling=np.ones((1, 20)))
    assert not shapes(fig, "rect")
    assert not traces(fig, "fill") + traces(fig, "costs most")
    assert not [note for note in fig.layout.annotations if note.text == "costs most"]
    assert alt_text(fig) == (
        "Occlusion with windows of 5 points; the probability of Gun is 0.8. No window that is "
        "hidden lowers it; hiding points 15-19 leaves it highest, at 0.95."
    )


def test_of_many_channels_hidden_one_by_one_the_strongest_are_drawn(x) -> None:
    found = make_occlusion((24, 20), per_channel=True)
    size = np.linspace(0, 0.024, 24)[:, None]
    found.values[:] = np.where(np.arange(24)[:, None] % 2 == 0, size, -size)
    hidden = found.details["window_probabilities"]
    hidden[:] = 0.8
    hidden[4 * 3 + 1] = 0.1  # channel 4, whose mean map is weak
    fig = plot_occlusion(np.repeat(x, 24, axis=0), found)
    curves = [t.name for t in fig.data if t.showlegend]
    assert curves == [f"channel {c}" for c in (4, *range(14, 25))]
    (shade,) = shapes(fig, "rect")
    assert (shade.yref, shade.x0, shade.x1) == ("y domain", 4.5, 9.5)
    note = "Of 24 channels those with the strongest map are drawn: 4, 14, 15, 16, 17, 18, 19, 20, "
    assert f"{note}21, 22, 23, 24." in fig.layout.meta["notes"]
    together = plot_occlusion(np.repeat(x, 24, axis=0), make_occlusion((24, 20)))
    assert "Channels 1-12 of 24 are drawn." in together.layout.meta["notes"]


def test_padding_is_blank(x) -> None:
    mask = np.arange(20) < 15
    fig = plot_occlusion(x, make_occlusion(), mask=mask)
    assert np.isnan(traces(fig, kind="heatmap")[0].z[0, 15:]).all()
    assert any(t.text == "padding" for t in fig.data)


def test_the_numbers_go_into_the_csv(x) -> None:
    header, *rows = to_csv(plot_occlusion(x, make_occlusion(), class_name="Gun")).splitlines()
    assert header.startswith("trace,time point,value,fall of p if hidden,")
    assert any(row.endswith("12,10–14,0.25") for row in rows)
