"""The numbered equations of a paper, under a page that draws them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True)
class Equation:
    """One numbered equation of a paper.

    Parameters
    ----------
    number : int
    latex, text : str
        `text` is Markdown.
    kinds : tuple of str
        Variants of the model that it concerns, where a page shows several.
    """

    number: int
    latex: str
    text: str
    kinds: tuple[str, ...] = ()


def draw_equations(equations: Iterable[Equation], paper: str) -> None:
    """Show equations, each under its sentence, and the paper they are from.

    Parameters
    ----------
    equations : iterable of Equation
    paper : str
        Authors and title; Markdown.
    """
    for equation in equations:
        st.markdown(equation.text)
        st.latex(rf"{equation.latex} \qquad ({equation.number})")
    st.caption(paper)
