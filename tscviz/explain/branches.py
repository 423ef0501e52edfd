"""Shares of the LSTM and the FCN branch in a class score, and the scales of the filters.

Of LSTM-FCN and ALSTM-FCN (Karim et al., 2018) and their variants.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
import torch
from torch import Tensor

from tscviz.explain.registry import ExplainError
from tscviz.models.classifier import Classifier
from tscviz.types import Array


class _TwoBranches(Protocol):
    def __call__(self, x: Tensor, mask: Tensor | None = None) -> Tensor: ...

    def branches(
        self, x: Tensor, mask: Tensor | None, target: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]: ...

    def se_weights(self, x: Tensor, mask: Tensor | None = None) -> list[Tensor]: ...


@dataclass(frozen=True, eq=False)
class BranchShares:
    """How the class score of each case is made up: ``lstm + fcn + rest`` is the logit.

    Parameters
    ----------
    lstm, fcn, rest, logit : float32 arrays, shape (n_cases,)
    target : int64 array, shape (n_cases,)
    additive : bool
        True: the head is linear, shares are features times weights and `rest` is the bias. False:
        shares are Shapley values of the two branches, an absent one being at its running mean at
        the end of the training, and `rest` is the logit with both at their mean.
    """

    lstm: Array
    fcn: Array
    rest: Array
    logit: Array
    target: Array
    additive: bool


def branch_shares(
    classifier: Classifier,
    X: Array,
    mask: Array | None = None,
    *,
    target: int | Array | None = None,
    batch_size: int = 64,
) -> BranchShares:
    """Divide the score of a class among the LSTM and the FCN branch, case by case.

    Parameters
    ----------
    classifier : Classifier
        Of an lstm-fcn or alstm-fcn model.
    X : float32 array, shape (n_cases, n_channels, n_timepoints)
    mask : bool array, shape (n_cases, n_timepoints), optional
    target : int or int array of shape (n_cases,), optional
        Class index; the predicted class of each case by default.
    batch_size : int

    Raises
    ------
    ExplainError
        Where the model has no such branches, or a class is out of range.
    """
    module = _branched(classifier)
    n_classes = len(classifier.classes)
    wanted = None if target is None else np.broadcast_to(np.asarray(target, np.int64), (len(X),))
    if wanted is not None and len(wanted) and not 0 <= wanted.min() <= wanted.max() < n_classes:
        raise ExplainError(f"target is {target}; the classes are numbered 0 to {n_classes - 1}.")
    parts: list[tuple[Tensor, ...]] = []
    start = 0
    for x, m in classifier.batches(X, mask, batch_size=batch_size):
        with torch.no_grad():
            logits = module(x, m)
        chosen = logits.argmax(1)
        if wanted is not None:
            chosen = torch.from_numpy(wanted[start : start + len(x)].copy()).to(logits.device)
        score = logits.gather(1, chosen[:, None])[:, 0]
        parts.append((*module.branches(x, m, chosen), score, chosen))
        start += len(x)
    columns = [torch.cat(c).cpu().numpy() for c in zip(*parts, strict=True)]
    lstm, fcn, rest, logit, classes = columns or [np.zeros(0, np.float32)] * 5
    return BranchShares(
        lstm, fcn, rest, logit, classes.astype(np.int64), "cam" in classifier.module.offers
    )


def filter_scales(
    classifier: Classifier, X: Array, mask: Array | None = None, *, batch_size: int = 64
) -> tuple[Array, ...]:
    """Return the squeeze-and-excitation scale of every filter.

    Returns
    -------
    tuple of float32 arrays, shape (n_cases, K)
        One a block, values in (0, 1); empty where the network has no squeeze-and-excitation.

    Raises
    ------
    ExplainError
        Where the model is of another family.
    """
    module = _branched(classifier)
    parts = [module.se_weights(x, m) for x, m in classifier.batches(X, mask, batch_size=batch_size)]
    return tuple(torch.cat(layer).cpu().numpy() for layer in zip(*parts, strict=True))


def _branched(classifier: Classifier) -> _TwoBranches:
    if "branches" not in classifier.module.offers:
        raise ExplainError(f"{classifier.name} has no LSTM and FCN branches.")
    return cast("_TwoBranches", classifier.module)
