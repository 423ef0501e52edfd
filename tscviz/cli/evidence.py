"""`evidence`: how far the maps of a method can be trusted, for one case or over many."""

from __future__ import annotations

import argparse
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tscviz.cli.cases import ChosenCase, chosen_case, class_index, doubts, target_index
from tscviz.cli.commands import Answer, dataset_for, pairs
from tscviz.cli.reading import file_cases, reading_notes
from tscviz.cli.show import notes, table
from tscviz.data.labels import match_labels
from tscviz.models.classifier import Classifier
from tscviz.tables import plain
from tscviz.types import Array, TscvizError

if TYPE_CHECKING:
    from tscviz.explain.evidence import CasesEvidence

_STOPPED = 130
TARGET = "class to explain: predicted (default), true, or a class name"


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Declare what `evidence` takes beside the case and the options of the method."""
    command.add_argument("--method", default="cam", help="default: cam")
    command.add_argument("--target", default="predicted", help=TARGET)
    command.add_argument(
        "--against",
        help="class whose score is subtracted: a class name, or runner-up, the likeliest other one",
    )
    command.add_argument("--baseline", default="zero", help="of the method (default: zero)")
    command.add_argument("--cases", type=int, help="size of a random sample (default: all cases)")
    command.add_argument(
        "--parts",
        help="kinds of evidence, separated by commas, or all (default: curves; all with --case)",
    )
    command.add_argument(
        "--with",
        dest="settings",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="setting of the evidence, e.g. fill=linear; see docs/evidence.md",
    )


def evidence(arguments: argparse.Namespace) -> Answer:
    """Gather the evidence for one case, or means over many; an interrupt keeps what is done."""
    from tscviz.models import load_model

    classifier = load_model(arguments.model)
    head = {"model": classifier.name, "model_digest": classifier.digest}
    if arguments.case is not None:
        if arguments.cases is not None:
            raise TscvizError("--case is one case and --cases a sample; give one of them.")
        return head | _one(classifier, arguments), 0
    stop: list[int] = []
    previous = signal.signal(signal.SIGINT, lambda number, _: stop.append(number))
    try:
        found, where = _many(classifier, arguments, stop)
    finally:
        signal.signal(signal.SIGINT, previous)
        print(file=sys.stderr)
    document = head | where | {"stopped": found.stopped} | plain(found)
    return document, _STOPPED if found.stopped else 0


def _parts(arguments: argparse.Namespace, default: list[str] | None) -> list[str] | None:
    if arguments.parts is None:
        return default
    return None if arguments.parts == "all" else arguments.parts.split(",")


def _options(arguments: argparse.Namespace) -> dict[str, Any]:
    return dict(pairs(arguments.set))


def _one(classifier: Classifier, arguments: argparse.Namespace) -> dict[str, Any]:
    from tscviz.explain.evidence import figures_of, judge

    case = chosen_case(classifier, arguments)
    target, options = target_index(classifier, arguments.target, case.label), _options(arguments)
    found = judge(
        classifier, case.x, arguments.method, target=target,
        against=_rival(classifier, case, target, arguments.against), baseline=arguments.baseline,
        usable=_measured(case.interpolated), parts=_parts(arguments, None),
        settings=pairs(arguments.settings), on_progress=_progress, **options,
    )  # fmt: skip
    print(file=sys.stderr)
    told = {"case": case.name, "preparation": case.notes, "method": arguments.method}
    told["figures"] = plain(figures_of(found))
    against = found.attribution.against
    told["against"] = None if against is None else classifier.classes[against]
    return told | {"target": classifier.classes[found.attribution.target]} | plain(found)


def _rival(
    classifier: Classifier, case: ChosenCase, target: int | None, against: str | None
) -> int | None:
    from tscviz.explain.evidence import RUNNER_UP, runners_up

    if against != RUNNER_UP:
        return class_index(classifier, against)
    X = case.x[None]
    targets = classifier.predict(X) if target is None else np.array([target])
    return int(runners_up(classifier, X, None, targets)[0])


def _measured(interpolated: Array) -> Array:
    """Return where every channel was measured, the channels being the last axis but one."""
    return np.asarray(~interpolated.any(axis=-2))


def _many(
    classifier: Classifier, arguments: argparse.Namespace, stop: list[int]
) -> tuple[CasesEvidence, dict[str, Any]]:
    from tscviz.explain.evidence import RUNNER_UP, Stopped, judge_cases

    cases = _cases(classifier, arguments)
    target: str | int = arguments.target
    options = _options(arguments)
    if target in classifier.classes or target not in ("predicted", "true"):
        target = class_index(classifier, arguments.target) or 0
    against = arguments.against
    if against != RUNNER_UP:
        against = class_index(classifier, against)
    try:
        found = judge_cases(
            classifier, cases.X, arguments.method, y=cases.y, target=target, against=against,
            baseline=arguments.baseline, mask=cases.mask, usable=_measured(cases.interpolated),
            n_cases=arguments.cases, parts=_parts(arguments, ["curves"]),
            settings=pairs(arguments.settings), on_progress=_progress,
            should_stop=lambda: bool(stop), **options,
        )  # fmt: skip
    except Stopped:
        raise KeyboardInterrupt from None
    return found, {"data": cases.what, "preparation": cases.notes}


@dataclass(frozen=True, eq=False)
class _Cases:
    X: Array
    mask: Array
    interpolated: Array
    y: Array | None
    what: str
    notes: list[str]


def _cases(classifier: Classifier, arguments: argparse.Namespace) -> _Cases:
    """Return all cases of a file, or of the split of a dataset."""
    if arguments.file and arguments.dataset:
        raise TscvizError("give a file or --dataset, not both.")
    if arguments.file:
        series, prepared = file_cases(classifier, arguments.file, pairs(arguments.read), "--read")
        y, read = _label_indices(classifier, series.labels), reading_notes(series)
        what, doubted = str(arguments.file), doubts(classifier, prepared)
    else:
        from tscviz.data import prepare

        split = arguments.split or "test"
        dataset = dataset_for(classifier, arguments)
        X, y, mask = dataset.split(split)
        how = classifier.preparation_for(dataset.digest)
        prepared, what = prepare(X, mask, how), f"{dataset.name} {split}"
        own = classifier.was_trained_on(dataset.digest)
        doubted, read = [] if own else doubts(classifier, prepared), list[str]()
    said = [*read, *prepared.notes, *doubted]
    return _Cases(prepared.X, prepared.mask, prepared.interpolated, y, what, said)


def _label_indices(classifier: Classifier, labels: tuple[str, ...] | None) -> Array | None:
    if labels is None:
        return None
    found = match_labels(labels, classifier.classes)
    if None in found:
        return None  # labels of something else; --target true then says that none are known
    return np.array(found)


def _progress(done: int, total: int) -> None:
    print(f"\r{done} of {total}", end="", file=sys.stderr, flush=True)


def shown(document: dict[str, Any]) -> None:
    """Print the sentence and the figures."""
    if "case" in document:
        _show_one(document)
        return
    notes(document["preparation"])
    if document["sentence"]:
        print(document["sentence"])
    rows = [
        [name, _number(e["mean"]), _number(e["low"]), _number(e["high"]), str(e["n"])]
        for name, e in document["estimates"].items()
    ]
    table([["figure", "mean", "95 % from", "to", "cases"], *rows])
    if document["n_left_out"]:
        print(f"left out: {document['n_left_out']} cases whose own class would be subtracted")
    if document["stopped"]:
        print(f"stopped after {len(document['cases'])} of {document['n_asked']} cases")


def _show_one(document: dict[str, Any]) -> None:
    less = "" if document["against"] is None else f" less {document['against']}"
    print(f"{document['case']}: {document['method']} for class {document['target']}{less}")
    notes(document["preparation"])
    if document["sentence"]:
        print(document["sentence"])
    rows = [[name, _number(value)] for name, value in document["figures"].items()]
    table([["figure", "value"], *rows])


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
