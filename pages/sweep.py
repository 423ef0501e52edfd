"""Sweep: many models on many datasets from many seeds, started and watched."""

from __future__ import annotations

import streamlit as st

from tscviz.ui import lifespan, shell
from tscviz.ui.errors import guard
from tscviz.ui.sweep import folders


def draw_new() -> None:
    """Draw the form for a new sweep."""
    if lifespan.is_warm():
        from tscviz.ui.sweep.form import draw_form
    else:
        with st.spinner("Loading the networks …"):
            from tscviz.ui.sweep.form import draw_form
    draw_form()


shell.page_header("Sweep", "How do many models do on many datasets, and how sure is that?")
with st.container(width=340):
    name = folders.choose(folders.names())
if name is None:
    draw_new()
else:
    from tscviz.ui.sweep.watch import draw_sweep

    with guard():
        draw_sweep(name, folders.folder_of(name))
