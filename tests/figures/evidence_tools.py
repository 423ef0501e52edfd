"""Evidence with plain numbers, for the tests of its figures."""

from __future__ import annotations

import numpy as np

from tscviz.explain.evidence import Agreement, CasesEvidence, Curves, MeanCurve, Randomisation
from tscviz.explain.evidence.curves import curve_of
from tscviz.explain.evidence.intervals import Estimate, Estimates

SHARE = np.linspace(0, 1, 5)
FALL = np.array([0.9, 0.3, 0.2, 0.1, 0.1])
SLOW = np.array([0.9, 0.9, 0.8, 0.6, 0.1])
RANDOM = np.stack([np.linspace(0.9, 0.1, 5) ** k for k in np.linspace(0.8, 1.2, 21)])


def make_curves(output: str = "probability") -> Curves:
    """Return curves of 20 points of which 5 are the top; random maps keep about half."""
    return Curves(
        curve_of("deletion", SHARE, FALL, SLOW, RANDOM),
        curve_of("insertion", SHARE, SLOW[::-1], FALL[::-1], RANDOM[:, ::-1]),
        per="time", fill="zero", output=output, control="points", n_features=20, n_top=5,
        top_share=0.25, whole=0.9, without_top=0.3, empty=0.1, without_random=0.7,
        without_random_low=0.66, without_random_high=0.74,
    )  # fmt: skip


def make_cases_evidence(n: int = 3) -> CasesEvidence:
    """Return means over `n` cases; of a single one there is no interval."""

    def around(mean: np.ndarray) -> Estimates:
        width = 0.05 if n > 1 else np.nan
        return Estimates(mean, mean - width, mean + width)

    curves = [
        MeanCurve(kind, SHARE, around(a), around(b), around(RANDOM.mean(0)))
        for kind, a, b in (("deletion", FALL, SLOW), ("insertion", SLOW[::-1], FALL[::-1]))
    ]
    gain = Estimate(0.2, 0.1, 0.3, n) if n > 1 else Estimate(0.2, np.nan, np.nan, 1)
    return CasesEvidence(
        "cam", np.arange(n), n, np.zeros(n, int), {},
        {"deletion_gain": gain, "insertion_gain": gain}, curves[0], curves[1], "A sentence.",
        {"output": "probability"}, 1.0,
    )  # fmt: skip


def make_agreement(names: tuple[str, ...]) -> Agreement:
    """Return the agreement of maps of which the first is the native view."""
    n = len(names)
    apart = np.abs(np.arange(n)[:, None] - np.arange(n)) / n
    return Agreement(names, names[0], 1 - 2 * apart, 1 - apart, np.zeros((n, n), bool), 2, 0.1)


def make_randomisation(layers: tuple[str, ...], order: str = "cascading") -> Randomisation:
    """Return two draws; in the second one the map became flat at the last layer."""
    n = len(layers)
    values = np.stack([np.linspace(0.8, 0.2, n), np.linspace(0.6, 0, n)])
    values[1, -1] = np.nan
    return Randomisation(
        tuple(layers), tuple(range(1, n + 1)), order, "redrawn", values, -values, np.ones(n), 0.25
    )
