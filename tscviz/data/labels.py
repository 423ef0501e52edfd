"""Labels as text become indices into class names in natural order."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from tscviz.data.errors import DataError
from tscviz.types import Array

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?")
_EXACT = 2.0**53  # beyond it different whole numbers are the same float


def encode_labels(
    labels: Sequence[Any] | Array, class_names: Sequence[str] | None = None, where: str = "data"
) -> tuple[tuple[str, ...], Array]:
    """Return class names in natural order and, per label, the index of its class.

    Parameters
    ----------
    labels : sequence of str or numbers
    class_names : sequence of str, optional
        Fixed classes in their order.
    where : str
        Named in errors.

    Returns
    -------
    class_names : tuple of str
    y : int64 array, shape (n_labels,)
    """
    texts = [_text(label) for label in labels]
    for i, text in enumerate(texts, start=1):
        if text in ("", "?"):
            raise DataError(f"{where}: the label of case {i} is missing; every case needs one.")
    if class_names is None:
        texts = plain_numbers(texts)
        class_names = sorted(set(texts), key=natural_key)
    index = {label: i for i, label in enumerate(class_names)}
    if len(index) != len(class_names):
        raise DataError(f"{where}: a class name appears twice in {', '.join(class_names)}.")
    unknown = sorted(set(texts) - set(index), key=natural_key)
    if unknown:
        raise DataError(f"{where}: label {unknown[0]!r} is not among {', '.join(class_names)}.")
    return tuple(class_names), np.array([index[text] for text in texts], dtype=np.int64)


def plain_numbers(labels: Sequence[str]) -> list[str]:
    """Write labels that are all numbers in one way: "1.0", "1" and "1e0" all become "1"."""
    numbers = {label: _number(label) for label in set(labels)}
    names = {}
    for label, value in numbers.items():
        if value is None or abs(value) >= _EXACT:
            return list(labels)
        names[label] = str(int(value)) if value == int(value) else repr(value)
    return [names[label] for label in labels]


def match_labels(labels: Sequence[str], classes: Sequence[str]) -> tuple[int | None, ...]:
    """Return the class each label names: exactly, else but for upper and lower case.

    Where all classes are numbers, another way of writing one names it, too: "01" or "+1" is "1".

    Parameters
    ----------
    labels : sequence of str
        As a file has them.
    classes : sequence of str

    Returns
    -------
    tuple of int or None
        None for a label that names no class.
    """
    exact = {name: k for k, name in enumerate(classes)}
    loose = {name.casefold(): k for k, name in enumerate(classes)}
    numbers: dict[str, int] = {}
    if all(_number(name) is not None for name in classes):
        numbers = {name: k for k, name in enumerate(plain_numbers(classes))}
    loose = loose if len(loose) == len(exact) else {}
    numbers = numbers if len(numbers) == len(exact) else {}
    found = {
        label: exact.get(label, loose.get(label.casefold(), numbers.get(plain_numbers([label])[0])))
        for label in set(labels)
    }
    return tuple(found[label] for label in labels)


def natural_key(label: str) -> tuple[int, float, tuple[tuple[int, int, str], ...], str]:
    """Sort key: numbers by value and first, then text with its digits compared as numbers."""
    value = _number(label)
    if value is not None:
        return 0, value, (), label
    parts = re.findall(r"[0-9]+|[^0-9]+", label)
    key = tuple((0, int(p), "") if p[0] in "0123456789" else (1, 0, p) for p in parts)
    # The label itself decides between equals ("a1", "a01"): the order must never depend on luck.
    return 1, 0.0, key, label


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None


def _text(label: Any) -> str:
    missing = isinstance(label, float | np.floating) and math.isnan(label)
    return "" if missing else str(label).strip()
