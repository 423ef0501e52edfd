"""Models compared over many datasets: ranks, tests, cliques, wins; numbers only.

Friedman's test is aeon's (`aeon.benchmarking.stats`), signed rank tests give the numbers of scipy
(`tscviz.figures.results_signed_rank`); the procedure of the critical difference diagram is
Demsar's (JMLR 7, 2006) with aeon's Wilcoxon-Holm cliques, that of the multi-comparison matrix
Ismail-Fawaz et al.'s (arXiv 2305.11921).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from tscviz.figures.results_signed_rank import signed_rank
from tscviz.figures.text import count
from tscviz.types import Array, TscvizError

#: Means over seeds that are equal may differ in the last bit.
_DIGITS = 12
TESTS = {"wilcoxon": "Wilcoxon signed rank, Holm", "nemenyi": "Nemenyi"}


@dataclass(frozen=True, eq=False)
class Scores:
    """One number a model and dataset.

    Parameters
    ----------
    models, datasets : tuple of str
    values : float array, shape (n_datasets, n_models)
        NaN where there is none.
    measure : str
        What the numbers are.
    higher_better : bool
    """

    models: tuple[str, ...]
    datasets: tuple[str, ...]
    values: Array
    measure: str = "accuracy"
    higher_better: bool = True

    def complete(self) -> Scores:
        """Return the datasets on which every model has a value."""
        whole = np.asarray(~np.isnan(self.values).any(axis=1))
        kept = tuple(name for name, keep in zip(self.datasets, whole, strict=True) if keep)
        return replace(self, datasets=kept, values=self.values[whole])

    def column(self, model: str) -> Array:
        """Return the values of one model, shape (n_datasets,)."""
        return self.values[:, self.models.index(model)]


@dataclass(frozen=True, eq=False)
class CriticalDifference:
    """What a critical difference diagram shows.

    Parameters
    ----------
    models : tuple of str
        The best mean rank first.
    ranks : float array, shape (n_models,)
        Mean ranks, 1 the best, ties shared.
    cliques : tuple of (int, int)
        First and last model (indices, both included) of each group without a significant
        difference; groups inside others are left out.
    n_datasets : int
    test : {"wilcoxon", "nemenyi"}
    alpha : float
    friedman : float or None
        p-value that all models are the same; None for two models. Not below `alpha`: one clique.
    p_values : float array, shape (n_models, n_models)
        One-sided Wilcoxon signed rank tests, above the diagonal: row better than column.
    difference : float or None
        Nemenyi's critical difference of mean ranks.
    """

    models: tuple[str, ...]
    ranks: Array
    cliques: tuple[tuple[int, int], ...]
    n_datasets: int
    test: str
    alpha: float
    friedman: float | None
    p_values: Array
    difference: float | None = None


def critical_difference(
    scores: Scores, test: str = "wilcoxon", alpha: float = 0.05
) -> CriticalDifference:
    """Rank the models on every dataset on which all have a value, and group them.

    "wilcoxon" is aeon's default: one-sided signed rank tests at ``alpha / (n_models - 1)``, each
    model as control of those behind it. "nemenyi" uses the quantile of the studentised range for
    the number of models; aeon 1.6 takes that of one model more.

    Parameters
    ----------
    scores : Scores
    test : {"wilcoxon", "nemenyi"}
    alpha : float

    Raises
    ------
    TscvizError
        On fewer than two models or datasets that all models share, or an unknown test.
    """
    if test not in TESTS:
        raise TscvizError(f"test is {test!r}; choose {' or '.join(TESTS)}.")
    whole = _comparable(scores)
    values = np.round(whole.values, _DIGITS) * (1 if scores.higher_better else -1)
    n_datasets, n_models = values.shape
    every = _ranks(values)
    order = np.argsort(every.mean(axis=0), kind="stable")
    ranks, models = every.mean(axis=0)[order], tuple(whole.models[i] for i in order)
    friedman = _friedman(every) if n_models > 2 else None
    p_values = _one_sided(values[:, order])
    cd = None
    if test == "nemenyi":
        cd = _quantile(alpha, n_models) * np.sqrt(n_models * (n_models + 1) / (6 * n_datasets))
        alike = ranks[None] - ranks[:, None] < cd
    else:
        alike = p_values > alpha / (n_models - 1)
    if friedman is not None and friedman >= alpha:
        cliques: tuple[tuple[int, int], ...] = ((0, n_models - 1),)
    else:
        cliques = _cliques(alike)
    return CriticalDifference(
        models, ranks, cliques, n_datasets, test, alpha, friedman, p_values, cd
    )


def _comparable(scores: Scores) -> Scores:
    whole = scores.complete()
    n_datasets, n_models = whole.values.shape
    if n_models < 2 or n_datasets < 2:
        raise TscvizError(
            f"There {'is' if n_models == 1 else 'are'} {count(n_models, 'model')} with "
            f"{count(n_datasets, 'dataset')} in common; a comparison needs two of each. Choose "
            "other models."
        )
    return whole


def _ranks(values: Array) -> Array:
    from scipy.stats import rankdata

    return rankdata(-values, axis=1)


def _friedman(ranks: Array) -> float:
    from aeon.benchmarking.stats import check_friedman

    if (np.ptp(ranks, axis=1) == 0).all():  # all tied everywhere: nothing to divide by
        return 1.0
    return float(check_friedman(ranks))


def _one_sided(ordered: Array) -> Array:
    n = ordered.shape[1]
    found = np.eye(n)
    for i in range(n):
        for j in range(i + 1, n):
            gap = _gap(ordered[:, i], ordered[:, j])
            found[i, j] = signed_rank(gap, one_sided=True, pratt=False)
    return found


def _gap(a: Array, b: Array) -> Array:
    """Return differences of which those that are equal as printed are equal."""
    return np.round(np.asarray(a, float) - np.asarray(b, float), _DIGITS)


def _cliques(alike: Array) -> tuple[tuple[int, int], ...]:
    """Return (first, last) of the groups: each model with those behind it up to a difference."""
    found: list[tuple[int, int]] = []
    n = len(alike)
    for i in range(n):
        last = i
        while last + 1 < n and alike[i, last + 1]:
            last += 1
        if last > i and all(end < last for _, end in found):
            found.append((i, last))
    return tuple(found)


@lru_cache(maxsize=64)
def _quantile(alpha: float, n_models: int) -> float:
    from scipy.stats import studentized_range

    return float(studentized_range.ppf(1 - alpha, n_models, np.inf) / np.sqrt(2))


@dataclass(frozen=True, eq=False)
class MultiComparison:
    """Every model against every other, one after the other.

    Parameters
    ----------
    models : tuple of str
        The best mean first.
    means : float array, shape (n_models,)
    difference : float array, shape (n_models, n_models)
        Mean of row less mean of column.
    wins, ties : int arrays, shape (n_models, n_models)
        Datasets on which the row is better, or the same; losses are ``wins.T``.
    p_values : float array, shape (n_models, n_models)
        Two-sided Wilcoxon signed rank tests, zero differences after Pratt; not corrected.
    significant : bool array, shape (n_models, n_models)
        After Holm's correction over all pairs.
    n_datasets : int
    alpha : float
    """

    models: tuple[str, ...]
    means: Array
    difference: Array
    wins: Array
    ties: Array
    p_values: Array
    significant: Array
    n_datasets: int
    alpha: float


def multi_comparison(scores: Scores, alpha: float = 0.05) -> MultiComparison:
    """Compare every pair of models on the datasets that all share.

    The tests are two-sided, as in the paper; aeon's default is one-sided in the order of its
    columns, with which a better model in a later column can never be significant.

    Parameters
    ----------
    scores : Scores
    alpha : float

    Raises
    ------
    TscvizError
        On fewer than two models, or datasets that all models share.
    """
    whole = _comparable(scores)
    values = np.round(whole.values, _DIGITS)
    sign = 1 if scores.higher_better else -1
    order = np.argsort(-sign * values.mean(axis=0), kind="stable")
    values = values[:, order]
    gap = sign * (values[:, :, None] - values[:, None, :])  # (dataset, row, column)
    p_values = _two_sided(values)
    means = values.mean(axis=0)
    return MultiComparison(
        models=tuple(whole.models[i] for i in order),
        means=means,
        difference=means[:, None] - means[None],
        wins=(gap > 0).sum(axis=0),
        ties=(gap == 0).sum(axis=0),
        p_values=p_values,
        significant=_holm(p_values, alpha),
        n_datasets=len(values),
        alpha=alpha,
    )


def two_sided(a: Array, b: Array) -> float:
    """Return the p-value of the two-sided Wilcoxon signed rank test, zeros after Pratt.

    Parameters
    ----------
    a, b : float arrays, shape (n_datasets,)
    """
    return signed_rank(_gap(a, b), one_sided=False, pratt=True)


def _two_sided(values: Array) -> Array:
    n = values.shape[1]
    found = np.ones((n, n))
    for i in range(n):
        for j in range(i + 1, n):
            found[i, j] = found[j, i] = two_sided(values[:, i], values[:, j])
    return found


def _holm(p_values: Array, alpha: float) -> Array:
    rows, columns = np.triu_indices(len(p_values), 1)
    pairs = p_values[rows, columns]
    order, found = np.argsort(pairs, kind="stable"), np.zeros(p_values.shape, bool)
    for step, k in enumerate(order):
        if pairs[k] >= alpha / (len(pairs) - step):
            break
        found[rows[k], columns[k]] = found[columns[k], rows[k]] = True
    return found
