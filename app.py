"""The web app: `streamlit run app.py`."""

from pathlib import Path

import streamlit as st

from tscviz.ui import errors
from tscviz.ui.lifespan import lifespan

app = st.App(
    Path(errors.__file__).with_name("main.py"),
    lifespan=lifespan,
    on_script_error=errors.report_unexpected,
)
