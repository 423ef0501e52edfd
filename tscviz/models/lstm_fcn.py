"""LSTM-FCN and ALSTM-FCN (Karim, Majumdar, Darabi and Chen, 2018), and what follows from them.

`docs/lstm-fcn.md` says what each variant is, and where the sources leave a choice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tscviz.models.additive import AdditiveLSTM
from tscviz.models.attention import AttentionView, SelfAttentionLSTM, mean_over_queries
from tscviz.models.backbones import FCN
from tscviz.models.base import ModelError, SeriesModule
from tscviz.models.lstm_fcn_options import ALSTMFCNOptions, LSTMFCNOptions
from tscviz.models.recurrent import LSTM, Branch
from tscviz.models.registry import ModelEntry, register
from tscviz.models.squeeze import DenseNorm, SqueezeFCN, keras_defaults, time_mean
from tscviz.titles import title_of


@dataclass(frozen=True)
class _Variant:
    branch: Callable[[int, Any, bool], Branch]
    attention: bool = False
    shuffled: bool = False
    reads: str = "series"
    gates: str = "sigmoid"
    report: bool = False


def _plain(n_inputs: int, options: Any, hard: bool) -> Branch:
    return LSTM(n_inputs, options.cells, hard=hard)


def _additive(n_inputs: int, options: Any, hard: bool) -> Branch:
    return AdditiveLSTM(n_inputs, options.cells, hard=hard)


def _self(n_inputs: int, options: Any, hard: bool) -> Branch:
    return SelfAttentionLSTM(n_inputs, options.cells, options.heads, hard=hard)


_VARIANTS = {
    "lstm-fcn": {
        "paper": _Variant(_plain, shuffled=True, gates="hard_sigmoid"),
        "time": _Variant(_plain),
        "report": _Variant(_plain, reads="features", report=True),
    },
    "alstm-fcn": {
        "paper": _Variant(_additive, attention=True, shuffled=True, gates="hard_sigmoid"),
        "additive": _Variant(_additive, attention=True),
        "self": _Variant(_self, attention=True, reads="features"),
        "report": _Variant(_self, attention=True, reads="features", report=True),
    },
}


class LSTMFCN(SeriesModule):
    """A recurrent branch and a fully convolutional one, side by side under a dense head.

    Parameters
    ----------
    n_channels, n_classes : int
    options : LSTMFCNOptions
    variant : _Variant
        What `options.variant` stands for.
    length : int or None
        T of the dimension shuffle; longer series are refused, shorter ones completed by zeros.

    Raises
    ------
    ModelError
        Where the dimension shuffle lacks its length, or heads do not divide the cells.
    """

    def __init__(
        self,
        n_channels: int,
        n_classes: int,
        options: LSTMFCNOptions,
        variant: _Variant,
        length: int | None,
    ) -> None:
        super().__init__(n_channels, n_classes)
        self.variant = variant
        self.reads = variant.reads if options.reads == "auto" else options.reads
        self.fcn = (
            SqueezeFCN(n_channels, options.kernels, excite=options.squeeze)
            if variant.report
            else FCN(n_channels, options.kernels)
        )
        per_step = self.fcn.width if self.reads == "features" else n_channels
        if variant.shuffled:
            self.max_length = _needed(length, options.variant)
            per_step = self.max_length
        gates = variant.gates if options.gates == "auto" else options.gates
        self.recurrent = variant.branch(per_step, options, gates == "hard_sigmoid")
        self.width = self.recurrent.width  # the dense rows in front belong to this branch
        self.dropout = nn.Dropout(options.report_dropout if variant.report else options.dropout)
        self.cell_dropout = nn.Dropout(options.cell_dropout if variant.report else 0.0)
        wide = self.width + self.fcn.width
        self.head = _report_head(wide, options.report_dropout) if variant.report else None
        self.fc = nn.Linear(512 if variant.report else wide, n_classes)
        if variant.report:
            self.register_buffer("branch_mean", torch.zeros(wide))
            self.register_buffer("branch_steps", torch.zeros((), dtype=torch.long))
        keras_defaults(self)
        cam = set() if variant.report else {"cam"}
        # Weights over filters are no view of the series.
        attention = {"attention"} if variant.attention and self.attends_to != "filters" else set()
        self.offers = frozenset({"branches"} | cam | attention)

    def features(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the hidden series of the FCN before pooling, (B, 128, T)."""
        return self.fcn(x if mask is None else x * mask.unsqueeze(1), mask)

    def classify(self, h: Tensor, mask: Tensor | None = None) -> Tensor:
        """Map hidden series (B, 128, T) to the FCN branch's part of the logits, with the bias.

        Raises
        ------
        ModelError
            In variant report, whose head mixes the branches.
        """
        if self.head is not None:
            raise ModelError(
                "the head of variant report mixes the branches; there is no such part."
            )
        return F.linear(time_mean(h, mask), self.fc.weight[:, self.width :], self.fc.bias)

    def cam_offset(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return what the logits hold beside the class activation map, (B, n_classes).

        The bias and the LSTM branch's part: the dense rows before those of the FCN.
        """
        h = self.features(x, mask) if self.reads == "features" else None
        return F.linear(self._branch(x, h, mask), self.fc.weight[:, : self.width], self.fc.bias)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Map series (B, n_channels, T) to logits (B, n_classes)."""
        both = self._both(x, mask)
        if self.head is not None and self.training:
            self._follow_mean(both.detach())
        lstm, fcn = both.split([self.width, self.fcn.width], 1)
        return self._score(torch.cat([self.dropout(lstm), fcn], 1))

    def attention(
        self, x: Tensor, mask: Tensor | None = None, *, table: bool = True
    ) -> AttentionView:
        """Return what the attention looked at.

        Parameters
        ----------
        x, mask : Tensor, shapes (B, C, T) and (B, T)
        table : bool
            Also a row a query: memory then grows with the square of T.

        Raises
        ------
        ModelError
            Where the model has none.
        """
        if not isinstance(self.recurrent, AdditiveLSTM | SelfAttentionLSTM):
            raise ModelError("lstm-fcn has no attention; alstm-fcn has.")
        with torch.no_grad():
            h = self.features(x, mask) if self.reads == "features" else None
            steps, keep = self._steps(x, h, mask)
            if not table:
                weights = self.recurrent.mean_attention(steps, keep)
                return AttentionView(weights, None, self.attends_to)
            rows = self.recurrent.attention(steps, keep)
        return AttentionView(mean_over_queries(rows, keep), rows, self.attends_to)

    @property
    def attends_to(self) -> str:
        """What the steps of the recurrent branch are: "time", "channels" or "filters"."""
        if not self.variant.shuffled:
            return "time"
        return "filters" if self.reads == "features" else "channels"

    def branches(
        self, x: Tensor, mask: Tensor | None, target: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Divide the logit of each case's class `target` (B,) among the two branches.

        Returns
        -------
        lstm, fcn, rest : Tensor, shape (B,)
            They sum to the logit. Linear head: features times weights, and the bias. Report:
            Shapley values of the two branches, an absent branch being at its running mean
            at the end of the training, and the logit with both at their mean.
        """
        with torch.no_grad():
            both = self._both(x, mask)
            if self.head is None:
                weight = self.fc.weight[target]  # (B, width + 128)
                lstm, fcn = (both * weight).split([self.width, self.fcn.width], 1)
                return lstm.sum(1), fcn.sum(1), self.fc.bias[target].clone()
            mean = self.get_buffer("branch_mean").expand_as(both)
            mine = torch.arange(both.shape[1], device=both.device) < self.width
            none, lstm, fcn, all_ = (
                self._score(part).gather(1, target[:, None])[:, 0]
                for part in (
                    mean,
                    torch.where(mine, both, mean),
                    torch.where(mine, mean, both),
                    both,
                )
            )
        alone = 0.5 * (lstm - none + all_ - fcn)
        return alone, all_ - none - alone, none

    def se_weights(self, x: Tensor, mask: Tensor | None = None) -> list[Tensor]:
        """Return the scale of every filter by block, (B, K) each; empty where nothing squeezes."""
        if not isinstance(self.fcn, SqueezeFCN):
            return []
        with torch.no_grad():
            return self.fcn.se_weights(x if mask is None else x * mask.unsqueeze(1), mask)

    def notes(self) -> dict[str, object]:
        """Say where the attention cannot choose."""
        if self.variant.attention and self.attends_to == "channels" and self.n_channels == 1:
            return {"attention": ONE_STEP}
        return {}

    def extra_macs(self, length: int) -> float:
        """Multiply-accumulates of the recurrent branch outside its dense layers."""
        return self.recurrent.macs(self._n_steps(length))

    def _n_steps(self, length: int) -> int:
        if not self.variant.shuffled:
            return length
        return self.fcn.width if self.reads == "features" else self.n_channels

    def _both(self, x: Tensor, mask: Tensor | None) -> Tensor:
        h = self.features(x, mask)
        return torch.cat([self._branch(x, h, mask), time_mean(h, mask)], 1)

    def _branch(self, x: Tensor, h: Tensor | None, mask: Tensor | None) -> Tensor:
        steps, keep = self._steps(x, h, mask)
        if self.training and self.cell_dropout.p:  # one mask a case for all steps, as in Keras
            steps = steps * self.cell_dropout(torch.ones_like(steps[:, :1]))
        return self.recurrent(steps, keep)

    def _steps(
        self, x: Tensor, h: Tensor | None, mask: Tensor | None
    ) -> tuple[Tensor, Tensor | None]:
        source = h if h is not None and self.reads == "features" else x
        if mask is not None:
            source = source * mask.unsqueeze(1)
        if self.max_length is None:
            return source.transpose(1, 2), mask  # (B, T, F)
        beyond = slice(self.max_length, None)
        if x.shape[2] > self.max_length and (mask is None or bool(mask[:, beyond].any())):
            raise ModelError(
                f"the series have {x.shape[2]} time points and the dimension shuffle of this model "
                f"was built for {self.max_length}; resample them to that length."
            )
        return F.pad(source, (0, self.max_length - x.shape[2])), None  # (B, C, length)

    def _score(self, both: Tensor) -> Tensor:
        return self.fc(both if self.head is None else self.head(both))

    def _follow_mean(self, both: Tensor) -> None:
        """Keep the running mean of the branches' features, with batch normalisation's momentum."""
        mean, steps = self.get_buffer("branch_mean"), self.get_buffer("branch_steps")
        steps += 1
        mean.lerp_(both.mean(0), max(0.01, 1.0 / float(steps)))


ONE_STEP = (
    "The dimension shuffle gives the LSTM one step with all time points, so the attention has "
    "one place to look at: its weight is always 1 and its parameters never learn."
)


def _needed(length: int | None, variant: str) -> int:
    if length is None:
        raise ModelError(
            f"variant {variant!r} reads series of one fixed length; give length, in time points."
        )
    return length


def _report_head(wide: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(nn.Linear(wide, 512), nn.ReLU(), DenseNorm(512), nn.Dropout(dropout))


def _build(name: str) -> Callable[[int, int, Any, int | None], SeriesModule]:
    def build(
        n_channels: int, n_classes: int, options: LSTMFCNOptions, length: int | None
    ) -> SeriesModule:
        variant = _VARIANTS[name][options.variant]
        return LSTMFCN(n_channels, n_classes, options, variant, length)

    return build


_PAPER = "Karim, Majumdar, Darabi, Chen: LSTM Fully Convolutional Networks for TSC, 2018"
for _name, _summary, _options in (
    ("lstm-fcn", "An LSTM beside a fully convolutional network.", LSTMFCNOptions),
    (
        "alstm-fcn",
        "An LSTM with attention beside a fully convolutional network.",
        ALSTMFCNOptions,
    ),
):
    _entry = ModelEntry(
        _name, title_of(_name), _summary, _PAPER, "lstm-fcn", _options, _build(_name)
    )
    register(_entry)
