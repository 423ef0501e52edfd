"""One convolutional layer of several kernel lengths at once, as ConvTimeNet stacks them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from tscviz.models.base import MaskedBatchNorm1d, ModelError

# Measured on one thread, 165 channels to 165: below cases x mean length = 100 the direct sum is
# the faster one (T = 150; forward and whole steps alike), and so it is over few channels.
_LEAST_CASES_X_LENGTH = 100
_LEAST_CHANNELS = 16
_AT_A_TIME = 16  # frequencies; their spectra stay in the cache


class MultiLengthConv(nn.Module):
    """Parallel convolutions of several lengths over the same input, outputs one after the other.

    Series keep their length: zeros are added on both sides, and an even kernel takes its extra
    zero on the right, as Keras does. There is no bias, for batch normalisation follows.

    Parameters
    ----------
    c_in : int
        Channels of the input.
    filters : int
        Filters of each length.
    lengths : tuple of int
        Kernel lengths, in time points.

    Raises
    ------
    ModelError
        Without a length, or where one occurs twice.

    Notes
    -----
    On the CPU, batches go through the Fourier domain: a few multiplications a time point
    whatever the length of the kernel, where the direct sum takes as many as there are taps. Both
    ways give the same numbers to rounding (relative 1e-5 in float32), gradients included.
    """

    def __init__(self, c_in: int, filters: int, lengths: tuple[int, ...]) -> None:
        super().__init__()
        if not lengths or len(set(lengths)) != len(lengths):
            raise ModelError(f"lengths is {lengths}; give at least one, each of them once.")
        self.lengths = tuple(lengths)
        self.filters = filters
        self.c_in = c_in
        self.convs = nn.ModuleList(nn.Conv1d(c_in, filters, k, bias=False) for k in lengths)

    @property
    def width(self) -> int:
        """Channels of the output: filters times lengths."""
        return self.filters * len(self.lengths)

    def channels(self, length: int) -> slice:
        """Return which output channels the kernels of this length make.

        Raises
        ------
        ModelError
            Where the layer has no such length.
        """
        if length not in self.lengths:
            known = ", ".join(map(str, self.lengths))
            raise ModelError(f"the layer has no kernels of length {length}; its lengths: {known}.")
        start = self.lengths.index(length) * self.filters
        return slice(start, start + self.filters)

    def weights(self) -> list[nn.Parameter]:
        """Return the kernels of each length, (filters, c_in, length)."""
        return list(self.convs.parameters())

    def macs(self, length: int) -> int:
        """Return the multiply-accumulates of the direct sum over one case of `length` points."""
        return length * sum(w.numel() for w in self.weights())

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, c_in, T) to (B, filters * n_lengths, T)."""
        if self._fourier_is_faster(x):
            return _FourierConv.apply(x, *self.weights())
        parts = [
            conv(F.pad(x, _padding(k))) for k, conv in zip(self.lengths, self.convs, strict=True)
        ]
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)

    def _fourier_is_faster(self, x: Tensor) -> bool:
        work = len(x) * sum(self.lengths) / len(self.lengths)
        return (
            x.device.type == "cpu"
            and self.c_in >= _LEAST_CHANNELS
            and work >= _LEAST_CASES_X_LENGTH
        )


