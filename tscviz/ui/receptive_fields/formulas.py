"""The equations of the DSN paper that the page draws."""

from __future__ import annotations

from tscviz.ui.inside.formulas import Equation, draw_equations

PAPER = (
    "Xiao et al.: *Dynamic Sparse Network for Time Series Classification: Learning What to “See”*, "
    "NeurIPS 2022"
)

EQUATIONS = (
    Equation(
        1,
        r"O_j = \sum_{i} \left(I(\Theta)_{i,j} \odot \Theta_{i,j}\right) \cdot x_i",
        "A sparse layer is a convolution whose weights Θ are kept where the mask I is one. A "
        "kernel is the weights from one input channel i to one output channel j.",
    ),
    Equation(
        2,
        r"f_{i,j} = \begin{cases} \max(\mathrm{Ind}_{i,j}) - \min(\mathrm{Ind}_{i,j}) + 1, & "
        r"\mathrm{Ind}_{i,j} \neq \emptyset \\ 0, & \text{otherwise} \end{cases}",
        "The size of a kernel's effective neighbour receptive field (eNRF): from its first to its "
        "last active tap, both counted; Ind are the active ones. It counts active weights alike, "
        "large or small.",
    ),
    Equation(
        3,
        r"\mathrm{RF} = \left\{\max\left(0,\; s^{(1)} + s^{(2)} + s^{(3)} - 2\right)\right\}",
        "What three modules see together; with n layers, the sum of the sizes less n − 1. The "
        "1 × 1 convolution between two sparse layers joins every kernel of the one with every "
        "kernel of the next, so the paths of each size are counted exactly, by convolving the "
        "layers' histograms. A path through an empty kernel carries nothing and counts as 0.",
    ),
    Equation(
        4,
        r"f_{\mathrm{decay}}(t) = \frac{\alpha}{2}\left(1 + \cos\frac{t\pi}{T}\right)",
        "The share of active weights that is pruned and grown again at a move, over the training. "
        "Those of least magnitude are pruned; as many are grown inside the group's region. Group i "
        "of N may use the first i k / N of k taps.",
    ),
)


def draw() -> None:
    """Show the equations."""
    draw_equations(EQUATIONS, PAPER)
