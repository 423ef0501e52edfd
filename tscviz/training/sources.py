"""Which datasets the bundled ConvTimeNet trunk was trained on, and how they were chosen."""

from __future__ import annotations

import random
from collections.abc import Sequence

TARGETS = ("GunPoint", "ItalyPowerDemand", "ArrowHead", "OSULeaf")
"""What the bundled fine-tuned models classify; never a source."""

RELATIVES = ("GunPointAgeSpan", "GunPointMaleVersusFemale")
"""GunPoint's own recordings were merged into these: they would bring the target in."""

CANDIDATES = (
    "Adiac",
    "BME",
    "Beef",
    "BeetleFly",
    "BirdChicken",
    "CBF",
    "Coffee",
    "CricketX",
    "CricketY",
    "CricketZ",
    "DiatomSizeReduction",
    "DistalPhalanxOutlineAgeGroup",
    "DistalPhalanxOutlineCorrect",
    "DistalPhalanxTW",
    "DodgerLoopGame",
    "DodgerLoopWeekend",
    "ECG200",
    "Earthquakes",
    "FaceAll",
    "FacesUCR",
    "FiftyWords",
    "Fungi",
    "Ham",
    "Herring",
    "Lightning7",
    "MedicalImages",
    "MiddlePhalanxOutlineAgeGroup",
    "MiddlePhalanxOutlineCorrect",
    "MoteStrain",
    "PhalangesOutlinesCorrect",
    "ProximalPhalanxOutlineAgeGroup",
    "ProximalPhalanxOutlineCorrect",
    "ProximalPhalanxTW",
    "ShapeletSim",
    "ShapesAll",
    "SmoothSubspace",
    "SonyAIBORobotSurface1",
    "Strawberry",
    "SwedishLeaf",
    "SyntheticControl",
    "ToeSegmentation2",
    "Trace",
    "TwoLeadECG",
    "UMD",
    "Wine",
)
"""Univariate, equal length, at most 512 points, neither target nor relative of one."""

N_SOURCES = 24
SEED = 0


def choose_sources(
    candidates: Sequence[str] = CANDIDATES, n: int = N_SOURCES, seed: int = SEED
) -> tuple[str, ...]:
    """Draw `n` of the candidates, whatever their order; sorted."""
    return tuple(sorted(random.Random(seed).sample(sorted(candidates), n)))


SOURCES = (
    "Beef",
    "BeetleFly",
    "BirdChicken",
    "CricketY",
    "DistalPhalanxTW",
    "ECG200",
    "Earthquakes",
    "FaceAll",
    "FacesUCR",
    "Ham",
    "Lightning7",
    "MedicalImages",
    "MiddlePhalanxOutlineAgeGroup",
    "MiddlePhalanxOutlineCorrect",
    "ProximalPhalanxOutlineAgeGroup",
    "ProximalPhalanxOutlineCorrect",
    "ProximalPhalanxTW",
    "ShapeletSim",
    "SmoothSubspace",
    "SonyAIBORobotSurface1",
    "Strawberry",
    "SwedishLeaf",
    "ToeSegmentation2",
    "Wine",
)
"""What `choose_sources` draws, written out: the recipe of the bundled trunk."""
