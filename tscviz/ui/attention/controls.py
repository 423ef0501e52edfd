"""What the visitor chooses on the attention page, and what stands where there is no map."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from tscviz.ui import cache, page_options, state
from tscviz.ui.attention import data, words
from tscviz.ui.attention.data import Attended
from tscviz.ui.components.cards import go_to
from tscviz.ui.escape import escape_markdown
from tscviz.ui.inside.controls import target_choice
from tscviz.ui.selection import Selection

MEAN = "mean"
#: Channels drawn at first.
FEW = 3
SCALES = {"zero": "from zero", "range": "least to greatest"}
TITLES = {
    "one": "The attention of this model has one place to look at: its weight is always 1",
    "filters": "The attention of this model runs over filters",
}


@dataclass(frozen=True)
class Shown:
    """What the visitor chose for the whole page.

    Parameters
    ----------
    head : int or None
        From 0; None is the mean of all.
    full_range : bool
        Scales run from the least to the greatest weight.
    channels : tuple of int or None
        Channels drawn; None is all of them.
    """

    head: int | None
    full_range: bool
    channels: tuple[int, ...] | None = None


def main_options(one: Attended) -> Shown:
    """Draw the row of options above the main figure."""
    inside = one.inside
    with st.container(horizontal=True, gap="medium"):
        target_choice(
            "Score of class",
            inside.names,
            inside.target,
            inside.case.predicted,
            key="attention_target",
        )
        head, scale = MEAN, "zero"
        if one.heads > 1:
            heads = (MEAN, *(str(h + 1) for h in range(one.heads)))
            head = page_options.segmented("head", "Head", heads, MEAN)
        if one.over_time:
            scale = page_options.segmented(
                "scale",
                "Scale",
                tuple(SCALES),
                "zero",
                SCALES.__getitem__,
                help="From zero, colours end at five times the even share at most. From the least "
                "to the greatest weight, colours and curves show any difference, however small.",
            )
        few = _few_channels(one)
    return Shown(None if head == MEAN else int(head) - 1, scale == "range", few)


def _few_channels(one: Attended) -> tuple[int, ...] | None:
    """Offer to draw all of many channels: the attention is the same for each."""
    if not one.over_time or len(one.inside.case.x) <= FEW:
        return None
    show = {"few": f"first {FEW}", "all": "all"}
    chosen = page_options.segmented(
        "channels", "Channels drawn", tuple(show), "few", show.__getitem__
    )
    return tuple(range(FEW)) if chosen == "few" else None


def why_no_map(selection: Selection, one: Attended) -> None:
    """Say why no attention is drawn on the series, and offer a model that has one."""
    name = escape_markdown(one.inside.entry.label)
    title = TITLES.get(one.kind, f"{name} has no attention")
    reasons = {"one": words.ONE_STEP, "filters": words.FILTERS}
    text = reasons.get(one.kind, words.NO_ATTENTION.get(one.variant, ""))
    fitting = data.models_over_time(selection)
    with st.container(border=True):
        st.markdown(f"##### {title}", anchors=False)
        st.markdown(text)
        if fitting:
            _offer(fitting)
        else:
            st.markdown(
                ":gray[An ALSTM-FCN of variant *additive* or *self* looks at time points; choose "
                "the variant among the options of the network.]"
            )
            go_to(
                "train",
                "Train ALSTM-FCN",
                icon=":material/model_training:",
                width="content",
                job="new",
                architecture="alstm-fcn",
            )
    st.markdown("What this model does have is its two branches:")


def _offer(names: tuple[str, ...]) -> None:
    st.markdown(":gray[These models have an attention over time points:]")
    with st.container(horizontal=True):
        for name in names[:3]:
            variant = cache.classifier(name).card.get("options", {}).get("variant", "")
            st.button(
                f"Show {escape_markdown(cache.models()[name].label)}, variant "
                f"{escape_markdown(variant)}",
                key=f"attention_{name}",
                type="primary" if name == names[0] else "secondary",
                on_click=state.select,
                kwargs={"model": name},
            )
