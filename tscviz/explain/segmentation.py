"""How a temporal pooling network divides a case, and what each segment adds to the scores."""

from __future__ import annotations

from typing import cast

import numpy as np
import torch

from tscviz.explain.registry import ExplainError, check_case, check_classifier
from tscviz.kernels import soft_dtw
from tscviz.models.classifier import Classifier
from tscviz.models.pooling import DynamicPooling
from tscviz.models.temporal_pooling import TemporalPoolingNet
from tscviz.types import Array, Segmentation


def segment(classifier: Classifier, x: Array, mask: Array | None = None) -> Segmentation:
    """Return boundaries, alignment and per-segment class contributions of one case.

    Parameters
    ----------
    classifier : Classifier
        Of a GTP, STP or DTP model.
    x : float32 array, shape (n_channels, n_timepoints)
    mask : bool array, shape (n_timepoints,), optional

    Returns
    -------
    Segmentation
        Global pooling is one segment. `cost` and `soft_alignment` are DTP's only.

    Raises
    ------
    ExplainError
        Where the model has no temporal pooling layer.
    """
    module = _pooled(classifier)
    x, mask, _ = check_case(classifier, x, mask)
    (batch,) = classifier.batches(x[None], None if mask is None else mask[None])
    tensor, m = batch
    cost = soft = None
    with torch.no_grad():
        h = module.features(tensor, m)
        segments = module.pool.segments(h, m)
        pooled = module.pool(h, m)  # (1, K, L)
        if isinstance(module.pool, DynamicPooling):
            costs = module.pool.cost(h)
            lengths = None if m is None else m.sum(1)
            soft = soft_dtw(costs, module.pool.gamma, lengths)[1][0].cpu().numpy()
            cost = costs[0].cpu().numpy()
        weight = module.fc.weight.view(module.n_classes, *pooled.shape[1:])  # (C, K, L)
        contributions = torch.einsum("kl,ckl->lc", pooled[0], weight).cpu().numpy()
        bias = module.fc.bias.cpu().numpy().copy()
        logits = module.fc(pooled.flatten(1))[0].cpu().numpy()
    n_points = x.shape[1]
    row = np.full(n_points, -1, np.int64)
    row[: segments.shape[1]] = segments[0].cpu().numpy()
    return Segmentation(
        segments=row,
        boundaries=boundaries_of(row, module.pool.n_segments),
        contributions=contributions,
        bias=bias,
        logits=logits,
        cost=_wide(cost, n_points),
        soft_alignment=_wide(soft, n_points),
    )


def boundaries_of(segments: Array, n_segments: int) -> Array:
    """Return where the segments of one case begin and end.

    Parameters
    ----------
    segments : int array, shape (n_timepoints,)
        Segment of each time point, from 0 and ascending; -1 on padding.
    n_segments : int
        L.

    Returns
    -------
    int64 array, shape (L + 1,)
        Time points: segment l is ``[boundaries[l], boundaries[l + 1])``; an empty one begins where
        the next one does.
    """
    inside = segments[segments >= 0]
    return np.searchsorted(inside, np.arange(n_segments + 1)).astype(np.int64)


def prototypes(classifier: Classifier) -> Array:
    """Return the latent prototypes of a DTP model, of which equation 5 of the paper speaks.

    Parameters
    ----------
    classifier : Classifier

    Returns
    -------
    float32 array, shape (L, K)
        L segments, K features of the hidden series; a copy.

    Raises
    ------
    ExplainError
        Where the model has none.
    """
    module = _pooled(classifier)
    if not isinstance(module.pool, DynamicPooling):
        raise ExplainError(f"{classifier.name} has no prototypes; only DTP models learn them.")
    return module.pool.prototypes.detach().cpu().numpy().copy()


def class_weights(classifier: Classifier) -> Array:
    """Return the dense layer's weights by segment (paper, equation 7).

    Parameters
    ----------
    classifier : Classifier
        Of a GTP, STP or DTP model.

    Returns
    -------
    float32 array, shape (n_classes, L, K)
        L segments, K features of the hidden series; a copy.

    Raises
    ------
    ExplainError
        Where the model has no temporal pooling layer.
    """
    module = _pooled(classifier)
    weight = module.fc.weight.detach().cpu().numpy()
    return weight.reshape(module.n_classes, -1, module.pool.n_segments).transpose(0, 2, 1).copy()


def _pooled(classifier: Classifier) -> TemporalPoolingNet:
    check_classifier(classifier)
    if "segments" not in classifier.module.offers:
        raise ExplainError(f"{classifier.name} has no temporal pooling layer, so no segments.")
    return cast("TemporalPoolingNet", classifier.module)


def _wide(rows: Array | None, n_points: int) -> Array | None:
    """Fill up to `n_points` columns with NaN: no cost is known on padding."""
    if rows is None or rows.shape[1] == n_points:
        return rows
    out = np.full((rows.shape[0], n_points), np.nan, rows.dtype)
    out[:, : rows.shape[1]] = rows
    return out
