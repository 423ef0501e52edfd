"""Three ways in: a file, pasted text, or a case of a dataset.

A file and a text are kept for the session, so that both are still there after a look at another
page or at another way in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st

from tscviz.ui import cache, page_options, state
from tscviz.ui.classify import example, model_choice
from tscviz.ui.classify.model_choice import Model
from tscviz.ui.escape import escape_markdown, safe_file_name

WAYS = {
    "file": ":material/upload_file: Upload a file",
    "paste": ":material/content_paste: Paste text",
    "draw": ":material/casino: Draw from a dataset",
}
MAX_TEXT = 2_000_000
_FILE, _TEXT = "_classify_file", "_classify_text"


@dataclass(frozen=True, eq=False)
class Source:
    """What is to be classified.

    Parameters
    ----------
    kind : str
        "file", "paste", "example" or "draw".
    name : str
        The file's name; untrusted.
    data : bytes
        Content of the file; empty for "draw".
    digest : str
        sha256 of the content, or of the dataset and split.
    """

    kind: str
    name: str
    data: bytes
    digest: str

    @property
    def is_own(self) -> bool:
        """Whether it is the visitor's own series."""
        return self.kind in ("file", "paste")


def from_bytes(kind: str, name: str, data: bytes) -> Source:
    """Return a source with the digest of its content."""
    return Source(kind, name, data, hashlib.sha256(data).hexdigest())


def choose(models: Mapping[str, Model]) -> tuple[Model, Source | None]:
    """Draw the choice of the model and the three ways in.

    Returns
    -------
    model : Model
    source : Source or None
        What is to be classified; None where nothing is given.
    """
    with st.container(horizontal=True, gap="medium"):
        way = page_options.segmented("way", "Series from", tuple(WAYS), "file", WAYS.__getitem__)
        model = model_choice.choose(models)
    model_choice.say_fallback(model)
    return model, {"file": _file, "paste": _paste, "draw": _draw}[way](model)


def _file(model: Model) -> Source | None:
    def take() -> None:
        given = st.session_state["classify_upload"]
        if given is None:
            st.session_state.pop(_FILE, None)
        else:
            st.session_state[_FILE] = from_bytes("file", given.name, given.getvalue())

    given = st.file_uploader(
        "CSV, TSV or text, .ts, .arff, .npy, .npz or .parquet; plain or packed with gzip",
        key="classify_upload",
        on_change=take,
    )
    kept: Source | None = st.session_state.get(_FILE)
    shown = _example(model)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        if kept is not None and given is None:
            st.markdown(f":material/description: {escape_markdown(kept.name)} is still open.")
            st.button("Close the file", on_click=lambda: st.session_state.pop(_FILE, None))
        elif kept is None and shown is not None:
            st.markdown(f":gray[Until you drop a file, this is {escape_markdown(shown.name)}.]")
            _offer_example(model, shown)
    return kept or shown


def _paste(model: Model) -> Source | None:
    kept: Source | None = st.session_state.get(_TEXT)
    shown = _example(model)
    first = example.paste_text(shown.data) if shown else ""
    # A text that was sent has an area of its own, which starts with it wherever it is drawn again.
    key = f"classify_text_{kept.digest[:12] if kept else model.entry.dataset}"

    def take() -> None:
        sent = st.session_state[key].encode("utf-8")
        st.session_state[_TEXT] = from_bytes("paste", "pasted text", sent)

    with st.form("classify_paste", border=False):
        text = st.text_area(
            "Rows of numbers, with or without a header and labels; straight from a spreadsheet "
            "works too",
            value=kept.data.decode("utf-8") if kept else first,
            max_chars=MAX_TEXT,
            height=150,
            key=key,
        )
        st.form_submit_button(
            "Classify", type="primary", icon=":material/play_arrow:", on_click=take
        )
    if kept is not None:
        label = "Back to the example" if shown else "Clear the text"
        st.button(label, on_click=lambda: st.session_state.pop(_TEXT, None))
    return kept or _from_text(text)


def _from_text(text: str) -> Source | None:
    return from_bytes("example", "the example above", text.encode("utf-8")) if text else None


def _draw(model: Model) -> Source | None:
    name = model.entry.dataset
    if name not in cache.catalogue().datasets:
        st.info(
            f"The dataset {escape_markdown(name)} is not at hand; get it on the Datasets page, or "
            "choose another model.",
            icon=":material/download:",
        )
        return None
    selection = state.current()
    n_cases = cache.shape_of(name).n_cases(selection.split)

    def draw() -> None:
        drawn = int(np.random.default_rng().integers(n_cases))
        state.select(dataset=name, model=model.entry.name, case=drawn)

    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.button("Draw a case", icon=":material/casino:", on_click=draw)
        st.markdown(
            f"from the {n_cases} {selection.split} cases of **{escape_markdown(name)}**, or choose "
            "one below or in the sidebar."
        )
    digest = f"{cache.dataset(name).digest}-{selection.split}"
    return Source("draw", f"{name} {selection.split}", b"", digest)


def _example(model: Model) -> Source | None:
    name = model.entry.dataset
    if name not in cache.catalogue().datasets:
        return None
    data = cache.dataset(name)
    content = example.example_csv(data.digest, data)
    return from_bytes("example", f"{safe_file_name(name)}-example.csv", content)


def _offer_example(model: Model, shown: Source) -> None:
    st.download_button(
        "Download the example",
        shown.data,
        shown.name,
        "text/csv",
        key=f"classify_example_{safe_file_name(model.entry.name)}",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
        help="A small CSV of the model's dataset: a pattern for your own file.",
    )
