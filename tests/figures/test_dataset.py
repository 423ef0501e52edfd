# pyright: reportAttributeAccessIssue=false

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.figures.conftest import traces
from tscviz.figures import (
    alt_text,
    notes,
    plot_case_map,
    plot_class_balance,
    plot_class_means,
    plot_confusion,
    plot_glance,
    plot_lengths,
    plot_missing,
    plot_probabilities,
    plot_training,
    project_cases,
    to_csv,
)
from tscviz.types import TscvizError

NAMES = ("Gun", "Point")


def test_glance_draws_cases_and_the_mean_of_the_whole_class(cases) -> None:
    X, y, mask, _, _ = cases
    fig = plot_glance(X, y, NAMES, mask=mask, channel=1, per_class=2)
    examples, mean = fig.data[:2]
    numbers = examples.customdata[np.isfinite(examples.customdata)]
    assert set(numbers.tolist()) == {0, 2}
    assert np.allclose(mean.y[:18], X[:3, 1, :18].mean(axis=0), atol=1e-6)
    assert np.allclose(mean.y[18:], X[[0, 2], 1, 18:].mean(axis=0), atol=1e-6)
    assert "<b>Gun</b> · 3 cases<b></b>" in [a.text for a in fig.layout.annotations]


@pytest.mark.parametrize(("n", "panels"), [(1, 1), (5, 6), (7, 8), (30, 24)])
def test_glance_fills_a_grid_and_hides_what_is_left_over(n, panels) -> None:
    fig = plot_glance(np.zeros((n, 1, 4)), np.arange(n), [f"c{k}" for k in range(n)])
    axes = [fig.layout[f"xaxis{i + 1 if i else ''}"] for i in range(panels)]
    assert sum(axis.visible is False for axis in axes) == max(0, panels - n)
    assert bool(notes(fig)) == (n > 24)


def test_class_means_and_bands(cases) -> None:
    X, y, _, _, _ = cases
    fig = plot_class_means(X, y, NAMES, value_label="z-value")
    gun = traces(fig, "Gun")[0]
    assert np.allclose(gun.y, X[:3, 0].mean(axis=0), atol=1e-6)
    assert np.allclose(gun.customdata[:, 0], np.quantile(X[:3, 0], 0.1, axis=0), atol=1e-6)
    assert gun.line.dash != traces(fig, "Point")[0].line.dash
    assert fig.layout.yaxis.title.text == "z-value"


def test_class_balance_counts_both_splits(dataset) -> None:
    train, test = traces(plot_class_balance(dataset), kind="bar")
    assert train.x.tolist() == [3, 3]
    assert test.x.tolist() == [1, 1]


def test_lengths_sum_to_the_cases_and_equal_ones_are_said_in_words(cases) -> None:
    _, y, mask, _, _ = cases
    fig = plot_lengths(mask, y, NAMES)
    assert sum(sum(bar.y) for bar in fig.data) == 6
    assert alt_text(fig) == "Lengths of 6 series, from 18 to 20 points; the median is 20."
    assert "have 20 points" in plot_lengths(np.ones((6, 20)), y, NAMES).layout.annotations[0].text


def test_missing_values_are_counted_only_where_the_series_is() -> None:
    X = np.zeros((3, 2, 5))
    X[0, 0, 2] = X[2, :, 4] = np.nan
    mask = np.ones((3, 5), bool)
    mask[2, 4] = False
    cells = plot_missing(X, mask=mask).data[0]
    assert cells.z.shape == (1, 5)
    assert cells.z[0, 2] == 0.5
    assert np.isnan(np.delete(cells.z[0], 2)).all()
    assert "3 values are missing in 2 cases of 3" in alt_text(plot_missing(X))
    assert alt_text(plot_missing(np.zeros((3, 2, 5)))) == "No value is missing in 3 cases."


def test_case_map_can_be_selected_and_rings_the_current_case(cases) -> None:
    X, y, mask, _, _ = cases
    projection = project_cases(X, mask)
    fig = plot_case_map(projection, y, NAMES, case_idx=range(100, 106), current=104)
    assert fig.layout.dragmode == "pan"
    assert traces(fig, "Point")[0].customdata.tolist() == [103, 104, 105]
    ring = traces(fig, "this case")[0]
    assert np.allclose([ring.x[0], ring.y[0]], projection.points[4])
    assert ring.customdata is None


def test_case_map_fades_what_is_not_selected_and_stars_the_prototypes(cases) -> None:
    X, y, mask, _, _ = cases
    projection = project_cases(X, mask)
    fig = plot_case_map(projection, y, NAMES, chosen=[3, 5], prototypes={0: 2, 1: 4})
    point, legend = traces(fig, "Point")
    assert point.marker.opacity.tolist() == [0.8, 0.15, 0.8]
    assert (point.showlegend, legend.marker.opacity) == (False, 0.8)
    (star,) = traces(fig, "prototypes")
    assert list(star.customdata) == [2, 4]
    assert np.allclose(np.stack([star.x, star.y], 1), projection.points[[2, 4]])
    assert "2 cases are selected" in alt_text(fig)
    around = replace(projection, method="umap")
    assert "UMAP 1" in plot_case_map(around, y, NAMES).layout.xaxis.title.text


