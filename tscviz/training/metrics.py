"""Figures of merit of a classifier on a split."""

from __future__ import annotations

from typing import Any

import numpy as np

from tscviz.data import Preparation, prepare
from tscviz.models.classifier import Classifier
from tscviz.training.errors import TrainingError
from tscviz.types import Array, Dataset


def evaluate(classifier: Classifier, dataset: Dataset, *, split: str = "test") -> dict[str, Any]:
    """Classify a split as it was prepared in training and compare with its labels.

    Returns
    -------
    dict
        ``accuracy``, ``balanced_accuracy`` (mean recall over the classes present), ``macro_f1``
        (mean over the classes present or predicted), ``log_loss`` (nats), ``n_cases``, and
        ``confusion`` (n_classes lists of counts; rows are true classes).

    Raises
    ------
    TrainingError
        Where the dataset's classes are not the classifier's, or the split has no cases.
    """
    if tuple(dataset.class_names) != classifier.classes:
        raise TrainingError(
            f"{dataset.name} has the classes {', '.join(dataset.class_names[:6])} and "
            f"{classifier.name} knows {', '.join(classifier.classes[:6])}; they must be the same."
        )
    X, y, mask = dataset.split(split)
    if not len(y):
        raise TrainingError(f"the {split} split of {dataset.name} has no cases to evaluate on.")
    done = prepare(X, mask, Preparation(**classifier.card.get("training_preparation", {})))
    proba = classifier.predict_proba(done.X, done.mask)
    confusion = confusion_counts(y, proba.argmax(1), len(classifier.classes))
    return summary_of(confusion) | {
        "log_loss": float(-np.log(np.clip(proba[np.arange(len(y)), y], 1e-12, 1.0)).mean()),
        "n_cases": len(y),
        "confusion": confusion.tolist(),
    }


def confusion_counts(y: Array, predicted: Array, n_classes: int) -> Array:
    """Count cases by true (row) and predicted (column) class, int64 (n_classes, n_classes)."""
    counts = np.zeros((n_classes, n_classes), np.int64)
    np.add.at(counts, (y, predicted), 1)
    return counts


def summary_of(confusion: Array) -> dict[str, float]:
    """Return accuracy, balanced accuracy and macro-F1 of a confusion matrix of counts."""
    hits = np.diag(confusion).astype(float)
    true, said = confusion.sum(1), confusion.sum(0)
    present, concerned = true > 0, (true + said) > 0
    return {
        "accuracy": float(hits.sum() / max(confusion.sum(), 1)),
        "balanced_accuracy": float((hits[present] / true[present]).mean()),
        "macro_f1": float((2 * hits[concerned] / (true + said)[concerned]).mean()),
    }
