"""Class activation maps of networks with a hidden series over time (DTP paper, equation 10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast, runtime_checkable

import numpy as np
import torch
from torch import Tensor

from tscviz.explain.registry import Explainer, ExplainError, Request, register
from tscviz.models.classifier import Classifier
from tscviz.types import Array


class CAMModule(Protocol):
    """What a network that offers "cam" has."""

    def features(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the output of the last ReLU, (B, K, T)."""
        ...

    def classify(self, h: Tensor, mask: Tensor | None = None) -> Tensor:
        """Map it to logits (B, n_classes)."""
        ...


@runtime_checkable
class BesideCAM(Protocol):
    """What a network has whose hidden series carries a part of the score only (LSTM-FCN)."""

    def cam_offset(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return what the logits hold beside the map, (B, n_classes)."""
        ...

    def __call__(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the logits, (B, n_classes)."""
        ...


@dataclass(frozen=True)
class CAMOptions:
    """The map has no options."""


@torch.inference_mode(mode=False)  # the caller's mode is the caller's: a gradient is needed
@torch.enable_grad()
def class_activation(
    classifier: Classifier,
    X: Array,
    mask: Array | None = None,
    *,
    target: int | Array | None = None,
    batch_size: int = 64,
) -> Array:
    """Class activation maps of several cases at once (paper, equation 10).

    ``M_t = sum_k h_tk * d s_c / d h_tk`` on the output of the last ReLU, with the alignment held
    fixed. Every pooling here is homogeneous and every head affine, so a map sums to the logit
    less the logit of an all-zero hidden series (the class bias, of a dense head).

    Parameters
    ----------
    classifier : Classifier
    X : float32 array, shape (n_cases, n_channels, n_timepoints)
    mask : bool array, shape (n_cases, n_timepoints), optional
    target : int or int array of shape (n_cases,), optional
        Class index; the predicted class of each case by default.
    batch_size : int

    Returns
    -------
    float32 array, shape (n_cases, n_timepoints)
        In units of the logit; zero on padding.

    Raises
    ------
    ExplainError
        Where the network has no CAM layer, or a class is out of range.
    """
    if "cam" not in classifier.module.offers:
        raise ExplainError(f"{classifier.name} has no hidden series under a pooling layer.")
    module = cast("CAMModule", classifier.module)
    classes = _targets(target, len(X), len(classifier.classes))
    out = np.zeros((len(X), X.shape[2]), np.float32)
    start = 0
    for x, m in classifier.batches(X, mask, batch_size=batch_size):
        with torch.no_grad():
            h = module.features(x, m)
        h = h.detach().requires_grad_()
        logits = module.classify(h, m)
        stop = start + len(x)
        if classes is not None:
            chosen = torch.from_numpy(classes[start:stop])
        else:
            chosen = _whole_logits(module, x, m, logits).argmax(1)
        score = logits.gather(1, chosen.to(logits.device)[:, None]).sum()
        # autograd.grad, not backward: a shared model keeps no gradients.
        (grad,) = torch.autograd.grad(score, h)
        cam = (grad * h).sum(1).detach()  # (B, T)
        out[start:stop, : cam.shape[1]] = cam.cpu().numpy()
        start = stop
    return out


def scale_01(cam: Array, mask: Array | None = None) -> Array:
    """Scale each map to [0, 1] over its own points, as the paper's Figure 8 does.

    Parameters
    ----------
    cam : array, shape (..., n_timepoints)
    mask : bool array, of a shape that broadcasts to that of `cam`, optional
        False on padding.

    Returns
    -------
    float32 array, shape of `cam`
        A constant map becomes zeros; padding stays zero.
    """
    inside = np.ones(cam.shape, bool) if mask is None else mask
    low = np.where(inside, cam, np.inf).min(-1, keepdims=True)
    span = np.where(inside, cam, -np.inf).max(-1, keepdims=True) - low
    scaled = (cam - low) / np.where(span > 0, span, 1.0)
    return np.where(inside, scaled, 0.0).astype(np.float32)


def _targets(target: int | Array | None, n_cases: int, n_classes: int) -> Array | None:
    if target is None:
        return None
    classes = np.broadcast_to(np.asarray(target, dtype=np.int64), (n_cases,)).copy()
    if n_cases and not (classes.min() >= 0 and classes.max() < n_classes):
        raise ExplainError(f"target is {target}; the classes are numbered 0 to {n_classes - 1}.")
    return classes


def _offsets(module: CAMModule, x: Tensor, m: Tensor | None, h: Tensor) -> Tensor:
    """Return the logits of a hidden series of zeros, (K,): what no time point adds."""
    with torch.no_grad():
        if isinstance(module, BesideCAM):
            return module.cam_offset(x, m)[0]
        return module.classify(torch.zeros_like(h), m)[0]


def _whole_logits(module: CAMModule, x: Tensor, m: Tensor | None, logits: Tensor) -> Tensor:
    """Return the logits of the whole network, of which `classify` may give a part."""
    if not isinstance(module, BesideCAM):
        return logits
    with torch.no_grad():
        return module(x, m)


@torch.inference_mode(mode=False)
@torch.enable_grad()
def _run(request: Request) -> tuple[Array, Mapping[str, Any]]:
    module = cast("CAMModule", request.classifier.module)
    masks = None if request.mask is None else request.mask[None]
    x, m = next(request.classifier.batches(request.x[None], masks))
    with torch.no_grad():
        h = module.features(x, m)  # the dear part: once
    h = h.detach().requires_grad_()
    scores = module.classify(h, m)
    whole, offsets = _whole_logits(module, x, m, scores)[0].detach(), _offsets(module, x, m, h)
    cam, logit, bias = np.zeros(request.x.shape[1], np.float32), 0.0, 0.0
    # the map is linear in the score
    for sign, k in ((1, request.target), (-1, request.against)):
        if k is not None:
            (grad,) = torch.autograd.grad(scores[0, k], h, retain_graph=True)
            part = (grad * h).sum(1)[0].detach().cpu().numpy()
            cam[: len(part)] += sign * part
            logit += sign * float(whole[k])
            bias += sign * float(offsets[k])
    details = {
        "per_channel": False,  # the hidden series mixes the channels: one row, repeated
        "logit": logit,
        "bias": bias,
        "completeness_gap": logit - bias - float(cam.sum(dtype=np.float64)),
    }
    return np.broadcast_to(cam, request.x.shape).copy(), details


register(
    Explainer(
        name="cam",
        title="Class activation map",
        summary="What each time point adds to the class score, through the model's own pooling.",
        needs=("cam",),
        signed=True,
        uses_baseline=False,
        cost="cheap",
        options=CAMOptions,
        run=_run,
    )
)
