"""Inside the pooling layer: the alignment, the prototypes, the lengths of the segments."""

from __future__ import annotations

import numpy as np
import streamlit as st

from tscviz.figures import (
    plot_alignment,
    plot_prototype_similarity,
    plot_prototypes,
    plot_segment_lengths,
    plot_segment_shapes,
)
from tscviz.ui import cache, page_options, shell, state
from tscviz.ui.components.chart import figure
from tscviz.ui.escape import plain_text
from tscviz.ui.inside.controls import channel_choice, stem
from tscviz.ui.segments import tables, words
from tscviz.ui.segments.data import ManyCases, OneCase, many_cases, resmoothed
from tscviz.ui.selection import Selection

GAMMAS = ("0", "0.01", "0.03", "0.1", "0.3", "1", "3", "10")
COSTS = {"cosine": "cosine distance", "euclidean": "Euclidean distance", "dot": "exp(−dot product)"}


def alignment(selection: Selection, one: OneCase) -> None:
    """Show the cost matrix with the hard path, and the soft alignment for any gamma."""
    if one.segmentation.cost is None:
        st.info(words.NO_ALIGNMENT[one.kind], icon=":material/info:")
        return
    options = cache.classifier(str(selection.model)).card.get("options", {})
    trained = f"{float(options.get('gamma', 1.0)):g}"
    gammas = tuple(sorted({*GAMMAS, trained}, key=float))
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=420):
            gamma = page_options.slider(
                "gamma", "Smoothing γ of the soft alignment", gammas, trained,
                lambda g: f"{g} (training)" if g == trained else ("0, hard" if g == "0" else g),
            )  # fmt: skip
        channel = channel_choice(len(one.result.x))
    parts, value = resmoothed(one, float(gamma))
    soft = np.asarray(parts.soft_alignment)
    st.markdown(words.alignment(one, soft, float(gamma), value))
    fig = plot_alignment(
        one.result.x,
        parts,
        mask=one.result.mask,
        channel=channel,
        soft=True,
        cost_label=COSTS.get(str(options.get("cost", "cosine")), "cost"),
        dark=shell.is_dark(),
    )
    figure(
        fig,
        name=f"{stem(selection)}-alignment",
        caption=(
            "Every cell is the distance between a segment's prototype and the hidden vector at a "
            "time point; bright is near. The white path runs from top left to bottom right, to the "
            "right or one segment down, at the least total cost: it makes the cuts. The soft "
            "alignment averages over all paths, cheap ones most; the larger γ, the more of them "
            "count. Training moves the prototypes by the soft one, pooling always uses the hard "
            "one, so γ changes no prediction here."
        ),
        table=lambda: tables.alignment_table(parts, soft),
        document={"selection": selection, "gamma": float(gamma), "segmentation": parts},
    )


def prototypes(selection: Selection, one: OneCase) -> None:
    """Show the prototypes: their raw pieces, latent values, and the cases nearest to them."""
    from tscviz.explain import class_weights
    from tscviz.explain import prototypes as prototypes_of

    clf, dark = cache.classifier(str(selection.model)), shell.is_dark()
    cases = many_cases(selection)
    if one.kind != "dtp":
        st.info(words.NO_PROTOTYPES[one.kind], icon=":material/info:")
    if one.segmentation.n_segments > 1:
        _shapes(selection, one, cases)
    if one.kind != "dtp":
        return
    _nearest(cases)
    learned = prototypes_of(clf)
    st.markdown("**The prototypes as the model holds them**")
    figure(
        plot_prototypes(learned, dark=dark),
        name=f"{selection.model}-prototypes",
        caption=(
            f"{learned.shape[0]} vectors of {learned.shape[1]} latent features, one a segment. A "
            "time point goes to the segment whose prototype its hidden vector resembles, in order."
        ),
        table=lambda: tables.prototype_table(learned),
    )
    weights = class_weights(clf)
    figure(
        plot_prototype_similarity(learned, weights, one.labels, dark=dark),
        name=f"{selection.model}-prototype-similarity",
        caption=(
            "Left: prototypes alike (cosine near 1) make uncertain cuts between them. Right: where "
            "a prototype points the way of a class's weights, a typical segment speaks for that "
            "class."
        ),
        document={"prototypes": learned, "class_weights": weights, "classes": one.names},
    )


def _shapes(selection: Selection, one: OneCase, cases: ManyCases) -> None:
    st.markdown("**What falls into each segment, in raw values**")
    channel = channel_choice(cases.X.shape[1])
    fig = plot_segment_shapes(
        cases.X, cases.segmented.boundaries, cases.y, one.labels, channel=channel,
        dark=shell.is_dark(),
    )  # fmt: skip
    order = np.arange(len(cases.idx))
    figure(
        fig,
        name=f"{selection.model}-{selection.split}-shapes",
        caption=(
            f"Pieces of {len(cases.idx)} {selection.split} cases, brought to the segment's median "
            "length: the mean of each class, and a band from the 10 % to the 90 % quantile."
        ),
        table=lambda: tables.boundary_table(cases, order, one.names),
    )


def _nearest(cases: ManyCases) -> None:
    from tscviz.explain.segments_stats import nearest_cases

    st.markdown("**Cases nearest to each prototype**, by the mean cost of their segment")
    nearest = nearest_cases(cases.segmented)
    costs = np.asarray(cases.segmented.costs)
    for s, row in enumerate(nearest):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"Segment {s + 1}", width=100)
            for i in row:
                case = int(cases.idx[i])
                if st.button(
                    f"case {case} · {costs[i, s]:.3f}",
                    key=f"nearest_{s}_{case}",
                    help=f"Show case {case} in the figures above",
                    type="tertiary",
                ):
                    state.select(case=case)
                    st.rerun()  # the whole page, not this tab alone


def lengths(selection: Selection, one: OneCase) -> None:
    """Show how long the segments are, by class."""
    cases = many_cases(selection)
    st.markdown(words.lengths(cases, one.names))
    if one.segmentation.n_segments == 1:
        return
    fig = plot_segment_lengths(
        cases.segmented.boundaries, cases.y, one.labels, dark=shell.is_dark()
    )
    order = np.arange(len(cases.idx))
    figure(
        fig,
        name=f"{selection.model}-{selection.split}-lengths",
        table=lambda: tables.boundary_table(cases, order, one.names),
    )
    st.dataframe(
        {
            key: [plain_text(v) for v in column] if key == "class" else column
            for key, column in tables.length_table(cases, one.names).items()
        },
        hide_index=True,
        column_config={
            key: st.column_config.NumberColumn(format="%.1f")
            for key in ("mean start", "mean length", "standard deviation")
        },
    )
    st.caption(f"In time points, over {len(cases.idx)} {selection.split} cases.")
