"""ConvTimeNet as an estimator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tscviz.estimators.base import BaseSeriesClassifier


class ConvTimeNetClassifier(BaseSeriesClassifier):
    """Kernels of several lengths in every layer, on a trunk trained on other datasets.

    Kashiparekh et al., *ConvTimeNet: A Pre-trained Deep Convolutional Neural Network for Time
    Series Classification*, IJCNN 2019.

    Parameters
    ----------
    lengths : tuple of int
        Kernel lengths in every layer.
    filters : int
        Filters of each length in a layer.
    blocks : int
        Residual blocks.
    layers : int
        Multi-length layers in a block.
    trunk : {"pretrained", "random"} or None
        Weights of the trunk before training: the bundled ones or random numbers. None: as in the
        preset for series of one channel, and random for more, since the bundled trunk takes one.
    freeze_trunk : bool
        Train the head only.
    preset : {"paper", "scratch", "quick"}
        "scratch" is "paper" with a random trunk.
    epochs, batch_size, lr, device, random_state, n_jobs, options
        See `tscviz.estimators.BaseSeriesClassifier`.
    """

    def __init__(  # noqa: PLR0913
        self,
        lengths: tuple[int, ...] = (4, 8, 16, 32, 64),
        filters: int = 33,
        blocks: int = 2,
        layers: int = 2,
        trunk: str | None = None,
        freeze_trunk: bool = False,
        *,
        preset: str = "paper",
        epochs: int | None = None,
        batch_size: int | None = None,
        lr: float | None = None,
        device: str = "cpu",
        random_state: int | np.random.RandomState | None = None,
        n_jobs: int = 1,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self.lengths = lengths
        self.filters = filters
        self.blocks = blocks
        self.layers = layers
        self.trunk = trunk
        self.freeze_trunk = freeze_trunk
        super().__init__(preset, epochs, batch_size, lr, device, random_state, n_jobs, options)

    def _model(self) -> str:
        return "convtimenet"

    def _options(self) -> dict[str, Any]:
        several = self.trunk is None and self.metadata_["n_channels"] > 1
        return super()._options() | ({"trunk": "random"} if several else {})

    @classmethod
    def _get_test_params(cls, parameter_set: str = "default") -> list[dict[str, Any]]:
        small = {"lengths": (4, 8, 16), "filters": 8, "trunk": "random"}
        return [params | small for params in super()._get_test_params(parameter_set)]
