"""The frame every page stands in: title, question, and the one selection in the sidebar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from tscviz.ui import cache, navigation, page_options, picked, state
from tscviz.ui.escape import escape_markdown, plain_text
from tscviz.ui.selection import SPLITS, Selection

#: Stands for "no target" in the widget, which cannot show None.
_PREDICTED = -1


def is_dark() -> bool:
    """Return True where the visitor's page is dark; figures take it as ``dark=``."""
    return st.context.theme.type == "dark"


def page_header(title: str, question: str) -> None:
    """Show the page's title and, under it, the one question the page answers.

    Both are the page's own Markdown; escape what comes from a file.
    """
    st.title(title, anchor=False)
    st.markdown(f":gray[{question}]")
    notices = state.take_notices()
    if notices:
        st.warning("  \n".join(map(escape_markdown, notices)), icon=":material/link_off:")


def start(page: str) -> None:
    """Read the selection and draw it in the sidebar; once a run, before the page.

    Parameters
    ----------
    page : str
        Its name in the URL; "" is the landing page.
    """
    selection = state.sync(page, navigation.PREFERS.get(page, ()))
    page_options.begin(page)
    st.logo(_wordmark(is_dark()), size="large")
    with st.sidebar.container(key="selection", gap="small"):
        _draw_selection(selection)


def _draw_selection(selection: Selection) -> None:
    choices = cache.catalogue()
    shape = cache.shape_of(selection.dataset)
    labels = {name: entry.label for name, entry in cache.models().items()}
    models = choices.models_for(selection.dataset)
    n_cases = shape.n_cases(selection.split)
    classes = (_PREDICTED, *range(len(shape.class_names)))
    target = _PREDICTED if selection.target is None else selection.target
    _choice("dataset", "Dataset", choices.datasets, selection.dataset)
    if models:
        _choice("model", "Model", models, selection.model, lambda name: labels[name])
    else:
        st.selectbox("Model", ("none trained yet",), disabled=True, key="selection_no_model")
    _put("split", selection.split)
    st.segmented_control(
        "Split", SPLITS, required=True, format_func=str.capitalize, width="stretch",
        **_wired("split"),
    )  # fmt: skip
    _put("case", selection.case)
    st.number_input(f"Case, 0 to {n_cases - 1}", 0, n_cases - 1, step=1, **_wired("case"))
    picked.draw_stepper(selection)
    _choice(
        "target", "Class to explain", classes, target,
        lambda i: "Predicted class" if i == _PREDICTED else plain_text(shape.class_names[i]),
    )  # fmt: skip


def _choice(
    field: str, label: str, options: Sequence[Any], value: Any, show: Callable[[Any], str] = str
) -> None:
    _put(field, value)
    st.selectbox(label, options, format_func=show, **_wired(field))


def _put(field: str, value: Any) -> None:
    # The widget mirrors the selection, whoever changed it: this run's value goes in first.
    st.session_state[f"selection_{field}"] = value


def _wired(field: str) -> dict[str, Any]:
    return {"key": f"selection_{field}", "on_change": _take, "args": (field,)}


def _take(field: str) -> None:
    value = st.session_state[f"selection_{field}"]
    state.select(**{field: None if value == _PREDICTED else value})


def _wordmark(dark: bool) -> str:
    """Return the name with its mark as an SVG image."""
    mark, text = ("#2A88C2", "#E4EAF0") if dark else ("#0072B2", "#1A2731")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 118 32" width="118" height="32">'
        f'<rect width="32" height="32" rx="7" fill="{mark}"/>'
        '<path d="M5 20c3 0 3-9 6-9s3 11 5.500 11S19.500 8 22.500 8 24 16 27 16" fill="none" '
        'stroke="#fff" stroke-width="2.600" stroke-linecap="round"/>'
        f'<text x="42" y="23" font-size="21" font-weight="650" letter-spacing="-.3" fill="{text}" '
        "font-family=\"'Source Sans 3','Source Sans Pro','Segoe UI',Roboto,Arial,sans-serif\">"
        "tscviz</text></svg>"
    )
