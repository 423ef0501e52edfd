"""Classify your CSV."""

from __future__ import annotations

import streamlit as st

from tscviz.ui import shell

shell.page_header("Classify your CSV", "Which class does my series belong to, and which stretch decided it?")
st.info("This page is being built.")
