# pyright: reportAttributeAccessIssue=false
"""Attention on the series, by class, its entropy; branches and filters."""

import numpy as np
import pytest

from tests.figures.conftest import traces
from tscviz.figures import (
    alt_text,
    notes,
    plot_attention,
    plot_attention_entropy,
    plot_branch_spread,
    plot_branches,
    plot_cam_heatmap,
    plot_class_attention,
    plot_filter_scales,
    plot_place_attention,
    to_csv,
)
from tscviz.figures.attention import percent_format

NAMES = ("Gun", "Point")
X = np.sin(np.arange(20, dtype=np.float32) / 3)[None]
MASK = np.arange(20) < 16


def peaked(*at: int, length: int = 20, real: int = 20) -> np.ndarray:
    """Return rows of weights with half of each on one point, the rest even."""
    rows = np.full((len(at), length), 0.0, np.float32)
    rows[:, :real] = 0.5 / (real - 1)
    rows[np.arange(len(at)), list(at)] = 0.5
    return rows


def test_one_head_is_a_curve_a_strip_and_the_colours_of_the_series() -> None:
    fig = plot_attention(X, peaked(7))
    (curve,) = traces(fig, "attention")
    assert np.allclose(curve.y, peaked(7)[0])
    assert np.isclose(curve.customdata[7], 10)  # times the even share of 1/20
    (strip,) = traces(fig, kind="heatmap")
    assert strip.z.shape == (1, 20)
    assert np.isclose(strip.z[0, 7], 10)
    assert (strip.zmin, strip.zmax) == (0, 5)  # bright from there on, and it is said
    assert notes(fig) == (
        "Colours end at 5 times the even share; the greatest weight is 10 times it.",
    )
    (whole,) = traces(plot_attention(X, peaked(7), full_range=True), kind="heatmap")
    assert np.isclose(whole.zmax, 10)
    even = next(s for s in fig.layout.shapes if s.y0 == s.y1)
    assert np.isclose(even.y0, 0.05)
    assert alt_text(fig) == (
        "Attention over 20 time points: highest at point 7, 10 times the even share."
    )


def test_even_weights_lie_in_the_middle_of_the_scale() -> None:
    fig = plot_attention(X, np.full((1, 20), 0.05, np.float32))
    (strip,) = traces(fig, kind="heatmap")
    assert (strip.zmin, strip.zmax) == (0, 2)
    assert "almost alike everywhere" in alt_text(fig)
    same = plot_attention(X, np.full((1, 20), 0.05, np.float32), full_range=True)
    assert traces(same, kind="heatmap")[0].zmax == 2  # nothing to enlarge


def test_scales_run_from_least_to_greatest() -> None:
    rows = np.linspace(0.045, 0.055, 20, dtype=np.float32)[None]
    fig = plot_attention(X, rows / rows.sum(), full_range=True)
    (strip,) = traces(fig, kind="heatmap")
    assert np.isclose(strip.zmin, 0.9)
    assert np.isclose(strip.zmax, 1.1)
    low, high = fig.layout.yaxis2.range
    assert low > 0.04
    assert high < 0.06


@pytest.mark.parametrize(("head", "peak"), [(None, 3), (1, 12)])
def test_heads_have_a_strip_each_and_one_is_shown(head, peak) -> None:
    fig = plot_attention(X, peaked(3, 12, 3), head=head)
    (strip,) = traces(fig, kind="heatmap")
    assert strip.z.shape == (4, 20)  # their mean first
    assert np.allclose(strip.z[0], strip.z[1:].mean(0))
    assert strip.z[1:].argmax(1).tolist() == [3, 12, 3]
    assert fig.layout.yaxis3.ticktext == ("mean", "head 1", "head 2", "head 3")
    shown = "mean of the heads" if head is None else "head 2"
    (curve,) = traces(fig, shown)
    assert curve.line.width == 2
    assert int(np.argmax(curve.y)) == peak


def test_queries_stand_below_and_padding_is_blank() -> None:
    rows = peaked(*range(16), real=16)
    table = np.vstack([rows, np.zeros((4, 20), np.float32)])
    fig = plot_attention(X, rows.mean(0)[None], queries=table, query_label="LSTM step", mask=MASK)
    strip, queries = traces(fig, kind="heatmap")
    assert np.isnan(strip.z[0, 16:]).all()
    assert np.isnan(queries.z[:, 16:]).all()
    assert np.isnan(queries.z[16:]).all()
    assert np.allclose(np.diag(queries.z)[:16], 8)  # half of all, 16 points
    assert fig.layout.yaxis4.range == (15.5, -0.5)
    assert "LSTM step" in to_csv(fig)
    trimmed = plot_attention(X, rows.mean(0)[None], queries=rows[:, :16], mask=MASK)
    assert traces(trimmed, kind="heatmap")[1].z.shape == (16, 16)


def test_the_strips_and_the_table_each_say_where_their_colours_end() -> None:
    means, even = np.full((1, 20), 0.4 / 19, np.float32), np.full((20, 20), 0.05)
    means[0, 7] = 0.6
    table = np.eye(20, dtype=np.float32)  # 20 times the even share
    ends = "end at 5 times the even share"
    fig = plot_attention(X, means, queries=table)
    assert [t.zmax for t in traces(fig, kind="heatmap")] == [5, 5]
    assert notes(fig) == (
        f"Colours above the table {ends}; the greatest mean of the table's rows is 12 times it.",
        f"Colours of the table {ends}; its greatest weight is 20 times it.",
    )
    calm = plot_attention(X, np.full((1, 20), 0.05, np.float32), queries=table)
    assert notes(calm) == (f"Colours of the table {ends}; its greatest weight is 20 times it.",)
    assert not notes(plot_attention(X, even[:1], queries=even))
    assert not notes(plot_attention(X, means, queries=table, full_range=True))


