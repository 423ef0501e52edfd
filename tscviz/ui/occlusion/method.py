"""How the occlusion map is made, in a formula and in words."""

from __future__ import annotations

import streamlit as st

from tscviz.types import Attribution

FORMULA = (
    r"m_t = \frac{1}{|W_t|} \sum_{w \in W_t} \left( s(x) - s(x_{\setminus w}) \right)"
    r"\qquad W_t = \{ w : t \in w \}"
)


def draw(found: Attribution) -> None:
    """Show the formula and what its letters are here."""
    told = found.details
    st.latex(FORMULA)
    st.markdown(
        f"s is the {told['output']} of the class, and x without w is the case with window w "
        "replaced by the fill. Each point takes the mean over the windows that hide it, "
        f"{len(told['starts'])} in all here. Above zero: hiding the point lowers the class. The "
        "last window is cut off by the end of the series where the step does not fit. Padding is "
        "never hidden."
    )
    st.markdown(
        "The numbers are those of `captum.attr.Occlusion` with the same window, stride and "
        "baseline. A model answers to the fill as much as to what is missing: compare two fills "
        "before you trust a map."
    )
    st.caption(
        "Zeiler and Fergus (2014) for images. ConvTimeNet (Kashiparekh et al., IJCNN 2019) uses it "
        "for series without giving settings; window, step and fill are our choice."
    )