def test_probabilities_are_sorted_and_the_rest_is_added_up() -> None:
    fig = plot_probabilities(np.array([0.1, 0.6, 0.25, 0.05]), list("abcd"), top=2)
    bars = fig.data[0]
    assert np.allclose(bars.x, [0.6, 0.25, 0.15])
    assert list(bars.customdata) == ["b", "c", "2 other classes"]
    assert fig.layout.yaxis.ticktext[0] == "<b>b</b>"
    assert alt_text(fig) == "b is most probable (60.0 %); next is c (25.0 %)."


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (1.0, "> 99.9 %"),
        (0.99999, "> 99.9 %"),
        (0.9731, "97.3 %"),
        (0.00001, "< 0.1 %"),
        (0.0, "< 0.1 %"),
    ],
)
def test_percentages_never_round_to_certainty(p, text) -> None:
    """Exactly 0 or 1 is a softmax that single precision has rounded."""
    bars = plot_probabilities(np.array([p, 1 - p]), NAMES).data[0]
    shown = dict(zip(bars.customdata, bars.text, strict=True))
    assert shown["Gun"].replace("<b>", "").replace("</b>", "") == text


def event(epoch, **more) -> dict[str, Any]:
    return {
        "epoch": epoch, "epochs": 10, "losses": {"class": 1 / epoch, "prototype": 0.5},
        "train_accuracy": 0.9, "test_accuracy": None, **more,
    }  # fmt: skip


def test_training_shows_total_and_parts_and_the_best_epoch() -> None:
    events = [event(e) for e in (1, 2, 4)]
    events[1]["test_accuracy"] = 0.8
    fig = plot_training(events, best_epoch=2, log=True)
    assert traces(fig, "total")[0].y.tolist() == [1.5, 1.0, 0.75]
    assert traces(fig, "prototype")[0].y.tolist() == [0.5] * 3
    assert np.isnan(traces(fig, "test")[0].y).tolist() == [True, False, True]
    assert fig.layout.yaxis.type == "log"
    assert fig.layout.shapes[0].x0 == 2
    assert fig.layout.xaxis.range[1] > 10
    assert fig.layout.uirevision == "training"
    assert alt_text(fig) == ("Epoch 4 of 10: loss 0.75, train accuracy 90.0%; the best epoch is 2.")


@pytest.mark.parametrize(("last", "step"), [(0.001, 1), (0.1, None)])
def test_losses_over_many_decades_have_a_tick_for_each(last, step) -> None:
    events = [event(1, losses={"class": 1.0}), event(2, losses={"class": last})]
    assert plot_training(events, log=True).layout.yaxis.dtick == step
    assert plot_training(events).layout.yaxis.dtick is None


def test_a_given_total_is_kept_and_one_part_is_not_drawn_twice() -> None:
    fig = plot_training([event(1, losses={"total": 9.0, "class": 2.0})])
    assert traces(fig, "total")[0].y.tolist() == [9.0]
    assert not traces(fig, "class")
    assert plot_training([]).layout.annotations[0].text == "No epoch has finished yet."


def test_confusion_counts_shares_and_worst_pair() -> None:
    fig = plot_confusion(np.array([0, 0, 0, 1]), np.array([0, 1, 1, 1]), NAMES)
    cells = fig.data[0]
    assert cells.text.tolist() == [["1", "2"], ["", "1"]]
    assert np.allclose(cells.z[0], [1 / 3, 2 / 3])
    assert np.isnan(cells.z[1, 0])
    assert cells.customdata[0, 1].tolist()[:3] == [2, 0, 1]
    assert "Gun taken for Point (2 cases)" in alt_text(fig)


def test_confusion_refuses_different_cases() -> None:
    with pytest.raises(TscvizError, match=r"\(2,\) and y_pred \(3,\)"):
        plot_confusion(np.zeros(2, int), np.zeros(3, int), NAMES)


BEATS = ("Supraventricular ectopic beat, type A", "Supraventricular ectopic beat, type B")


