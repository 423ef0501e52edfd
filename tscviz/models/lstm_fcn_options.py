"""Options of LSTM-FCN and ALSTM-FCN; `docs/lstm-fcn.md` says what each stands for."""

from __future__ import annotations

from dataclasses import dataclass

from tscviz.options import option

_READS_HELP = (
    "What the recurrent branch reads: the series, or the features (hidden series) of the FCN; "
    "auto: the series in paper, time and additive, the features in self and report."
)
_GATES_HELP = (
    "Gates of the LSTM cell; auto: hard_sigmoid in paper (Keras 2.0, the authors'), sigmoid in "
    "the others."
)


@dataclass(frozen=True)
class LSTMFCNOptions:
    """Options of `lstm-fcn`."""

    cells: int = option(8, "Cells of the LSTM; the paper has 8, 64 or 128.", minimum=1)
    variant: str = option(
        "paper",
        "paper: the LSTM sees each channel as one step of T features (dimension shuffle); time: "
        "it runs over the T time points; report: the report's new model.",
        choices=("paper", "time", "report"),
    )
    kernels: tuple[int, ...] = option(
        (8, 5, 3),
        "Lengths of the three convolutions; the report has 8,8,8.",
        minimum=1,
        maximum=512,
    )
    dropout: float = option(
        0.8,
        "Share dropped after the recurrent branch, in all variants but report.",
        minimum=0.0,
        maximum=0.99,
    )
    report_dropout: float = option(
        0.3,
        "Report: share dropped after the recurrent branch and in the head.",
        minimum=0.0,
        maximum=0.99,
    )
    cell_dropout: float = option(
        0.2, "Report: share of the LSTM's inputs dropped.", minimum=0.0, maximum=0.99
    )
    squeeze: bool = option(True, "Report: squeeze-and-excitation in the blocks of the FCN.")
    gates: str = option("auto", _GATES_HELP, choices=("auto", "hard_sigmoid", "sigmoid"))
    reads: str = option("auto", _READS_HELP, choices=("auto", "series", "features"))


@dataclass(frozen=True)
class ALSTMFCNOptions(LSTMFCNOptions):
    """Options of `alstm-fcn`."""

    variant: str = option(
        "paper",
        "paper: as published, attention over one step a channel; additive: attention over the T "
        "time points inside the cell; self: multi-head self-attention over the time points "
        "beside the LSTM; report: the report's new model, with self.",
        choices=("paper", "additive", "self", "report"),
    )
    heads: int = option(
        4, "Heads of self-attention (self, report); must divide the cells.", minimum=1
    )
