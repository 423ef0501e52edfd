"""More datasets: what is at hand, and a download by name."""

from __future__ import annotations

import streamlit as st

from tscviz.data import DownloadProgress, load_dataset
from tscviz.ui import cache, state
from tscviz.ui.errors import guard
from tscviz.ui.escape import escape_markdown


def offer_download() -> None:
    """List the datasets at hand, open one by a click, and download others by name."""
    infos = cache.dataset_infos()
    names = list(infos)

    def take() -> None:
        rows = st.session_state["dataset_list"].selection.rows
        if rows and infos[names[rows[0]]].error is None:
            state.select(dataset=names[rows[0]])

    st.caption(
        f"{len(names)} datasets are at hand. Tick a row to open it on all pages. A dash under "
        "Length: the series differ in length, or only the whole file tells."
    )
    columns = {
        "Name": names,
        "Source": [info.source for info in infos.values()],
        "Channels": [info.n_channels for info in infos.values()],
        "Length": [info.length for info in infos.values()],
        "Classes": [info.n_classes for info in infos.values()],
    }
    if any(info.error for info in infos.values()):
        columns["Cannot be used because"] = [info.error for info in infos.values()]
    st.dataframe(
        columns,
        key="dataset_list",
        hide_index=True,
        on_select=take,
        selection_mode="single-row",
        placeholder="–",
        alt="The datasets that need no download",
    )
    with (
        st.form("download", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        name = st.text_input(
            "Download by name",
            placeholder="For example Coffee",
            help="Any problem of the UCR and UEA archives, as their site spells it.",
            width=260,
        )
        wanted = st.form_submit_button("Download", icon=":material/download:")
    if wanted and name.strip():
        with guard():
            _download(name.strip())


def _download(name: str) -> None:
    with st.status(f"Downloading {escape_markdown(name)} …", expanded=False) as status:

        def show(progress: DownloadProgress) -> None:
            status.update(
                label=f"Downloading {escape_markdown(progress.name)}: "
                f"{progress.n_bytes / 1e6:.1f} MB after {progress.seconds:.0f} s"
            )

        try:
            load_dataset(name, on_progress=show)
        except ValueError:
            status.update(label=f"{escape_markdown(name)} was not downloaded", state="error")
            raise
    cache.refresh()
    state.select(dataset=name)
    st.rerun()
