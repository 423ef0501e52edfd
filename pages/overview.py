"""Overview: one real example in one screen, and three ways to go on."""

from __future__ import annotations

import streamlit as st

from tscviz.figures.cam import plot_cam
from tscviz.ui import cache, components, shell, state
from tscviz.ui.escape import escape_markdown
from tscviz.ui.explained import Explained, explained
from tscviz.ui.selection import Selection

SEGMENTS = " Vertical lines divide the segments that the model pools one by one."
VERDICT = {True: ":green-badge[right]", False: ":orange-badge[wrong]"}


def draw_example(selection: Selection) -> None:
    """Show the selected case as the model sees it."""
    result = explained(selection)
    names = cache.dataset(selection.dataset).class_names
    draw_answer(selection, result, names)
    parts = result.segmentation
    fig = plot_cam(
        result.x,
        result.attribution,
        segmentation=parts,
        mask=result.mask,
        class_names=names,
        probability=float(result.proba[result.target]),
        dark=shell.is_dark(),
    )
    components.figure(
        fig,
        name=f"{selection.model}-{selection.split}-{selection.case}-cam",
        caption=(
            f"Orange stretches speak for class {escape_markdown(names[result.target])}, blue ones "
            "against it; grey ones do not matter."
            f"{SEGMENTS if parts is not None and parts.n_segments > 1 else ''}"
        ),
        document={"selection": selection, "result": result},
    )


def draw_answer(selection: Selection, result: Explained, names: tuple[str, ...]) -> None:
    """Say what the model decided, how sure it is, and whether it is right."""
    entry = cache.models()[str(selection.model)]
    st.markdown(
        f"**{escape_markdown(selection.dataset)}**, {selection.split} case {selection.case}, "
        f"as **{escape_markdown(entry.label)}** sees it {VERDICT[result.label == result.predicted]}"
    )
    components.stat_tiles(
        {
            "Predicted class": names[result.predicted],
            "Probability": components.probability(result.proba.max()),
            "True class": names[result.label],
            "Test accuracy": (
                components.percent(entry.test_accuracy),
                f"Of this model, on the {selection.dataset} test split",
            ),
        }
    )


shell.page_header(
    "What a time-series classifier sees",
    "Which class does the model give this series, and which stretch of it decided?",
)
chosen = state.current()
if chosen.model is None:
    components.empty_state(
        f"No model for {chosen.dataset} yet",
        "Train one in the browser, or choose a dataset in the sidebar that comes with a model.",
        page="train",
        label="Train a model",
    )
else:
    draw_example(chosen)
st.subheader("Go on", anchor=False)
components.next_steps(
    [
        ("classify", ":material/upload_file:", "Classify your CSV",
         "Drop a file and see its class, how sure the model is, and what decided it."),
        ("datasets", ":material/stacked_line_chart:", "Explore datasets",
         "Look at the classes, find an odd case on a map, and follow it through every page."),
        ("train", ":material/model_training:", "Train a model",
         "Pick a dataset and an architecture, and watch it learn; cancel and resume at will."),
    ]
)  # fmt: skip
