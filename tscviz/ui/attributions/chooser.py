"""Choosing methods and models: those that do not apply stay there, greyed, with their reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from tscviz.options import describe_options
from tscviz.ui import cache, page_options
from tscviz.ui.attributions.data import known, native_method, obstacle
from tscviz.ui.attributions.texts import NONE, OptionText, Several, short_name
from tscviz.ui.errors import guard
from tscviz.ui.escape import escape_markdown
from tscviz.ui.selection import Selection
from tscviz.ui.train.fields import draw_fields, fill

COSTS = {"cheap": "", "moderate": "slower", "dear": "slow"}


def draw(
    selection: Selection, *, pinned: bool
) -> tuple[tuple[str, ...], tuple[str, ...], Mapping[str, Mapping[str, Any]]]:
    """Draw the folded chooser; return methods, models and the methods' options."""
    model, texts = str(selection.model), Several(list(known()))
    shown = texts.read(page_options.value("methods", texts, texts.write(default_methods([model]))))
    label = f"Methods and models: {len(shown)} of {len(known())} methods chosen"
    with st.expander(label, icon=":material/checklist:", key="chooser"):
        models = (model, *_models(selection, pinned=pinned))
        methods = _methods(models)
        options = _options(methods)
    return methods, models, options


def usable(models: Sequence[str]) -> list[str]:
    """Return the methods that apply to at least one of the models."""
    return [name for name in known() if any(obstacle(m, name) is None for m in models)]


def default_methods(models: Sequence[str]) -> list[str]:
    """Return the methods shown at first: cheap ones that add to the models' own views."""
    own = {native_method(model) for model in models}
    return [
        name
        for name in usable(models)
        if known()[name].cost == "cheap" and (own != {name} or len(own) > 1)
    ]


def several(
    name: str,
    label: str,
    texts: Several,
    default: Sequence[str],
    draw_widget: Callable[..., Any],
    **more: Any,
) -> list[str]:
    """Draw an option of which several values can be chosen at once; see `page_options.value`."""
    key = f"option_{name}"
    chosen = texts.read(page_options.value(name, texts, texts.write(default)))
    st.session_state[key] = chosen  # the widget mirrors the option, whoever changed it

    def take() -> None:
        # in the order of all names: another order is no other choice
        picked = st.session_state[key]
        page_options.set_value(name, texts.write(n for n in texts.names if n in picked))

    draw_widget(label, texts.names, key=key, on_change=take, **more)
    return chosen


def _models(selection: Selection, *, pinned: bool) -> list[str]:
    names = cache.catalogue().models_for(selection.dataset)
    others = {short_name(n): n for n in names if n != selection.model}
    if not others:
        page_options.value("models", Several([]), NONE)  # takes another dataset's out of the link
        st.caption("There is no other model of this dataset to compare with; train one.")
        return []
    picked = several(
        "models", "Models beside the selected one", Several(list(others)), [], st.multiselect,
        format_func=lambda short: cache.models()[others[short]].label, disabled=pinned,
        placeholder="Choose models to compare",
        help="Each method gets a row for each model. While something is pinned, the two columns "
        "have a model each.",
    )  # fmt: skip
    return [] if pinned else [others[short] for short in picked]


def _methods(models: Sequence[str]) -> tuple[str, ...]:
    entries = known()
    fits = usable(models)
    # a method chosen for another model stays chosen: its row says why there is no map
    texts, first = Several(list(entries)), default_methods(models[:1])
    chosen = several(
        "methods", "Methods", texts, first, st.pills, selection_mode="multi",
        format_func=lambda name: _pill(name, fits), width="stretch",
    )  # fmt: skip
    with st.container(horizontal=True, gap="small"):
        for label, names in (("The quick ones", first), ("All that apply", fits), ("None", [])):
            st.button(
                label, key=f"methods_{label}", type="tertiary",
                on_click=page_options.set_value, args=("methods", texts.write(names)),
            )  # fmt: skip
    reasons = [
        f"- :gray[**{escape_markdown(entries[name].title)}**: "
        f"{escape_markdown(reason_of(models, name))}]"
        for name in entries
        if name not in fits
    ]
    if reasons:
        st.caption("Greyed, because they do not apply here:\n" + "\n".join(reasons))
    return tuple(chosen)


def reason_of(models: Sequence[str], method: str) -> str:
    """Return why a method applies to none of the models, without its title."""
    reasons = (str(obstacle(model, method)) for model in models)
    title = f"{known()[method].title} "
    return " ".join(dict.fromkeys(reason.removeprefix(title) for reason in reasons))


def _pill(name: str, fits: Sequence[str]) -> str:
    about = known()[name]
    title = escape_markdown(about.title)
    if name not in fits:
        return f":gray[~~{title}~~]"
    cost = COSTS[about.cost]
    return f"{title} · {cost}" if cost else title


def _options(methods: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """Let the visitor change the options of one method; return those of all that were changed."""
    forms = {name: describe_options(known()[name].options) for name in methods}
    with_form = [name for name, infos in forms.items() if infos]
    texts = {name: OptionText(name, known()[name].options) for name in with_form}
    changed = {
        name: text.read(page_options.value(f"{name}_options", text, ""))
        for name, text in texts.items()
    }
    if with_form:
        name = page_options.select(
            "form", "Options of", with_form, with_form[0], lambda n: known()[n].title, width=260
        )
        with guard():
            changed[name] = method_form(texts[name], changed[name], page="attributions")
    return {name: options for name, options in changed.items() if options}


def method_form(text: OptionText, changed: dict[str, Any], *, page: str) -> dict[str, Any]:
    """Draw the fields of a method's options, and keep what was changed in the link.

    Each page has fields of its own: Streamlit keeps a field's state by page, so that a field of
    the same key on the next page would start at its least value.
    """
    infos, prefix = describe_options(text.options), f"{page}_{text.method}"
    written = text.write(changed)
    if st.session_state.get(f"{prefix}_written") != written:  # the link changed, not the fields
        fill(infos, text.defaults(), changed, prefix)
    found = text.checked(draw_fields(infos, text.defaults(), prefix))
    st.session_state[f"{prefix}_written"] = text.write(found)
    if found != changed:
        name = f"{text.method}_options"
        page_options.set_value(name, text.write(found))
        page_options.value(name, text, "")
    return found
