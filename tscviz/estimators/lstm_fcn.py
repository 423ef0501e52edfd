"""LSTM-FCN and ALSTM-FCN as estimators.

Karim, Majumdar, Darabi and Chen, *LSTM Fully Convolutional Networks for Time Series
Classification*, IEEE Access 2018.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tscviz.estimators.base import BaseSeriesClassifier
from tscviz.models import model_entry
from tscviz.training import presets


class _RecurrentClassifier(BaseSeriesClassifier):
    """A recurrent branch beside a convolutional one; its variant decides what series it takes."""

    _tags = {"capability:unequal_length": False}  # noqa: RUF012  (read by aeon as it stands)

    variant: str | None

    def get_tags(self) -> dict[str, Any]:
        """Return aeon's tags: all variants but "paper" take series of unequal lengths.

        The dimension shuffle of "paper" fixes the number of time points.
        """
        return super().get_tags() | {"capability:unequal_length": self._variant() != "paper"}

    def _variant(self) -> str:
        if self.variant is not None:
            return self.variant
        preset = presets(self._model()).get(self.preset)  # `fit` refuses an unknown one
        own = {} if preset is None else preset.network
        return str(own.get("variant", model_entry(self._model()).options().variant))


class LSTMFCNClassifier(_RecurrentClassifier):
    """An LSTM beside a fully convolutional network.

    Parameters
    ----------
    cells : int
        Cells of the LSTM; the paper has 8, 64 or 128.
    variant : {"paper", "time", "report"} or None
        "paper": the LSTM sees each channel as one step of T features (dimension shuffle), and all
        series must have the length seen in `fit`; "time": it runs over the time points; "report":
        with squeeze-and-excitation, residual connections and a deeper head. None: as in the preset.
    kernels : tuple of 3 int
        Lengths of the convolutions.
    dropout : float
        Share dropped after the LSTM, in all variants but "report".
    preset : {"paper", "report", "quick"}
        "report" holds cases out, stops early and refines; its variant is "report".
    epochs, batch_size, lr, device, random_state, n_jobs, options
        See `tscviz.estimators.BaseSeriesClassifier`.
    """

    def __init__(  # noqa: PLR0913  (scikit-learn wants every parameter by name)
        self,
        cells: int = 8,
        variant: str | None = None,
        kernels: tuple[int, ...] = (8, 5, 3),
        dropout: float = 0.8,
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
        self.cells = cells
        self.variant = variant
        self.kernels = kernels
        self.dropout = dropout
        super().__init__(preset, epochs, batch_size, lr, device, random_state, n_jobs, options)

    def _model(self) -> str:
        return "lstm-fcn"

    @classmethod
    def _get_test_params(cls, parameter_set: str = "default") -> list[dict[str, Any]]:
        base = super()._get_test_params(parameter_set)
        return [params | own for params in base for own in ({}, {"variant": "time"})]


class ALSTMFCNClassifier(_RecurrentClassifier):
    """An LSTM with attention beside a fully convolutional network.

    Parameters
    ----------
    cells : int
        Cells of the LSTM; the paper has 8, 64 or 128.
    variant : {"paper", "additive", "self", "report"} or None
        "paper": as published, where the attention sees one step a channel, and all series must
        have the length seen in `fit`; "additive": attention over the time points inside the cell;
        "self": self-attention over them beside the LSTM; "report": that, with
        squeeze-and-excitation, residual connections and a deeper head. None: as in the preset.
    kernels : tuple of 3 int
        Lengths of the convolutions.
    dropout : float
        Share dropped after the LSTM, in all variants but "report".
    heads : int
        Heads of self-attention ("self", "report"); must divide `cells`.
    preset : {"paper", "report", "quick"}
        "report" holds cases out, stops early and refines; its variant is "report".
    epochs, batch_size, lr, device, random_state, n_jobs, options
        See `tscviz.estimators.BaseSeriesClassifier`.
    """

    def __init__(  # noqa: PLR0913
        self,
        cells: int = 8,
        variant: str | None = None,
        kernels: tuple[int, ...] = (8, 5, 3),
        dropout: float = 0.8,
        heads: int = 4,
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
        self.cells = cells
        self.variant = variant
        self.kernels = kernels
        self.dropout = dropout
        self.heads = heads
        super().__init__(preset, epochs, batch_size, lr, device, random_state, n_jobs, options)

    def _model(self) -> str:
        return "alstm-fcn"

    @classmethod
    def _get_test_params(cls, parameter_set: str = "default") -> list[dict[str, Any]]:
        base = super()._get_test_params(parameter_set)
        return [params | own for params in base for own in ({}, {"variant": "additive"})]