def test_a_large_table_is_thinned_and_says_so() -> None:
    n = 1200
    table = np.full((n, n), 1 / n, np.float32)
    table[700, 900] = 0.5
    fig = plot_attention(np.zeros((1, n), np.float32), table.mean(0)[None], queries=table)
    queries = traces(fig, kind="heatmap")[1]
    assert max(queries.z.shape) <= 500
    assert np.isclose(queries.z.max(), 0.5 * n)
    assert any("1200 x 1200" in note for note in notes(fig))


def test_several_channels_share_the_weights() -> None:
    fig = plot_attention(np.vstack([X, -X]), peaked(7), channel_names=("a", "b"))
    held = [traces(fig, name)[0] for name in ("a", "b")]
    assert np.array_equal(held[0].customdata, held[1].customdata)


def test_class_means_are_over_the_cases_that_reach(cases) -> None:
    X6, y, mask, _, _ = cases
    weights = np.where(mask, 1.0, 0.0) / mask.sum(1, keepdims=True)
    fig = plot_class_attention(X6, weights, y, NAMES, mask=mask, channel=1)
    gun = next(t for t in traces(fig, "Gun") if t.showlegend)
    assert np.allclose(gun.y[:18], (2 / 20 + 1 / 18) / 3)
    assert np.allclose(gun.y[18:], 1 / 20)
    series = next(t for t in traces(fig, "Gun") if not t.showlegend)
    want = np.nanmean(np.where(mask[y == 0], X6[y == 0, 1], np.nan), 0)
    assert np.allclose(series.y, want, atol=1e-6)
    assert fig.layout.yaxis2.range[0] == 0


def test_entropy_has_a_box_for_each_class() -> None:
    relative = np.array([[0.5, 0.9], [0.6, 0.8], [1.0, 0.7]])
    gun, point = plot_attention_entropy(relative, np.array([0, 0, 1]), NAMES).data
    assert gun.y[gun.x == 0].tolist() == [0.5, 0.6]
    assert point.y.tolist() == [1.0, 0.7]


def test_attention_over_channels_is_a_table() -> None:
    fig = plot_place_attention(np.array([[0.7, 0.2, 0.1]]), ["step 1"], row_label="step")
    (cells,) = fig.data
    assert cells.x.tolist() == [1, 2, 3]
    assert (cells.zmin, cells.zmax) == (0, 0.7)
    assert "step 1: 1" in alt_text(fig)


def test_branches_sum_to_the_score() -> None:
    parts = np.array([[1.0, -2.0], [3.0, 0.5], [0.25, 0.0]])
    fig = plot_branches(parts, NAMES)
    for k, bar in enumerate(traces(fig, kind="bar")):
        assert bar.y.tolist() == parts[:, k].tolist()
        assert list(bar.customdata) == ["LSTM branch", "FCN branch", "bias"]
    assert fig.data[0].name == "Gun  (score 4.25)"
    (cells,) = plot_branches(np.tile(parts[:, :1], 7), [f"c{k}" for k in range(7)]).data
    assert cells.z.shape == (7, 3)


def test_branch_spread_by_class() -> None:
    shares = np.array([[0.1, 2.0], [0.3, 4.0], [-0.5, -1.0]])
    fig = plot_branch_spread(shares, np.array([0, 0, 1]), NAMES, quantity="score")
    gun, point = fig.data
    assert gun.y[gun.x == 1].tolist() == [2.0, 4.0]
    assert point.y.tolist() == [-0.5, -1.0]
    assert "Gun LSTM 0.2, FCN 3" in alt_text(fig)


def test_filters_are_sorted_by_the_case() -> None:
    block = np.array([[0.2, 0.9, 0.5], [0.1, 0.3, 0.2]])
    fig = plot_filter_scales([block], ["case", "mean"], by_size=True)
    (cells,) = fig.data
    assert cells.z.tolist() == np.float32(block[:, [1, 2, 0]]).tolist()
    assert cells.customdata[0, :, 1].tolist() == [1, 2, 0]
    assert (cells.zmin, cells.zmax) == (0, 1)


def test_filter_scales_are_told_block_by_block() -> None:
    blocks = [np.full((2, 2), 0.25), np.full((2, 1), 0.5)]
    rows = to_csv(plot_filter_scales(blocks, ["this case", "a"])).splitlines()
    assert rows[1:] == [
        "block 1,this case,0,0.25", "block 1,this case,1,0.25",
        "block 1,a,0,0.25", "block 1,a,1,0.25",
        "block 2,this case,0,0.5", "block 2,a,0,0.5",
    ]  # fmt: skip


def test_maps_without_a_sign_start_at_zero(cases) -> None:
    _, y, _, cams, _ = cases
    (cells,) = plot_cam_heatmap(np.abs(cams), y, NAMES, signed=False).data
    assert cells.zmin == 0
    assert cells.zmax == np.abs(cams).max()
    assert cells.colorscale[-1][1] == "#fee838"


@pytest.mark.parametrize(
    ("width", "form"), [(1.0, ".0~%"), (0.02, ".1~%"), (0.0002, ".3~%"), (0.0, ".6~%")]
)
def test_shares_get_as_many_digits_as_they_need(width, form) -> None:
    assert percent_format(width) == form
