"""Where an attention looked: ALSTM-FCN (Karim et al., 2018) and its variants.

Attention weights say where a layer looked; they do not say what made the class score: the shares
of `tscviz.explain.branches` and the other methods speak of that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np
from torch import Tensor

from tscviz.explain.registry import Explainer, ExplainError, Request, check_case, register
from tscviz.models.attention import QUERIES, AttentionView
from tscviz.models.classifier import Classifier
from tscviz.options import option
from tscviz.types import Array

_CELLS = 1 << 22  # weights held at once for one head: of some queries, for each place


class _Attentive(Protocol):
    def attention(
        self, x: Tensor, mask: Tensor | None = None, *, table: bool = True
    ) -> AttentionView: ...


@dataclass(frozen=True, eq=False)
class AttentionMaps:
    """Attention weights of several cases.

    Parameters
    ----------
    weights : float32 array, shape (n_cases, heads, n_places)
        Mean over the queries; sums to 1, padding has 0.
    places : int64 array, shape (n_cases,)
        How many places each case has.
    over : str
        "time" or "channels"; see `tscviz.models.attention.AttentionView`.
    """

    weights: Array
    places: Array
    over: str

    @property
    def constant(self) -> bool:
        """Whether there is one place only, whose weight is always 1."""
        return self.weights.shape[2] == 1

    @property
    def entropy(self) -> Array:
        """Entropy of the weights in nats, shape (n_cases, heads); at most log(places)."""
        logs = np.log(np.where(self.weights > 0, self.weights, 1.0))
        return -(self.weights * logs).sum(2, dtype=np.float64)

    @property
    def relative_entropy(self) -> Array:
        """Entropy over log(places), 0 to 1: 1 is attention to all alike, or to the one place."""
        most = np.log(self.places.astype(np.float64))[:, None]
        return np.where(most > 0, self.entropy / np.where(most > 0, most, 1.0), 1.0)

    def class_means(self, y: Array, n_classes: int) -> Array:
        """Average over the cases of each class.

        Parameters
        ----------
        y : int array, shape (n_cases,)
        n_classes : int

        Returns
        -------
        float32 array, shape (n_classes, heads, n_places)
            At each place the mean over the cases that reach it; NaN where none does.
        """
        inside = np.arange(self.weights.shape[2]) < self.places[:, None]  # (n_cases, N)
        out = np.full((n_classes, *self.weights.shape[1:]), np.nan, np.float32)
        for label in range(n_classes):
            mine = np.asarray(y) == label
            reached = inside[mine].sum(0)  # (N,)
            total = self.weights[mine].sum(0, dtype=np.float64)  # (heads, N)
            some = reached > 0
            out[label][:, some] = total[:, some] / reached[some]
        return out


@dataclass(frozen=True)
class AttentionOptions:
    """Options of `attention`."""

    head: int = option(0, "The head shown, from 1; 0: the mean of all.", minimum=0)


def attention_of(
    classifier: Classifier, X: Array, mask: Array | None = None, *, batch_size: int = 64
) -> AttentionMaps:
    """Return where the attention of `classifier` looks in each case.

    Parameters
    ----------
    classifier : Classifier
        Of an alstm-fcn model.
    X : float32 array, shape (n_cases, n_channels, n_timepoints)
    mask : bool array, shape (n_cases, n_timepoints), optional
    batch_size : int
        At most; fewer where the series are long.

    Raises
    ------
    ExplainError
        Where the model has no attention over the series.
    """
    module = _attentive(classifier)
    length = max(1, X.shape[2])
    size = max(1, min(batch_size, _CELLS // (length * min(length, QUERIES))))
    weights, over = np.zeros((len(X), 1, X.shape[2]), np.float32), "time"
    start = 0
    for x, m in classifier.batches(X, mask, batch_size=size):
        view = module.attention(x, m, table=False)
        found, over = view.weights.float().cpu().numpy(), view.over
        if start == 0:
            wide = X.shape[2] if over == "time" else found.shape[2]
            weights = np.zeros((len(X), found.shape[1], wide), np.float32)
        weights[start : start + len(x), :, : found.shape[2]] = found
        start += len(x)
    lengths = np.full(len(X), weights.shape[2])
    if over == "time" and mask is not None:
        lengths = np.asarray(mask, dtype=bool).sum(1)
    return AttentionMaps(weights, lengths.astype(np.int64), over)


def attention_table(classifier: Classifier, x: Array, mask: Array | None = None) -> Array:
    """Return the weights of every query of one case, float32, shape (heads, queries, places).

    A row is one query: a step of the LSTM (additive) or a time point (self-attention).

    Raises
    ------
    ExplainError
        Where the model has no attention over the series.
    """
    module = _attentive(classifier)
    x, mask, _ = check_case(classifier, x, mask, 0)
    (batch,) = classifier.batches(x[None], None if mask is None else mask[None])
    steps = module.attention(*batch).steps
    assert steps is not None  # noqa: S101  (of the models here, all have them)
    return steps[0].float().cpu().numpy()


def _attentive(classifier: Classifier) -> _Attentive:
    if "attention" not in classifier.module.offers:
        raise ExplainError(f"{classifier.name} has no attention over the series.")
    return cast("_Attentive", classifier.module)


def _run(request: Request) -> tuple[Array, Mapping[str, Any]]:
    masks = None if request.mask is None else request.mask[None]
    maps = attention_of(request.classifier, request.x[None], masks)
    heads = maps.weights.shape[1]
    if request.options.head > heads:
        raise ExplainError(
            f"head is {request.options.head}; the model has {heads} (0: their mean)."
        )
    head = request.options.head
    one = maps.weights[0, head - 1] if head else maps.weights[0].mean(0)  # (N,)
    inside = np.ones(request.x.shape[1], bool) if request.mask is None else request.mask
    if maps.over == "time":
        values = np.broadcast_to(one, request.x.shape).copy()
    else:  # a channel's weight, spread evenly over its points
        values = one[:, None] * (inside / inside.sum())
    shown = AttentionMaps(one[None, None], maps.places, maps.over)
    details = {
        "per_channel": maps.over == "channels",
        "over": maps.over,
        "heads": heads,
        "constant": maps.constant,
        "entropy": float(shown.entropy[0, 0]),
        "relative_entropy": float(shown.relative_entropy[0, 0]),
    }
    return values, details


register(
    Explainer(
        name="attention",
        title="Attention",
        summary="Where the model's attention looked; the weights sum to 1, whatever the class.",
        needs=("attention",),
        signed=False,
        uses_baseline=False,
        cost="cheap",
        options=AttentionOptions,
        run=_run,
        contrasts=False,
    )
)
