"""What the visitor chooses on the attributions page: the question, and how maps are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from tscviz.ui import cache, page_options, state
from tscviz.ui.attributions import chooser, stretches
from tscviz.ui.attributions.data import Question, with_target
from tscviz.ui.attributions.texts import Pinned
from tscviz.ui.escape import plain_text
from tscviz.ui.inside.case import InsideCase
from tscviz.ui.picked import picked
from tscviz.ui.selection import Selection

SELECTED = "selected"
SUBJECTS = {"case": "this case", "class": "class mean", SELECTED: "mean of selected"}
SCALES = {
    "own": "each row its own",
    "clipped": "its own, less peaks",
    "family": "one for each method",
    "unit": "−1 to 1",
}
DRAWN = {"strips": "strips", "lines": "curves"}
ALONE = "none"
COUNTS = ("10", "20", "40")


@dataclass(frozen=True)
class Shown:
    """What the visitor chose.

    Parameters
    ----------
    subject : str
        "case"; "class": the mean over cases of the class explained; "selected": over the cases
        selected on the pages.
    question : Question
    methods : tuple of str
    models : tuple of str
        The selected one first.
    each_channel : bool
    scale, drawn : str
        See `tscviz.figures.plot_comparison`.
    pinned : Selection or None
        Stands beside the selected case; with its target.
    n_cases : int
        Most cases of a mean.
    aligned : bool
        Bring a mean's cases together segment by segment, where the model has segments.
    selected : tuple of int
        Cases selected in the split `split`.
    split : str
    """

    subject: str
    question: Question
    methods: tuple[str, ...]
    models: tuple[str, ...]
    each_channel: bool
    scale: str
    drawn: str
    pinned: Selection | None
    n_cases: int = 20
    aligned: bool = True
    selected: tuple[int, ...] = ()
    split: str = "test"


def main_options(selection: Selection, one: InsideCase) -> Shown:
    """Draw the options above the main figure."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        subject = page_options.select(
            "of", "Maps of", tuple(SUBJECTS), "case", SUBJECTS.__getitem__, width=165,
            help="A mean is taken over cases of the class explained, or over those selected by a "
            "click or a box under \"Choose a case\" or on other pages.",
        )  # fmt: skip
        _target(one, marked=subject == "case")
        against = against_choice(one)
        baseline = _baseline()
        n_cases, aligned = _average(selection) if subject != "case" else (20, True)
        with st.popover("Drawing", icon=":material/tune:"):
            each, scale, drawn = _drawing(len(one.case.x))
        pinned = _pin(selection)
    methods, models, options = chooser.draw(selection, pinned=pinned is not None)
    cuts = stretches.draw(selection, one, methods)
    options = stretches.with_edges(options, stretches.takers(methods), cuts)
    question = Question(against, baseline, options)
    return Shown(
        subject, question, methods, models, each, scale, drawn, pinned, n_cases, aligned,
        tuple(picked(selection)), selection.split,
    )  # fmt: skip


def _drawing(n_channels: int) -> tuple[bool, str, str]:
    """Let the visitor choose how maps are drawn."""
    each = n_channels > 1 and _each_channel()
    scale = page_options.segmented(
        "scale", "Scale", tuple(SCALES), "own", SCALES.__getitem__,
        help="Maps of two methods share no unit, so each row has its own scale, whose end "
        "stands at its right. Less peaks: it ends where 95 % of the row's values do, for a row in "
        "which a point or two outshine all others. One scale for each method lets two models or "
        "two cases be compared in strength; −1 to 1 divides every map by its strongest value.",
    )  # fmt: skip
    drawn = page_options.segmented("draw", "Drawn as", tuple(DRAWN), "strips", DRAWN.__getitem__)
    return each, scale, drawn


def _target(one: InsideCase, *, marked: bool) -> None:
    """Let the visitor choose the class explained; the sidebar follows.

    Parameters
    ----------
    one : InsideCase
    marked : bool
        Say which class is predicted and which is true: of one case, and not of several.
    """
    key, predicted = "attributions_target", one.case.predicted
    st.session_state[key] = one.target

    def take() -> None:
        chosen = st.session_state[key]
        state.select(target=None if chosen == predicted else chosen)

    def show(k: int) -> str:
        marks = [
            word for word, of in (("predicted", predicted), ("true", one.case.label)) if of == k
        ]
        suffix = f" ({', '.join(marks)})" if marks and marked else ""
        return plain_text(one.labels[k], max_length=26) + suffix

    st.selectbox(
        "Speaks for", range(len(one.names)), format_func=show, key=key, on_change=take, width=210
    )


def against_choice(one: InsideCase) -> int | None:
    """Let the visitor choose the class whose score is subtracted; None while it is none."""
    others = [str(k) for k in range(len(one.names)) if k != one.target]

    def show(text: str) -> str:
        if text == ALONE:
            return "no other class"
        return plain_text(one.labels[int(text)], max_length=26)

    chosen = page_options.select(
        "against", "Rather than", (ALONE, *others), ALONE, show, width=150,
        help="With a second class the maps explain the difference of the two scores: what makes "
        "the model say the one rather than the other.",
    )  # fmt: skip
    return None if chosen == ALONE else int(chosen)


def _baseline() -> str:
    from tscviz.explain.baselines import BASELINES

    return page_options.select(
        "baseline", "Baseline", tuple(BASELINES), "zero", lambda name: BASELINES[name].title,
        width=155, help="What methods with a baseline hold the case against. No choice is neutral: "
        "the tab Baselines shows how far a map moves with it.",
    )  # fmt: skip


def _each_channel() -> bool:
    chosen = page_options.segmented(
        "channels", "Channels", ("sum", "each"), "sum",
        {"sum": "summed", "each": "each"}.__getitem__,
    )  # fmt: skip
    return chosen == "each"


def _average(selection: Selection) -> tuple[int, bool]:
    count = page_options.segmented(
        "cases", "Cases at most", COUNTS, "20",
        help="Spread evenly over the cases of the class in the split, or over those selected.",
    )  # fmt: skip
    aligned = "segments" in cache.classifier(str(selection.model)).module.offers and (
        page_options.segmented(
            "align", "Brought together by", ("segments", "time"), "segments",
            help="The model's segments say which stretches belong together though they lie at "
            "different times: each case is stretched until its cuts meet. By time, point is laid "
            "on point.",
        ) == "segments"
    )  # fmt: skip
    return int(count), aligned


def _pin(selection: Selection) -> Selection | None:
    """Let the visitor pin what is selected, to have it beside the next selection."""
    shape = cache.shape_of(selection.dataset)
    models = [cache.models()[name] for name in models_of(selection)]
    counts = {split: shape.n_cases(split) for split in ("test", "train")}
    texts = Pinned(models, selection.dataset, counts, len(shape.class_names))
    text = page_options.value("pin", texts, "")
    if not text:
        chosen, target = with_target(selection)
        st.button(
            "Pin", icon=":material/keep:", key="pin",
            on_click=page_options.set_value, args=("pin", texts.write(chosen, target)),
            help="Keep this case, model and class at the left; the next ones you choose stand "
            "beside it.",
        )  # fmt: skip
        return None
    st.button(
        "Unpin", icon=":material/keep_off:", key="unpin", type="primary",
        on_click=page_options.set_value, args=("pin", ""),
    )  # fmt: skip
    return texts.read(text)


def models_of(selection: Selection) -> Sequence[str]:
    """Return the models trained on the dataset, the selected one first."""
    names = cache.catalogue().models_for(selection.dataset)
    return (str(selection.model), *(n for n in names if n != selection.model))
