"""All coalitions of a few features, and exact Shapley values from their scores."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, factorial

import numpy as np

from tscviz.explain.perturbation.game import Game
from tscviz.explain.perturbation.grouping import FeatureOptions
from tscviz.explain.request import ExplainError
from tscviz.options import MAX_SEED, option
from tscviz.types import Array

#: Most features of which all coalitions are evaluated: 65,536 series.
MOST_FEATURES = 16
#: Most values of the coalitions that a linear model is fitted to: a row a coalition, a column a
#: feature. More would fill the memory.
MOST_VALUES = 20_000_000
#: So many coalitions are evaluated rather than drawn in any case: eight features.
FEW = 256


@dataclass(frozen=True)
class SamplingOptions(FeatureOptions):
    """Options of the methods that draw coalitions of features."""

    exact: str = option(
        "auto",
        "Evaluate all coalitions instead of drawing some; auto: where they are at most 256, or no "
        "more than would be drawn.",
        choices=("auto", "always", "never"),
    )
    seed: int = option(0, "Of the coalitions drawn.", minimum=0, maximum=MAX_SEED)


def wants_all(options: SamplingOptions, n_features: int, samples: int) -> bool:
    """Return whether all coalitions are to be evaluated instead of `samples` drawn ones.

    Raises
    ------
    ExplainError
        Where they are asked for and too many.
    """
    if options.exact == "always" and n_features > MOST_FEATURES:
        raise ExplainError(
            f"exact='always' and {n_features} features have 2^{n_features} coalitions; make at "
            f"most {MOST_FEATURES} features, or let coalitions be drawn."
        )
    if options.exact == "auto":
        return n_features <= MOST_FEATURES and 2**n_features <= max(FEW, samples)
    return options.exact == "always" or n_features == 1  # of one feature nothing can be drawn


def coalitions_wanted(samples: int, n_features: int) -> int:
    """Return how many coalitions are drawn for a linear model; of 0, ten a feature, 256 at least.

    Raises
    ------
    ExplainError
        Where they would fill the memory.
    """
    wanted = samples or max(FEW, 10 * n_features)
    if wanted * n_features > MOST_VALUES:
        raise ExplainError(
            f"{wanted:,} samples of {n_features:,} features are {wanted * n_features:,} values, "
            f"and at most {MOST_VALUES:,} fit; choose fewer windows or fewer samples."
        )
    return wanted


def all_coalitions(n_features: int) -> Array:
    """Return every coalition, bool, shape (2^n, n); row b holds the binary digits of b."""
    return (np.arange(2**n_features)[:, None] >> np.arange(n_features) & 1).astype(bool)


def scores_of_all(game: Game) -> Array:
    """Return the score of every coalition of `all_coalitions`, float64, shape (2^n,)."""
    import torch

    return game(torch.from_numpy(all_coalitions(game.n_features))).double().numpy()


def shapley_values(scores: Array) -> Array:
    """Return Shapley values from the scores of all coalitions, float64, shape (n,).

    ``phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! (v(S + i) - v(S))`` (Shapley 1953;
    Lundberg and Lee 2017, equation 4).

    Parameters
    ----------
    scores : array, shape (2^n,)
        In the order of `all_coalitions`.
    """
    n = len(scores).bit_length() - 1
    weights = np.array([factorial(s) * factorial(n - s - 1) / factorial(n) for s in range(n)])
    coalitions = all_coalitions(n)
    sizes, number = coalitions.sum(1), np.arange(len(scores))
    values = np.empty(n)
    for i in range(n):
        without = number[~coalitions[:, i]]
        gain = scores[without | 1 << i] - scores[without]
        values[i] = weights[sizes[without]] @ gain
    return values


def kernel_regression(scores: Array) -> Array:
    """Return KernelSHAP's regression over all coalitions, float64, shape (n,).

    Least squares of the scores on the coalitions, weighted with the Shapley kernel ``(n - 1) /
    (C(n, s) s (n - s))``, whose infinite weights at the empty and the whole coalition are
    constraints: the last coefficient is what the others leave (Lundberg and Lee 2017, theorem 2).
    Its solution is `shapley_values`.

    Parameters
    ----------
    scores : array, shape (2^n,)
        In the order of `all_coalitions`.
    """
    n = len(scores).bit_length() - 1
    total = scores[-1] - scores[0]
    if n == 1:
        return np.array([total])
    z = all_coalitions(n)[1:-1].astype(np.float64)
    kernel = np.array([(n - 1) / (comb(n, int(s)) * s * (n - s)) for s in z.sum(1)])
    root = np.sqrt(kernel)
    design = (z[:, :-1] - z[:, -1:]) * root[:, None]
    wanted = (scores[1:-1] - scores[0] - z[:, -1] * total) * root
    first = np.linalg.lstsq(design, wanted, rcond=None)[0]
    return np.append(first, total - first.sum())
