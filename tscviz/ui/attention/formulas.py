"""The equations behind the attention page, by variant."""

from __future__ import annotations

from tscviz.ui.inside.formulas import Equation, draw_equations

PAPER = (
    "Karim, Majumdar, Darabi and Chen: *LSTM Fully Convolutional Networks for Time Series "
    "Classification*, IEEE Access 2018; additive attention: Bahdanau, Cho and Bengio, 2015; "
    "self-attention: Vaswani et al., 2017. The numbers are this page's own."
)
ATTENTION = ("paper", "additive")
SELF = ("self", "report")

EQUATIONS = (
    Equation(
        1,
        r"e_{t,j} = v^\top \tanh\left(U_a h_{t-1} + W_a x_j + b_a\right), \qquad "
        r"\alpha_{t,j} = \frac{\exp e_{t,j}}{\sum_{j'} \exp e_{t,j'}}",
        "Additive attention: before step t the LSTM, with its state h, gives every step j of its "
        "input a weight α. With one step the fraction is 1.",
        kinds=ATTENTION,
    ),
    Equation(
        2,
        r"z_t = \sum_j \alpha_{t,j}\, x_j",
        "The context z enters every gate beside the step's own input.",
        kinds=ATTENTION,
    ),
    Equation(
        1,
        r"\alpha^{(i)} = \mathrm{softmax}\left(\frac{Q_i K_i^\top}{\sqrt{d_k}}\right), \qquad "
        r"\mathrm{head}_i = \alpha^{(i)} V_i",
        "Self-attention: in head i every time point (a row of Q) weighs every time point (a row of "
        "K).",
        kinds=SELF,
    ),
    Equation(
        2,
        r"c = \frac{1}{T} \sum_t \left[\mathrm{head}_1; \ldots; \mathrm{head}_H\right]_t W_O",
        "The context c, a mean over time, stands beside the LSTM's last state.",
        kinds=SELF,
    ),
    Equation(
        3,
        r"\bar\alpha_j = \frac{1}{T} \sum_t \alpha_{t,j}, \qquad "
        r"H = -\sum_j \bar\alpha_j \log \bar\alpha_j, \qquad \frac{H}{\log T}",
        "The curve of the page, its entropy in nats, and its relative entropy.",
        kinds=(*ATTENTION, *SELF),
    ),
    Equation(
        4,
        r"s^{(c)} = \underbrace{w_{\mathrm{LSTM}}^{(c)} \cdot h}_{\mathrm{LSTM\ branch}} + "
        r"\underbrace{w_{\mathrm{FCN}}^{(c)} \cdot \tfrac{1}{T}\sum_t a_t}_{\mathrm{FCN\ branch}} "
        r"+ b^{(c)}",
        "The score of class c: the head is linear, so each branch has its own part. h is what the "
        "LSTM branch gives, a the FCN's last features.",
        kinds=("paper", "additive", "self", "time"),
    ),
)


def draw(variant: str, *, attention: bool) -> None:
    """Show the equations that concern a variant."""
    chosen = [e for e in EQUATIONS if variant in e.kinds and (attention or e.number == 4)]
    draw_equations(chosen, PAPER)
