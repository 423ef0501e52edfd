"""Where series come from: datasets by name, user files, preparation, synthetic problems.

Names are loaded on first use: importing this package brings nothing but the standard library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tscviz.data.archive import DatasetInfo as DatasetInfo
    from tscviz.data.archive import check_datasets as check_datasets
    from tscviz.data.archive import list_datasets as list_datasets
    from tscviz.data.archive import load_dataset as load_dataset
    from tscviz.data.dataset import dataset_digest as dataset_digest
    from tscviz.data.dataset import dataset_from_arrays as dataset_from_arrays
    from tscviz.data.download import DownloadProgress as DownloadProgress
    from tscviz.data.errors import DataError as DataError
    from tscviz.data.planted import Planted as Planted
    from tscviz.data.planted import PlantedOptions as PlantedOptions
    from tscviz.data.planted import make_planted as make_planted
    from tscviz.data.planted_names import is_planted as is_planted
    from tscviz.data.planted_names import planted_name as planted_name
    from tscviz.data.planted_names import planted_problem as planted_problem
    from tscviz.data.preparation import Preparation as Preparation
    from tscviz.data.preparation import Prepared as Prepared
    from tscviz.data.preparation import detect_normalisation as detect_normalisation
    from tscviz.data.preparation import prepare as prepare
    from tscviz.data.readers import Layout as Layout
    from tscviz.data.readers import preview as preview
    from tscviz.data.readers import read_series as read_series
    from tscviz.data.readers import sniff as sniff
    from tscviz.data.synthetic import make_bumps as make_bumps

_HOMES = {
    "DataError": "errors",
    "DatasetInfo": "archive",
    "DownloadProgress": "download",
    "Layout": "readers",
    "Planted": "planted",
    "PlantedOptions": "planted",
    "Preparation": "preparation",
    "Prepared": "preparation",
    "check_datasets": "archive",
    "dataset_digest": "dataset",
    "dataset_from_arrays": "dataset",
    "detect_normalisation": "preparation",
    "list_datasets": "archive",
    "load_dataset": "archive",
    "make_bumps": "synthetic",
    "is_planted": "planted_names",
    "make_planted": "planted",
    "planted_name": "planted_names",
    "planted_problem": "planted_names",
    "prepare": "preparation",
    "preview": "readers",
    "read_series": "readers",
    "sniff": "readers",
}

__all__ = [
    "DataError",
    "DatasetInfo",
    "DownloadProgress",
    "Layout",
    "Planted",
    "PlantedOptions",
    "Preparation",
    "Prepared",
    "check_datasets",
    "dataset_digest",
    "dataset_from_arrays",
    "detect_normalisation",
    "is_planted",
    "list_datasets",
    "load_dataset",
    "make_bumps",
    "make_planted",
    "planted_name",
    "planted_problem",
    "prepare",
    "preview",
    "read_series",
    "sniff",
]


def __getattr__(name: str) -> Any:
    """Import the module that holds `name` and keep the object (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
