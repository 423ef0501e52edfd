"""Cards of stored models: where they are, what they must hold."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tscviz.data import DataError, Preparation
from tscviz.models.base import ModelError
from tscviz.options import did_you_mean
from tscviz.resources import resource

CARD = "card.json"
FORMAT = 1
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*/[A-Za-z0-9_]{1,80}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_OBJECTS = ("dataset", "metrics", "recipe", "notes")
_NEEDED = ("model", "options", "n_channels", "n_classes", "classes", "preparation", "weights")


def pretrained_folder() -> Path:
    """Return the folder of the bundled models."""
    return resource("pretrained")


def list_pretrained() -> list[str]:
    """Return the names of the bundled models, "MODEL/DATASET", sorted."""
    return sorted(
        f"{path.parent.parent.name}/{path.parent.name}"
        for path in pretrained_folder().glob(f"*/*/{CARD}")
    )


def locate(name_or_folder: str | Path) -> Path:
    """Return the folder of a bundled model, by its name, or of any model.

    Raises
    ------
    ModelError
        Where there is none.
    """
    text = str(name_or_folder)
    if isinstance(name_or_folder, str) and _NAME.fullmatch(text):
        bundled = pretrained_folder() / text
        if (bundled / CARD).is_file():
            return bundled
    # An empty name would be the working directory, and a NUL no path at all.
    if text and "\0" not in text and (Path(name_or_folder) / CARD).is_file():
        return Path(name_or_folder)
    bundled_names = list_pretrained()
    raise ModelError(
        f"there is no model {text!r}: it is neither a bundled name "
        f"({', '.join(bundled_names) or 'none is bundled'}) nor a folder with a {CARD}."
        f"{did_you_mean(text, bundled_names)}"
    )


def read_card(name_or_folder: str | Path) -> dict[str, Any]:
    """Return the card of a stored model without loading its weights.

    Parameters
    ----------
    name_or_folder : str or path
        As `tscviz.models.load_model` takes it.

    Returns
    -------
    dict
        Model, options, classes, data, recipe, versions and accuracies, as they stand in card.json.

    Raises
    ------
    ModelError
        Where there is no such model, or its card is damaged.
    """
    folder = locate(name_or_folder)
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"the card of {name_or_folder} cannot be read: {error}.") from None
    check_card(card, f"the card of {name_or_folder}")
    return card


def check_class_names(names: Sequence[str]) -> None:
    """Raise `ModelError` where the card of a model could not hold these class names."""
    for name in names:
        if _CONTROL.search(name):
            raise ModelError(
                f"class {name!r} has a control character in its name, such as a tab or a line "
                "break, and a stored model must not; rename the class."
            )


def check_card(card: Any, whose: str) -> None:
    """Raise `ModelError` where a card is damaged; `whose` begins the sentence."""
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        raise ModelError(f"{whose} is not of format {FORMAT}.")
    missing = [key for key in _NEEDED if key not in card]
    if missing:
        raise ModelError(f"{whose} lacks {', '.join(missing)}.")
    listed = len(card["classes"]) if isinstance(card["classes"], list) else 0
    if listed != card["n_classes"] and isinstance(card["n_classes"], int):
        raise ModelError(f"{whose} lists {listed} class names for {card['n_classes']} classes.")
    _check_parts(card, whose)


def _check_parts(card: dict[str, Any], whose: str) -> None:
    """Refuse a card whose parts are not what everything that reads them takes them for."""
    for key in ("options", "preparation", "training_preparation", "weights", *_OBJECTS):
        if not isinstance(card.get(key, {}), dict):
            raise ModelError(f"{whose} has no JSON object as {key}.")
    classes = card["classes"] if isinstance(card["classes"], list) else [None]
    good = all(isinstance(name, str) and not _CONTROL.search(name) for name in classes)
    if not good or len(set(classes)) < len(classes):
        raise ModelError(
            f"{whose} needs class names that are text without control characters, all different."
        )
    try:
        for key in ("preparation", "training_preparation"):
            Preparation.from_dict(card.get(key, {}))
    except (DataError, TypeError) as error:
        raise ModelError(f"{whose} cannot be used: {error}") from None
