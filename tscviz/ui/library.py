"""The models that can be chosen: bundled ones and those trained in the app.

Reads cards only, so that the landing page need not wait for torch.
"""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass
from pathlib import Path

from tscviz.resources import resource
from tscviz.titles import title_of
from tscviz.training.jobspec import jobs_folder

logger = logging.getLogger("tscviz.ui")
_JOB_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class ModelEntry:
    """One model of the catalogue.

    Parameters
    ----------
    name : str
        Unique; "dtp-fcn/GunPoint" for a bundled model, "job/<id>" for one trained in the app.
    architecture : str
    dataset : str
    folder : str
        Where card and weights are.
    sha256 : str
        Of the weights.
    test_accuracy : float or None
    """

    name: str
    architecture: str
    dataset: str
    folder: str
    sha256: str
    test_accuracy: float | None = None

    @property
    def label(self) -> str:
        """Short name beside a dataset's name: "DTP-FCN", "DTP-FCN, trained here (1a2b3c)"."""
        title = title_of(self.architecture)
        kind, _, identity = self.name.partition("/")
        return f"{title}, trained here ({identity[:6]})" if kind == "job" else title


def list_models() -> tuple[ModelEntry, ...]:
    """Return every model that is complete, sorted by name."""
    entries = [
        _read_entry(path, f"{path.parent.parent.name}/{path.parent.name}")
        for path in resource("pretrained").glob("*/*/card.json")
    ]
    entries += [
        _read_entry(path, f"job/{path.parent.parent.name}")
        for path in jobs_folder().glob("*/model/card.json")
        if _JOB_ID.fullmatch(path.parent.parent.name)
    ]
    return tuple(sorted((e for e in entries if e is not None), key=lambda e: e.name))


def _read_entry(path: Path, name: str) -> ModelEntry | None:
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        return ModelEntry(
            name=name,
            architecture=str(card["model"]),
            dataset=str(card["dataset"]["name"]),
            folder=str(path.parent),
            sha256=str(card["weights"]["sha256"]),
            test_accuracy=card.get("metrics", {}).get("test_accuracy"),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.warning("%s is left out of the list of models: %s", path, error)
        return None
