"""The figures of a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tscviz.training.sweep.identity import code_version
from tscviz.training.sweep.store import FORMAT

if TYPE_CHECKING:
    from tscviz.models.base import SeriesModule
    from tscviz.models.classifier import Classifier


def sized(classifier: Classifier) -> tuple[SeriesModule, int]:
    """Return a network and the length its operations are counted at."""
    card = classifier.card
    return classifier.module, card.get("length") or card["lengths"][1]


def result_of(cell: str, card: dict[str, Any], cost: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of a cell, from its model's card and cost."""
    metrics = card["metrics"]
    return {
        "format": FORMAT,
        "cell": cell,
        "accuracy": metrics["test_accuracy"],
        "balanced_accuracy": metrics["test_balanced_accuracy"],
        "macro_f1": metrics["test_macro_f1"],
        "log_loss": metrics["test_log_loss"],
        "auc": metrics["test_auc"],
        "train_accuracy": metrics["train_accuracy"],
        "train_loss": metrics["train_loss"],
        "train_seconds": metrics["train_seconds"],
        "predict_seconds": metrics["predict_seconds"],
        "parameters": cost["parameters"],
        "flops": cost["flops"],
        "epochs": metrics["epochs"],
        "best_epoch": metrics["best_epoch"],
        "stopped_early": metrics["stopped_early"],
        "n_train": card["dataset"]["n_train"],
        "n_test": card["dataset"]["n_test"],
        "data_digest": card["dataset"]["digest"],
        "versions": card["versions"] | {"sources": code_version()},
    }
