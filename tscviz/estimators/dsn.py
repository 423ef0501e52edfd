"""The dynamic sparse network as an estimator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tscviz.estimators.base import BaseSeriesClassifier


class DSNClassifier(BaseSeriesClassifier):
    """Long kernels with few active weights, which move during training.

    Xiao et al., *Dynamic Sparse Network for Time Series Classification: Learning What to "See"*,
    NeurIPS 2022.

    Parameters
    ----------
    channels : int
        Output channels of a sparse layer (the paper: 141 on UCR-85, 177 on UEA-30).
    layers : int
        Sparse layers.
    kernel : int
        Taps of a kernel.
    sparsity : float
        Share of inactive weights, S; 0: dense.
    groups : int
        Kernel groups with regions of different reach; 1: none.
    padding : {"replicate_right", "zero_same"}
        The last point repeated, or zeros at both ends.
    init : {"sequential", "random"}
        First active weights of a group.
    topology : {"dynamic", "fixed"}
        Whether active weights move in training.
    growth : {"random", "gradient"}
        Which weights are activated: at random, or those of greatest gradient (RigL).
    preset, epochs, batch_size, lr, device, random_state, n_jobs, options
        See `tscviz.estimators.BaseSeriesClassifier`.
    """

    def __init__(  # noqa: PLR0913
        self,
        channels: int = 141,
        layers: int = 4,
        kernel: int = 39,
        sparsity: float = 0.8,
        groups: int = 3,
        padding: str = "replicate_right",
        init: str = "sequential",
        topology: str = "dynamic",
        growth: str = "random",
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
        self.channels = channels
        self.layers = layers
        self.kernel = kernel
        self.sparsity = sparsity
        self.groups = groups
        self.padding = padding
        self.init = init
        self.topology = topology
        self.growth = growth
        super().__init__(preset, epochs, batch_size, lr, device, random_state, n_jobs, options)

    def _model(self) -> str:
        return "dsn"

    @classmethod
    def _get_test_params(cls, parameter_set: str = "default") -> list[dict[str, Any]]:
        small = {"channels": 30, "layers": 2, "kernel": 15}
        return [params | small for params in super()._get_test_params(parameter_set)]
