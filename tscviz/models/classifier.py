"""A trained network with its class names and its card."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tscviz.data import Preparation, Prepared, prepare
from tscviz.models.base import ModelError, SeriesModule
from tscviz.types import Array, SeriesSet


class Classifier:
    """A trained network: series in, class probabilities out.

    Parameters
    ----------
    module : SeriesModule
        Put into evaluation mode.
    classes : sequence of str
        Class names, in the order of the logits.
    card : mapping
        What is known of the training; see `docs/models.md`.
    """

    def __init__(
        self, module: SeriesModule, classes: tuple[str, ...], card: Mapping[str, Any]
    ) -> None:
        self.module = module.eval()
        self.classes = tuple(classes)
        self.card = dict(card)
        self.digest = weights_digest(module, self.card)

    @property
    def name(self) -> str:
        """The model's name, e.g. "dtp-fcn/GunPoint"."""
        return str(self.card.get("name", self.card.get("model", "model")))

    @property
    def preparation(self) -> Preparation:
        """How a user's series are to be prepared to look like the training series."""
        return Preparation(**self.card.get("preparation", {}))

    def was_trained_on(self, digest: str) -> bool:
        """Whether a dataset, by its digest, is the one that the card names."""
        return (self.card.get("dataset") or {}).get("digest") == digest

    def preparation_for(self, digest: str) -> Preparation:
        """How the cases of a dataset are to be prepared, by the dataset's digest.

        Those of the dataset it was trained on as in training, so that its accuracy there is the
        card's; others as a user's series.
        """
        if self.was_trained_on(digest):
            return Preparation(**self.card.get("training_preparation", {}))
        return self.preparation

    def prepare(self, series: SeriesSet) -> Prepared:
        """Bring series of your own into the form of the training series.

        Parameters
        ----------
        series : SeriesSet
            What `tscviz.read_series` returns.

        Returns
        -------
        Prepared
            `X` and `mask` are what every method here takes; `notes` tells what was done.

        Raises
        ------
        DataError
            On series that cannot be prepared so.
        """
        return prepare(series.X, series.mask, self.preparation)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.module.parameters()).device

    def logits(self, X: Array, mask: Array | None = None, *, batch_size: int = 64) -> Array:
        """Return the scores before the softmax, float32, shape (n_cases, n_classes).

        Parameters
        ----------
        X : array, shape (n_cases, n_channels, n_timepoints)
            As the training series were, without missing values; `prepare` makes your own so.
        mask : bool array, shape (n_cases, n_timepoints), optional
            Padding is False; what stands there may be anything, NaN included.
        batch_size : int

        Raises
        ------
        ModelError
            On a wrong shape or number of channels, missing values, or series too short.
        """
        with torch.no_grad():
            parts = [
                self.module(x, m).float().cpu().numpy()
                for x, m in self.batches(X, mask, batch_size=batch_size)
            ]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.classes)), np.float32)

    def predict_proba(self, X: Array, mask: Array | None = None, *, batch_size: int = 64) -> Array:
        """Return class probabilities, float32, shape (n_cases, n_classes); see `logits`."""
        return torch.from_numpy(self.logits(X, mask, batch_size=batch_size)).softmax(1).numpy()

    def predict(self, X: Array, mask: Array | None = None, *, batch_size: int = 64) -> Array:
        """Return the index of the most probable class of each case, int64, shape (n_cases,)."""
        return self.logits(X, mask, batch_size=batch_size).argmax(axis=1)

    def batches(
        self, X: Array, mask: Array | None = None, *, batch_size: int = 64
    ) -> Iterator[tuple[Tensor, Tensor | None]]:
        """Check the series and yield them as tensors on the model's device."""
        X, mask = check_series(self.module, X, mask)
        for start in range(0, len(X), batch_size):
            stop = start + batch_size
            part = None if mask is None else mask[start:stop]
            yield to_tensors(X[start:stop], part, self.device)


def to_tensors(
    X: Array, mask: Array | None, device: torch.device | str
) -> tuple[Tensor, Tensor | None]:
    """Make a batch; the mask is None where nothing is padded, which is the faster path."""
    x = torch.from_numpy(np.ascontiguousarray(X, dtype=np.float32)).to(device)
    if mask is None or mask.all():
        return x, None
    longest = int(mask.sum(1).max())  # what lies behind the longest series is padding for all
    m = torch.from_numpy(np.ascontiguousarray(mask[:, :longest], dtype=bool)).to(device)
    return x[:, :, :longest].contiguous(), m


def check_series(
    module: SeriesModule, X: Array, mask: Array | None = None
) -> tuple[Array, Array | None]:
    """Check shape, channels, values, mask and length of a collection for `module`.

    Returns
    -------
    X : float32 array
        Where a number behind the mask is not finite, a copy with zeros there: networks multiply
        padding by 0, and NaN times 0 is NaN.
    mask : bool array or None

    Raises
    ------
    ModelError
        Naming what was found and what the model needs.
    """
    X = np.asarray(X, dtype=np.float32)
    if X.ndim != 3:
        raise ModelError(
            f"the series have shape {X.shape}; wanted (n_cases, n_channels, n_timepoints)."
        )
    if X.shape[1] != module.n_channels:
        raise ModelError(
            f"the series have {X.shape[1]} channel(s) and the model takes {module.n_channels}."
        )
    lengths = np.full(len(X), X.shape[2])
    if mask is not None:
        mask = np.asarray(mask, dtype=bool)
        if mask.shape != (X.shape[0], X.shape[2]):
            raise ModelError(f"the mask has shape {mask.shape}; wanted {(len(X), X.shape[2])}.")
        if mask.shape[1] and bool((mask[:, 1:] & ~mask[:, :-1]).any()):
            raise ModelError("the mask has a hole; padding can only follow the end of a series.")
        lengths = mask.sum(1)
    X = _finite(X, mask)
    if len(X) and int(lengths.min()) < module.min_length:
        case = int(lengths.argmin())
        raise ModelError(
            f"case {case + 1} has {int(lengths[case])} time points and the model needs at least "
            f"{module.min_length}; resample it to a greater length."
        )
    if len(X) and module.max_length is not None and int(lengths.max()) > module.max_length:
        case = int(lengths.argmax())
        raise ModelError(
            f"case {case + 1} has {int(lengths[case])} time points and the model takes at most "
            f"{module.max_length}; resample it to that length."
        )
    return X, mask


def _finite(X: Array, mask: Array | None) -> Array:
    bad = ~np.isfinite(X)
    if mask is not None and bad.any():
        bad &= mask[:, None, :]
        X = np.where(mask[:, None, :], X, np.float32(0))
    if bad.any():
        case, channel, time = (int(v) + 1 for v in np.argwhere(bad)[0])
        raise ModelError(
            f"case {case}, channel {channel}, time point {time} is missing or infinite; fill gaps "
            "with tscviz.data.prepare first."
        )
    return X


def weights_digest(module: torch.nn.Module, card: Mapping[str, Any]) -> str:
    """sha256 over architecture, options and every weight, as hexadecimal text."""
    what = {key: card.get(key) for key in ("model", "options", "classes", "preparation")}
    digest = hashlib.sha256(json.dumps(what, sort_keys=True, default=list).encode())
    for name, tensor in sorted(module.state_dict().items()):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(tensor.detach().cpu().numpy()).tobytes())
    return digest.hexdigest()
