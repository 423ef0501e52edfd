"""Training: each paper's protocol, one loop, checkpoints, and jobs in processes of their own.

Names are found on first use: a page that lists jobs loads no torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tscviz.training.errors import Cancelled as Cancelled
    from tscviz.training.errors import TrainingError as TrainingError
    from tscviz.training.errors import TrainingWarning as TrainingWarning
    from tscviz.training.fit import EpochEvent as EpochEvent
    from tscviz.training.metrics import evaluate as evaluate
    from tscviz.training.recipes import Preset as Preset
    from tscviz.training.recipes import Recipe as Recipe
    from tscviz.training.recipes import get_recipe as get_recipe
    from tscviz.training.recipes import presets as presets
    from tscviz.training.recipes import split_options as split_options
    from tscviz.training.run import train as train
    from tscviz.training.run import training_notes as training_notes

_HOMES = {
    "Cancelled": "errors",
    "EpochEvent": "fit",
    "Preset": "recipes",
    "Recipe": "recipes",
    "TrainingError": "errors",
    "TrainingWarning": "errors",
    "evaluate": "metrics",
    "get_recipe": "recipes",
    "presets": "recipes",
    "split_options": "recipes",
    "train": "run",
    "training_notes": "run",
}

__all__ = [
    "Cancelled",
    "EpochEvent",
    "Preset",
    "Recipe",
    "TrainingError",
    "TrainingWarning",
    "evaluate",
    "get_recipe",
    "presets",
    "split_options",
    "train",
    "training_notes",
]


def __getattr__(name: str) -> Any:
    """Import the module that holds `name` on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
