"""What a network knows of a case just before it decides: the input of its last layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from tscviz.explain.private import private
from tscviz.explain.request import ExplainError
from tscviz.models.classifier import Classifier
from tscviz.types import Array


def penultimate_features(
    classifier: Classifier, X: Array, mask: Array | None = None, *, batch_size: int = 64
) -> Array:
    """Return the features that the last dense layer maps to logits.

    A network that averages after its last layer instead (DSN) has the mean of its hidden series
    over each case's own points there: the two commute.

    Parameters
    ----------
    classifier : Classifier
    X : float32 array, shape (n_cases, n_channels, n_timepoints)
    mask : bool array, shape (n_cases, n_timepoints), optional
    batch_size : int

    Returns
    -------
    float32 array, shape (n_cases, n_features)

    Raises
    ------
    ExplainError
        Where the network has neither a dense layer `fc` at its end nor a hidden series.
    """
    seen: list[torch.Tensor] = []
    with private(classifier) as module, torch.no_grad():
        fc = getattr(module, "fc", None)
        if fc is not None:
            fc.register_forward_pre_hook(lambda _, args: seen.append(args[0].flatten(1)))
        elif "cam" not in module.offers:
            raise ExplainError(f"{classifier.name} has no layer whose features could be shown.")
        network: Any = module
        for x, m in classifier.batches(X, mask, batch_size=batch_size):
            if fc is not None:
                network(x, m)
                continue
            h = network.features(x, m)  # (B, K, T)
            seen.append(h.mean(2) if m is None else h.sum(2) / m.sum(1, keepdim=True))
    parts = [part.float().cpu().numpy() for part in seen]
    return np.concatenate(parts) if parts else np.zeros((0, 0), np.float32)
