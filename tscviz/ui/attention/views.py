"""The views under the main figure: classes, entropy, queries, branches over cases, filters."""

from __future__ import annotations

import numpy as np
import streamlit as st

from tscviz.figures import (
    plot_attention,
    plot_attention_entropy,
    plot_branch_spread,
    plot_cam,
    plot_cam_heatmap,
    plot_class_attention,
    plot_filter_scales,
    plot_place_attention,
)
from tscviz.figures.attention_style import MOST_TIMES
from tscviz.types import Array
from tscviz.ui import cache, page_options, shell
from tscviz.ui.attention import data, tables, words
from tscviz.ui.attention.controls import Shown
from tscviz.ui.attention.data import Attended, ManyCases
from tscviz.ui.components.chart import figure
from tscviz.ui.escape import escape_markdown, plain_text
from tscviz.ui.inside.controls import channel_choice, stem
from tscviz.ui.inside.words import first_classes
from tscviz.ui.selection import Selection

DRAWINGS = {"mean": "Means", "heatmap": "Every case"}
QUANTITIES = {"lead": "the lead", "score": "the score"}
SORTS = {"number": "by number", "size": "largest first"}
MAX_ROWS = 12


def names_of(selection: Selection, one: Attended) -> dict[str, str]:
    """Return the tabs that this model has something to show in, by their names in the URL."""
    tabs: dict[str, str] = {}
    if one.maps is not None:
        tabs |= {"classes": "By class", "entropy": "Entropy"}
    if one.over_time and one.variant != "additive" and one.table is not None:
        tabs["queries"] = "Query by query"
    tabs["branches"] = "Branches in all cases"
    if one.shares.additive:
        tabs["fcn"] = "FCN branch over time"
    if data.has_scales(selection):
        tabs["filters"] = "Filter scales"
    return tabs


def classes(selection: Selection, one: Attended, shown: Shown) -> None:
    """Show the attention of every class, averaged over its cases or case by case."""
    cases = data.many_cases(selection)
    maps = data.many_maps(selection, cases)
    weights = data.of_head(maps.weights, shown.head)
    with st.container(horizontal=True, gap="medium"):
        drawing = "mean"
        if one.over_time:
            drawing = page_options.segmented(
                "draw", "Drawn as", tuple(DRAWINGS), "mean", DRAWINGS.__getitem__
            )
        channel = 0
        if one.over_time and drawing == "mean":
            channel = channel_choice(cases.X.shape[1])
    if not one.over_time:
        _channels(selection, one, cases, weights)
    elif drawing == "mean":
        _means(selection, one, shown, cases, channel)
    else:
        _every_case(selection, one, shown, cases)


def _means(
    selection: Selection, one: Attended, shown: Shown, cases: ManyCases, channel: int
) -> None:
    maps = data.many_maps(selection, cases)
    fig = plot_class_attention(
        cases.X,
        data.of_head(maps.weights, shown.head),
        cases.y,
        one.inside.labels,
        mask=cases.mask,
        channel=channel,
        full_range=shown.full_range,
        dark=shell.is_dark(),
    )
    figure(
        fig,
        name=f"{selection.model}-{selection.split}-class-attention",
        caption=(
            f"Above: the mean series of each class. Below: the mean {_whose(one, shown)} over its "
            f"{selection.split} cases; the band holds the middle 80 % of them. "
            f"{words.left_out(cases, selection.split)}"
        ),
        table=lambda: tables.many_table(cases, maps, one.inside.names),
    )


def _every_case(selection: Selection, one: Attended, shown: Shown, cases: ManyCases) -> None:
    maps = data.many_maps(selection, cases)
    weights = data.of_head(maps.weights, shown.head)
    seen = weights[cases.mask]
    even = float((1 / cases.mask.sum(1)).mean())
    times = float(np.clip(np.quantile(seen, 0.995) / even, 2, MOST_TIMES))
    fig = plot_cam_heatmap(
        weights,
        cases.y,
        one.inside.labels,
        mask=cases.mask,
        case_idx=cases.idx,
        sort=False,
        normalised=shown.full_range,
        signed=False,
        limit=times * even,
        cam_label="attention",
        dark=shell.is_dark(),
    )
    how = f"Colours end at {times:.3g} times the even share."
    if shown.full_range:
        how = "Colours run from the least to the greatest weight of each case."
    figure(
        fig,
        name=f"{selection.model}-{selection.split}-attention-cases",
        caption=(
            f"One row a case: its {_whose(one, shown)}. {how} "
            f"{words.left_out(cases, selection.split)}"
        ),
        table=lambda: tables.many_table(cases, maps, one.inside.names),
    )


def _channels(selection: Selection, one: Attended, cases: ManyCases, weights: Array) -> None:
    present = [int(k) for k in np.unique(cases.y)]
    fig = plot_place_attention(
        np.stack([weights[cases.y == k].mean(0) for k in present]),
        [one.inside.labels[k] for k in present],
        row_label="class",
        dark=shell.is_dark(),
    )
    figure(
        fig,
        name=f"{selection.model}-{selection.split}-class-channels",
        caption="Mean attention of each class over channels. "
        f"{words.left_out(cases, selection.split)}",
    )


def _whose(one: Attended, shown: Shown) -> str:
    if one.heads < 2:
        return "attention"
    return "attention (mean of the heads)" if shown.head is None else f"head {shown.head + 1}"


