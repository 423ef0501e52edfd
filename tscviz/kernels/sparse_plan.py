"""Lists of the non-zeros of a sparse convolution, made once for each state of its mask."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from tscviz.kernels.errors import KernelError
from tscviz.types import Array

# Channels and taps are kept as int16: the lists of a layer then take 16 bytes a non-zero.
LARGEST = 2**15 - 1
GOLDEN = 0.6180339887498949

Lists = tuple[Array, Array, Array, Array, Array]


class SparsePlan:
    """Where the non-zeros of a mask stand, in the order in which the compiled loops go there.

    Parameters
    ----------
    mask : bool Tensor, shape (K, C, k)
        True where the weight of a kernel (output channel, input channel, tap) is active. The
        plan is of the mask as it is when its lists are first needed; see `describes`.

    Raises
    ------
    KernelError
        Where `mask` is no such tensor.
    """

    def __init__(self, mask: Tensor) -> None:
        if not isinstance(mask, Tensor) or mask.dtype != torch.bool or mask.ndim != 3:
            found = f"{mask.dtype} {tuple(mask.shape)}" if isinstance(mask, Tensor) else type(mask)
            raise KernelError(f"mask is {found}; it must be a bool tensor of shape (K, C, k).")
        self._mask = mask
        self._version = _version(mask)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Output channels, input channels, taps."""
        n_out, n_in, n_taps = self._mask.shape
        return n_out, n_in, n_taps

    @property
    def n_weights(self) -> int:
        """Number of weights, active or not."""
        return self._mask.numel()

    @cached_property
    def n_active(self) -> int:
        """Number of active weights."""
        return int(self._mask.count_nonzero())

    @property
    def density(self) -> float:
        """Share of active weights, 0 to 1."""
        return self.n_active / max(self.n_weights, 1)

    def describes(self, mask: Tensor) -> bool:
        """Tell whether `mask` is the tensor of this plan, unchanged since.

        Writing to the tensor in place is noticed; writing through ``.data`` or ``.numpy()``, or to
        a tensor made in inference mode, is not: torch does not count it.
        """
        return mask is self._mask and _version(mask) == self._version

    @cached_property
    def by_output(self) -> Lists:
        """Lists of the convolution: rows are output channels; see `_sparse`."""
        n_out, n_in, n_taps = self.shape
        index = self._mask.reshape(-1).nonzero()[:, 0].numpy().astype(np.int32)
        sources = index // n_taps % n_in
        return _lists(index // (n_taps * n_in), sources, index % n_taps, index, n_out)

    @cached_property
    def by_input(self) -> Lists:
        """Lists of the gradient to the input: rows are input channels, taps run backwards."""
        # From the other lists, not from the mask, which may have changed since.
        starts, _, sources, taps, index = self.by_output
        out = np.repeat(np.arange(self.shape[0], dtype=np.int32), np.diff(starts))
        at = np.argsort(sources, kind="stable")
        return _lists(sources[at], out[at], self.shape[2] - 1 - taps[at], index[at], self.shape[1])


def _version(mask: Tensor) -> int | None:
    """Count of in-place changes, or None where torch keeps none."""
    return None if mask.is_inference() else mask._version


def _lists(rows: Array, sources: Array, taps: Array, index: Array, n_rows: int) -> Lists:
    """Return starts, order, sources, taps, index of non-zeros sorted by row.

    Rows of many and of few non-zeros alternate in `order`, so that ranges of equal length are
    equal work: the i-th longest stands at the fractional part of i times the golden ratio.
    """
    counts = np.bincount(rows, minlength=n_rows)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    places = np.arange(n_rows) * GOLDEN % 1.0
    order = np.argsort(-counts, kind="stable")[np.argsort(places)]
    return starts, order, sources.astype(np.int16), taps.astype(np.int16), index
