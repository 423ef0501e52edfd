"""Options as frozen dataclasses: one declaration gives defaults, checks, help texts and forms."""

from __future__ import annotations

import difflib
import math
import types
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, asdict, dataclass, field, fields
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from tscviz.types import TscvizError

_LONGEST = 60

T = TypeVar("T")

MAX_SEED = 2**32 - 1
"""Largest seed of NumPy's RandomState and thus of scikit-learn's `random_state`; the least is 0."""


def option(
    default: Any,
    help: str,  # noqa: A002  (the word argparse and Streamlit use for the same thing)
    *,
    choices: tuple[Any, ...] | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
    above: float | None = None,
) -> Any:
    """Declare one option of a dataclass.

    Parameters
    ----------
    default : object
        Its type decides how text (a command line, a form, JSON) is read.
    help : str
        One line, shown by the command line and the forms.
    choices : tuple, optional
        The only values allowed.
    minimum, maximum, above : float, optional
        Bounds of a number; `above` excludes the bound itself.
    """
    meta = {"help": help, "choices": choices, "minimum": minimum, "maximum": maximum}
    return field(default=default, metadata=meta | {"above": above})


@dataclass(frozen=True)
class OptionInfo:
    """What a form or a help text needs to know of one option."""

    name: str
    kind: Any
    default: Any
    help: str
    choices: tuple[Any, ...] | None
    minimum: float | None
    maximum: float | None


def describe_options(cls: type) -> tuple[OptionInfo, ...]:
    """List the options that the dataclass `cls` declares, in order."""
    hints = get_type_hints(cls)
    return tuple(
        OptionInfo(
            f.name,
            hints[f.name],
            f.default,
            f.metadata.get("help", ""),
            f.metadata.get("choices"),
            f.metadata.get("minimum"),
            f.metadata.get("maximum"),
        )
        for f in fields(cls)
    )


def make_options(cls: type[T], given: Mapping[str, Any], *, of: str) -> T:
    """Build the dataclass `cls` from `given`, checking names, types and bounds.

    Parameters
    ----------
    cls : dataclass type
    given : mapping
        Values, or their text.
    of : str
        Whose options these are, for the error text.

    Raises
    ------
    TscvizError
        On an unknown name, a value of the wrong type, or one out of bounds.
    """
    hints = get_type_hints(cls)
    known: dict[str, Field[Any]] = {f.name: f for f in fields(cls)}  # type: ignore[arg-type]
    unknown = [name for name in given if name not in known]
    if unknown:
        raise TscvizError(
            f"{of} has no option {unknown[0]!r}; its options are: {', '.join(known) or 'none'}."
            f"{did_you_mean(unknown[0], known)}"
        )
    values = {name: _read(known[name], hints[name], value, of) for name, value in given.items()}
    return cls(**values)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'NAME'?" for the known name next to `name`, or "" where none is near.

    Parameters
    ----------
    name : str
        As somebody wrote it.
    known : iterable of str
    """
    spelt = {other.lower(): other for other in known}
    close = difflib.get_close_matches(str(name).lower(), spelt, n=1, cutoff=0.66)
    return f" Did you mean {spelt[close[0]]!r}?" if close else ""


def changed_options(options: Any) -> dict[str, Any]:
    """Return the options of a dataclass that differ from their defaults, JSON-able."""
    defaults = {f.name: f.default for f in fields(options) if f.default is not MISSING}
    return {name: value for name, value in asdict(options).items() if value != defaults.get(name)}


def _read(spec: Field[Any], kind: Any, value: Any, of: str) -> Any:
    where = f"option {spec.name!r} of {of}"
    value = _convert(kind, value, where)
    meta = spec.metadata
    if meta.get("choices") is not None and value not in meta["choices"]:
        allowed = ", ".join(map(str, meta["choices"]))
        raise TscvizError(f"{where} is {value!r}; it must be one of: {allowed}.")
    numbers = value if isinstance(value, tuple) else (value,)
    for number in numbers:
        if isinstance(number, int | float) and not isinstance(number, bool):
            _check_bounds(meta, number, where)
    return value


def _check_bounds(meta: Mapping[str, Any], number: float, where: str) -> None:
    low, high, above = meta.get("minimum"), meta.get("maximum"), meta.get("above")
    if not math.isfinite(number):
        raise TscvizError(f"{where} is {number}; it must be finite.")
    if low is not None and number < low:
        raise TscvizError(f"{where} is {number}; it must be at least {low}.")
    if above is not None and number <= above:
        raise TscvizError(f"{where} is {number}; it must be greater than {above}.")
    if high is not None and number > high:
        raise TscvizError(f"{where} is {number}; it must be at most {high}.")


def _convert(kind: Any, value: Any, where: str) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    if get_origin(kind) in {types.UnionType, Union}:
        if value is None or (isinstance(value, str) and value.lower() in ("none", "")):
            return None
        kind = next(k for k in get_args(kind) if k is not type(None))
    if get_origin(kind) is tuple:
        value = (value,) if isinstance(value, int | float) else value
        parts = value.strip("()[] ").split(",") if isinstance(value, str) else value
        if not isinstance(parts, list | tuple):
            raise TscvizError(f"{where} is {_short(value)}; give values separated by commas.")
        return tuple(_convert(get_args(kind)[0], p, where) for p in parts)
    try:
        return _scalar(kind, value)
    except (TypeError, ValueError):
        raise TscvizError(
            f"{where} is {_short(value)}; it must be of type {kind.__name__}."
        ) from None


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


def _scalar(kind: type, value: Any) -> Any:
    if kind is bool:
        text = str(value).strip().lower()
        if text not in ("true", "false", "1", "0", "yes", "no"):
            raise ValueError
        return text in ("true", "1", "yes")
    if isinstance(value, bool) and kind is not str:
        raise ValueError
    if kind is int:
        if isinstance(value, float) and not value.is_integer():
            raise ValueError
        return int(value)
    if kind is str and not isinstance(value, str):
        raise ValueError
    return kind(value)
