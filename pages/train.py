"""Train."""

from __future__ import annotations

import streamlit as st

from tscviz.ui import shell

shell.page_header("Train", "How does a model learn this dataset, and how well?")
st.info("This page is being built.")
