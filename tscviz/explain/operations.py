"""The editor's operations by name, and edits as records that can be kept, undone and replayed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from operator import index
from types import MappingProxyType
from typing import Any

import numpy as np

from tscviz.explain import editing
from tscviz.explain.brush import drag, draw
from tscviz.explain.editing import SEAM, Stretch
from tscviz.explain.request import ExplainError
from tscviz.options import make_options, option
from tscviz.types import Array

_LEVELS = ("ends", "mean", "zero")


@dataclass(frozen=True)
class ShiftOptions:
    """Options of "shift"."""

    by: int = option(1, "Time points later; earlier where negative.")
    seam: int = option(SEAM, "Points blended where it lands.", minimum=0)


@dataclass(frozen=True)
class ScaleOptions:
    """Options of "scale"."""

    factor: float = option(1.5, "Times its distance from the level; below 0: upside down.")
    about: str = option("ends", "The level that stays.", choices=_LEVELS)


@dataclass(frozen=True)
class WarpOptions:
    """Options of "warp"."""

    by: float = option(0.0, "Points by which the middle moves later.")
    widen: float = option(1.5, "How many times slower the middle runs.", above=0.0)


@dataclass(frozen=True)
class SmoothOptions:
    """Options of "smooth"."""

    width: float = option(7.0, "Width of the average, in time points.", above=0.0)
    seam: int = option(SEAM, "Points in which it sets in at each end.", minimum=0)


@dataclass(frozen=True)
class FlattenOptions:
    """Options of "flatten"."""

    to: str = option("ends", "A line between the ends, or a level.", choices=_LEVELS)
    seam: int = option(SEAM, "Points blended at each end of a level.", minimum=0)


@dataclass(frozen=True)
class ReplaceOptions:
    """Options of "class_mean" and "other_case"."""

    match: str = option(
        "none", "As it is, or tilted so that its ends join.", choices=("none", "ends")
    )
    seam: int = option(SEAM, "Points blended at each end; 0: none.", minimum=0)


@dataclass(frozen=True)
class DragOptions:
    """Options of "drag"."""

    at: int = option(0, "Time point, from 0.", minimum=0)
    by: float = option(0.0, "Added to its value.")
    width: float = option(1.0, "Full width of the brush; 1: the point alone.", above=0.0)


@dataclass(frozen=True)
class DrawOptions:
    """Options of "draw"."""

    stroke: tuple[float, ...] = option((), "Time, value, time, value, ... in the order drawn.")
    width: float = option(1.0, "Full width of the brush; 1: nothing fades.", above=0.0)


@dataclass(frozen=True)
class Operation:
    """One operation and what a form needs to know of it.

    Parameters
    ----------
    name, title, summary : str
    options : dataclass type
    acts_on : str
        "stretch", or "channel": then start and stop of the edit are ignored.
    needs_source : bool
        Whether it takes another series.
    """

    name: str
    title: str
    summary: str
    options: type
    run: Callable[[Array, Stretch, dict[str, Any], Array | None], Array]
    acts_on: str = "stretch"
    needs_source: bool = False


@dataclass(frozen=True)
class Edit:
    """One edit as data: JSON-able by `as_dict`, replayed by `apply_edit`.

    Parameters
    ----------
    operation : str
        A name of `OPERATIONS`.
    start, stop : int
        The stretch, in time points; ignored by what acts on a channel.
    channel : int or None
        None: all channels.
    options : mapping
        Fields of the operation's option class; the others have their defaults.
    """

    operation: str
    start: int = 0
    stop: int = 0
    channel: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as a dict of plain values; ``Edit(**that)`` is this edit again."""
        return {
            "operation": self.operation,
            "start": self.start,
            "stop": self.stop,
            "channel": self.channel,
            "options": dict(self.options),
        }


