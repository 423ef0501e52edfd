"""What `evaluate` does: a split classified, and what to know of its data."""

from __future__ import annotations

import argparse

from tscviz.cli.cases import doubts
from tscviz.cli.commands import Answer, dataset_for
from tscviz.models.classifier import Classifier
from tscviz.types import Dataset


def evaluate(arguments: argparse.Namespace) -> Answer:
    """Classify a split and compare with its labels and with the card."""
    from tscviz import training
    from tscviz.models import load_model

    classifier = load_model(arguments.model)
    dataset = dataset_for(classifier, arguments)
    result = training.evaluate(classifier, dataset, split=arguments.split)
    card = classifier.card
    same = classifier.was_trained_on(dataset.digest)
    carded = card.get("metrics", {}).get(f"{arguments.split}_accuracy") if same else None
    document = {
        "model": classifier.name,
        "dataset": dataset.name,
        "split": arguments.split,
        "digest": classifier.digest,
        "same_data_as_card": same,
        "card_accuracy": carded,
        "notes": [] if same else _notes(classifier, dataset, arguments.split),
    }
    return document | result | {"classes": list(classifier.classes)}, 0


def _notes(classifier: Classifier, dataset: Dataset, split: str) -> list[str]:
    """Say that the data are not those of the card, and in which ways they are unlike them."""
    from tscviz.data import Preparation, prepare

    own, name = (classifier.card.get("dataset") or {}).get("name"), classifier.name
    if own == dataset.name:
        other = f"this {own} is not the one that {name} was trained on: values or labels differ"
    else:
        other = f"{name} was trained on {own or 'data without a name'}, not on {dataset.name}"
    X, _, mask = dataset.split(split)
    how = Preparation(**classifier.card.get("training_preparation", {}))
    unlike = doubts(classifier, prepare(X, mask, how))
    return [f"{other}; the card's accuracy does not apply.", *unlike]
