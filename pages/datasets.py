"""Datasets: the classes at a glance, means, a map to find a case, gaps, and more datasets."""

from __future__ import annotations

import streamlit as st

from tscviz import figures
from tscviz.ui import cache, components, page_options, shell, state
from tscviz.ui.case_map import draw_map
from tscviz.ui.escape import escape_markdown, plain_text
from tscviz.ui.facts import facts
from tscviz.ui.fetch import offer_download

MEANS_AT_FIRST = 3

shell.page_header("Datasets", "What do the series of each class look like, and which are odd?")
chosen = state.current()
data = cache.dataset(chosen.dataset)
sizes = facts(chosen.dataset)
X, y, mask = data.split(chosen.split)
stem = f"{chosen.dataset}-{chosen.split}"
dark = shell.is_dark()


def draw_facts() -> None:
    """Show the sizes of the dataset."""
    st.markdown(
        f"**{escape_markdown(chosen.dataset)}**, {data.source}; the {chosen.split} split is drawn"
    )
    components.stat_tiles(
        {
            "Train cases": sizes.n_train,
            "Test cases": sizes.n_test,
            "Classes": sizes.n_classes,
            "Channels": sizes.n_channels,
            "Length": (sizes.lengths, "Time points"),
            "Missing values": sizes.n_missing,
        }
    )


def choose_channel() -> int:
    """Return the channel to draw; asks only where there are several."""
    if data.n_channels == 1:
        return 0
    return st.selectbox(
        "Channel",
        range(data.n_channels),
        format_func=lambda c: f"Channel {c + 1}",
        key=f"channel_{chosen.dataset}",
        persist_state="session",
        width=200,
    )


def choose_classes() -> list[int]:
    """Return the classes to draw; asks where more than a few bands would hide each other."""
    classes = list(range(data.n_classes))
    if data.n_classes <= MEANS_AT_FIRST:
        return classes
    return st.multiselect(
        "Classes",
        classes,
        default=classes[:MEANS_AT_FIRST],
        format_func=lambda k: plain_text(data.class_names[k], max_length=40),
        key=f"classes_{chosen.dataset}",
        persist_state="session",
        max_selections=8,
    )


def draw_classes() -> None:
    """Draw a panel per class."""
    fig = figures.plot_glance(
        X, y, data.class_names, mask=mask, channel=choose_channel(), dark=dark
    )  # fmt: skip
    components.figure(
        fig,
        name=f"{stem}-classes",
        caption="Thick line: mean of the class. Thin lines: some of its cases, at most eight.",
    )


def draw_means() -> None:
    """Draw the mean of each class with its spread."""
    with st.container(horizontal=True):
        channel, classes = choose_channel(), choose_classes()
    if not classes:
        components.empty_state("No class chosen", "Choose one or more classes above.")
        return
    fig = figures.plot_class_means(
        X, y, data.class_names, mask=mask, channel=channel, classes=classes, dark=dark
    )  # fmt: skip
    components.figure(
        fig,
        name=f"{stem}-means",
        caption="Line: mean of the class. Band: the middle 80 % of its cases.",
    )


def draw_cases() -> None:
    """Draw the map of all cases."""
    draw_map(chosen, choose_channel())


def draw_balance() -> None:
    """Draw class sizes, lengths and gaps."""
    components.figure(figures.plot_class_balance(data, dark=dark), name=f"{stem}-balance")
    st.subheader("Lengths", anchor=False)
    if sizes.shortest == sizes.longest:
        st.markdown(f"All series have {sizes.longest} points.")
    else:
        fig = figures.plot_lengths(mask, y, data.class_names, dark=dark)
        components.figure(fig, name=f"{stem}-lengths")
    st.subheader("Missing values", anchor=False)
    if sizes.n_missing:
        components.figure(figures.plot_missing(X, mask=mask, dark=dark), name=f"{stem}-missing")
    else:
        st.markdown("No value is missing.")


VIEWS = {
    "classes": ("Classes", draw_classes),
    "means": ("Means", draw_means),
    "find": ("Find a case", draw_cases),
    "balance": ("Balance and gaps", draw_balance),
    "more": ("More datasets", offer_download),
}
draw_facts()
# Only the open tab is drawn: the others would cost as much and show nothing.
tabs = page_options.tabs("view", [label for label, _ in VIEWS.values()], tuple(VIEWS))
for slug, (_, draw) in VIEWS.items():
    if tabs[slug].open:
        with tabs[slug]:
            draw()
