"""What the kernels of each length do in ConvTimeNet: shapes, activations, and what hangs on them.

The paper shows the filters of the first layer with their activations and studies the multi-length
design by ablation; it gives no settings, so those here are ours. Nothing is retrained: a length
is taken out of the trained network, and the change of the scores is read off.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch

from tscviz.explain.registry import ExplainError
from tscviz.models.classifier import Classifier
from tscviz.models.convtimenet import ConvTimeNet
from tscviz.types import Array

SCOPES = ("first", "all")


@dataclass(frozen=True, eq=False)
class LengthFilters:
    """Filters of one length in the first layer.

    Parameters
    ----------
    length : int
        Of the kernels, in time points.
    weights : float32 array, shape (n_filters, n_channels, length)
        Tap j of a kernel meets the point ``t - before + j`` when the output stands at ``t``.
    before : int
        Taps before the output's own point; an even kernel has one more behind it.
    """

    length: int
    weights: Array
    before: int


@dataclass(frozen=True, eq=False)
class FilterActivations:
    """What the first layer's filters of one length answer to some cases.

    Parameters
    ----------
    length : int
    responses : float32 array, shape (n_cases, n_filters, n_timepoints)
        Output of the convolution; zero on padding.
    activations : float32 array, same shape
        After batch normalisation and ReLU; zero on padding.
    """

    length: int
    responses: Array
    activations: Array


@dataclass(frozen=True, eq=False)
class LengthAblation:
    """Scores of some cases with one length's filters taken out at a time.

    Parameters
    ----------
    lengths : tuple of int
    scope : str
        "first" layer or "all" layers.
    logits : float32 array, shape (n_cases, n_classes)
        Of the whole network.
    without : float32 array, shape (n_lengths, n_cases, n_classes)
        Logits without the filters of each length.
    """

    lengths: tuple[int, ...]
    scope: str
    logits: Array
    without: Array

    def logit_change(self, target: int) -> Array:
        """Return how the logit of a class changes without each length, (n_lengths, n_cases).

        Negative: the filters speak for the class.
        """
        return self.without[:, :, target] - self.logits[:, target]

    def probability_change(self, target: int) -> Array:
        """Return how the probability of a class changes without each length; as the logit's."""
        return _softmax(self.without)[:, :, target] - _softmax(self.logits)[:, target]

    def accuracy(self, y: Array) -> tuple[float, Array]:
        """Return the accuracy of the whole network and without each length, (n_lengths,).

        Parameters
        ----------
        y : int array, shape (n_cases,)
        """
        whole = float((self.logits.argmax(1) == y).mean())
        return whole, (self.without.argmax(2) == y).mean(1)


def first_layer_filters(classifier: Classifier) -> tuple[LengthFilters, ...]:
    """Return the filters that see the series themselves, by length.

    Raises
    ------
    ExplainError
        Where the network has no layer of several lengths.
    """
    layer = _network(classifier).first_layer()
    return tuple(
        LengthFilters(k, weight.detach().cpu().numpy().copy(), (k - 1) // 2)
        for k, weight in zip(layer.lengths, layer.weights(), strict=True)
    )


def filter_activations(
    classifier: Classifier, X: Array, mask: Array | None = None, *, batch_size: int = 64
) -> tuple[FilterActivations, ...]:
    """Return what the first layer's filters answer to some cases, by length.

    Parameters
    ----------
    classifier : Classifier
    X : float32 array, shape (n_cases, n_channels, n_timepoints)
    mask : bool array, shape (n_cases, n_timepoints), optional
    batch_size : int

    Raises
    ------
    ExplainError
        Where the network has no layer of several lengths.
    ModelError
        On cases that the network cannot take.
    """
    layer = _network(classifier).trunk.multi_length_layers()[0]
    stages = np.zeros((2, len(X), layer.conv.width, X.shape[2]), np.float32)
    start = 0
    for x, m in classifier.batches(X, mask, batch_size=batch_size):
        keep = torch.ones_like(x[:, :1]) if m is None else m.unsqueeze(1).to(x.dtype)
        with torch.no_grad():
            response = layer.conv(x * keep)  # (B, K, T)
            activation = layer.norm(response).relu()
        for stage, values in zip(stages, (response, activation), strict=True):
            stage[start : start + len(x), :, : x.shape[2]] = (values * keep).cpu().numpy()
        start += len(x)
    return tuple(
        FilterActivations(k, *(stage[:, layer.conv.channels(k)] for stage in stages))
        for k in layer.conv.lengths
    )


def length_ablation(
    classifier: Classifier,
    X: Array,
    mask: Array | None = None,
    *,
    scope: str = "all",
    batch_size: int = 64,
) -> LengthAblation:
    """Take the filters of one length out of the network at a time, and score the cases again.

    The filters' outputs are zero after batch normalisation (zero before it would leave a constant
    behind); what reaches their channels by a shortcut stays. The classifier itself is not touched.

    Parameters
    ----------
    classifier : Classifier
    X : float32 array, shape (n_cases, n_channels, n_timepoints)
    mask : bool array, shape (n_cases, n_timepoints), optional
    scope : {"first", "all"}
        Out of the first layer, which alone sees the series, or out of every layer.
    batch_size : int

    Raises
    ------
    ExplainError
        On another scope, or where the network has no layer of several lengths.
    ModelError
        On cases that the network cannot take.
    """
    if scope not in SCOPES:
        raise ExplainError(f"scope is {scope!r}; it must be one of: {', '.join(SCOPES)}.")
    lengths = _network(classifier).first_layer().lengths
    without = [
        _without(classifier, length, scope).logits(X, mask, batch_size=batch_size)
        for length in lengths
    ]
    whole = classifier.logits(X, mask, batch_size=batch_size)
    return LengthAblation(lengths, scope, whole, np.stack(without))


def _without(classifier: Classifier, length: int, scope: str) -> Classifier:
    # A private copy: other sessions may be using the network just now.
    twin = copy.deepcopy(_network(classifier))
    layers = twin.trunk.multi_length_layers()
    with torch.no_grad():
        for layer in layers[:1] if scope == "first" else layers:
            out = layer.conv.channels(length)
            layer.norm.weight[out] = 0.0
            layer.norm.bias[out] = 0.0
    return Classifier(twin, classifier.classes, classifier.card)


def _network(classifier: Classifier) -> ConvTimeNet:
    if "multi_length" not in classifier.module.offers:
        raise ExplainError(
            f"{classifier.name} has no layer with kernels of several lengths; choose a convtimenet."
        )
    return cast("ConvTimeNet", classifier.module)


def _softmax(logits: Array) -> Array:
    return torch.from_numpy(logits).softmax(-1).numpy()
