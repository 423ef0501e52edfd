"""FCN and ResNet of Wang, Yan and Oates (2017), up to the last ReLU: (B, D, T) -> (B, K, T)."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from tscviz.models.base import ConvBlock, MaskedBatchNorm1d, ModelError
from tscviz.options import option

_KERNELS_HELP = "Lengths of the three convolutions: 8,5,3 (Wang et al.); 9,5,3 (authors' code)."
_INIT_HELP = (
    "xavier: Xavier normal weights, biases from N(0, 1) (authors' code; the paper is silent); "
    "torch: PyTorch's default."
)


@dataclass(frozen=True)
class FCNOptions:
    """Options of the fully convolutional backbone."""

    kernels: tuple[int, ...] = option((8, 5, 3), _KERNELS_HELP, minimum=1, maximum=512)
    init: str = option("xavier", _INIT_HELP, choices=("xavier", "torch"))


@dataclass(frozen=True)
class ResNetOptions:
    """Options of the residual backbone."""

    kernels: tuple[int, ...] = option((8, 5, 3), _KERNELS_HELP, minimum=1, maximum=512)
    init: str = option("xavier", _INIT_HELP, choices=("xavier", "torch"))
    shortcut: str = option(
        "wang",
        "wang: the third block's shortcut is batch normalisation alone; conv: a 1x1 convolution "
        "in every block (authors' code).",
        choices=("wang", "conv"),
    )


class FCN(nn.Module):
    """Three convolution blocks of 128, 256 and 128 filters; K = 128."""

    width = 128

    def __init__(self, n_channels: int, kernels: tuple[int, ...] = (8, 5, 3)) -> None:
        super().__init__()
        _check_kernels(kernels)
        sizes = (n_channels, 128, 256, self.width)
        self.blocks = nn.ModuleList(
            ConvBlock(sizes[i], sizes[i + 1], kernel) for i, kernel in enumerate(kernels)
        )

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the hidden series (B, 128, T)."""
        for block in self.blocks:
            x = block(x, mask)
        return x


class ResidualBlock(nn.Module):
    """Three convolution blocks and a shortcut, added before the last ReLU."""

    def __init__(self, c_in: int, c_out: int, kernels: tuple[int, ...], shortcut: str) -> None:
        super().__init__()
        sizes = (c_in, c_out, c_out, c_out)
        self.blocks = nn.ModuleList(
            ConvBlock(sizes[i], sizes[i + 1], kernel, relu=i < 2)
            for i, kernel in enumerate(kernels)
        )
        project = shortcut == "conv" or c_in != c_out
        self.shortcut = ConvBlock(c_in, c_out, 1, relu=False) if project else _NormOnly(c_out)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Map (B, c_in, T) to (B, c_out, T)."""
        h = x
        for block in self.blocks:
            h = block(h, mask)
        return self.relu(h + self.shortcut(x, mask))


class _NormOnly(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = MaskedBatchNorm1d(width)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        h = self.norm(x, mask)
        return h if mask is None else h * mask.unsqueeze(1)


class ResNet(nn.Module):
    """Three residual blocks of 64, 128 and 128 filters, nine convolutions; K = 128."""

    width = 128

    def __init__(
        self, n_channels: int, kernels: tuple[int, ...] = (8, 5, 3), shortcut: str = "wang"
    ) -> None:
        super().__init__()
        _check_kernels(kernels)
        sizes = (n_channels, 64, 128, self.width)
        self.blocks = nn.ModuleList(
            # The first block always projects: one channel would be widened by broadcasting.
            ResidualBlock(sizes[i], sizes[i + 1], kernels, "conv" if i == 0 else shortcut)
            for i in range(3)
        )

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the hidden series (B, 128, T)."""
        for block in self.blocks:
            x = block(x, mask)
        return x


def init_xavier(module: nn.Module) -> None:
    """Draw Xavier normal weights and N(0, 1) biases for every convolution and dense layer."""
    for layer in module.modules():
        if isinstance(layer, nn.Conv1d | nn.Linear):
            nn.init.xavier_normal_(layer.weight)
            if layer.bias is not None:
                nn.init.normal_(layer.bias)


def _check_kernels(kernels: tuple[int, ...]) -> None:
    if len(kernels) != 3:
        raise ModelError(f"kernels has {len(kernels)} lengths; it needs three, e.g. 8,5,3.")
