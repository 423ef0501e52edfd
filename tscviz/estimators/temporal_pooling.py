"""GTP, STP and DTP as estimators.

Lee, Lee and Yu, *Learnable Dynamic Temporal Pooling for Time Series Classification*, AAAI 2021.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tscviz.estimators.base import BaseSeriesClassifier
from tscviz.models import ModelError

_BACKBONES = ("fcn", "resnet")


class _TemporalPoolingClassifier(BaseSeriesClassifier):
    """A pooling layer over one of two backbones."""

    _family: str
    backbone: str

    def _model(self) -> str:
        if self.backbone not in _BACKBONES:
            raise ModelError(
                f"backbone is {self.backbone!r}; it must be one of: {', '.join(_BACKBONES)}."
            )
        return f"{self._family}-{self.backbone}"


class GTPClassifier(_TemporalPoolingClassifier):
    """Global temporal pooling: one vector for the whole series.

    Parameters
    ----------
    backbone : {"fcn", "resnet"}
        The network under the pooling layer: `gtp-fcn` or `gtp-resnet`.
    pooling : {"max", "avg", "sum"}
        How the hidden vectors become one.
    kernels : tuple of 3 int
        Kernel widths of the backbone's convolutions.
    preset, epochs, batch_size, lr, device, random_state, n_jobs, options
        See `tscviz.estimators.BaseSeriesClassifier`.
    """

    _family = "gtp"

    def __init__(  # noqa: PLR0913  (scikit-learn wants every parameter by name)
        self,
        backbone: str = "fcn",
        pooling: str = "max",
        kernels: tuple[int, ...] = (8, 5, 3),
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
        self.backbone = backbone
        self.pooling = pooling
        self.kernels = kernels
        super().__init__(preset, epochs, batch_size, lr, device, random_state, n_jobs, options)


class STPClassifier(_TemporalPoolingClassifier):
    """Static temporal pooling: one vector for each of L equal parts.

    Parameters
    ----------
    segments : int
        Number of parts, L. Each series needs at least as many time points.
    backbone, pooling, kernels
        As in `GTPClassifier`; the networks are `stp-fcn` and `stp-resnet`.
    preset, epochs, batch_size, lr, device, random_state, n_jobs, options
        See `tscviz.estimators.BaseSeriesClassifier`.
    """

    _family = "stp"

    def __init__(  # noqa: PLR0913
        self,
        segments: int = 4,
        backbone: str = "fcn",
        pooling: str = "max",
        kernels: tuple[int, ...] = (8, 5, 3),
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
        self.segments = segments
        self.backbone = backbone
        self.pooling = pooling
        self.kernels = kernels
        super().__init__(preset, epochs, batch_size, lr, device, random_state, n_jobs, options)


class DTPClassifier(_TemporalPoolingClassifier):
    """Dynamic temporal pooling: one vector for each of L segments found by alignment.

    Parameters
    ----------
    segments : int
        Number of prototypes and of segments, L. Each series needs at least as many time points.
    backbone, pooling, kernels
        As in `GTPClassifier`; the networks are `dtp-fcn` and `dtp-resnet`.
    cost : {"cosine", "euclidean", "dot"}
        Distance of a prototype and a hidden vector (equation 5 and footnote 4).
    gamma : float
        Smoothing of soft-DTW in the prototype loss (equation 6).
    preset, epochs, batch_size, lr, device, random_state, n_jobs, options
        See `tscviz.estimators.BaseSeriesClassifier`.
    """

    _family = "dtp"

    def __init__(  # noqa: PLR0913
        self,
        segments: int = 4,
        backbone: str = "fcn",
        pooling: str = "max",
        kernels: tuple[int, ...] = (8, 5, 3),
        cost: str = "cosine",
        gamma: float = 1.0,
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
        self.segments = segments
        self.backbone = backbone
        self.pooling = pooling
        self.kernels = kernels
        self.cost = cost
        self.gamma = gamma
        super().__init__(preset, epochs, batch_size, lr, device, random_state, n_jobs, options)