def test_classes_whose_names_begin_alike_are_told_apart(cases, dataset) -> None:
    X, y, mask, _, _ = cases
    means = [t for t in plot_class_means(X, y, BEATS).data if t.showlegend is not False]
    assert [t.name for t in means] == ["Supraventric…eat, type A", "Supraventric…eat, type B"]
    assert len({t.legendgroup for t in means}) == 2
    assert means[0].hoverlabel.namelength == -1
    fig = plot_confusion(y, y, BEATS)
    assert fig.layout.xaxis.ticktext == ("Supraven…type A", "Supraven…type B")
    assert fig.data[0].customdata[0, 1].tolist()[3:] == list(BEATS)
    assert f'"{BEATS[0]}","{BEATS[1]}"' in to_csv(fig)
    fig = plot_probabilities(np.array([0.6, 0.4]), BEATS)
    assert fig.layout.yaxis.ticktext[1] == "Supraventric…eat, type B"
    assert list(fig.data[0].customdata) == list(BEATS)
    balance = plot_class_balance(replace(dataset, class_names=BEATS))
    assert len(set(balance.layout.yaxis.ticktext)) == 2
    assert len({bar.name for bar in plot_lengths(mask, y, BEATS).data}) == 2


def test_a_band_and_its_mean_share_an_entry_of_the_legend(cases) -> None:
    X, y, _, _, _ = cases
    groups = [t.legendgroup for t in plot_class_means(X, y, NAMES).data]
    assert groups[:2] == groups[2:]


def test_glance_keeps_the_extremes_of_every_case_and_of_the_mean() -> None:
    X = np.zeros((4, 1, 3000), np.float32)
    X[np.arange(4), 0, [10, 700, 1501, 2998]] = [2, 4, -6, 8]
    fig = plot_glance(X, np.zeros(4, int), ("a",))
    lines, mean = fig.data
    far = np.abs(np.nan_to_num(lines.y)) > 1
    assert lines.x[far].tolist() == [10, 700, 1501, 2998]
    assert lines.y[far].tolist() == [2, 4, -6, 8]
    assert lines.customdata[far].tolist() == [0, 1, 2, 3]
    assert (mean.y.max(), mean.x[mean.y.argmax()]) == (2, 2998)
    assert len(mean.x) <= 1000
    assert notes(fig)[0].endswith("of 3000 points (lowest and highest of each block).")
    assert not notes(plot_glance(X[..., :1000], np.zeros(4, int), ("a",)))


def test_bands_of_long_series_keep_the_extremes_of_both_edges() -> None:
    X = np.zeros((20, 1, 12_000), np.float32)
    X[:10, 0, 5001], X[10:, 0, 5001] = 1, -1
    X[:, 0, 7003] = np.linspace(-9, 9, 20)
    fig = plot_class_means(X, np.zeros(20, int), ("a",))
    band = fig.data[0]
    assert np.isclose(band.y.max(), 7.2)
    assert np.isclose(band.y.min(), -7.2)
    assert {5001, 7003} <= set(band.x.tolist())
    assert len(band.x) <= 2 * 5000
    assert "of 12000 points" in notes(fig)[0]


def test_missing_points_of_long_series_are_drawn_and_named_where_they_are() -> None:
    X = np.zeros((2, 1, 10_000))
    X[0, 0, 6] = X[1, 0, 9996:] = np.nan
    fig = plot_missing(X)
    cells = fig.data[0]
    first, last = (np.flatnonzero(np.isfinite(row)) for row in cells.z)
    assert cells.x[first].tolist() == [3]
    assert cells.customdata[0, first[0]].tolist() == ["case 0", 0, 6]
    assert cells.customdata[1, last[0]].tolist() == ["case 1", 9996, 9999]
    assert cells.x[last].tolist() == [9997.5]
    assert "points %{customdata[1]}-%{customdata[2]}" in cells.hovertemplate
    assert to_csv(fig).startswith("trace,case,first point,last point,share")
    assert notes(fig) == ("A cell stands for 7 points and shows the one with most missing.",)


def test_missing_points_of_short_series_are_named_one_by_one() -> None:
    X = np.zeros((1, 1, 9))
    X[0, 0, 4] = np.nan
    fig = plot_missing(X)
    assert fig.data[0].x.tolist() == list(range(9))
    assert "time point %{x}" in fig.data[0].hovertemplate
    assert ",case 0,4,1\n" in to_csv(fig)
    assert notes(fig) == ()


@pytest.mark.parametrize(
    ("n", "height", "lines", "columns"), [(9, 432, 9, 9), (60, 840, 60, 20), (100, 900, 50, 25)]
)
def test_names_of_the_confusion_matrix_do_not_overlap(n, height, lines, columns) -> None:
    y = np.arange(n)
    fig = plot_confusion(y, y, [f"class-{k}" for k in range(n)])
    assert fig.layout.height - fig.layout.margin.t - fig.layout.margin.b == height
    ticks = fig.layout.yaxis.tickvals
    assert (len(ticks), len(fig.layout.xaxis.ticktext)) == (lines, columns)
    assert np.diff(ticks).min() * height / n >= 14
    assert fig.layout.xaxis.ticktext[1] == f"class-{fig.layout.xaxis.tickvals[1]}"
