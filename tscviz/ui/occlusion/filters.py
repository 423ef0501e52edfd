"""The first layer opened up: its filters by length, all answers at once, and what a length does."""

from __future__ import annotations

import numpy as np
import streamlit as st

from tscviz.figures import (
    length_colours,
    plot_activation_map,
    plot_filters,
    plot_length_ablation,
)
from tscviz.ui import page_options, shell
from tscviz.ui.components.chart import figure
from tscviz.ui.inside.case import InsideCase
from tscviz.ui.inside.controls import stem
from tscviz.ui.occlusion import data, tables, words
from tscviz.ui.selection import Selection

COUNTS = ("4", "8", "16", "all")
SCOPES = {"all": "every layer", "first": "the first layer"}


def by_length(selection: Selection, one: InsideCase) -> None:
    """Show the filters of one length that answer most, each beside its answer to the case."""
    found, answers = data.filters(selection), data.activations(selection, one)
    names = tuple(str(block.length) for block in found)
    with st.container(horizontal=True, gap="medium"):
        length = page_options.segmented("length", "Length of the filters", names, names[-1])
        n = page_options.segmented("filters", "Filters shown", COUNTS, "4", str.capitalize)
    i = names.index(length)
    block, answer = found[i], answers[i].activations[0]  # (n_filters, T)
    most = np.argsort(-answer.mean(1), kind="stable")
    picks = [int(k) for k in (most if n == "all" else most[: int(n)])]
    x, dark = one.case.x[:, : one.n_points], shell.is_dark()
    fig = plot_filters(
        x, block.weights[picks], answer[picks], picks, before=block.before,
        colour=length_colours(len(names), dark)[i], dark=dark,
    )  # fmt: skip
    dead = int((answer.max(1) <= 0).sum())
    figure(
        fig,
        name=f"{stem(selection)}-filters-{length}",
        caption=(
            f"Left: the weights of a filter, tap by tap. Right: what it answers to this case, "
            f"after normalisation and ReLU. {len(picks)} of {len(answer)} filters of length "
            f"{length}, the one that answers most on top"
            f"{f'; {dead} are silent here' if dead else ''}."
        ),
        table=lambda: tables.filter_table(block, picks),
        document={"selection": selection, "filters": block, "shown": picks},
    )


def at_once(selection: Selection, one: InsideCase) -> None:
    """Show the answers of all filters to the case, grouped by length."""
    answers = data.activations(selection, one)
    x = one.case.x[:, : one.n_points]
    fig = plot_activation_map(
        x, [block.activations[0] for block in answers], [block.length for block in answers],
        dark=shell.is_dark(),
    )  # fmt: skip
    figure(
        fig,
        name=f"{stem(selection)}-activations",
        caption=(
            "One row a filter; within a length, the filter that peaks first stands on top. Short "
            "filters answer to edges, long ones to shapes. Colours end where 0.2 % of the cells "
            "are brighter still."
        ),
        table=lambda: tables.activation_table(x, answers),
        document={"selection": selection, "activations": answers},
    )


def without_lengths(selection: Selection, one: InsideCase) -> None:
    """Show what the case and its split lose without the filters of each length."""
    with st.container(horizontal=True, gap="medium"):
        scope = page_options.segmented(
            "scope", "Taken out of", tuple(SCOPES), "all", SCOPES.__getitem__
        )
    found = data.ablation(selection, one, scope)
    whole, without = found.split.accuracy(found.y)
    st.markdown(words.lengths(one, found))
    fig = plot_length_ablation(
        found.case.lengths, found.case.logit_change(one.target)[:, 0], without, whole,
        class_name=one.labels[one.target], split=selection.split, dark=shell.is_dark(),
    )  # fmt: skip
    part = "" if len(found.y) == found.n_split else f" of {found.n_split}, each class in its share"
    figure(
        fig,
        name=f"{stem(selection)}-lengths",
        caption=(
            f"The filters of one length fall silent in {SCOPES[scope]}; nothing is trained again. "
            f"Above, the score (logit) of this case: a bar downwards means that the filters speak "
            f"for the class. Below, the accuracy over {len(found.y)} {selection.split} cases{part}."
        ),
        table=lambda: tables.length_table(one, found),
        document={"selection": selection, "case": found.case, "split": found.split},
    )
