"""All cases of a class or of a split, each with its map and its cuts."""

from __future__ import annotations

import numpy as np
import streamlit as st

from tscviz.figures import CamView, plot_cam_heatmap, plot_class_cams, plot_segmented_cases
from tscviz.figures.class_cams import MAX_CLASSES
from tscviz.types import Array
from tscviz.ui import page_options, shell
from tscviz.ui.components.chart import figure
from tscviz.ui.escape import plain_text
from tscviz.ui.inside.controls import channel_choice
from tscviz.ui.inside.words import first_classes
from tscviz.ui.segments import tables
from tscviz.ui.segments.controls import Shown
from tscviz.ui.segments.data import ManyCases, OneCase, cams_of, many_cases, short_labels
from tscviz.ui.selection import Selection

MAX_LANES = 12
ALL = "all"
DRAWINGS = {"heatmap": "Heat map", "overlay": "Overlaid", "lanes": "One by one"}
SORTS = {
    "boundary": "where segment 2 begins",
    "probability": "probability, surest first",
    "cost": "alignment cost, best first",
    "case": "case number",
}


def draw(selection: Selection, one: OneCase, shown: Shown) -> None:
    """Show every case of a class or of all classes, each mapped for its own class."""
    cases, names = many_cases(selection, spread=shown.spread), one.names
    with st.container(horizontal=True, gap="medium"):
        classes = [ALL, *(str(k) for k in np.unique(cases.y))]
        of = page_options.select(
            "of", "Cases of", classes, ALL,
            lambda k: "all classes" if k == ALL else plain_text(names[int(k)]), width=170,
        )  # fmt: skip
        drawing = page_options.segmented(
            "draw", "Drawn as", tuple(DRAWINGS), "heatmap", DRAWINGS.__getitem__
        )
        sorts = [s for s in SORTS if _can_sort(s, cases)]
        by = "case"
        if drawing != "overlay":
            by = page_options.select(
                "sort", "Sorted by", sorts, sorts[0], SORTS.__getitem__, width=240
            )
        channel = channel_choice(cases.X.shape[1]) if drawing != "heatmap" else 0
    order = _order(cases, by, None if of == ALL else int(of))
    view = {"heatmap": _heatmap, "overlay": _overlay, "lanes": _lanes}[drawing]
    view(selection, one, cases, order, shown, channel)


def _left_out(cases: ManyCases, split: str) -> str:
    if len(cases.idx) == cases.n_split:
        return ""
    return f" {len(cases.idx)} of {cases.n_split} {split} cases, each class in its share."


def _can_sort(by: str, cases: ManyCases) -> bool:
    if by == "boundary":
        cut = cases.segmented.n_segments > 1  # else the first segment ends with the case
        return cut and bool(np.ptp(cases.segmented.boundaries[:, 1]) > 0)
    return by != "cost" or cases.segmented.costs is not None


def _order(cases: ManyCases, by: str, only: int | None) -> Array:
    from tscviz.explain.segments_stats import sort_cases

    order = sort_cases(by, cases.y, probability=cases.probability, cases=cases.segmented)
    if only is not None:
        return order[cases.y[order] == only]
    return order[np.argsort(cases.y[order], kind="stable")]


def _heatmap(
    selection: Selection,
    one: OneCase,
    cases: ManyCases,
    order: Array,
    shown: Shown,
    channel: int,  # noqa: ARG001
) -> None:
    limit, beyond = _limit(cases, order, unit=shown.unit)
    fig = plot_cam_heatmap(
        cases.cams[order],
        cases.y[order],
        one.labels,
        boundaries=_cuts(cases, order),
        mask=cases.mask[order],
        case_idx=cases.idx[order],
        sort=False,
        normalised=shown.unit,
        limit=limit,
        dark=shell.is_dark(),
    )
    figure(
        fig,
        name=f"{selection.model}-{selection.split}-cams",
        caption=(
            "One row a case, mapped for its own class; strokes are the cuts between segments. "
            f"Where they lean, the same pattern comes earlier or later.{beyond}"
            f"{_left_out(cases, selection.split)}"
        ),
        table=lambda: tables.cams_table(cases, order, one.names),
    )


def _limit(cases: ManyCases, order: Array, *, unit: bool) -> tuple[float | None, str]:
    """Return the end of the colour scale, which a few strong points must not flatten."""
    strength = np.abs(cases.cams[order][cases.mask[order]])
    limit, top = float(np.quantile(strength, 0.995)), float(strength.max(initial=0.0))
    if unit or limit <= 0 or top <= limit:
        return None, ""
    return limit, f" Colours end at ±{limit:.2g}; the strongest 0.5 % of points go on to {top:.2g}."


def _overlay(
    selection: Selection,
    one: OneCase,
    cases: ManyCases,
    order: Array,
    shown: Shown,
    channel: int,
) -> None:
    labels = short_labels(str(selection.model), shown.beside)
    views = [CamView(labels[str(selection.model)], cases.cams[order], _cuts(cases, order))]
    if shown.beside is not None:
        maps = cams_of(selection, cases, shown.beside, spread=shown.spread)
        views.append(CamView(labels[shown.beside], maps[order]))
    fig = plot_class_cams(
        cases.X[order],
        cases.y[order],
        one.labels,
        views,
        mask=cases.mask[order],
        case_idx=cases.idx[order],
        channel=channel,
        classes=[int(k) for k in np.unique(cases.y[order])][:MAX_CLASSES],
        dark=shell.is_dark(),
    )
    figure(
        fig,
        name=f"{selection.model}-{selection.split}-figure8",
        caption=(
            "The paper's Figure 8: every map is moved to [0, 1] within its case. The more a line "
            "takes the colour of its class, the more that stretch speaks for the class. Ticks at "
            "the foot are the cuts between segments: a row of ticks a cut, a tick a case. "
            f"{first_classes(len(np.unique(cases.y[order])), MAX_CLASSES)}"
            f"{_left_out(cases, selection.split)}"
        ),
        table=lambda: tables.cams_table(cases, order, one.names),
    )


def _lanes(
    selection: Selection,
    one: OneCase,
    cases: ManyCases,
    order: Array,
    shown: Shown,
    channel: int,
) -> None:
    from tscviz.explain.segments_stats import even_picks

    one_class = len(np.unique(cases.y[order])) == 1
    picks = order[:MAX_LANES] if one_class else order[even_picks(cases.y[order], MAX_LANES)]
    fig = plot_segmented_cases(
        cases.X[picks],
        cases.cams[picks],
        _cuts(cases, picks),
        case_names=[
            f"case {i}" if one_class else f"{plain_text(one.labels[k], max_length=11)} · {i}"
            for i, k in zip(cases.idx[picks], cases.y[picks], strict=True)
        ],
        mask=cases.mask[picks],
        channel=channel,
        normalised=shown.unit,
        dark=shell.is_dark(),
    )
    chosen = f"The first {len(picks)}" if one_class else f"{len(picks)}"
    figure(
        fig,
        name=f"{selection.model}-{selection.split}-lanes",
        caption=(
            f"{chosen} of {len(order)} cases, each in a lane of its own height. The l-th segments "
            "of all cases hold the same pattern, though they lie at different times."
            f"{_left_out(cases, selection.split)}"
        ),
        table=lambda: tables.cams_table(cases, picks, one.names),
    )


def _cuts(cases: ManyCases, order: Array) -> Array | None:
    return cases.segmented.boundaries[order] if cases.segmented.n_segments > 1 else None
