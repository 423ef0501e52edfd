"""What the estimators share: aeon's interface in front, `tscviz.train` behind."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from numbers import Integral
from typing import Any

import numpy as np
import torch
from aeon.classification.base import BaseClassifier
from aeon.utils.validation import check_n_jobs
from sklearn.utils import check_random_state

from tscviz.data import DataError, Preparation, dataset_digest, prepare
from tscviz.data.dataset import as_float32, pad_cases
from tscviz.models import ModelError
from tscviz.models.classifier import Classifier
from tscviz.models.registry import model_entry
from tscviz.training import Recipe, train
from tscviz.types import Array, Dataset

Series = Array | list[Array]
"""A collection as aeon hands it over: one array (n_cases, n_channels, n_timepoints), or a list of
cases (n_channels, n_timepoints_i) of any lengths."""


_SET = {
    "seed": "use random_state",
    "dataset": "it is what fit is given",
    "model": "each class of estimators has its own",
}
"""What `fit` hands to `tscviz.train` by itself."""


class BaseSeriesClassifier(BaseClassifier):
    """A network of `tscviz.models` as an aeon and scikit-learn classifier.

    A subclass stores its parameters and names its network. Parameters called like an option of the
    network, or like a field of `tscviz.training.Recipe`, are handed to `tscviz.train`.

    Parameters
    ----------
    preset : {"paper", "quick"}
        The recipe to start from.
    epochs, batch_size : int or None
        None: as in the preset.
    lr : float or None
        Learning rate; None: as in the preset.
    device : {"cpu", "cuda", "auto"}
        Where to train. On the CPU the same `random_state` and `n_jobs` give the same weights.
    random_state : int, RandomState or None
        An int is the seed of `tscviz.train`; None draws one from NumPy's global generator.
    n_jobs : int
        Threads of PyTorch and of our kernels within `fit` and `predict`; -1: one per core.
    options : mapping, optional
        Further options of the network or fields of the recipe, by name: what `tscviz.train` takes
        and no parameter of the class sets, such as ``{"select": "last"}``.

    Attributes
    ----------
    classifier_ : tscviz.models.Classifier
        The trained network with its card, as `tscviz.explain` and `save_model` take it.
    classes_ : array, shape (n_classes,)
    n_classes_ : int
    """

    _tags = {  # noqa: RUF012  (read by aeon as it stands)
        "X_inner_type": ["numpy3D", "np-list"],
        "algorithm_type": "deeplearning",
        "capability:missing_values": True,
        "capability:multithreading": True,
        "capability:multivariate": True,
        "capability:unequal_length": True,
        "python_dependencies": "torch",
    }

    def __init__(
        self,
        preset: str = "paper",
        epochs: int | None = None,
        batch_size: int | None = None,
        lr: float | None = None,
        device: str = "cpu",
        random_state: int | np.random.RandomState | None = None,
        n_jobs: int = 1,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self.preset = preset
        self.epochs = epochs
        self.batch_size = batch_size
        self.lr = lr
        self.device = device
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.options = options
        super().__init__()

    @abstractmethod
    def _model(self) -> str:
        """Return the name of the network in the registry."""

    def _options(self) -> dict[str, Any]:
        """Return what is handed on to `train`; None leaves the choice to the preset."""
        known = {f.name for f in fields(model_entry(self._model()).options)}
        known |= {f.name for f in fields(Recipe)}
        given = self.get_params(deep=False)
        own = {name: value for name, value in given.items() if name in known and value is not None}
        twice = sorted(set(self.options or {}) & set(given))
        if twice:
            raise ModelError(f"{twice[0]} is a parameter of its own; leave it out of options.")
        for name, instead in _SET.items():
            if name in (self.options or {}):
                raise ModelError(f"{name} cannot be among the options; {instead}.")
        return own | dict(self.options or {})

    def _preprocess_collection(self, X: Any, store_metadata: bool = True) -> Any:
        """Refuse no series at all, over which aeon's own checks stumble."""
        if hasattr(X, "__len__") and len(X) == 0:
            raise DataError("X holds no series; give one or more.")
        return super()._preprocess_collection(X, store_metadata)

    def _fit(self, X: Series, y: Array) -> BaseSeriesClassifier:  # type: ignore[override]
        self._n_jobs = check_n_jobs(self.n_jobs)
        dataset = self._dataset(X, y)
        with _torch_threads(self._n_jobs):
            self.classifier_: Classifier = train(
                dataset,
                self._model(),
                preset=self.preset,
                seed=_seed(self.random_state),
                **self._options(),
            )
        return self

    def _predict(self, X: Series) -> Array:
        return self.classes_[self._logits(X).argmax(axis=1)]

    def _predict_proba(self, X: Series) -> Array:
        return torch.from_numpy(self._logits(X)).softmax(1).numpy()

    def _logits(self, X: Series) -> Array:
        """Prepare series as those of `fit` were, and return their scores (n_cases, n_classes)."""
        chosen = Preparation(**self.classifier_.card["training_preparation"])
        done = prepare(*_padded(X), chosen)
        with _torch_threads(self._n_jobs):
            return self.classifier_.logits(done.X, done.mask)

    def _dataset(self, X: Series, y: Array) -> Dataset:
        """Return the training split alone: the test split has no cases."""
        X_train, mask_train = _padded(X)
        y_train = np.searchsorted(self.classes_, y).astype(np.int64)
        names = tuple(str(label) for label in self.classes_)
        X_test, y_test, mask_test = X_train[:0], y_train[:0], mask_train[:0]
        digest = dataset_digest(X_train, mask_train, y_train, X_test, mask_test, y_test, names)
        return Dataset(
            "X", X_train, y_train, X_test, y_test, names, mask_train, mask_test, digest, "file"
        )

    @classmethod
    def _get_test_params(  # type: ignore[override]  (aeon's annotation leaves the list out)
        cls,
        parameter_set: str = "default",  # noqa: ARG003
    ) -> list[dict[str, Any]]:
        """Return sets of parameters with which aeon's checks end within seconds."""
        return [{"preset": "quick", "epochs": 2}]


def _padded(X: Series) -> tuple[Array, Array]:
    """Return (n_cases, n_channels, longest) and its mask (n_cases, longest)."""
    if isinstance(X, list):
        return pad_cases(X, "X")
    values = as_float32(X)
    return values, np.ones((values.shape[0], values.shape[2]), bool)


def _seed(random_state: int | np.random.RandomState | None) -> int:
    generator = check_random_state(random_state)  # refuses what scikit-learn refuses
    if isinstance(random_state, Integral):
        return int(random_state)
    return int(generator.randint(np.iinfo(np.int32).max))


@contextmanager
def _torch_threads(n_threads: int) -> Iterator[None]:
    """Set PyTorch's threads, which our kernels follow, and set them back afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(n_threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
