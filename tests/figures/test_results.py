# pyright: reportAttributeAccessIssue=false
"""Comparing models: aeon's numbers, hand-made cases, and what the figures show of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from aeon.visualisation.results import _critical_difference as aeon_cd
from aeon.visualisation.results import _mcm as aeon_mcm

from tests.figures.test_palette import contrast
from tscviz.data.published import SOURCES, published_accuracy, published_figures
from tscviz.figures import alt_text, plot_learning_curves, plot_pairwise, to_csv
from tscviz.figures.palette import DARK, LIGHT, Theme, sample, unsigned_scale
from tscviz.figures.results_costs import CostPoints, plot_cost, plot_option_effect
from tscviz.figures.results_curves import seed_curves
from tscviz.figures.results_matrix import plot_multi_comparison
from tscviz.figures.results_ranks import plot_critical_difference
from tscviz.figures.results_stats import (
    Scores,
    critical_difference,
    multi_comparison,
    two_sided,
)
from tscviz.types import TscvizError

NAMES = ("a", "b", "c", "d", "e")


def scores(seed: int, n_datasets: int = 24, step: float = 0.02) -> Scores:
    """Multiples of 1/64: there are ties, and differences are exact, which aeon does not see to."""
    rng = np.random.default_rng(seed)
    level = rng.uniform(0.6, 0.95, (n_datasets, 1))
    values = level + step * np.arange(5) + rng.normal(0, 0.03, (n_datasets, 5))
    return Scores(NAMES, tuple(f"set{i}" for i in range(n_datasets)), np.round(values * 64) / 64)


def members(cliques, n: int) -> list[list[int]]:
    return [[int(first <= i <= last) for i in range(n)] for first, last in cliques]


@pytest.mark.parametrize("seed", [0, 2, 3, 4, 5])
@pytest.mark.parametrize("lower", [False, True])
def test_ranks_p_values_and_cliques_are_those_of_aeon(seed: int, lower: bool) -> None:
    mine = scores(seed, step=0.004 * seed)
    mine = Scores(mine.models, mine.datasets, mine.values, "x", not lower)
    found = critical_difference(mine, "wilcoxon", 0.05)
    ranks = aeon_cd._compute_ranks(mine.values, lower)
    names, means, ordered = aeon_cd._sort_by_average_rank(mine.values, list(NAMES), ranks)
    cliques, p_values = aeon_cd._find_cliques(
        ranks, ordered, names, means, 24, 5, "wilcoxon", "holm", 0.05, lower
    )
    assert found.models == tuple(names)
    np.testing.assert_allclose(found.ranks, means, rtol=1e-6)
    assert members(found.cliques, 5) == np.asarray(cliques).astype(int).tolist()
    assert found.friedman is not None
    if found.friedman < 0.05:
        np.testing.assert_allclose(found.p_values, np.asarray(p_values))


def test_the_critical_difference_of_nemenyi_is_that_of_demsar() -> None:
    # Demsar (2006), section 3.2.2: four classifiers, fourteen data sets, CD = 1.25 at 0.05.
    rng = np.random.default_rng(0)
    four = Scores(NAMES[:4], tuple(map(str, range(14))), rng.random((14, 4)) + np.arange(4) / 2)
    found = critical_difference(four, "nemenyi", 0.05)
    assert found.difference == pytest.approx(2.569 * np.sqrt(4 * 5 / (6 * 14)), abs=1e-3)
    assert found.difference == pytest.approx(1.25, abs=0.01)
    gaps = found.ranks[None] - found.ranks[:, None]
    for first, last in found.cliques:
        assert gaps[first, last] < found.difference


def test_two_models_need_no_friedman_and_equal_ones_are_one_group() -> None:
    same = Scores(("a", "b"), ("x", "y", "z"), np.full((3, 2), 0.5))
    found = critical_difference(same)
    assert (found.friedman, found.cliques) == (None, ((0, 1),))
    assert found.ranks.tolist() == [1.5, 1.5]
    three = critical_difference(Scores(NAMES[:3], ("x", "y"), np.full((2, 3), 0.5)))
    assert (three.friedman, three.cliques) == (1.0, ((0, 2),))
    assert two_sided(np.ones(3), np.ones(3)) == 1.0


def test_only_datasets_of_all_models_count() -> None:
    values = np.array([[0.9, 0.8], [np.nan, 0.9], [0.7, 0.6], [0.5, 0.6]])
    found = critical_difference(Scores(("a", "b"), tuple("wxyz"), values))
    assert found.n_datasets == 3
    np.testing.assert_allclose(found.ranks, [4 / 3, 5 / 3])
    with pytest.raises(TscvizError, match="are 2 models with 1 dataset in common"):
        critical_difference(Scores(("a", "b"), ("w", "x"), values[:2]))
    with pytest.raises(TscvizError, match="There is 1 model with 4 datasets in common"):
        critical_difference(Scores(("b",), tuple("wxyz"), values[:, 1:]))
    with pytest.raises(TscvizError, match="choose wilcoxon or nemenyi"):
        critical_difference(Scores(("a", "b"), tuple("wxyz"), values), "t")


@pytest.mark.parametrize("seed", range(4))
def test_the_matrix_holds_the_numbers_of_aeon(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # aeon writes its analysis there
    mine = scores(seed)
    found = multi_comparison(mine, 0.05)
    told = aeon_mcm._get_analysis(
        pd.DataFrame(mine.values, columns=list(NAMES)),
        pvalue_test_params={"zero_method": "pratt", "alternative": "two-sided"},
        pvalue_correction="Holm",
    )
    assert list(found.models) == list(told["ordered-comparate-names"])
    for i, row in enumerate(found.models):
        for j, column in enumerate(found.models):
            if i == j:
                continue
            pair = told[aeon_mcm._get_keys_for_two_comparates(row, column)]
            counts = (found.wins[i, j], found.ties[i, j], found.wins[j, i])
            assert counts == (pair["win"], pair["tie"], pair["loss"])
            assert found.difference[i, j] == pytest.approx(pair["mean"], abs=1e-12)
            assert found.p_values[i, j] == pytest.approx(pair["pvalue"], rel=1e-9)
            # Holm stops at the first pair that fails; aeon goes on, so it may find more
            assert pair["is-significant"] or not found.significant[i, j]


def test_holm_by_hand() -> None:
    found = multi_comparison(scores(1, 30), 0.05)
    rows, columns = np.triu_indices(5, 1)
    pairs = sorted(
        (found.p_values[i, j], found.significant[i, j]) for i, j in zip(rows, columns, strict=True)
    )
    alive = True
    for step, (p, significant) in enumerate(pairs):
        alive = alive and p < 0.05 / (10 - step)
        assert significant == alive
    assert 0 < sum(s for _, s in pairs) < 10


def test_the_diagram_marks_ranks_and_groups() -> None:
    found = critical_difference(scores(0), "nemenyi")
    fig = plot_critical_difference(found).to_plotly_json()
    bars = [t for t in fig["data"] if t.get("line", {}).get("width") == 5]
    (points,) = plot_critical_difference(found).select_traces(selector={"name": "models"})
    np.testing.assert_allclose(points.x, found.ranks)
    assert len(bars) == len(found.cliques)
    texts = [a["text"] for a in fig["layout"]["annotations"]]
    assert [t for t in texts if t in NAMES] == list(found.models)
    assert any(t.startswith("critical difference") for t in texts)
    left, right = fig["layout"]["xaxis"]["range"]
    assert left > right  # the best at the right


@pytest.mark.parametrize(("n_datasets", "end"), [(2, 2 - 1.386 - 0.06), (12, 0.94)])
def test_the_bar_is_as_long_as_the_critical_difference(n_datasets: int, end: float) -> None:
    values = np.array([[0.9, 0.8]] * n_datasets)
    two = Scores(("a", "b"), tuple(map(str, range(n_datasets))), values)
    found = critical_difference(two, "nemenyi")
    fig = plot_critical_difference(found).to_plotly_json()
    (bar,) = [t for t in fig["data"] if t.get("line", {}).get("width") == 3]
    assert bar["x"][0] - bar["x"][1] == pytest.approx(found.difference)
    left, right = fig["layout"]["xaxis"]["range"]
    assert (left, right) == (2.06, pytest.approx(end, abs=1e-3))
    assert right < bar["x"][1]
    assert list(fig["layout"]["xaxis"]["tickvals"]) == [1, 2]  # there is no rank below 1
    (stem,) = [t for t in fig["data"] if list(t["x"])[:2] == [1, 1]]
    assert stem["x"][2] == right


@pytest.mark.parametrize(("dark", "tones"), [(False, LIGHT), (True, DARK)])
def test_the_words_of_the_critical_difference_can_be_read(dark: bool, tones: Theme) -> None:
    found = critical_difference(scores(0), "nemenyi")
    fig = plot_critical_difference(found, dark=dark).to_plotly_json()
    (words,) = [a for a in fig["layout"]["annotations"] if "critical" in a["text"]]
    (bar,) = [t for t in fig["data"] if t.get("line", {}).get("width") == 3]
    assert contrast(words["font"]["color"], tones.surface) >= 4.5
    assert bar["line"]["color"] == tones.accent


def test_models_without_a_bar_are_said_to_differ_from_the_next_alone() -> None:
    step = 0.1 * np.arange(3) + 0.001 * np.arange(9)[:, None]
    found = critical_difference(Scores(NAMES[:3], tuple("abcdefghi"), step))
    assert found.cliques == ()
    assert "; each differs from the next (" in alt_text(plot_critical_difference(found))


def test_the_matrix_shows_wins_in_bold_where_significant() -> None:
    found = multi_comparison(scores(2, step=0.03))
    heat, numbers = plot_multi_comparison(found).select_traces()
    assert numbers.mode == "text"
    assert len(numbers.text) == 20  # none on the diagonal
    assert np.isnan(np.diag(heat.z)).all()
    for i in range(5):
        for j in range(5):
            if i != j:
                assert heat.text[i][j].startswith("<b>") == found.significant[i, j]
                assert f"{found.wins[i, j]} / {found.ties[i, j]}" in heat.text[i][j]


def test_the_numbers_of_many_models_are_short_enough_for_a_narrow_window() -> None:
    values = np.random.default_rng(0).uniform(size=(60, 8)) + 0.3 * np.arange(8)
    given = Scores(tuple("abcdefgh"), tuple(f"set{i}" for i in range(60)), values)
    found = multi_comparison(given)
    heat, _ = plot_multi_comparison(found).select_traces()
    difference, counts, p = heat.text[0][7].removeprefix("<b>").removesuffix("</b>").split("<br>")
    assert float(difference) == pytest.approx(found.difference[0, 7], abs=5e-4)
    assert counts == f"{found.wins[0, 7]}/{found.ties[0, 7]}/{found.wins[7, 0]}"
    assert p == "p ≤ .001"
    near = heat.text[0][1].removeprefix("<b>").removesuffix("</b>").split("<br>")
    assert near[0].startswith("+.")
    assert max(map(len, near)) <= 8


@pytest.mark.parametrize("more", ["", " freeze_trunk=true stop_patience=300"])
@pytest.mark.parametrize("shares", [(0.05,), (0.05, 0.2, 1.0), (0.05, 0.1, 0.2, 0.5, 1.0)])
def test_models_with_many_options_can_be_told_apart(shares: tuple[float, ...], more: str) -> None:
    names = tuple(
        f"ConvTimeNet labelled={share}{more} trunk={trunk}"
        for share in shares
        for trunk in ("pretrained", "random")
    )
    values = np.random.default_rng(0).uniform(size=(12, len(names)))
    given = Scores(names, tuple(f"set{i}" for i in range(12)), values)
    ranks = plot_critical_difference(critical_difference(given, "nemenyi"))
    written = [a.text for a in ranks.layout.annotations if "ConvTimeNet" in a.text]
    assert {text.replace("<br>", " ") for text in written} == set(names)
    matrix = plot_multi_comparison(multi_comparison(given)).layout
    for axis in (matrix.xaxis, matrix.yaxis):
        assert len(set(axis.ticktext)) == len(names)
    assert {text.replace("<br>", " ") for text in matrix.xaxis.ticktext} == set(names)


def test_the_pairwise_figure_counts_wins_ties_and_losses() -> None:
    values = np.array([[0.5, 0.6], [0.7, 0.7], [0.8, 0.7], [0.1, 0.3], [np.nan, 1]])
    two = Scores(("one", "two"), tuple("vwxyz"), values)
    names = [t.name for t in plot_pairwise(two, "one", "two").select_traces() if t.name]
    assert names == ["two better: 2", "the same: 1", "one better: 1"]
    loss = Scores(("one", "two"), tuple("vwxyz"), values, "log loss", higher_better=False)
    names = [t.name for t in plot_pairwise(loss, "one", "two").select_traces() if t.name]
    assert names == ["two better: 1", "the same: 1", "one better: 2"]
    assert len(to_csv(plot_pairwise(two, "one", "two")).splitlines()) == 1 + 4


def test_costs_are_means_over_datasets() -> None:
    points = [CostPoints("m", ("x", "y"), np.array([10.0, 1000.0]), np.array([0.5, 0.7]))]
    mean = list(plot_cost(points, cost="FLOPs").select_traces())[-1]
    assert mean.x[0] == pytest.approx(100)
    assert mean.y[0] == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("costs", "ticks"),
    [
        ([6e6, 9e7], ["5M", "10M", "20M", "50M", "100M"]),
        ([0.3, 2.0], ["0.2", "0.5", "1", "2"]),
        ([10.0, 5e8], ["10", "100", "1k", "10k", "100k", "1M", "10M", "100M"]),
    ],
)
def test_costs_have_ticks_that_can_be_read(costs, ticks) -> None:
    one = CostPoints("m", ("x", "y"), np.array(costs), np.array([0.5, 0.7]))
    axis = plot_cost([one], cost="FLOPs").layout.xaxis
    assert list(axis.ticktext) == ticks
    assert all(min(costs) / 2.1 < value < 2.1 * max(costs) for value in axis.tickvals)


def test_the_mean_line_takes_whole_datasets_alone() -> None:
    lines = {"x": np.array([0.5, 0.6]), "y": np.array([0.7, 0.6]), "z": np.array([np.nan, 0.1])}
    fig = plot_option_effect("L", [2, 4], lines)
    (mean,) = [t for t in fig.select_traces() if str(t.name).startswith("mean")]
    np.testing.assert_allclose(mean.y, [0.6, 0.6])
    assert "1 at 2, 2 at 4" in alt_text(fig)


def test_numbers_are_written_as_what_they_are() -> None:
    lines = {"x": np.array([0.9, 0.92]), "y": np.array([0.9, 0.91])}
    costs = {name: np.array([2e6, 1e6]) for name in ("parameters", "training time (s)")}
    fig = plot_option_effect("L", [2, 4], lines, costs=costs)
    drawn = {t.name: t.hovertemplate for t in fig.select_traces() if t.name.startswith("mean")}
    assert drawn == {
        "mean accuracy": "mean at %{customdata}: %{y:.4f}<extra></extra>",
        "mean parameters": "mean at %{customdata}: %{y:.4s}<extra></extra>",
        "mean training time (s)": "mean at %{customdata}: %{y:.5~g}<extra></extra>",
    }
    one = CostPoints("m", ("x", "y"), np.array([0.5, 12.0]), np.array([0.5, 0.7]))
    for cost, form in (("training time (s)", ".5~g"), ("FLOPs of one case", ".4s")):
        told = [t.hovertemplate for t in plot_cost([one], cost=cost).select_traces()]
        assert [text.split(" at ")[1] for text in told] == [f"%{{x:{form}}}<extra></extra>"] * 2


@pytest.mark.parametrize(("higher", "best"), [(True, [0, 2]), (False, [1, 0])])
def test_a_line_takes_the_colour_of_its_best_level(higher: bool, best: list[int]) -> None:
    lines = {"x": np.array([0.6, 0.2, 0.4]), "y": np.array([0.1, 0.2, 0.3])}
    fig = plot_option_effect("L", [2, 4, 8], lines, higher_better=higher)
    colours = sample(unsigned_scale(), np.linspace(0.15, 0.9, 3))
    drawn = {t.name: t.marker.color for t in fig.select_traces()}
    assert [drawn["x"], drawn["y"]] == [colours[i] for i in best]
    told = {True: "1 at 2, 1 at 8", False: "1 at 2, 1 at 4"}[higher]
    assert f"datasets at their best: {told}." in alt_text(fig)


def test_curves_carry_accuracies_between_measurements() -> None:
    def run(shift: float, n: int) -> list[dict]:
        return [
            {"epoch": e, "losses": {"class": 1 / e + shift}}
            | ({"test_accuracy": 0.1 * e + shift} if e % 2 == 0 else {})
            for e in range(1, n + 1)
        ]

    found = seed_curves("m", [run(0, 5), run(0.2, 3)])
    assert found.epochs.tolist() == [1, 2, 3, 4, 5]
    np.testing.assert_allclose(found.accuracy[0], [np.nan, 0.2, 0.2, 0.4, np.nan])
    np.testing.assert_allclose(found.accuracy[1], [np.nan, 0.4, np.nan, np.nan, np.nan])
    np.testing.assert_allclose(found.loss[1], [1.2, 0.7, 1 / 3 + 0.2, np.nan, np.nan])
    medians = [t for t in plot_learning_curves([found]).select_traces() if t.name == "m"]
    np.testing.assert_allclose(medians[0].y[:2], [1.1, 0.6])
    np.testing.assert_allclose(medians[1].y, [0.3, 0.2, 0.4])


@pytest.mark.parametrize("n", [799, 800, 801, 2000])
def test_curves_of_any_length_keep_their_last_epoch(n: int) -> None:
    run = [
        {"epoch": e, "losses": {"class": 1 / e}, "test_accuracy": e / n} for e in range(1, n + 1)
    ]
    found = seed_curves("m", [run])
    assert found.epochs[[0, -1]].tolist() == [1, n]
    assert len(found.epochs) == min(n, 800)
    assert (found.loss[0, -1], found.accuracy[0, -1]) == (1 / n, 1.0)
    fig = plot_learning_curves([found])
    assert f"over up to {n} epochs" in alt_text(fig)
    assert [t.y[-1] for t in fig.select_traces()] == [1 / n, 1.0]


def test_a_model_without_losses_is_in_the_legend_and_hides_with_its_band() -> None:
    runs = [[{"epoch": e, "losses": {}, "test_accuracy": a} for e in (1, 2)] for a in (0.5, 0.7)]
    whole = [[event | {"losses": {"class": 1.0}} for event in run] for run in runs]
    curves = [seed_curves("with", whole), seed_curves("without", runs)]
    drawn = list(plot_learning_curves(curves).select_traces())
    assert [t.name for t in drawn if t.showlegend] == ["with", "without"]
    bands = [t for t in drawn if t.fill == "toself"]
    assert [t.legendgroup for t in bands] == ["with", "with", "without"]
    assert {t.legendgroup for t in drawn if t.name} == {"with", "without"}


def test_published_figures_know_their_split() -> None:
    known = published_accuracy("dsn", "GunPoint")
    assert known is not None
    assert (known.accuracy, known.sd) == (0.9893, 0.0053)
    assert known.agrees(50, 150)
    assert not known.agrees(50, 151)
    redrawn = published_accuracy("dsn", "Earthquakes")
    assert redrawn is not None
    assert (redrawn.split, redrawn.agrees()) == ("2015", False)
    of_2018 = published_accuracy("resnet", "Earthquakes")
    assert of_2018 is not None
    assert of_2018.agrees(322, 139)
    assert published_accuracy("dsn", "NoSuchProblem") is None


def test_every_published_figure_has_a_source_and_is_there_once() -> None:
    every = published_figures()
    assert {one.key for one in every} == set(SOURCES)
    assert all(0 < one.accuracy <= 1 for one in every)
    keys = [(one.key, one.dataset, one.sparsity) for one in every]
    assert len(set(keys)) == len(keys)
    changed = {one.dataset for one in every if one.split == "2015"}
    assert {"Strawberry", "Worms", "FordA", "ProximalPhalanxTW"} <= changed
    assert not changed & {"GunPoint", "PhalangesOutlinesCorrect", "ItalyPowerDemand"}
