"""The nine problems that come with aeon, read without importing it."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

BUNDLED: tuple[str, ...] = (
    "ACSF1",
    "ArrowHead",
    "BasicMotions",
    "GunPoint",
    "ItalyPowerDemand",
    "JapaneseVowels",
    "OSULeaf",
    "PickupGestureWiimoteZ",
    "UnitTest",
)
"""Problems that need no network and no archive folder."""


@cache
def bundled_folder() -> Path | None:
    """Return the folder of aeon's own data files, None where aeon is not installed.

    aeon itself is not imported: that takes more than a second and brings pandas and scikit-learn.
    """
    spec = importlib.util.find_spec("aeon")
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / "datasets" / "data"