def apply_edit(x: Array, edit: Edit, source: Array | None = None) -> Array:
    """Return the series after one edit.

    Parameters
    ----------
    x : float array, shape (n_channels, n_timepoints)
        Without padding and missing values; it is not changed.
    edit : Edit
    source : float array, shape of `x`, optional
        The class mean or the other case, for the operations that need one.

    Returns
    -------
    float32 array, shape of `x`

    Raises
    ------
    ExplainError
        On an unknown operation, a stretch that is none or lies outside the series, no source
        where one is needed, or values that would not be finite.
    TscvizError
        On options that the operation does not have, or out of bounds.
    """
    operation = OPERATIONS.get(edit.operation) if isinstance(edit.operation, str) else None
    if operation is None:
        raise ExplainError(
            f"there is no operation {edit.operation!r}; they are: {', '.join(OPERATIONS)}."
        )
    if operation.needs_source and source is None:
        raise ExplainError(f"{operation.title} needs another series; pass `source`.")
    if not isinstance(edit.options, Mapping):
        raise ExplainError(
            f"the options are {edit.options!r}; wanted a mapping of names to values."
        )
    options = asdict(make_options(operation.options, edit.options, of=operation.title))
    channel = None if edit.channel is None else _whole("channel", edit.channel)
    stretch = Stretch(_whole("start", edit.start), _whole("stop", edit.stop), channel)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        new = operation.run(x, stretch, options, source)
    if not np.isfinite(new).all():
        raise ExplainError(
            f"{operation.title} gives values too large for a 32-bit number; use smaller ones."
        )
    return new


def _whole(name: str, value: Any) -> int:
    try:
        return index(value)
    except TypeError:
        raise ExplainError(f"{name} is {value!r}; wanted a whole number.") from None


def _on_stretch(function: Callable[..., Array]) -> Callable[..., Array]:
    return lambda x, stretch, options, _source: function(x, stretch, **options)


def _replace(x: Array, stretch: Stretch, options: dict[str, Any], source: Array | None) -> Array:
    assert source is not None  # noqa: S101  (`apply_edit` has checked)
    return editing.replace(x, stretch, source, **options)


def _drag(x: Array, stretch: Stretch, options: dict[str, Any], _source: Array | None) -> Array:
    return drag(x, channel=stretch.channel or 0, **options)


def _draw(x: Array, stretch: Stretch, options: dict[str, Any], _source: Array | None) -> Array:
    flat = options["stroke"]
    if len(flat) % 2:
        raise ExplainError(f"the stroke has {len(flat)} numbers; wanted pairs of time and value.")
    pairs = list(zip(flat[::2], flat[1::2], strict=True))
    return draw(x, pairs, width=options["width"], channel=stretch.channel or 0)


_ALL = (
    Operation(
        "shift", "Shift", "Carry it along the time axis.", ShiftOptions, _on_stretch(editing.shift)
    ),
    Operation(
        "scale", "Scale", "Make it higher or flatter.", ScaleOptions, _on_stretch(editing.scale)
    ),
    Operation(
        "warp",
        "Warp",
        "Stretch one part in time and press the rest.",
        WarpOptions,
        _on_stretch(editing.warp),
    ),
    Operation(
        "smooth",
        "Smooth",
        "Average it with its neighbours.",
        SmoothOptions,
        _on_stretch(editing.smooth),
    ),
    Operation(
        "flatten",
        "Flatten",
        "Make it a straight line.",
        FlattenOptions,
        _on_stretch(editing.flatten),
    ),
    Operation(
        "class_mean",
        "Class mean",
        "Put a class's mean in its place.",
        ReplaceOptions,
        _replace,
        needs_source=True,
    ),
    Operation(
        "other_case",
        "Other case",
        "Put the same stretch of another case in its place.",
        ReplaceOptions,
        _replace,
        needs_source=True,
    ),
    Operation(
        "drag",
        "Drag a point",
        "Move a point; its neighbours follow.",
        DragOptions,
        _drag,
        acts_on="channel",
    ),
    Operation("draw", "Draw", "Draw over the series.", DrawOptions, _draw, acts_on="channel"),
)

#: Operations by name.
OPERATIONS: Mapping[str, Operation] = MappingProxyType({o.name: o for o in _ALL})
