"""The figures of a report of one case, each drawn for a light or a dark page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import plotly.graph_objects as go

from tscviz.explain.case_report import CaseReport, NativeView, ReportMap
from tscviz.figures.attention import plot_attention
from tscviz.figures.cam import plot_cam
from tscviz.figures.occlusion import plot_occlusion
from tscviz.figures.prediction import plot_probabilities
from tscviz.figures.segments import plot_contributions
from tscviz.figures.series import plot_series
from tscviz.figures.text import class_labels

#: ``draw(dark)`` gives the figure.
Draw = Callable[[bool], go.Figure]


@dataclass(frozen=True)
class DrawnFigure:
    """One figure in both looks.

    Parameters
    ----------
    name : str
        Unique in the report.
    light, dark : plotly.graph_objects.Figure
    """

    name: str
    light: go.Figure
    dark: go.Figure


def both(name: str, draw: Draw) -> DrawnFigure:
    """Draw a figure for a light and for a dark page."""
    return DrawnFigure(name, draw(False), draw(True))


def series_figure(report: CaseReport) -> DrawnFigure:
    """Draw the series in the colour of the predicted class."""
    return both(
        "series",
        lambda dark: plot_series(
            report.x,
            mask=report.mask,
            interpolated=report.interpolated,
            class_idx=report.predicted,
            dark=dark,
        ),
    )


def prediction_figure(report: CaseReport) -> DrawnFigure:
    """Draw the probability of every class."""
    names = class_labels(report.classes)
    return both("prediction", lambda dark: plot_probabilities(report.proba, names, dark=dark))


def native_figures(report: CaseReport, native: NativeView) -> list[DrawnFigure]:
    """Draw what the model itself shows, and what its segments add to the scores."""
    draw = _NATIVE.get(native.attribution.method, _native_map)
    drawn = [both("native", lambda dark: draw(report, native, dark))]
    parts = native.segmentation
    if parts is not None:
        names = class_labels(report.classes)
        drawn.append(both("parts", lambda dark: plot_contributions(parts, names, dark=dark)))
    return drawn


def map_figure(report: CaseReport, number: int, one: ReportMap, title: str) -> DrawnFigure:
    """Draw the series coloured by a map."""
    found = one.attribution
    return both(
        f"map-{number}",
        lambda dark: plot_cam(
            report.x,
            found,
            mask=report.mask,
            class_names=report.classes,
            probability=float(report.proba[found.target]),
            cam_label=title,
            dark=dark,
        ),
    )


def _native_map(report: CaseReport, native: NativeView, dark: bool) -> go.Figure:
    found = native.attribution
    return plot_cam(
        report.x,
        found,
        segmentation=native.segmentation,
        mask=report.mask,
        class_names=report.classes,
        probability=float(report.proba[found.target]),
        cam_label="CAM" if "cam" in found.method else found.method.replace("_", " "),
        dark=dark,
    )


def _attention(report: CaseReport, native: NativeView, dark: bool) -> go.Figure:
    if native.attention is None:
        return _native_map(report, native, dark)
    return plot_attention(report.x, native.attention, mask=report.mask, dark=dark)


def _occlusion(report: CaseReport, native: NativeView, dark: bool) -> go.Figure:
    name = class_labels(report.classes)[native.attribution.target]
    return plot_occlusion(
        report.x, native.attribution, mask=report.mask, class_name=name, dark=dark
    )


#: Method of a native view -> how it is drawn; others are drawn as a map.
_NATIVE: Mapping[str, Callable[[CaseReport, NativeView, bool], go.Figure]] = MappingProxyType(
    {"attention": _attention, "occlusion": _occlusion}
)