class MultiLengthLayer(nn.Module):
    """A `MultiLengthConv`, batch normalisation and, if asked, ReLU; zero behind the mask."""

    def __init__(
        self, c_in: int, filters: int, lengths: tuple[int, ...], *, relu: bool = True
    ) -> None:
        super().__init__()
        self.conv = MultiLengthConv(c_in, filters, lengths)
        self.norm = MaskedBatchNorm1d(self.conv.width)
        self.relu = nn.ReLU() if relu else None

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Map (B, c_in, T) to (B, filters * n_lengths, T)."""
        h = self.norm(self.conv(x), mask)
        if self.relu is not None:
            h = self.relu(h)
        return h if mask is None else h * mask.unsqueeze(1)


def _padding(kernel: int) -> tuple[int, int]:
    return (kernel - 1) // 2, kernel // 2


class _FourierConv(torch.autograd.Function):
    """``y[t] = sum_j w[j] x[t + j]`` for several kernels, by the convolution theorem.

    With a period of T + (longest reach to the right) no term wraps around into the T points kept.
    Frequencies stand first, each one a small complex matrix product over the channels, and are
    taken a few at a time: the spectra of the weights would fill far more than the cache.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, *weights: Tensor) -> Tensor:
        period = _fast_period(x.shape[2] + max(w.shape[2] for w in weights) // 2)
        xf = _to_frequencies(x, period)  # (F, B, C)
        ctx.save_for_backward(xf, *weights)
        ctx.sizes = (x.shape[2], period)
        yf = xf.new_empty(len(xf), len(x), sum(len(w) for w in weights))
        flat = [_by_tap(w) for w in weights]
        for some, waves in _portions(weights, period):
            torch.bmm(xf[some], _spectra(flat, waves), out=yf[some])
        return _to_time(yf, period, x.shape[2])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        xf, *weights = ctx.saved_tensors
        length, period = ctx.sizes
        # The adjoint of a product in the Fourier domain is the product with the conjugate.
        gf = _to_frequencies(grad, period).conj().resolve_conj()  # (F, B, O)
        flat = [_by_tap(w) for w in weights]
        grad_xf = torch.empty_like(xf) if ctx.needs_input_grad[0] else None
        taps = [torch.zeros_like(w) for w in flat] if any(ctx.needs_input_grad[1:]) else None
        for some, waves in _portions(weights, period):
            if grad_xf is not None:
                torch.bmm(gf[some], _spectra(flat, waves).transpose(1, 2), out=grad_xf[some])
            if taps is not None:
                twice = _twice(period, xf.real)[some]
                _add_taps(taps, torch.bmm(xf[some].transpose(1, 2), gf[some]), waves, twice)
        grad_x = None if grad_xf is None else _to_time(grad_xf.conj_physical_(), period, length)
        if taps is None:
            return grad_x, *(None for _ in weights)
        back = (t.permute(2, 1, 0).contiguous() for t in taps)
        return grad_x, *back


def _to_frequencies(x: Tensor, period: int) -> Tensor:
    return torch.fft.rfft(x, period).permute(2, 0, 1).contiguous()  # (F, B, C)


def _to_time(xf: Tensor, period: int, length: int) -> Tensor:
    y = torch.fft.irfft(xf.permute(1, 2, 0).contiguous(), period)
    return y[:, :, :length].contiguous()


def _by_tap(weight: Tensor) -> Tensor:
    return weight.permute(2, 1, 0).contiguous()  # (k, C, O)


def _portions(
    weights: Sequence[Tensor], period: int
) -> Iterator[tuple[slice, list[tuple[Tensor, Tensor]]]]:
    """Yield a few frequencies at a time, with cos and sin of 2 pi f j / period of each kernel.

    Both are (frequencies, kernel); j is the tap's place in time, 0 at the point itself.
    """
    n = period // 2 + 1
    for start in range(0, n, _AT_A_TIME):
        some = slice(start, min(start + _AT_A_TIME, n))
        f = torch.arange(some.start, some.stop, dtype=torch.float64) * (2 * math.pi / period)
        waves = []
        for w in weights:
            j = torch.arange(w.shape[2], dtype=torch.float64) - (w.shape[2] - 1) // 2
            angle = torch.outer(f, j)
            waves.append((angle.cos().to(w), angle.sin().to(w)))
        yield some, waves


def _spectra(flat: list[Tensor], waves: list[tuple[Tensor, Tensor]]) -> Tensor:
    """Return ``sum_j w[j] exp(2 pi i f j / period)`` of all kernels, complex (F, C, O)."""
    c_in = flat[0].shape[1]
    parts = []
    for w, wave in zip(flat, waves, strict=True):
        both = torch.cat(wave) @ w.flatten(1)  # (2F, C * O)
        parts.append(both.view(2, -1, c_in, w.shape[2]))
    whole = torch.cat(parts, dim=3)
    return torch.complex(whole[0], whole[1])


def _add_taps(
    taps: list[Tensor], product: Tensor, waves: list[tuple[Tensor, Tensor]], twice: Tensor
) -> None:
    """Add the gradients, (k, C, O), that ``sum_b x conj(g)``, complex (F, C, O), stands for."""
    both = torch.cat([product.real * twice, product.imag * -twice])  # (2F, C, O)
    start = 0
    for tap, wave in zip(taps, waves, strict=True):
        stop = start + tap.shape[2]
        part = both[:, :, start:stop].reshape(len(both), -1)
        tap.flatten(1).addmm_(torch.cat(wave).T, part)
        start = stop


def _twice(period: int, like: Tensor) -> Tensor:
    # A real series has each frequency twice, but for the mean and, of an even period, the highest.
    twice = like.new_full((period // 2 + 1, 1, 1), 2.0 / period)
    twice[0] = 1.0 / period
    if period % 2 == 0:
        twice[-1] = 1.0 / period
    return twice


def _fast_period(least: int) -> int:
    """Return the smallest number of at least `least` with no prime factor above 5."""
    period = least
    while True:
        rest = period
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return period
        period += 1
