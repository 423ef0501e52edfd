# pyright: reportAttributeAccessIssue=false

from typing import Any

import numpy as np
import pytest

from tests.figures.conftest import make_attribution, make_segmentation, traces
from tscviz.figures import (
    CamPanel,
    WhatIfVersion,
    alt_text,
    notes,
    plot_cam,
    plot_cam_panels,
    plot_series,
    plot_what_if,
)


def strip(fig, which=0) -> Any:
    return traces(fig, kind="heatmap")[which]


def test_signed_maps_are_symmetric_and_boundaries_stand_right(x, attribution, segmentation) -> None:
    fig = plot_cam(x, attribution, segmentation=segmentation)
    assert (strip(fig).zmin, strip(fig).zmax) == (-4, 4)
    assert [s.x0 for s in fig.layout.shapes] == [3.5, 9.5]
    assert np.array_equal(strip(fig).z, attribution.values)


def test_limit_is_kept_for_comparison_and_zero_maps_have_a_range(x, attribution) -> None:
    assert strip(plot_cam(x, attribution, limit=10.0)).zmax == 10
    flat = plot_cam(x, make_attribution(np.zeros((1, 20))))
    assert (strip(flat).zmin, strip(flat).zmax) == (-1, 1)
    assert "the same at every point" in alt_text(flat)


def test_normalised_map_runs_from_0_to_1_on_the_unsigned_scale(x, attribution) -> None:
    fig = plot_cam(x, attribution, normalised=True)
    z = strip(fig).z
    assert (z.min(), z.max()) == (0, 1)
    assert (strip(fig).zmin, strip(fig).zmax) == (0, 1)
    assert strip(fig).colorscale[0][1] == "#00224e"


def test_unsigned_maps_start_at_zero(x) -> None:
    fig = plot_cam(x, make_attribution(np.full((1, 20), 3.0), signed=False))
    assert (strip(fig).zmin, strip(fig).zmax) == (0, 3)


def test_hover_line_carries_time_value_and_map(x, attribution) -> None:
    line = traces(plot_cam(x, attribution), "channel 1")[0]
    assert np.array_equal(line.x, np.arange(20))
    assert np.allclose(line.y, x[0])
    assert np.allclose(line.customdata, attribution.values[0])
    assert line.meta["table"] == {"x": "time point", "y": "value", "customdata": ["CAM"]}


def test_the_alternative_text_names_class_peak_and_segments(x, attribution, segmentation) -> None:
    fig = plot_cam(
        x, attribution, segmentation=segmentation, class_names=("Gun", "Point"), probability=0.98
    )
    assert alt_text(fig) == (
        "Series of 20 points, class Gun (98.0 %); the CAM is highest at points 6-8; "
        "segments begin at points 0, 4, 10."
    )


def test_padding_is_left_out_and_hatched(x, attribution) -> None:
    mask = np.arange(20) < 15
    fig = plot_cam(x, attribution, mask=mask)
    assert np.isnan(strip(fig).z[0, 15:]).all()
    assert not np.isnan(strip(fig).z[0, :15]).any()
    (hatched,) = [t for t in fig.data if t.text == "padding"]
    assert (min(hatched.x), max(hatched.x)) == (14.5, 19.5)
    assert strip(fig).zmin == -4
    assert alt_text(fig).startswith("Series of 15 points")


def test_channels_that_share_a_map_share_one_strip_row(x) -> None:
    x3 = np.vstack([x, x + 1, x - 1])
    shared = plot_cam(x3, make_attribution(np.tile(np.arange(20.0), (3, 1))))
    own = plot_cam(x3, make_attribution(np.arange(60.0).reshape(3, 20)))
    assert strip(shared).z.shape == (1, 20)
    assert strip(own).z.shape == (3, 20)
    assert "of channel 3" in alt_text(own)
    assert "channel" not in alt_text(shared)
    assert own.layout.yaxis4.ticktext == ("1", "2", "3")


def test_only_chosen_channels_are_drawn_and_named(x) -> None:
    x3 = np.vstack([x, x + 1, x - 1])
    fig = plot_cam(
        x3, make_attribution(np.arange(60.0).reshape(3, 20)),
        channels=[2], channel_names=["a", "b", "<c>"],
    )  # fmt: skip
    (line,) = traces(fig, "&lt;c&gt;")
    assert np.allclose(line.y, x3[2])


