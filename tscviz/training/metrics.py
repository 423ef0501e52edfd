"""Figures of merit of a classifier on a split."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from tscviz.data import Preparation, prepare
from tscviz.models.classifier import Classifier
from tscviz.training.errors import TrainingError
from tscviz.types import Array, Dataset


def evaluate(classifier: Classifier, dataset: Dataset, *, split: str = "test") -> dict[str, Any]:
    """Classify a split as it was prepared in training and compare with its labels.

    Parameters
    ----------
    classifier : Classifier
    dataset : Dataset
        With the classifier's classes, in their order.
    split : str
        "test" or "train".

    Returns
    -------
    dict
        ``accuracy``, ``balanced_accuracy`` (mean recall over the classes present), ``macro_f1``
        (mean over the classes present or predicted), ``log_loss`` (nats), ``auc`` (see
        `mean_auc`), ``n_cases``, ``confusion`` (n_classes lists of counts; rows are true
        classes), and ``predict_seconds``.

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
    started = time.perf_counter()
    proba = classifier.predict_proba(done.X, done.mask)
    seconds = time.perf_counter() - started
    confusion = confusion_counts(y, proba.argmax(1), len(classifier.classes))
    return summary_of(confusion) | {
        "log_loss": float(-np.log(np.clip(proba[np.arange(len(y)), y], 1e-12, 1.0)).mean()),
        "auc": mean_auc(y, proba),
        "n_cases": len(y),
        "confusion": confusion.tolist(),
        "predict_seconds": seconds,
    }


def mean_auc(y: Array, proba: Array) -> float | None:
    """Return the area under the ROC curve, one class against the rest, mean over the classes.

    The share of pairs of a case of the class and one of another in which the first has the higher
    probability, a tie counting half. Classes without such a pair are left out.

    Parameters
    ----------
    y : int array, shape (n_cases,)
    proba : array, shape (n_cases, n_classes)

    Returns
    -------
    float or None
        None where there is no pair at all.
    """
    areas = []
    for label in range(proba.shape[1]):
        own, others = proba[y == label, label], np.sort(proba[y != label, label])
        if len(own) and len(others):
            below = np.searchsorted(others, own, "left") + np.searchsorted(others, own, "right")
            areas.append(below.sum() / (2.0 * len(own) * len(others)))
    return float(np.mean(areas)) if areas else None


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
