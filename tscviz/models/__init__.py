"""Architectures, their registry, their cost, and trained models on disk."""

from tscviz.models.base import ModelError, SeriesModule
from tscviz.models.card import list_pretrained, read_card
from tscviz.models.classifier import Classifier
from tscviz.models.cost import describe_model, module_cost
from tscviz.models.registry import ModelEntry, build_model, model_entry, model_names
from tscviz.models.store import load_model, load_record, save_model

__all__ = [
    "Classifier",
    "ModelEntry",
    "ModelError",
    "SeriesModule",
    "build_model",
    "describe_model",
    "list_pretrained",
    "load_model",
    "load_record",
    "model_entry",
    "model_names",
    "module_cost",
    "read_card",
    "save_model",
]
