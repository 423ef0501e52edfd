"""The equations of the DTP paper that the segments page draws."""

from __future__ import annotations

from tscviz.ui.inside.formulas import Equation, draw_equations

ALL = ("gtp", "stp", "dtp")
PAPER = (
    "Lee, Lee and Yu: *Learnable Dynamic Temporal Pooling for Time Series Classification*, "
    "AAAI 2021"
)


EQUATIONS = (
    Equation(
        3,
        r"\bar{h}_l = \phi\left(h_{t_{l-1}+1}, \ldots, h_{t_l}\right)",
        "Every segment becomes one vector: φ is the average, the sum or the maximum of the "
        "hidden vectors in it. GTP has a single segment, STP segments of one length.",
        kinds=ALL,
    ),
    Equation(
        4,
        r"A^* = \underset{A \in \mathcal{A}}{\arg\min}\ \langle A, \Delta(P, H) \rangle",
        "DTP cuts along the path of least total cost through the matrix Δ, with moves to the "
        "right and diagonal only.",
        kinds=("dtp",),
    ),
    Equation(
        5,
        r"\delta(p_l, h_t) = 1 - \frac{p_l \cdot h_t}{\lVert p_l \rVert_2 \lVert h_t \rVert_2}",
        "The cost of putting point t into segment l: one minus the cosine of prototype and "
        "hidden vector.",
        kinds=("dtp",),
    ),
    Equation(
        7,
        r"P(y = c \mid X) = \frac{\exp\left(\sum_{l=1}^{L} \bar{h}_l \cdot w_l^{(c)}\right)}"
        r"{\sum_{c'=1}^{C} \exp\left(\sum_{l=1}^{L} \bar{h}_l \cdot w_l^{(c')}\right)}",
        "Every segment has its own weights for every class. The inner terms are the bars above; "
        "with a bias they add up to the score, and the softmax of the scores is the "
        "probability.",
        kinds=ALL,
    ),
    Equation(
        10,
        r"M_t^{(c)} = \sum_{k=1}^{K} \frac{\partial s^{(c)}}{\partial h_{t,k}} \cdot h_{t,k}",
        "The map: what each hidden vector adds to the score s of class c. It adds up to the "
        "score less its bias. Under maximum pooling only the points that hold a maximum count, "
        "so the map stands on few points.",
        kinds=ALL,
    ),
)


def draw(kind: str) -> None:
    """Show the equations that concern a pooling, "gtp", "stp" or "dtp"."""
    draw_equations([one for one in EQUATIONS if kind in one.kinds], PAPER)
