"""What `predict` does: every series of a file classified, with progress where it takes long."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

import numpy as np

from tscviz.cli.cases import doubts
from tscviz.cli.commands import Answer, pairs
from tscviz.cli.reading import file_cases, own_names
from tscviz.models.classifier import Classifier, check_series
from tscviz.tables import plain
from tscviz.types import Array

if TYPE_CHECKING:
    from tscviz.data import Prepared

_BATCH = 64
_QUIET_SECONDS = 1.5
_LOG_SECONDS = 10.0


def predict(arguments: argparse.Namespace) -> Answer:
    """Classify every series of a file."""
    from tscviz.models import load_model

    classifier = load_model(arguments.model)
    series, prepared = file_cases(classifier, arguments.file, pairs(arguments.set), "--set")
    proba = _probabilities(classifier, prepared)
    cases = [
        {
            "case": i,
            "name": name,
            "class": classifier.classes[int(row.argmax())],
            "probability": float(row.max()),
            "probabilities": dict(zip(classifier.classes, map(float, row), strict=True)),
            "label": None if series.labels is None else series.labels[i],
        }
        for i, (name, row) in enumerate(zip(series.names, proba, strict=True))
    ]
    lengths = series.mask.sum(axis=1)
    read = {
        "named": own_names(series) is not None,
        "layout": {key: plain(value) for key, value in series.layout.items()},
        "shape": list(series.X.shape),
        "lengths": [int(lengths.min()), int(lengths.max())],
    }
    said = {"preparation": list(prepared.notes), "notes": doubts(classifier, prepared)}
    document = {"model": classifier.name, "file": str(arguments.file)} | read | said
    return document | {"cases": cases}, 0


def _probabilities(classifier: Classifier, prepared: Prepared) -> Array:
    """Return the probabilities of all classes, telling on stderr how far it is."""
    X, mask, n = prepared.X, prepared.mask, len(prepared.X)
    check_series(classifier.module, X, mask)  # all of them first, so that a case keeps its number
    on_screen, parts, started = sys.stderr.isatty(), list[Array](), time.monotonic()
    due = _QUIET_SECONDS
    for start in range(0, n, _BATCH):
        stop = start + _BATCH
        parts.append(classifier.predict_proba(X[start:stop], mask[start:stop], batch_size=_BATCH))
        seconds = time.monotonic() - started
        if seconds > due and stop < n:
            left = seconds / stop * (n - stop)
            end = "\r" if on_screen else "\n"
            print(f"case {stop}/{n}  {left:.0f} s left   ", end=end, file=sys.stderr, flush=True)
            due = 0.0 if on_screen else seconds + _LOG_SECONDS
    if on_screen and due != _QUIET_SECONDS:
        print(file=sys.stderr)
    return np.concatenate(parts)
