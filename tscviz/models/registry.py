"""The models by name. An architecture is one file that calls `register`, listed in `_FILES`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from tscviz.models.base import ModelError, SeriesModule
from tscviz.options import did_you_mean, make_options

_FILES = ("temporal_pooling", "dsn", "convtimenet", "lstm_fcn")
_ENTRIES: dict[str, ModelEntry] = {}


@dataclass(frozen=True)
class ModelEntry:
    """One model name.

    Parameters
    ----------
    name : str
        As the command line and the pretrained folders spell it.
    title, summary, paper : str
        For people.
    family : str
        Models of one family share recipes and views.
    options : dataclass type
    build : callable
        ``build(n_channels, n_classes, options, length)`` gives the network; `length` is None
        where the caller does not know it.
    """

    name: str
    title: str
    summary: str
    paper: str
    family: str
    options: type
    build: Callable[[int, int, Any, int | None], SeriesModule]


def register(entry: ModelEntry) -> None:
    """Add a model to the registry."""
    _ENTRIES[entry.name] = entry


def model_names() -> tuple[str, ...]:
    """Return all registered names, in the order of registration."""
    for file in _FILES:
        import_module(f"tscviz.models.{file}")
    return tuple(_ENTRIES)


def model_entry(name: str) -> ModelEntry:
    """Return the entry called `name`.

    Parameters
    ----------
    name : str
        One of `model_names`.

    Returns
    -------
    ModelEntry

    Raises
    ------
    ModelError
        Where there is none.
    """
    names = model_names()
    if name not in names:
        raise ModelError(
            f"there is no model {name!r}; the models are: {', '.join(names)}."
            f"{did_you_mean(name, names)}"
        )
    return _ENTRIES[name]


def build_model(
    name: str,
    *,
    n_channels: int,
    n_classes: int,
    length: int | None = None,
    shortest: int | None = None,
    **options: Any,
) -> SeriesModule:
    """Build an untrained network.

    Parameters
    ----------
    name : str
        One of `model_names`.
    n_channels, n_classes : int
    length : int, optional
        Time points of the (longest) series that it will see. Networks of a fixed input length
        need it; the others take any.
    shortest : int, optional
        Time points of the shortest one; checked against what the network needs.
    **options
        Fields of the entry's option class, e.g. ``pooling="max", segments=4``.

    Raises
    ------
    ModelError
        On an unknown name, or a length below the network's least.
    TscvizError
        On a bad option.
    """
    entry = model_entry(name)
    made = make_options(entry.options, options, of=f"model {name}")
    module = entry.build(n_channels, n_classes, made, length)
    shortest = length if shortest is None else shortest
    if shortest is not None and shortest < module.min_length:
        raise ModelError(
            f"{name} with these options needs series of at least {module.min_length} time points, "
            f"and the shortest has {shortest}; use fewer segments or longer series."
        )
    return module
