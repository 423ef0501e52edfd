"""Training: each paper's protocol, one loop, checkpoints, and jobs in processes of their own."""

from tscviz.training.errors import Cancelled, TrainingError, TrainingWarning
from tscviz.training.evaluate import evaluate
from tscviz.training.fit import EpochEvent
from tscviz.training.recipes import Recipe, get_recipe, presets, split_options
from tscviz.training.train import train, training_notes

__all__ = [
    "Cancelled",
    "EpochEvent",
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
