"""The FCN of Karim et al., and the report's: squeeze-and-excitation and a shortcut in each block.

Batch normalisation has Keras's constants: epsilon 1e-3, momentum 0.99 (0.01 in PyTorch's words).
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from tscviz.models.backbones import FCN
from tscviz.models.base import ConvBlock, MaskedBatchNorm1d
from tscviz.models.pooling import series_lengths

REDUCTION = 16


class SqueezeExcite(nn.Module):
    """Scale each filter by a weight in (0, 1) drawn from all filters' means (report, eq. 15-19).

    Parameters
    ----------
    width : int
        K; the bottleneck has K / 16 units.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.squeeze = nn.Linear(width, width // REDUCTION)
        self.excite = nn.Linear(width // REDUCTION, width)

    def weights(self, h: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the scale of each filter, (B, K); the mean is over the real points."""
        return self.excite(self.squeeze(time_mean(h, mask)).relu()).sigmoid()

    def forward(self, h: Tensor, mask: Tensor | None = None) -> Tensor:
        """Map (B, K, T) to (B, K, T)."""
        return h * self.weights(h, mask)[:, :, None]


class SqueezeBlock(nn.Module):
    """``SE(ReLU(BN(conv(x)))) + x``, x through a 1x1 convolution where the widths differ.

    With `excite` off the filters keep their scale: the ablation.
    """

    def __init__(self, c_in: int, c_out: int, kernel: int, *, excite: bool = True) -> None:
        super().__init__()
        self.block = ConvBlock(c_in, c_out, kernel)
        self.se = SqueezeExcite(c_out) if excite else None
        self.shortcut = nn.Conv1d(c_in, c_out, 1) if c_in != c_out else nn.Identity()

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Map (B, c_in, T) to (B, c_out, T)."""
        h = self.block(x, mask)
        h = (h if self.se is None else self.se(h, mask)) + self.shortcut(x)
        return h if mask is None else h * mask.unsqueeze(1)


class SqueezeFCN(FCN):
    """The three blocks of the FCN with squeeze-and-excitation and shortcuts; K = 128."""

    def __init__(self, n_channels: int, kernels: tuple[int, ...], *, excite: bool = True) -> None:
        super().__init__(n_channels, kernels)
        sizes = (n_channels, 128, 256, self.width)
        self.blocks = nn.ModuleList(
            SqueezeBlock(sizes[i], sizes[i + 1], kernel, excite=excite)
            for i, kernel in enumerate(kernels)
        )

    def se_weights(self, x: Tensor, mask: Tensor | None = None) -> list[Tensor]:
        """Return the scales of the filters of each block, (B, 128), (B, 256), (B, 128).

        Empty without squeeze-and-excitation.
        """
        found: list[Tensor] = []
        for block in self.blocks:
            assert isinstance(block, SqueezeBlock)  # noqa: S101  (for the type checker)
            if block.se is not None:
                found.append(block.se.weights(block.block(x, mask), mask))
            x = block(x, mask)
        return found


class DenseNorm(MaskedBatchNorm1d):
    """Batch normalisation of (B, K); a batch of one case is normalised as in evaluation."""

    def forward(self, h: Tensor, mask: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Map (B, K) to (B, K); there is no time axis and `mask` is not used."""
        if len(h) > 1:
            return super().forward(h)
        return F.batch_norm(
            h, self.running_mean, self.running_var, self.weight, self.bias, False, 0.0, self.eps
        )


def time_mean(h: Tensor, mask: Tensor | None = None) -> Tensor:
    """Average (B, K, T), zero behind the mask, over the real points: (B, K)."""
    if mask is None:
        return h.mean(2)
    return h.sum(2) / series_lengths(h, mask)[:, None]


def keras_defaults(module: nn.Module) -> None:
    """Give every convolution, dense layer and batch normalisation Keras's start and constants.

    Convolutions: He uniform, of Karim et al.'s code; dense layers: Glorot uniform; biases zero.
    """
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm1d):
            layer.eps, layer.momentum = 1e-3, 0.01
        elif isinstance(layer, nn.Conv1d):
            nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
        elif isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
        if isinstance(layer, nn.Conv1d | nn.Linear) and layer.bias is not None:
            nn.init.zeros_(layer.bias)
