"""What `predict` and `explain` do."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from tscviz.cli.commands import Answer, pairs
from tscviz.models.classifier import Classifier
from tscviz.types import Array, TscvizError


def predict(arguments: argparse.Namespace) -> Answer:
    """Classify every series of a file."""
    from tscviz.models import load_model

    classifier = load_model(arguments.model)
    series, prepared = _file(classifier, arguments.file, pairs(arguments.set))
    proba = classifier.predict_proba(prepared.X, prepared.mask)
    cases = [
        {
            "name": name,
            "class": classifier.classes[int(row.argmax())],
            "probability": float(row.max()),
            "probabilities": dict(zip(classifier.classes, map(float, row), strict=True)),
            "label": None if series.labels is None else series.labels[i],
        }
        for i, (name, row) in enumerate(zip(series.names, proba, strict=True))
    ]
    layout = {key: value for key, value in series.layout.items() if _plain(value)}
    document = {"model": classifier.name, "file": str(arguments.file), "layout": layout}
    return document | {"preparation": list(prepared.notes), "cases": cases}, 0


def explain(arguments: argparse.Namespace) -> Answer:
    """Explain one case and, where the model pools over segments, give its segmentation."""
    from tscviz.explain import explain as run_method
    from tscviz.explain import segment
    from tscviz.models import load_model

    classifier = load_model(arguments.model)
    x, mask, name, notes = _case(classifier, arguments)
    target = None
    if arguments.target is not None:
        if arguments.target not in classifier.classes:
            known = ", ".join(classifier.classes)
            raise TscvizError(f"there is no class {arguments.target!r}; the classes are: {known}.")
        target = classifier.classes.index(arguments.target)
    started = time.perf_counter()
    options = pairs(arguments.set)
    found = run_method(classifier, x, arguments.method, target=target, mask=mask, **options)
    seconds = time.perf_counter() - started
    proba = classifier.predict_proba(x[None], None if mask is None else mask[None])[0]
    document = {
        "model": classifier.name,
        "model_digest": classifier.digest,
        "case": name,
        "preparation": notes,
        "method": found.method,
        "target": classifier.classes[found.target],
        "baseline": found.baseline,
        "signed": found.signed,
        "probabilities": dict(zip(classifier.classes, map(float, proba), strict=True)),
        "values": found.values.tolist(),
        "details": dict(found.details),
        "seconds": seconds,
    }
    if "segments" in classifier.module.offers:
        parts = segment(classifier, x, mask)
        document["segments"] = {
            "boundaries": parts.boundaries.tolist(),
            "contributions": parts.contributions.tolist(),
            "bias": parts.bias.tolist(),
        }
    return document, 0


def _case(
    classifier: Classifier, arguments: argparse.Namespace
) -> tuple[Array, Array | None, str, list[str]]:
    if arguments.file and arguments.dataset:
        raise TscvizError("give a file or --dataset, not both.")
    if arguments.file:
        series, prepared = _file(classifier, arguments.file, pairs(arguments.read))
        names, what = series.names, f"the file {arguments.file}"
    else:
        from tscviz.data import Preparation, load_dataset, prepare

        name = arguments.dataset or classifier.card["dataset"]["name"]
        X, _, mask = load_dataset(name, arguments.archive).split(arguments.split)
        done = classifier.card.get("training_preparation", {})
        prepared = prepare(X, mask, Preparation(**done))
        what = f"the {arguments.split} split of {name}"
        names = tuple(f"{name} {arguments.split} {i}" for i in range(len(X)))
    i = arguments.case
    if not 0 <= i < len(names):
        raise TscvizError(f"--case is {i}; {what} has the cases 0 to {len(names) - 1}.")
    length = int(prepared.mask[i].sum())
    return prepared.X[i, :, :length], None, names[i], list(prepared.notes)


def _file(classifier: Classifier, file: str, options: dict[str, Any]) -> tuple[Any, Any]:
    from tscviz.data import prepare, read_series

    if not Path(file).is_file():
        raise TscvizError(f"there is no file {file}.")
    series = read_series(Path(file), **options)
    if series.X.shape[1] != classifier.module.n_channels:
        raise TscvizError(
            f"{file} holds series of {series.X.shape[1]} channel(s) and {classifier.name} takes "
            f"{classifier.module.n_channels}."
        )
    return series, prepare(series.X, series.mask, classifier.preparation)


def _plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)
