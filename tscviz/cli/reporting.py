"""What `report` does: one case as an HTML page that works offline."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np

from tscviz.cli.cases import ChosenCase, chosen_case, class_index, target_index
from tscviz.cli.commands import Answer
from tscviz.cli.explaining import check_file, write_file
from tscviz.cli.show import notes
from tscviz.explain.case_report import ReportMap
from tscviz.models.classifier import Classifier
from tscviz.types import TscvizError

#: Methods of a report that names none; those that do not apply to the model are left out.
DEFAULTS = ("integrated_gradients", "occlusion", "kernel_shap")


def report(arguments: argparse.Namespace) -> Answer:
    """Write a report of one case."""
    from tscviz.explain.case_report import case_report
    from tscviz.figures.report import report_html
    from tscviz.models import load_model

    check_file(arguments.out)
    classifier = load_model(arguments.model)
    case = chosen_case(classifier, arguments)
    target = target_index(classifier, arguments.target, case.label)
    if target is None:
        target = int(classifier.predict(case.x[None])[0])
    maps = [
        _map(classifier, case, name, target, arguments)
        for name in _names(classifier, arguments.methods)
    ]
    told = case_report(
        classifier,
        case.x,
        maps,
        title=case.name,
        target=target,
        label=classifier.classes.index(case.label) if case.label in classifier.classes else None,
        interpolated=case.interpolated,
        case=case.place,
        notes=case.notes,
    )
    page = report_html(told).encode()
    path = write_file(arguments.out, page)
    evidence = {one.attribution.method: one.evidence for one in maps}
    document = {"out": str(path), "bytes": len(page), "case": case.name, "model": told.model}
    said = {"preparation": case.done, "notes": case.doubts}
    return document | said | {"maps": list(evidence), "evidence": evidence}, 0


def reported(document: dict[str, Any]) -> None:
    """Print where the report lies."""
    print(f"{', '.join([document['case'], *document['maps']])}: {document['out']}")
    notes(document["preparation"] + document["notes"])
    for sentence in filter(None, document["evidence"].values()):
        print(sentence)


def _names(classifier: Classifier, asked: Sequence[str] | None) -> Sequence[str]:
    from tscviz.explain import methods

    known = methods()
    if asked is None:
        return [n for n in DEFAULTS if n in known and known[n].obstacle(classifier) is None]
    if len(set(asked)) < len(asked):
        raise TscvizError("--methods names a method twice; name each one once.")
    return asked


def _map(
    classifier: Classifier,
    case: ChosenCase,
    name: str,
    target: int,
    arguments: argparse.Namespace,
) -> ReportMap:
    asked = {
        "target": target,
        "against": class_index(classifier, arguments.against),
        "baseline": arguments.baseline or "zero",
    }
    if not arguments.evidence:
        from tscviz.explain import explain

        return ReportMap(explain(classifier, case.x, name, **asked))
    from tscviz.explain.evidence import judge

    usable = np.asarray(~case.interpolated.any(axis=0))
    found = judge(classifier, case.x, name, usable=usable, parts=["curves"], **asked)
    return ReportMap(found.attribution, evidence=found.sentence)
