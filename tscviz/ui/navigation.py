"""The pages of the app, in the order and sections of the sidebar."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from tscviz.resources import resource

PAGES_DIR = resource("pages").resolve()

#: Section -> pages as (file, title, icon, url_path); the first page of all is the landing page.
SECTIONS: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "Start": (
        ("overview.py", "Overview", ":material/home:", "overview"),
        ("classify.py", "Classify your CSV", ":material/upload_file:", "classify"),
    ),
    "Explore": (("datasets.py", "Datasets", ":material/stacked_line_chart:", "datasets"),),
    "Inside the models": (
        ("segments.py", "DTP segments", ":material/view_week:", "segments"),
        ("receptive_fields.py", "Receptive fields", ":material/width:", "receptive-fields"),
        ("attention.py", "Attention", ":material/center_focus_strong:", "attention"),
        ("occlusion.py", "Occlusion and filters", ":material/visibility_off:", "occlusion"),
    ),
    "Explain": (
        ("attributions.py", "Attributions", ":material/stacks:", "attributions"),
        ("evidence.py", "Evidence", ":material/verified:", "evidence"),
        ("what_if.py", "What if", ":material/edit:", "what-if"),
    ),
    "Train": (
        ("train.py", "Train", ":material/model_training:", "train"),
        ("sweep.py", "Sweep", ":material/grid_on:", "sweep"),
        ("results.py", "Results", ":material/leaderboard:", "results"),
    ),
    "Learn": (("planted.py", "Planted truth", ":material/psychiatry:", "planted"),),
}

#: Page -> architectures it is about, the most wanted first: it opens with one of them until the
#: visitor chooses a model.
PREFERS: dict[str, tuple[str, ...]] = {
    "segments": ("dtp-fcn",),
    "receptive-fields": ("dsn",),
    "attention": ("alstm-fcn", "lstm-fcn"),
    "occlusion": ("convtimenet",),
    "attributions": ("dtp-fcn",),
    "evidence": ("dtp-fcn",),
}


def page_path(name: str) -> Path:
    """Return the absolute path of a page's script, for `st.page_link` and `st.switch_page`.

    Parameters
    ----------
    name : str
        The page's name in the URL, such as "segments".
    """
    for pages in SECTIONS.values():
        for file, _, _, url_path in pages:
            if url_path == name:
                return PAGES_DIR / file
    raise KeyError(f"no page is called {name!r}")


def build_pages() -> dict[str, list[st.Page]]:
    """Return the pages that exist, by section, as `st.navigation` takes them."""
    return {
        section: [
            st.Page(
                PAGES_DIR / file,
                title=title,
                icon=icon,
                url_path=url_path,
                default=url_path == "overview",
            )
            for file, title, icon, url_path in pages
        ]
        for section, pages in SECTIONS.items()
    }
