"""A report of one case as one HTML page that works offline: series, prediction, maps, specs."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from tscviz.explain.case_report import CaseReport, ReportMap
from tscviz.explain.export import attribution_document, attribution_table
from tscviz.explain.registry import methods
from tscviz.explain.spec import Spec, versions
from tscviz.figures import report_figures as drawn
from tscviz.figures.report_figures import DrawnFigure
from tscviz.figures.report_page import figure_html, page, save_buttons
from tscviz.figures.text import class_labels, clean, count, minus, number, probability
from tscviz.tables import to_csv, to_json


def report_html(report: CaseReport) -> str:
    """Return the report as one page (5 MB, most of it plotly.js) that asks for nothing else.

    It follows the reader's preference for light or dark, prints in the light look, and carries
    every map as CSV, JSON and spec.json, saved by its buttons. Every label is escaped.

    Parameters
    ----------
    report : CaseReport
        From `tscviz.explain.case_report.case_report`.
    """
    figures: list[DrawnFigure] = []
    files: dict[str, str] = {}
    parts = [_head(report), _series(report, figures)]
    if report.native is not None:
        parts.append(_native(report, figures))
    if report.maps:
        parts.append(_section("Maps", _maps_note(report)))
        for i, (one, spec) in enumerate(zip(report.maps, report.specs, strict=True), start=1):
            parts.append(_map(report, i, one, spec, figures, files))
    parts.append(_foot())
    return page(_plain(report.title), "\n".join(parts), figures, files)


def _plain(text: object, limit: int = 300) -> str:
    return clean(text, limit)


def _safe(text: object, limit: int = 300) -> str:
    return html.escape(_plain(text, limit))


def _section(title: str, *paragraphs: str) -> str:
    """Return a heading and paragraphs; the paragraphs are HTML."""
    return f"<h2>{_safe(title)}</h2>" + "".join(f"<p>{text}</p>" for text in paragraphs)


def _head(report: CaseReport) -> str:
    names = class_labels(report.classes)
    predicted = report.predicted
    says = (
        f"<b>{_safe(report.model)}</b> says <b>{_safe(names[predicted])}</b> with a probability of "
        f"{_safe(probability(float(report.proba[predicted])))}"
    )
    if report.label is not None:
        right = report.label == predicted
        says += "; so it is." if right else f"; it is {_safe(names[report.label])}."
    else:
        says += "."
    channels = count(len(report.x), "channel")
    facts: dict[str, Any] = {
        **report.facts,
        "Model": report.model,
        "Length": f"{count(report.n_points, 'time point')}, {channels}",
    }
    if report.notes:
        facts["Prepared"] = " ".join(report.notes)
    rows = "".join(f"<div><dt>{_safe(k)}</dt><dd>{_safe(v)}</dd></div>" for k, v in facts.items())
    noscript = "<noscript><p>The figures of this report are drawn by JavaScript.</p></noscript>"
    return (
        f'<p class="eyebrow">tscviz, report of a case</p><h1>{_safe(report.title)}</h1>'
        f'<p class="lead">{says}</p>{noscript}<dl>{rows}</dl>'
    )


def _series(report: CaseReport, figures: list[DrawnFigure]) -> str:
    figures += [drawn.series_figure(report), drawn.prediction_figure(report)]
    series, prediction = (figure_html(figure) for figure in figures[-2:])
    return _section("Series") + series + _section("Prediction") + prediction


def _native(report: CaseReport, figures: list[DrawnFigure]) -> str:
    native = report.native
    assert native is not None  # noqa: S101  (asked by the caller)
    explainer = methods()[native.attribution.method]
    name = class_labels(report.classes)[native.attribution.target]
    whose = f" for {_safe(name)}" if explainer.contrasts else ""  # attention has no class
    about = f"{_safe(explainer.title)}{whose}. {_safe(explainer.summary)}"
    added = drawn.native_figures(report, native)
    figures += added
    text = _section("What the model itself shows", about) + figure_html(added[0])
    for figure in added[1:]:
        text += "<h3>What each segment adds</h3>" + figure_html(figure)
    return text


def _maps_note(report: CaseReport) -> str:
    if any(one.attribution.signed for one in report.maps):
        return "In signed maps orange speaks for the class, blue against it."
    return "The brighter, the more weight a point has."


def _map(
    report: CaseReport,
    number_of: int,
    one: ReportMap,
    spec: Spec,
    figures: list[DrawnFigure],
    files: dict[str, str],
) -> str:
    found, explainer = one.attribution, methods()[one.attribution.method]
    figures.append(drawn.map_figure(report, number_of, one, explainer.title))
    saved = _files(report, number_of, one, spec)
    files |= saved
    labels: dict[str, str] = dict(zip(("CSV", "JSON", "spec.json"), saved, strict=True))
    evidence = f'<p class="evidence">{_safe(one.evidence, 1000)}</p>' if one.evidence else ""
    return (
        f"<h3>{_safe(explainer.title)} {_asked(report, one)}</h3><p>{_safe(explainer.summary)} "
        f'<span class="muted">{_gap(found.details)}</span></p>{evidence}'
        f"{figure_html(figures[-1])}{save_buttons(labels)}"
        f"<details><summary>Everything that led to this map</summary>"
        f"<pre>{html.escape(spec.to_json())}</pre></details>"
    )


def _files(report: CaseReport, number_of: int, one: ReportMap, spec: Spec) -> dict[str, str]:
    stem = f"{number_of}-{one.attribution.method}"
    case = (one.attribution, report.x, report.mask)
    document = attribution_document(*case, class_names=report.classes, spec=spec)
    return {
        f"{stem}.csv": to_csv(attribution_table(*case)).decode(),
        f"{stem}.json": to_json(document).decode(),
        f"{stem}-spec.json": spec.to_json(),
    }


def _asked(report: CaseReport, one: ReportMap) -> str:
    names, found = class_labels(report.classes), one.attribution
    if not methods()[found.method].contrasts:
        return ""
    text = f"for {_safe(names[found.target])}"
    if found.against is not None:
        text += f" rather than {_safe(names[found.against])}"
    if found.baseline != "none":
        from tscviz.explain.baselines import BASELINES

        text += f"; baseline: {_safe(BASELINES[found.baseline].title)}"
    return text


def _gap(details: Mapping[str, Any]) -> str:
    """Say what a map leaves of the score less its bias, or less that of the baseline."""
    gap, score = details.get("completeness_gap"), details.get("output", "logit")
    whole = details.get(score)
    if not isinstance(gap, float) or not isinstance(whole, float):
        return ""
    for key, name in (("bias", "bias"), (f"reference_{score}", "baseline’s")):
        less = details.get(key)
        if isinstance(less, float):
            return minus(
                f"Of {number(whole - less)}, the score {number(whole)} less the {name} "
                f"{number(less)}, the map leaves {number(gap)} unexplained."
            )
    return ""


def _foot() -> str:
    shown = ", ".join(f"{name} {version}" for name, version in versions().items())
    return (
        "<h2>Make it again</h2><p>Save a map’s spec.json; "
        "<code>python -m tscviz explain --spec spec.json</code> then makes the same numbers, and "
        "says so. A model that is not bundled stands before <code>--spec</code>, as its folder.</p>"
        f'<p class="muted">{_safe(shown)}</p>'
    )