def entropy(selection: Selection, one: Attended, shown: Shown) -> None:  # noqa: ARG001
    """Show how evenly the attention is spread, in this case and in all."""
    st.markdown(words.MEANING)
    st.dataframe(
        tables.entropy_table(one),
        hide_index=True,
        column_config={
            key: st.column_config.NumberColumn(format=form)
            for key, form in {
                "entropy (nats)": "%.3f",
                "relative entropy": "%.4f",
                "as many points": "%.1f",
                "times the even share": "%.2f",
            }.items()
        },
    )
    st.caption(f"This case. {words.single_steps(one)}")
    cases = data.many_cases(selection)
    maps = data.many_maps(selection, cases)
    fig = plot_attention_entropy(
        maps.relative_entropy, cases.y, one.inside.labels, dark=shell.is_dark()
    )
    by_class = words.classes(maps.relative_entropy.mean(1), cases, one.inside.labels)
    figure(
        fig,
        name=f"{selection.model}-{selection.split}-entropy",
        caption=f"{by_class} {words.left_out(cases, selection.split)}",
        table=lambda: tables.many_table(cases, maps, one.inside.names),
    )


def queries(selection: Selection, one: Attended, shown: Shown) -> None:
    """Show where each time point looks."""
    if one.table is None:
        return
    rows = one.table.mean(0) if shown.head is None else one.table[shown.head]
    case = one.inside.case
    fig = plot_attention(
        case.x,
        one.weights(shown.head)[None],
        queries=rows,
        query_label="time point",
        full_range=shown.full_range,
        mask=case.mask,
        channels=[0],
        dark=shell.is_dark(),
    )
    which = "the mean of the heads" if shown.head is None else f"head {shown.head + 1}"
    figure(
        fig,
        name=f"{stem(selection)}-queries",
        caption=(
            f"A row of the table is where that time point looks ({which}); the curve is the mean "
            "of the rows. A bright diagonal: points look at themselves. Bright columns: all look "
            "there."
        ),
    )


def branches(selection: Selection, one: Attended, shown: Shown) -> None:  # noqa: ARG001
    """Show what the branches add in all cases, by class."""
    quantity = page_options.segmented(
        "of",
        "What they add to",
        tuple(QUANTITIES),
        "lead",
        QUANTITIES.__getitem__,
        help="The lead is the score of the case's own class less that of the most probable other "
        "class; only this decides.",
    )
    cases = data.many_cases(selection)
    over_rival = quantity == "lead"
    shares = data.many_shares(selection, cases, lead=over_rival)
    what = "lead of the own class" if over_rival else "score of the own class"
    fig = plot_branch_spread(
        shares, cases.y, one.inside.labels, quantity=what, dark=shell.is_dark()
    )
    said = words.branches(shares, over_rival=over_rival)
    figure(
        fig,
        name=f"{selection.model}-{selection.split}-branches",
        caption=f"{said} {words.left_out(cases, selection.split)}",
        table=lambda: tables.share_table(cases, shares, one.inside.names, what),
    )


def fcn(selection: Selection, one: Attended, shown: Shown) -> None:  # noqa: ARG001
    """Show where the FCN branch takes its share from: its class activation map."""
    inside = one.inside
    found = cache.attribution(selection, "cam", target=inside.target)
    fig = plot_cam(
        inside.case.x,
        found,
        mask=inside.case.mask,
        class_names=inside.labels,
        probability=float(inside.case.proba[inside.target]),
        dark=shell.is_dark(),
    )
    total = float(one.shares.fcn[inside.target])
    figure(
        fig,
        name=f"{stem(selection)}-fcn",
        caption=(
            f"The FCN branch's class activation map for "
            f"{escape_markdown(inside.labels[inside.target])}: over the points it sums to the "
            f"branch's share, {words.signed(total)}."
        ),
        document={"selection": selection, "map": found},
    )


def filters(selection: Selection, one: Attended, shown: Shown) -> None:  # noqa: ARG001
    """Show the scales that squeeze-and-excitation gives the filters."""
    sort = page_options.segmented("sort", "Filters", tuple(SORTS), "number", SORTS.__getitem__)
    own, cases = data.case_scales(selection, one), data.many_cases(selection)
    many = data.many_scales(selection, cases)
    present = [int(k) for k in np.unique(cases.y)][:MAX_ROWS]
    blocks = [
        np.vstack([mine, *(block[cases.y == k].mean(0) for k in present)])
        for mine, block in zip(own, many, strict=True)
    ]
    rows = ["this case", *(plain_text(one.inside.labels[k]) for k in present)]
    fig = plot_filter_scales(blocks, rows, by_size=sort == "size", dark=shell.is_dark())
    spread = ", ".join(f"{float(block.std(0).mean()):.3f}" for block in many)
    figure(
        fig,
        name=f"{stem(selection)}-filters",
        caption=(
            "Squeeze-and-excitation multiplies every filter by a scale between 0 and 1, drawn from "
            "the means of all filters of the block. Rows: this case, and the mean of each class. "
            f"{first_classes(len(np.unique(cases.y)), MAX_ROWS)}"
            f"From case to case the scales vary by {spread} (standard deviation, block by block). "
            f"{words.left_out(cases, selection.split)}"
        ),
    )


#: Name of a tab in the URL -> what draws it.
VIEWS = {
    "classes": classes,
    "entropy": entropy,
    "queries": queries,
    "branches": branches,
    "fcn": fcn,
    "filters": filters,
}
