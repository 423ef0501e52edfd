"""ConvTimeNet (Kashiparekh et al., IJCNN 2019): multi-length convolutions, transferred.

Of the paper only the abstract was at hand: kernels of several lengths in every layer, one softmax
head per source dataset on a shared trunk, and transfer by a little fine-tuning. The rest (lengths,
widths, residual blocks, pooling) is our reading; `docs/convtimenet.md` lists it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from tscviz.models.base import ConvBlock, ModelError, SeriesModule
from tscviz.models.multi_length import MultiLengthConv, MultiLengthLayer
from tscviz.models.registry import ModelEntry, register
from tscviz.models.trunk_store import load_trunk, trunk_folder
from tscviz.options import option
from tscviz.titles import title_of


@dataclass(frozen=True)
class TrunkOptions:
    """Shape of the trunk; a stored trunk fits only a network of the same shape."""

    lengths: tuple[int, ...] = option(
        (4, 8, 16, 32, 64),
        "Kernel lengths in every layer; a single one is the ablation of the multi-length design.",
        minimum=1,
        maximum=512,
    )
    filters: int = option(33, "Filters of each length in a layer.", minimum=1, maximum=512)
    blocks: int = option(2, "Residual blocks.", minimum=1, maximum=16)
    layers: int = option(2, "Multi-length layers in a block.", minimum=1, maximum=8)


@dataclass(frozen=True)
class ConvTimeNetOptions(TrunkOptions):
    """Options of `convtimenet`."""

    trunk: str = option(
        "pretrained",
        "Where the trunk's weights come from before training: the bundled trunk, trained on other "
        "datasets, or random numbers (training from scratch).",
        choices=("pretrained", "random"),
    )
    freeze_trunk: bool = option(
        False, "Train the new head only; the trunk and its batch statistics stay as they are."
    )


class ResidualBlock(nn.Module):
    """Multi-length layers and a shortcut, added before the last ReLU.

    The shortcut is the identity, or a 1x1 convolution with batch normalisation where the number
    of channels changes.
    """

    def __init__(self, c_in: int, options: TrunkOptions) -> None:
        super().__init__()
        width = options.filters * len(options.lengths)
        last = options.layers - 1
        self.layers = nn.ModuleList(
            MultiLengthLayer(
                c_in if i == 0 else width, options.filters, options.lengths, relu=i < last
            )
            for i in range(options.layers)
        )
        self.shortcut = None if c_in == width else ConvBlock(c_in, width, 1, relu=False)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Map (B, c_in, T) to (B, K, T)."""
        h = x
        for layer in self.layers:
            h = layer(h, mask)
        return self.relu(h + (x if self.shortcut is None else self.shortcut(x, mask)))


class Trunk(nn.Module):
    """The part that datasets share: residual blocks, (B, n_channels, T) -> (B, K, T)."""

    def __init__(self, n_channels: int, options: TrunkOptions) -> None:
        super().__init__()
        self.width = options.filters * len(options.lengths)
        self.blocks = nn.ModuleList(
            ResidualBlock(n_channels if i == 0 else self.width, options)
            for i in range(options.blocks)
        )

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the output of the last ReLU; zero behind the mask."""
        h = x if mask is None else x * mask.unsqueeze(1)
        for block in self.blocks:
            h = block(h, mask)
        return h

    def multi_length_layers(self) -> tuple[MultiLengthLayer, ...]:
        """Return all multi-length layers, from the input on."""
        return tuple(m for m in self.modules() if isinstance(m, MultiLengthLayer))


def average_over_time(h: Tensor, mask: Tensor | None = None) -> Tensor:
    """Global average pooling of (B, K, T) over the points of each series: (B, K)."""
    if mask is None:
        return h.mean(2)
    keep = mask.unsqueeze(1).to(h.dtype)
    return (h * keep).sum(2) / keep.sum(2)


class ConvTimeNet(SeriesModule):
    """Trunk, global average pooling and one dense layer.

    Parameters
    ----------
    n_channels, n_classes : int
    options : ConvTimeNetOptions

    Raises
    ------
    ModelError
        Where a pretrained trunk is asked for and there is more than one channel.
    """

    offers = frozenset({"cam", "multi_length"})

    def __init__(self, n_channels: int, n_classes: int, options: ConvTimeNetOptions) -> None:
        super().__init__(n_channels, n_classes)
        if options.trunk == "pretrained" and n_channels != 1:
            raise ModelError(
                f"the series have {n_channels} channels and the pretrained trunk of convtimenet "
                "takes one; set trunk=random to train all of it on your data."
            )
        self.options = options
        self.trunk = Trunk(n_channels, options)
        self.fc = nn.Linear(self.trunk.width, n_classes)
        if options.freeze_trunk:
            self.trunk.requires_grad_(False)
            self.trunk.eval()

    def train(self, mode: bool = True) -> ConvTimeNet:
        """Switch the mode; a frozen trunk stays in evaluation, its batch statistics fixed."""
        super().train(mode)
        if self.options.freeze_trunk:
            self.trunk.eval()
        return self

    def features(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the output of the last ReLU, (B, K, T)."""
        return self.trunk(x, mask)

    def classify(self, h: Tensor, mask: Tensor | None = None) -> Tensor:
        """Map hidden series (B, K, T) to logits (B, n_classes)."""
        return self.fc(average_over_time(h, mask))

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Map series (B, n_channels, T) to logits (B, n_classes)."""
        return self.classify(self.features(x, mask), mask)

    def reach(self) -> tuple[int, int]:
        """Return how many points to its left and right a hidden vector sees."""
        longest = [max(layer.conv.lengths) for layer in self.trunk.multi_length_layers()]
        return sum((k - 1) // 2 for k in longest), sum(k // 2 for k in longest)

    def first_layer(self) -> MultiLengthConv:
        """Return the convolutions that see the series themselves."""
        return self.trunk.multi_length_layers()[0].conv

    def begin_training(self, batches: Iterable[tuple[Tensor, Tensor | None]]) -> None:  # noqa: ARG002
        """Load the pretrained trunk, if it is asked for; the head keeps its random weights.

        Raises
        ------
        ModelError
            Where the trunk is missing or damaged, or has another shape.
        """
        if self.options.trunk == "pretrained":
            card = load_trunk(self.trunk, self.options, trunk_folder())
            kept = {"sha256": card["weights"]["sha256"]}
            kept["sources"] = [source["name"] for source in card["sources"]]
            # The record outlives an interruption, as an attribute would not.
            text = np.frombuffer(json.dumps(kept).encode(), dtype=np.uint8)
            self.record["trunk_origin"] = torch.from_numpy(text.copy())

    def notes(self) -> dict[str, object]:
        """Tell which trunk the training began from: its sha256 and its source datasets."""
        if "trunk_origin" not in self.record:
            return {}
        origin = bytes(self.record["trunk_origin"].cpu().numpy().tobytes())
        return {"trunk": json.loads(origin)}


def _build(
    n_channels: int, n_classes: int, options: ConvTimeNetOptions, _length: int | None
) -> SeriesModule:
    return ConvTimeNet(n_channels, n_classes, options)


register(
    ModelEntry(
        "convtimenet",
        title_of("convtimenet"),
        "Kernels of several lengths in every layer; a trunk trained on other datasets.",
        "Kashiparekh, Narwariya, Malhotra, Vig, Shroff: ConvTimeNet: A Pre-trained Deep "
        "Convolutional Neural Network for Time Series Classification, IJCNN 2019",
        "convtimenet",
        ConvTimeNetOptions,
        _build,
    )
)
