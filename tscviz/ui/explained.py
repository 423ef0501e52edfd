"""Everything the app shows of one case: prediction, segments and map of one class.

The landing page's default case is stored beside this file, so that a cold server can show it
before torch is imported. It is used only while it fits the model's weights; make it anew by
``python -m tscviz.ui.explained``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache as once
from pathlib import Path
from typing import Any

import numpy as np

from tscviz.types import Array, Attribution, Segmentation
from tscviz.ui import cache
from tscviz.ui.downloads import to_json
from tscviz.ui.selection import DEFAULT_DATASET, DEFAULT_MODEL, Selection

STORED = Path(__file__).with_name("example.json")
DEFAULT = Selection(DEFAULT_DATASET, f"{DEFAULT_MODEL}/{DEFAULT_DATASET}")


@dataclass(frozen=True, eq=False)
class Explained:
    """One case with what the model makes of it.

    Parameters
    ----------
    x : float32 array, shape (n_channels, n_timepoints)
        As the model takes it.
    mask : bool array, shape (n_timepoints,)
    label : int
        Index of the true class.
    proba : float32 array, shape (n_classes,)
    target : int
        Index of the class explained.
    segmentation : Segmentation or None
        None where the model has no segments.
    attribution : Attribution
        The class activation map.
    """

    x: Array
    mask: Array
    label: int
    proba: Array
    target: int
    segmentation: Segmentation | None
    attribution: Attribution

    @property
    def predicted(self) -> int:
        """Index of the most probable class."""
        return int(self.proba.argmax())


def explained(selection: Selection) -> Explained:
    """Return what the selected model makes of the selected case; it must have a model."""
    if selection == DEFAULT and _stored_fits(cache.models()[str(selection.model)].sha256):
        return _stored()[1]
    return compute(selection)


def compute(selection: Selection) -> Explained:
    """Return the same as `explained`, always by running the model."""
    case = cache.case(selection)
    target = case.predicted if selection.target is None else selection.target
    offers = cache.classifier(str(selection.model)).module.offers
    return Explained(
        x=case.x,
        mask=case.mask,
        label=case.label,
        proba=case.proba,
        target=target,
        segmentation=cache.segmentation(selection) if "segments" in offers else None,
        attribution=cache.attribution(selection, "cam", target=target),
    )


def store(path: Path = STORED) -> None:
    """Write the default case to `path`."""
    value = {"sha256": cache.models()[str(DEFAULT.model)].sha256, "explained": compute(DEFAULT)}
    # float32 holds seven digits
    short = json.loads(to_json(value), parse_float=lambda text: float(f"{float(text):.7g}"))
    path.write_text(json.dumps(short, separators=(",", ":")) + "\n", encoding="utf-8")


def _stored_fits(sha256: str) -> bool:
    return STORED.is_file() and _stored()[0] == sha256


@once
def _stored() -> tuple[str, Explained]:
    value = json.loads(STORED.read_text(encoding="utf-8"))
    return value["sha256"], from_plain(value["explained"])


def from_plain(value: dict[str, Any]) -> Explained:
    """Return the `Explained` that `to_json` wrote."""
    parts: dict[str, Any] | None = value["segmentation"]
    integers = ("segments", "boundaries")
    arrays: dict[str, Any] = {
        key: part if part is None else np.asarray(part, "i8" if key in integers else "f4")
        for key, part in (parts or {}).items()
    }
    maps = value["attribution"] | {"values": np.asarray(value["attribution"]["values"], "f4")}
    return Explained(
        x=np.asarray(value["x"], "f4"),
        mask=np.asarray(value["mask"], bool),
        label=value["label"],
        proba=np.asarray(value["proba"], "f4"),
        target=value["target"],
        segmentation=Segmentation(**arrays) if parts else None,
        attribution=Attribution(**maps),
    )


if __name__ == "__main__":
    store()
