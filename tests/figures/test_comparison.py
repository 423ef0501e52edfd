# pyright: reportAttributeAccessIssue=false
"""Maps as rows under their series: scales, channels, hatches, empty rows, columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.figures.conftest import make_attribution, traces
from tscviz.figures import (
    ComparisonColumn,
    MapRow,
    WhatIfVersion,
    alt_text,
    plot_comparison,
    plot_what_if,
    to_csv,
)
from tscviz.figures.comparison_scales import reduced, row_limit
from tscviz.figures.stats import Spread
from tscviz.types import Array, Attribution

X = np.stack([np.sin(np.arange(20) / 3), np.cos(np.arange(20) / 3)]).astype(np.float32)


def signed(peak: float = 2.0, **details: Any) -> Attribution:
    values = np.zeros((2, 20), np.float32)
    values[0, 4:7], values[1, 4] = [1, peak, -1], 0.5
    return Attribution(values, "saliency", 0, "none", True, details)


def unsigned() -> Attribution:
    return make_attribution(np.abs(signed().values), signed=False)


def rows(*maps: Attribution | None) -> list[MapRow]:
    return [
        MapRow(f"map {i}", attribution=one, reason="" if one else "needs what is not there",
               told=f"about {i}", family="same")
        for i, one in enumerate(maps)
    ]  # fmt: skip


def strips(fig: Any) -> list[Any]:
    return traces(fig, kind="heatmap")


def notes(fig: Any) -> list[str]:
    return [str(a.text) for a in fig.layout.annotations]


def test_a_strip_holds_the_sum_over_channels_or_each_channel() -> None:
    column = ComparisonColumn(X, rows(signed()))
    (strip,) = strips(plot_comparison([column]))
    np.testing.assert_allclose(strip.z, signed().values.sum(0, keepdims=True))
    (strip,) = strips(plot_comparison([column], each_channel=True))
    np.testing.assert_allclose(strip.z, signed().values)


@pytest.mark.parametrize("drawn", ["strips", "lines"])
def test_lines_keep_the_name_and_the_colour_of_their_channel(drawn: str) -> None:
    x = np.arange(28.0).reshape(14, 2)
    column = ComparisonColumn(x, rows(make_attribution(10 * x)))
    some = plot_comparison([column], each_channel=True, channels=[4, 5], drawn=drawn)
    few = plot_comparison([column], each_channel=True, drawn=drawn)  # the first twelve
    if drawn == "strips":
        (strip,) = strips(some)
        assert (list(strip.y), strip.z.tolist()) == ([5, 6], [[80, 90], [100, 110]])
        assert len(strips(few)[0].z) == 12
    else:
        (curve,), (series,) = traces(some, "map 0, channel 6"), traces(some, "channel 6")
        assert curve.y.tolist() == [100, 110]
        assert curve.line.color == series.line.color
        assert not traces(some, "map 0, channel 1") + traces(few, "map 0, channel 13")
    assert few.layout.meta["notes"] == ["Channels 1-12 of 14 are drawn."]


def test_a_map_that_all_channels_share_is_counted_once() -> None:
    shared = make_attribution(np.tile(np.arange(20.0), (2, 1)))
    shared.details["per_channel"] = False  # type: ignore[index]
    for each in (False, True):
        np.testing.assert_array_equal(reduced(shared, each), np.arange(20.0)[None])


def test_signed_maps_are_centred_at_zero_and_others_start_there() -> None:
    fig = plot_comparison([ComparisonColumn(X, rows(signed(), unsigned()))])
    first, second = strips(fig)
    assert (first.zmin, first.zmax) == (-2, 2)
    assert (second.zmin, second.zmax) == (0, 2)
    assert first.colorscale != second.colorscale
    assert {"±2", "0–2"} <= set(notes(fig))


@pytest.mark.parametrize(
    ("scale", "ends"), [("own", (2.0, 8.0)), ("family", (8.0, 8.0)), ("unit", (1.0, 1.0))]
)
def test_scales(scale: str, ends: tuple[float, float]) -> None:
    fig = plot_comparison([ComparisonColumn(X, rows(signed(2), signed(8)))], scale=scale)
    found = strips(fig)
    assert tuple(strip.zmax for strip in found) == ends
    top = [float(np.abs(strip.z).max()) for strip in found]
    assert top == [1.0, 1.0] if scale == "unit" else top == [2.0, 8.0]
    assert ("±2" in notes(fig)) == (scale == "own")


def test_a_clipped_scale_ends_where_95_of_a_hundred_values_do() -> None:
    values = np.arange(101.0)[None]
    values[0, 100] = 1e6
    one = MapRow("one", attribution=make_attribution(values))
    fig = plot_comparison([ComparisonColumn(values, [one])], scale="clipped")
    (strip,) = strips(fig)
    assert strip.zmax == pytest.approx(95.0)
    assert float(np.max(strip.z)) == 1e6
    assert "±95" in notes(fig)
    assert row_limit(np.array([0.0] * 99 + [3.0, np.nan]), "clipped") == 3.0


@pytest.mark.parametrize(
    ("scale", "end"), [("own", 6.0), ("family", 6.0), ("clipped", 2.0), ("unit", 3.0)]
)
def test_curves_of_a_mean_map_show_the_spread_of_its_cases(scale: str, end: float) -> None:
    values = np.tile(np.r_[np.full(10, 2.0), np.full(10, -1.0)], (2, 1)) / 2
    summed = values.sum(0, keepdims=True)
    about = {"low": values - 9, "high": values + 9, "low_summed": summed - 1,
             "high_summed": summed + 4}  # fmt: skip
    one = Attribution(values, "saliency", 0, "none", True, about)
    column = ComparisonColumn(X, rows(one))
    fig = plot_comparison([column], drawn="lines", scale=scale)
    (band,) = (t for t in traces(fig, kind="scatter") if t.fill == "toself")
    by = 2.0 if scale == "unit" else 1.0
    np.testing.assert_allclose(band.y, np.r_[summed[0] + 4, summed[0][::-1] - 1] / by)
    top = fig.layout[f"yaxis{band.yaxis[1:]}"].range[1]
    low = -end if scale != "unit" else -1.0
    assert top == pytest.approx(end + 0.08 * (end - low))
    assert not [t for t in traces(plot_comparison([column]), kind="scatter") if t.fill == "toself"]


def test_padding_and_filled_in_points_are_hatched_and_padding_has_no_map() -> None:
    mask, filled = np.ones(20, bool), np.zeros((2, 20), bool)
    mask[17:], filled[1, 3:5], filled[1, 8] = False, True, True
    column = ComparisonColumn(X, rows(signed()), mask=mask, interpolated=filled)
    fig = plot_comparison([column])
    assert np.isnan(strips(fig)[0].z[0, 17:]).all()
    padding, gaps = traces(fig, "padding"), traces(fig, "filled in")
    assert len(padding) == 3  # two channels and a row
    assert all(t.x[0] == 16.5 and t.x[1] == 19.5 for t in padding)
    assert len(gaps) == 2  # the second channel and the row
    assert [x for x in gaps[0].x if x is not None][:2] == [2.5, 4.5]
    assert gaps[0].x[6:8] == (7.5, 8.5)
    assert padding[0].fillpattern.shape != gaps[0].fillpattern.shape


def test_the_what_if_picture_hatches_them_too() -> None:
    version = WhatIfVersion(np.arange(12.0)[None], np.array([0.4, 0.6]))
    gaps = np.zeros((1, 12), bool)
    gaps[0, [3, 4, 11]] = True  # the last one is padding
    fig = plot_what_if(version, version, ["a", "b"], mask=np.arange(12) < 9, interpolated=gaps)
    (padding,), (filled,) = traces(fig, "padding"), traces(fig, "filled in")
    assert (min(padding.x[:4]), max(padding.x[:4])) == (8.5, 11.5)
    assert (min(filled.x[:4]), max(filled.x[:4])) == (2.5, 4.5)


def test_a_row_without_a_map_says_why() -> None:
    fig = plot_comparison([ComparisonColumn(X, rows(signed(), None))])
    assert len(strips(fig)) == 1
    assert "needs what is not there" in notes(fig)
    assert "1 row without a map" in alt_text(fig)


def test_every_label_tells_its_story_to_the_pointer() -> None:
    fig = plot_comparison([ComparisonColumn(X, rows(signed(), unsigned()))])
    told = {str(a.text): a.hovertext for a in fig.layout.annotations}
    assert told["map 0"] == "about 0"


def test_rows_of_one_method_and_several_models_stand_together() -> None:
    two = [MapRow("Saliency", name, signed(), continues=bool(i)) for i, name in enumerate("AB")]
    fig = plot_comparison([ComparisonColumn(X, two)])
    assert "<b>Saliency</b><br>A" in notes(fig)
    assert "B" in notes(fig)
    assert "Saliency (B)" in {t.name for t in strips(fig)}


def test_cuts_cross_every_row_that_has_a_map() -> None:
    cuts = np.array([0, 5, 12, 20])
    fig = plot_comparison([ComparisonColumn(X, rows(signed(), None), boundaries=cuts)])
    at = [s.x0 for s in fig.layout.shapes if s.type == "line"]
    assert sorted(at) == [4.5, 4.5, 11.5, 11.5]  # over the series, and in the row
    assert {"1", "2", "3"} <= set(notes(fig))


def test_two_columns_have_their_own_time_and_one_value_range() -> None:
    left = ComparisonColumn(X, rows(signed()), "Left")
    right = ComparisonColumn(
        3 * X[:, :12], rows(make_attribution(signed().values[:, :12])), "Right"
    )
    fig = plot_comparison([left, right])
    assert {"<b>Left</b>", "<b>Right</b>"} <= set(notes(fig))
    assert list(fig.layout.xaxis.range) == [-0.5, 19.5]
    assert list(fig.layout.xaxis2.range) == [-0.5, 11.5]
    # two channels and a row in the first column: y4 is the second column's first channel
    assert fig.layout.yaxis.range == fig.layout.yaxis4.range
    assert fig.layout.yaxis.range[1] > 3
    assert fig.layout.xaxis.domain[1] < fig.layout.xaxis2.domain[0]
    assert notes(fig).count("map 0") == 1


def test_curves_about_zero() -> None:
    fig = plot_comparison([ComparisonColumn(X, rows(signed(), unsigned()))], drawn="lines")
    assert not strips(fig)
    (curve,) = traces(fig, "map 0")
    np.testing.assert_allclose(curve.y, signed().values.sum(0))
    above, below, grey = [t for t in fig.data if t.fill == "tozeroy"]
    assert above.y.min() == 0 < above.y.max()
    assert below.y.max() == 0 > below.y.min()
    assert len({above.fillcolor, below.fillcolor, grey.fillcolor}) == 3
    each = plot_comparison([ComparisonColumn(X, rows(signed()))], drawn="lines", each_channel=True)
    first, second = (traces(each, f"map 0, channel {c}")[0].line for c in (1, 2))
    assert first.color == traces(each, "channel 1")[0].line.color != second.color


def test_bands_and_other_series_widen_the_range() -> None:
    band = Spread(X[0], X[0] - 5, X[0] + 5, 3)
    column = ComparisonColumn(X[:1], rows(make_attribution(X[:1])), bands=(band,),
                              overlays={"zero": np.zeros_like(X[:1])})  # fmt: skip
    fig = plot_comparison([column])
    low, high = fig.layout.yaxis.range
    assert low < -5.5
    assert high > 5.5
    assert [t.name for t in fig.data if t.showlegend] == ["zero"]
    assert fig.layout.showlegend


def test_the_alternative_text_names_every_map_and_where_it_is_strongest() -> None:
    fig = plot_comparison([ComparisonColumn(X, rows(signed(), unsigned()))], class_name="Gun")
    assert alt_text(fig) == (
        "series of 20 points with 2 maps for Gun; strongest: map 0 points 4-5 and map 1 points 4-5."
    )


def test_the_numbers_of_the_rows_are_in_the_csv() -> None:
    lines = to_csv(plot_comparison([ComparisonColumn(X, rows(signed()))])).splitlines()
    mine: list[str] = [line for line in lines if line.startswith("map 0")]
    assert len(mine) == 20
    values = np.array([float(line.rsplit(",", 1)[1]) for line in mine])
    np.testing.assert_allclose(values, signed().values.sum(0))


def test_inputs_stay_as_they_were() -> None:
    x: Array = X.copy()
    plot_comparison([ComparisonColumn(x, rows(signed()), mask=np.arange(20) < 15)])
    np.testing.assert_array_equal(x, X)
