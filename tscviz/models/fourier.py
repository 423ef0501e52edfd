"""A network's copy for evaluating many cases: long convolutions in the Fourier domain, once set up.

`MultiLengthConv` computes the spectra of its weights anew in every pass, as training needs it.
Where one network evaluates hundreds of copies of a case, they are better kept: that doubles the
speed. The spectra are larger than the weights, so a copy is made for the job and dropped after it.
"""

from __future__ import annotations

import copy
import math
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tscviz.models.base import SeriesModule
from tscviz.models.multi_length import MultiLengthConv

#: Most outputs of one block; bounds what the spectra take and what passes through the cache.
BLOCK = 256
#: Below these the direct sum is the faster one.
LEAST_PAIRS = 1024
LEAST_MEAN_LENGTH = 12


def for_evaluation(module: SeriesModule, length: int) -> SeriesModule:
    """Return a network that gives the same numbers faster, for many cases at once.

    Parameters
    ----------
    module : SeriesModule
        Left as it is.
    length : int
        Time points of the cases; other lengths give the same numbers, too.

    Returns
    -------
    SeriesModule
        A copy without gradients, in evaluation mode; `module` itself where nothing gains.
    """
    if not any(_gains(layer) for layer in module.modules()):
        return module
    with torch.no_grad():
        twin = copy.deepcopy(module)
        for parent in list(twin.modules()):
            for name, layer in list(parent.named_children()):
                if isinstance(layer, MultiLengthConv) and _gains(layer):
                    setattr(parent, name, FourierConv(layer, length))
    return twin.eval()


def _gains(layer: nn.Module) -> bool:
    return (
        isinstance(layer, MultiLengthConv)
        and layer.convs[0].weight.device.type == "cpu"
        and layer.c_in * layer.width >= LEAST_PAIRS
        and sum(layer.lengths) >= LEAST_MEAN_LENGTH * len(layer.lengths)
    )


class FourierConv(nn.Module):
    """A `MultiLengthConv` with its present weights, by overlap-save. For evaluation only.

    The kernels of all lengths are one kernel of the greatest length, zero beyond their own taps:
    in the Fourier domain all lengths cost the same.

    Parameters
    ----------
    layer : MultiLengthConv
    length : int
        Time points of a typical input.
    """

    spectrum: Tensor  # (n // 2 + 1, c_in, c_out), complex

    def __init__(self, layer: MultiLengthConv, length: int) -> None:
        super().__init__()
        longest = max(layer.lengths)
        self.left = (longest - 1) // 2
        self.n = smooth_length(min(length, BLOCK) + longest - 1)
        self.valid = self.n - longest + 1  # outputs of a block into which nothing wraps around
        parts = [
            F.pad(cast("Tensor", conv.weight), (self.left - (k - 1) // 2, longest // 2 - k // 2))
            for k, conv in zip(layer.lengths, layer.convs, strict=True)
        ]
        self.register_buffer("spectrum", _spectrum(torch.cat(parts), self.n))

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, c_in, T) to (B, c_out, T)."""
        n_blocks = -(-x.shape[2] // self.valid)
        total = (n_blocks - 1) * self.valid + self.n
        blocks = F.pad(x, (self.left, total - self.left - x.shape[2]))
        blocks = blocks.unfold(2, self.n, self.valid)  # (B, c_in, blocks, n)
        spectra = torch.fft.rfft(blocks).permute(3, 0, 2, 1).flatten(1, 2)  # (F, B * blocks, c_in)
        product = torch.bmm(spectra, self.spectrum)  # (F, B * blocks, c_out)
        product = product.unflatten(1, (len(x), n_blocks)).permute(1, 3, 2, 0)
        y = torch.fft.irfft(product, self.n)[..., : self.valid]  # (B, c_out, blocks, valid)
        return y.flatten(2)[..., : x.shape[2]]


def _spectrum(weight: Tensor, n: int) -> Tensor:
    """Return ``sum_j w[o, c, j] exp(2 pi i f j / n)``, complex, shape (n // 2 + 1, c_in, c_out).

    A network correlates: the positive exponent turns the kernel around. As a matrix product, which
    for kernels this short is faster than a transform of so many channels.
    """
    c_out, c_in, kernel = weight.shape
    f, j = (torch.arange(m, dtype=torch.float64) for m in (n // 2 + 1, kernel))
    angle = torch.outer(f, j) * (2 * math.pi / n)
    waves = torch.cat([angle.cos(), angle.sin()]).to(weight)  # (2 F, k)
    both = waves @ weight.permute(2, 1, 0).reshape(kernel, -1)
    return torch.complex(*both.view(2, len(f), c_in, c_out).unbind())


def smooth_length(least: int) -> int:
    """Return the smallest even number from `least` on without prime factors above 5."""
    n = least + least % 2
    while _rest(n) > 1:
        n += 2
    return n


def _rest(n: int) -> int:
    for factor in (2, 3, 5):
        while n % factor == 0:
            n //= factor
    return n
