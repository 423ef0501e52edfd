"""Class scores of many altered copies of one case, as methods that hide parts of it need them.

Copies pass through the network in batches small enough for the processor's cache. Where the
network's hidden series is local (`SeriesModule.reach`), an alteration changes only the hidden
vectors that see it: those alone are computed anew, from a crop of the series, and take their
places in the hidden series of the whole case. The numbers are the same to rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from tscviz.models.base import SeriesModule
from tscviz.models.classifier import Classifier, to_tensors
from tscviz.models.fourier import for_evaluation
from tscviz.types import Array

#: Time points of one batch where the caller does not say; measured, see benchmarks/occlusion.py.
BATCH_POINTS = 8192
MAX_BATCH = 64

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Copies:
    """Copies of a case that differ from it on one stretch each.

    Parameters
    ----------
    x : float32 array, shape (n_channels, n_timepoints)
        The case, without padding.
    starts, stops : int64 arrays, shape (n_copies,)
        Copy i differs at the points ``starts[i] .. stops[i] - 1`` at most.
    make : callable
        ``make(first, last)`` gives those copies, float32, (last - first, n_channels,
        n_timepoints).
    """

    x: Array
    starts: Array
    stops: Array
    make: Callable[[int, int], Array]

    def __len__(self) -> int:
        return len(self.starts)


def scores_of(
    classifier: Classifier,
    copies: Copies,
    *,
    padded: bool = False,
    batch_size: int = 0,
    on_progress: Progress | None = None,
) -> tuple[Array, Array]:
    """Return the logits of a case and of its altered copies.

    Parameters
    ----------
    classifier : Classifier
    copies : Copies
    padded : bool
        Whether the case came with padding, whose mask the network then gets.
    batch_size : int
        Copies in one forward pass; 0: chosen for the processor's cache.
    on_progress : callable, optional
        ``on_progress(done, n_copies)`` after every pass.

    Returns
    -------
    logits : float32 array, shape (n_classes,)
    altered : float32 array, shape (n_copies, n_classes)
    """
    n_points = copies.x.shape[1]
    size = batch_size or min(MAX_BATCH, max(4, BATCH_POINTS // n_points))
    whole, mask = to_tensors(copies.x[None], None, classifier.device)
    if padded:
        mask = torch.ones(1, n_points, dtype=torch.bool, device=classifier.device)
    with torch.inference_mode():
        run = _runner(classifier.module, copies, whole, mask)
        logits = classifier.module(whole, mask)[0]
        parts = []
        for first in range(0, len(copies), size):
            last = min(first + size, len(copies))
            x, _ = to_tensors(copies.make(first, last), None, classifier.device)
            m = None if mask is None else mask.expand(len(x), -1)
            parts.append(run(x, m, first).float().cpu().numpy())
            if on_progress is not None:
                on_progress(last, len(copies))
    return logits.float().cpu().numpy(), np.concatenate(parts)


_Run = Callable[[Tensor, Tensor | None, int], Tensor]


def _runner(module: SeriesModule, copies: Copies, whole: Tensor, mask: Tensor | None) -> _Run:
    """Return a function: copies (B, C, T), their mask, the first one's number -> logits."""
    reach, n_points = module.reach(), copies.x.shape[1]
    crops = None if reach is None else _Crops.around(copies, reach, module.min_length)
    if crops is None or crops.width >= n_points:
        twin = for_evaluation(module, n_points)
        return lambda x, mask, first: twin(x, mask)  # noqa: ARG005
    return _local(for_evaluation(module, crops.width), crops, whole, mask)


def _local(module: SeriesModule, crops: _Crops, whole: Tensor, mask: Tensor | None) -> _Run:
    """Return a function that computes only what changes."""
    h = module.features(whole, mask)  # (1, K, T)

    def run(x: Tensor, mask: Tensor | None, first: int) -> Tensor:
        rows = range(first, first + len(x))
        cut = torch.stack([x[i, :, crops.slice(row)] for i, row in enumerate(rows)])
        m = None if mask is None else mask[:, : crops.width]
        changed = module.features(cut, m)  # (B, K, width)
        hidden = h.repeat(len(x), 1, 1)
        for i, row in enumerate(rows):
            to, source = crops.kept(row)
            hidden[i, :, to] = changed[i, :, source]
        return cast("Any", module).classify(hidden, mask)

    return run


@dataclass(frozen=True, eq=False)
class _Crops:
    """For each copy the stretch to compute and, within it, the hidden vectors to keep.

    A copy differs on a window. The hidden vectors that see it are the window widened by the
    reach; to compute those, the series is needed as far as they see, wider by the reach again.
    At the crop's own ends, where the series goes on, hidden vectors are wrong and are not kept.
    Every crop has one width, so that they make a batch; near an end of the series it is moved
    inside, which only adds surroundings.
    """

    width: int
    kept_width: int
    starts: Array  # (n_copies,), of the crops
    kept_starts: Array  # (n_copies,), of the hidden vectors kept

    @classmethod
    def around(cls, copies: Copies, reach: tuple[int, int], least: int) -> _Crops:
        left, right = reach
        n_points = copies.x.shape[1]
        both = left + right
        # A vector at t sees t - left .. t + right, so a window is seen `right` before its start.
        kept = max(int((copies.stops - copies.starts).max(initial=0)) + both, least)
        width = kept + both
        return cls(
            width,
            kept,
            np.clip(copies.starts - both, 0, max(n_points - width, 0)),
            np.clip(copies.starts - right, 0, max(n_points - kept, 0)),
        )

    def slice(self, row: int) -> slice:
        start = int(self.starts[row])
        return slice(start, start + self.width)

    def kept(self, row: int) -> tuple[slice, slice]:
        """Return where the kept vectors go in the series, and where they are in the crop."""
        start = int(self.kept_starts[row])
        offset = start - int(self.starts[row])
        return slice(start, start + self.kept_width), slice(offset, offset + self.kept_width)
