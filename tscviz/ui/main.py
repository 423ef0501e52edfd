"""The app's script: navigation, then the shared selection, then the page that was asked for."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from tscviz.ui import errors, lifespan, navigation, shell

st.set_page_config(
    page_title="tscviz",
    page_icon=str(Path(__file__).with_name("icon.svg")),
    layout="wide",
)
page = st.navigation(navigation.build_pages(), expanded=True)
with errors.guard():
    shell.start(page.url_path)
    page.run()
lifespan.page_done()
