"""Reference inputs: what a case is held against when a method asks "compared with what?"."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from tscviz.models.classifier import Classifier
from tscviz.types import Array, TscvizError

_KEPT = 4
_kept: OrderedDict[str, TrainingSeries] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True, eq=False)
class TrainingSeries:
    """Training cases as the network takes them.

    Parameters
    ----------
    X : float32 array, shape (n_cases, n_channels, n_timepoints)
    y : int64 array, shape (n_cases,)
    mask : bool array, shape (n_cases, n_timepoints)
    """

    X: Array
    y: Array
    mask: Array

    def fitted(self, length: int) -> Array:
        """Return all cases at `length` points, (n_cases, n_channels, length).

        A case of another length is stretched over its own points by linear interpolation.
        """
        if self.X.shape[2] == length and bool(self.mask.all()):
            return self.X
        out = np.empty((*self.X.shape[:2], length), np.float32)
        for i, (x, own) in enumerate(zip(self.X, self.mask.sum(1), strict=True)):
            places = np.linspace(0, own - 1, length)
            for c, row in enumerate(x):
                out[i, c] = np.interp(places, np.arange(own), row[:own])
        return out


@dataclass(frozen=True, eq=False)
class _Asked:
    classifier: Classifier
    x: Array  # (C, T), without padding
    target: int
    seed: int
    training: Callable[[], TrainingSeries]


@dataclass(frozen=True)
class Baseline:
    """One kind of reference input.

    Parameters
    ----------
    name, title, summary : str
    make : callable
        Gives the reference, shape (n_channels, n_timepoints) or one that broadcasts to it.
    """

    name: str
    title: str
    summary: str
    make: Callable[[_Asked], Array]


def reference_series(
    name: str,
    classifier: Classifier,
    x: Array,
    target: int,
    *,
    training: TrainingSeries | None = None,
    seed: int = 0,
) -> Array:
    """Return the baseline called `name` for one case, float32, shape of `x`.

    Parameters
    ----------
    name : str
        One of `BASELINES`.
    classifier : Classifier
    x : float32 array, shape (n_channels, n_timepoints)
        Without padding.
    target : int
        The class explained: "class_mean" is the mean of its training cases, "nearest" the nearest
        training case of any other class (Euclidean distance, stretched to the length of `x`),
        but not the case itself.
    training : TrainingSeries, optional
        The model's own training split by default.
    seed : int
        Of the noise.

    Raises
    ------
    TscvizError
        On an unknown name; where the training split is needed and cannot be had, has other
        channels than `x`, or has no case of the class.
    """
    if name not in BASELINES:
        raise TscvizError(
            f"there is no baseline {name!r}; the baselines are: {', '.join(BASELINES)}."
        )

    def cases() -> TrainingSeries:
        found = training_series(classifier) if training is None else training
        if found.X.shape[1] != len(x):
            raise TscvizError(
                f"the training cases have {found.X.shape[1]} channel(s) and the case has {len(x)}; "
                "pass the cases this model was trained on as `training`."
            )
        return found

    made = BASELINES[name].make(_Asked(classifier, x, target, seed, cases))
    return np.broadcast_to(made, x.shape).astype(np.float32)


def training_series(classifier: Classifier) -> TrainingSeries:
    """Return the training split of the dataset the card names, prepared as in training; cached.

    Raises
    ------
    TscvizError
        Where the card names no dataset, or it is not on this machine or has changed.
    """
    from tscviz.data import Preparation, load_dataset, prepare
    from tscviz.data.archive import dataset_files
    from tscviz.data.planted_names import is_planted

    about = classifier.card.get("dataset") or {}
    if "name" not in about:
        raise TscvizError(
            f"{classifier.name} does not say what it was trained on; pass `training`, or choose a "
            "baseline that needs no training cases."
        )
    key = classifier.digest
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    # an explanation sends no name into the world
    if not is_planted(about["name"]) and dataset_files(about["name"]) is None:
        raise TscvizError(
            f"the dataset {about['name']} is not on this machine: load it first, pass `training`, "
            "or choose a baseline that needs no training cases."
        )
    dataset = load_dataset(about["name"])
    if dataset.digest != about.get("digest", dataset.digest):
        raise TscvizError(
            f"the dataset {about['name']} found here is not the one {classifier.name} was trained "
            "on; pass `training`, or choose a baseline that needs no training cases."
        )
    done = prepare(
        dataset.X_train,
        dataset.mask_train,
        Preparation(**classifier.card.get("training_preparation", {})),
    )
    found = TrainingSeries(done.X, dataset.y_train, done.mask)
    with _lock:
        _kept[key] = found
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return found


def _zero(asked: _Asked) -> Array:
    return np.zeros_like(asked.x)


def _case_mean(asked: _Asked) -> Array:
    return asked.x.mean(1, keepdims=True, dtype=np.float64)


def _class_mean(asked: _Asked) -> Array:
    cases = asked.training()
    mine = cases.y == asked.target
    if not mine.any():
        raise TscvizError("the training split has no case of this class: choose another baseline.")
    return cases.fitted(asked.x.shape[1])[mine].mean(0, dtype=np.float64)


def _training_mean(asked: _Asked) -> Array:
    return asked.training().fitted(asked.x.shape[1]).mean(0, dtype=np.float64)


def _noise(asked: _Asked) -> Array:
    drawn = np.random.default_rng(asked.seed).standard_normal(asked.x.shape)
    mean, deviation = (
        f(asked.x, axis=1, keepdims=True, dtype=np.float64) for f in (np.mean, np.std)
    )
    return mean + deviation * drawn


def _nearest(asked: _Asked) -> Array:
    cases = asked.training()
    other = cases.y != asked.target
    if not other.any():
        raise TscvizError("the training split has no other class: choose another baseline.")
    candidates = cases.fitted(asked.x.shape[1])[other]
    distance = np.square(candidates - asked.x, dtype=np.float64).sum((1, 2))
    distance[distance == 0] = np.inf  # a training case, explained as a class that is not its own
    if not np.isfinite(distance).any():
        raise TscvizError("no training case of another class differs from this case.")
    return candidates[int(distance.argmin())]


#: Reference inputs by name.
BASELINES: Mapping[str, Baseline] = MappingProxyType(
    {
        b.name: b
        for b in (
            Baseline("zero", "Zero", "A flat series at zero.", _zero),
            Baseline("case_mean", "Mean of the case", "Each channel at its own mean.", _case_mean),
            Baseline(
                "class_mean",
                "Mean of the class",
                "The mean training case of the class.",
                _class_mean,
            ),
            Baseline(
                "training_mean", "Mean of all classes", "The mean training case.", _training_mean
            ),
            Baseline("noise", "Noise", "Gaussian, of the channel's mean and deviation.", _noise),
            Baseline(
                "nearest",
                "Nearest of another class",
                "The training case of another class that is nearest to this one.",
                _nearest,
            ),
        )
    }
)
