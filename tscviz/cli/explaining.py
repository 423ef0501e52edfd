"""What `explain` does, and how files are written."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

from tscviz.atomic import write_bytes
from tscviz.cli.cases import chosen_case, class_index, target_index
from tscviz.cli.commands import Answer, pairs
from tscviz.explain.spec import DatasetCase, Spec
from tscviz.models.classifier import Classifier
from tscviz.tables import to_csv
from tscviz.types import Array, Attribution, TscvizError


def explain(arguments: argparse.Namespace) -> Answer:
    """Explain one case and, where the model pools over segments, give its segmentation."""
    check_file(arguments.write_spec)
    check_file(arguments.csv)
    if arguments.spec is not None:
        return _replayed(arguments)
    if arguments.model is None:
        raise TscvizError("name a model and a case, or give a specification with --spec.")
    from tscviz.explain import explain as run_method
    from tscviz.explain.spec import spec_of
    from tscviz.models import load_model

    classifier = load_model(arguments.model)
    case = chosen_case(classifier, arguments)
    options: dict[str, Any] = pairs(arguments.set)
    started = time.perf_counter()
    found = run_method(
        classifier,
        case.x,
        arguments.method or "cam",
        target=target_index(classifier, arguments.target, case.label),
        against=class_index(classifier, arguments.against),
        baseline=arguments.baseline or "zero",
        **options,
    )
    seconds = time.perf_counter() - started
    spec = spec_of(classifier, case.x, found, options=options, case=case.place)
    head = {"case": case.name, "preparation": case.done, "notes": case.doubts}
    document = head | _document(classifier, case.x, None, found, spec) | {"seconds": seconds}
    _write(arguments, case.x, None, found, spec)
    return document, 0


def _replayed(arguments: argparse.Namespace) -> Answer:
    """Make the map of a specification again; nothing else may be said about it."""
    from tscviz.explain.replay import replay
    from tscviz.explain.spec_reading import read_spec
    from tscviz.models import load_model

    given = {name: getattr(arguments, name) for name in _SAID_BY_SPEC}
    said = [name for name, value in given.items() if value not in (None, [])]
    if said:
        what = said[0] if said[0] == "file" else f"--{said[0]}"
        raise TscvizError(f"--spec says all about the map; leave {what} out.")
    spec = read_spec(arguments.spec)
    model = None if arguments.model is None else load_model(arguments.model)
    started = time.perf_counter()
    done = replay(spec, model, archive=arguments.archive)
    seconds = time.perf_counter() - started
    document = {"case": case_name(spec), "preparation": [], "notes": []}
    document |= _document(done.classifier, done.x, done.mask, done.attribution, spec)
    again = {"identical": done.identical, "notes": list(done.notes)}
    _write(arguments, done.x, done.mask, done.attribution, spec)
    return document | {"seconds": seconds, "replay": again}, 0


_SAID_BY_SPEC = (
    "file", "dataset", "split", "case", "method", "target", "against", "baseline", "set", "read",
)  # fmt: skip


def case_name(spec: Spec) -> str:
    """Return how a specification's case is called: "GunPoint test 3"."""
    case = spec.case
    if isinstance(case, DatasetCase):
        return f"{case.dataset} {case.split} {case.number}"
    return "the series in the specification"


def _document(
    classifier: Classifier, x: Array, mask: Array | None, found: Attribution, spec: Spec
) -> dict[str, Any]:
    proba = classifier.predict_proba(x[None], None if mask is None else mask[None])[0]
    document = {
        "model": spec.model,
        "model_digest": classifier.digest,
        "method": found.method,
        "target": spec.target,
        "against": spec.against,
        "baseline": found.baseline,
        "signed": found.signed,
        "probabilities": dict(zip(classifier.classes, map(float, proba), strict=True)),
        "values": found.values.tolist(),
        "details": dict(found.details),
        "spec": spec.to_dict(),
    }
    if "segments" in classifier.module.offers:
        from tscviz.explain import segment

        parts = segment(classifier, x, mask)
        document["segments"] = {
            "boundaries": parts.boundaries.tolist(),
            "contributions": parts.contributions.tolist(),
            "bias": parts.bias.tolist(),
        }
    return document


def _write(
    arguments: argparse.Namespace, x: Array, mask: Array | None, found: Attribution, spec: Spec
) -> None:
    """Write the files asked for."""
    if arguments.write_spec is not None:
        from tscviz.explain.spec import write_spec

        write_spec(spec, arguments.write_spec)
    if arguments.csv is not None:
        from tscviz.explain.export import attribution_table

        write_file(arguments.csv, to_csv(attribution_table(found, x, mask)))


def write_file(file: str, content: bytes) -> Path:
    """Write a file, whole or not at all, and return where it lies."""
    path = Path(file)
    try:
        if path.exists() and not path.is_file():  # a pipe or /dev/stdout is written into
            path.write_bytes(content)
        else:
            write_bytes(path, content)
    except OSError as error:
        raise TscvizError(f"{path} cannot be written: {error.strerror or error}.") from None
    return path


def check_file(file: str | None) -> None:
    """Refuse a file that cannot be written before the work is done that fills it."""
    if file is None:
        return
    path = Path(file)
    if path.is_dir():
        raise TscvizError(f"{path} cannot be written: it is a folder; give the name of a file.")
    if not path.parent.is_dir():
        raise TscvizError(f"{path} cannot be written: there is no folder {path.parent}.")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise TscvizError(f"{path} cannot be written: Permission denied.")