def test_panels_share_the_time_axis_and_have_their_own_limits(x, attribution, segmentation) -> None:
    other = make_attribution(attribution.values * 10)
    fig = plot_cam_panels(
        x, [CamPanel("GTP", other), CamPanel("DTP", attribution, segmentation)]
    )  # fmt: skip
    assert {t.xaxis for t in fig.data} == {"x"}
    assert [strip(fig, i).zmax for i in (0, 1)] == [40, 4]
    lower = strip(fig, 1)
    assert lower.yaxis == "y4"
    assert all(s.y1 < strip(fig, 0).colorbar.y for s in fig.layout.shapes)
    assert "<b>DTP</b>" in [a.text for a in fig.layout.annotations]


def test_one_segment_draws_no_numbers(x, attribution) -> None:
    fig = plot_cam(x, attribution, segmentation=make_segmentation([0, 20], cost=False))
    assert not fig.layout.shapes
    assert "segment" not in [a.text for a in fig.layout.annotations]


def test_long_series_are_thinned_and_say_so() -> None:
    x = np.random.default_rng(0).normal(size=(1, 12_000)).astype(np.float32)
    fig = plot_cam(x, make_attribution(x))
    assert len(traces(fig, "channel 1")[0].x) <= 5000
    assert strip(fig).z.shape[1] <= 5000
    assert "of 12000 points" in notes(fig)[0]
    version = WhatIfVersion(x, np.array([0.5, 0.5]))
    mask = np.arange(12_000) < 9000
    edited = plot_what_if(version, version, ("a", "b"), mask=mask)
    n = len(traces(edited, kind="scatter")[0].x)
    assert n <= 5000
    assert notes(edited) == (f"Drawn with {n} of 9000 points (lowest and highest of each block).",)


def test_an_unknown_option_is_refused(x, attribution) -> None:
    with pytest.raises(TypeError, match="colour"):
        plot_cam(x, attribution, colour="red")  # pyright: ignore[reportCallIssue]


def test_series_marks_gaps_interpolated_points_and_padding(x) -> None:
    x = x.copy()
    x[0, 3] = np.nan
    flags = np.zeros((1, 20), bool)
    flags[0, [5, 6]] = True
    fig = plot_series(x, mask=np.arange(20) < 18, interpolated=flags, value_label="z-value")
    line, marks = traces(fig, "channel 1")[0], traces(fig, "interpolated")[0]
    assert np.flatnonzero(np.isnan(line.y)).tolist() == [3, 18, 19]
    assert marks.x.tolist() == [5, 6]
    assert fig.layout.yaxis.title.text == "z-value"
    assert alt_text(fig).endswith(
        "1 value is missing and 2 points were filled in by interpolation."
    )  # fmt: skip


def test_channels_of_a_series_are_rows_over_one_time_axis() -> None:
    x = np.arange(60.0).reshape(15, 4)
    fig = plot_series(x)
    assert len(traces(fig)) == 12
    assert {t.xaxis for t in fig.data} == {"x"}
    assert notes(fig) == ("Channels 1-12 of 15 are drawn.",)
    assert len(traces(plot_series(x, channels=[14]))) == 1


def test_many_long_channels_are_thinned_with_one_note() -> None:
    x = np.random.default_rng(0).normal(size=(12, 10_000)).astype(np.float32)
    assert notes(plot_series(x)) == (
        "Drawn with 5000 of 10000 points (lowest and highest of each block).",
    )


def test_a_short_gap_in_a_long_series_is_no_line() -> None:
    x = np.random.default_rng(0).normal(size=(1, 20_000)).astype(np.float32)
    x[0, 5001:5006] = np.nan
    line = traces(plot_series(x), "channel 1")[0]
    (gap,) = np.flatnonzero(np.isnan(line.y))
    assert line.x[gap] == 5001
    assert line.x[gap - 1] < 5001
    assert line.x[gap + 1] > 5005


def test_small_numbers_are_not_told_as_zero(x, attribution) -> None:
    """plotly's ".3~f" tells 0.0004 as 0; ".5~g" keeps five digits of any size."""
    many = np.vstack([x, x])
    told = [traces(plot_series(x))[0], traces(plot_cam(x, attribution), "channel 1")[0],
            traces(plot_cam(many, make_attribution(many)), "channel 2")[0]]  # fmt: skip
    assert [line.hovertemplate.count(":.5~g}") for line in told] == [1, 2, 2]
    assert not any("~f" in line.hovertemplate for line in told)
    version = WhatIfVersion(x, np.array([0.5, 0.5]))
    before, after = traces(plot_what_if(version, version, ("a", "b")), kind="scatter")[:2]
    assert before.hovertemplate == "before %{y:.5~g}<extra></extra>"
    assert after.hovertemplate == "after %{y:.5~g}<extra></extra>"
