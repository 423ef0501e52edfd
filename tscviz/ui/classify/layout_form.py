"""The form in which every guess about a file's layout can be overridden."""

from __future__ import annotations

from typing import Any

import streamlit as st

from tscviz.ui.classify.layout_fields import (
    FOUND,
    NOTHING,
    TABLE,
    TEXT,
    VALUES,
    Field,
    offered,
    options_from,
    show_value,
)
from tscviz.ui.classify.reading import Reading
from tscviz.ui.classify.sources import Source
from tscviz.ui.escape import escape_markdown, plain_text

_OPTIONS = "_classify_options"
_ROUND = "_classify_form_round"
_KNOWN = ("first", "last")
MAX_COLUMNS = 64
MAX_NOTES = 8


def chosen_options(source: Source) -> dict[str, Any]:
    """Return the options that the visitor set for this file."""
    return st.session_state.get(_OPTIONS, {}).get(source.digest, {})


def draw(source: Source, reading: Reading) -> None:
    """Draw the form; sending it reads the file anew."""
    options = chosen_options(source)
    form = reading.layout.format if reading.layout else options.get("format", "csv")
    orientation = reading.layout.orientation if reading.layout else None
    shown = offered(form, orientation)
    key = f"layout_{source.digest[:12]}_{st.session_state.get(_ROUND, 0)}"
    with st.form(key, border=False):
        for group in (TEXT, TABLE, VALUES):
            parts = {n: f for n, f in shown.items() if f.group == group}
            if not parts:
                continue
            st.markdown(f"**{group}**")
            grid = st.grid(4, min_column_width=170)
            for name, field in parts.items():
                with grid.container():
                    _control(f"{key}_{name}", name, field, reading, options)
        st.form_submit_button(
            "Read again with these settings",
            type="primary",
            icon=":material/refresh:",
            on_click=_take,
            args=(source.digest, key, tuple(shown)),
        )
    if options:
        st.button(
            "Back to what was found", on_click=_forget, args=(source.digest,), type="tertiary"
        )


def _control(key: str, name: str, field: Field, reading: Reading, options: dict[str, Any]) -> None:
    found = _found(name, reading, options)
    common: dict[str, Any] = {"label": field.label, "key": key, "help": field.help}
    if field.kind == "count":
        st.number_input(value=options.get(name), min_value=0 if name == "skip_rows" else 1,
                        max_value=1_000_000, step=1, placeholder=found, **common)  # fmt: skip
    elif field.kind in ("columns", "words"):
        value = options.get(name)
        text = ", ".join(map(str, value)) if isinstance(value, tuple) else value
        st.text_input(value=text, placeholder=found, max_chars=2000, **common)
    else:
        choices = _choices(field, reading, options.get(name))
        held = NOTHING if name in options and options[name] is None else options.get(name, FOUND)
        st.selectbox(
            options=choices,
            index=choices.index(held),
            format_func=lambda value: _show(name, value, found),
            accept_new_options=field.kind == "column",
            **common,
        )


def _choices(field: Field, reading: Reading, held: Any) -> list[Any]:
    if field.kind != "column":
        return [FOUND, *field.choices]
    layout = reading.layout
    names: list[Any] = []
    if layout and layout.header and reading.rows:
        names = [cell for cell in reading.rows[0] if cell.strip() and cell != "..."]
    elif reading.rows:
        names = list(range(1, len(reading.rows[0]) + 1))
    extra = [] if held is None else [held]
    return list(dict.fromkeys([FOUND, NOTHING, *_KNOWN, *names[:MAX_COLUMNS], *extra]))


def _found(name: str, reading: Reading, options: dict[str, Any]) -> str:
    if reading.layout is None or name in options:
        return "as found"
    return plain_text(f"found: {show_value(name, getattr(reading.layout, name))}", max_length=60)


def _show(name: str, value: Any, found: str) -> str:
    if value == FOUND:
        return found
    return "none" if value == NOTHING else plain_text(show_value(name, value), max_length=60)


def _take(digest: str, key: str, names: tuple[str, ...]) -> None:
    values = {name: st.session_state.get(f"{key}_{name}") for name in names}
    st.session_state.setdefault(_OPTIONS, {})[digest] = options_from(values)


def _forget(digest: str) -> None:
    st.session_state.get(_OPTIONS, {}).pop(digest, None)
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1


def notes(reading: Reading) -> None:
    """Say in the open what of the file is not in the series, or what to look at twice."""
    said = reading.layout.notes if reading.layout is not None else ()
    if said:
        lines = [escape_markdown(note, max_length=500) for note in said[:MAX_NOTES]]
        if len(said) > MAX_NOTES:
            lines.append(f"{len(said) - MAX_NOTES} more stand under *Change how the file is read*.")
        listed = lines if len(lines) == 1 else [f"- {line}" for line in lines]
        st.info("\n".join(listed), icon=":material/info:")


def reasons(reading: Reading) -> None:
    """List why the file was read this way."""
    if reading.layout is not None and reading.layout.reasons:
        lines = [f"- {escape_markdown(reason)}" for reason in reading.layout.reasons]
        st.markdown("**Why it was read this way**\n\n" + "\n".join(lines))
