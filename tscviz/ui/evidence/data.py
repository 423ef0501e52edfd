"""What the evidence page shows: each part gathered by itself, and kept by what it depends on."""

# ruff: noqa: ARG001 - keys of a cache are read by Streamlit, not by the function

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from tscviz.explain.evidence.options import EvidenceOptions
from tscviz.types import Array, Attribution
from tscviz.ui import cache
from tscviz.ui.attributions import data
from tscviz.ui.attributions.data import Answer, Question, Wanted
from tscviz.ui.components.waiting import progress
from tscviz.ui.selection import Selection

if TYPE_CHECKING:
    from tscviz.explain.evidence import Agreement, Curves, Evidence, Subject

#: Part -> the settings it reads. A part is gathered anew only where one of them changes.
READS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "curves": ("per", "fill", "output", "steps", "share", "control", "n_random", "seed"),
        "infidelity": ("fill", "n_samples", "window", "local", "seed"),
        "sensitivity": ("radius", "n_nearby", "seed"),
        "randomisation": ("per", "order", "draw", "n_draws", "seed"),
        "stability": ("per", "share", "noise", "n_repeats", "seed"),
        "agreement": ("per", "share"),
    }
)


@dataclass(frozen=True, eq=False)
class Asked:
    """What the visitor asks: which map, and how it is judged.

    Parameters
    ----------
    selection : Selection
        With its target: the class explained.
    method : str
    against : int or None
        Class whose score is subtracted.
    baseline : str
        Of the method.
    options : mapping
        Of the method, those that differ from their defaults.
    settings : EvidenceOptions
    """

    selection: Selection
    method: str
    against: int | None = None
    baseline: str = "zero"
    options: Mapping[str, Any] = field(default_factory=dict)
    settings: EvidenceOptions = field(default_factory=EvidenceOptions)

    def held(self, **settings: Any) -> Asked:
        """Return the same with other settings."""
        return replace(self, settings=replace(self.settings, **settings))

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells the map apart in a cache, the settings aside."""
        clf = cache.classifier(str(self.selection.model))
        return (
            cache.case_key(self.selection), clf.digest, int(self.selection.target or 0),
            *self.method_key,
        )  # fmt: skip

    @property
    def method_key(self) -> tuple[Any, ...]:
        """What tells the method and its options apart."""
        return self.method, self.against, self.baseline, tuple(sorted(self.options.items()))


def answer(asked: Asked) -> Answer:
    """Return the map, or the reason why there is none."""
    question = Question(asked.against, asked.baseline, {asked.method: asked.options})
    with st.spinner("Computing the map …"):
        return data.answer(Wanted(asked.selection, asked.method), question)


def usable(selection: Selection) -> Array:
    """Return which points of the case were measured in every channel, bool, (n_timepoints,)."""
    return np.asarray(~cache.case(selection).filled.any(0))


def subject(asked: Asked) -> Subject:
    """Return the case and the map as the evidence takes them."""
    from tscviz.explain.evidence import subject_of

    chosen, case = asked.selection, cache.case(asked.selection)
    return subject_of(
        cache.classifier(str(chosen.model)), case.x, asked.method, target=chosen.target,
        against=asked.against, baseline=asked.baseline,
        mask=None if bool(np.all(case.mask)) else case.mask, usable=usable(chosen),
        options=asked.options,
    )  # fmt: skip


def curves(asked: Asked, attribution: Attribution) -> Curves:
    """Return the deletion and insertion curves."""
    found: Any = part(asked, attribution, "curves").curves
    return found


def agreement(asked: Asked, attribution: Attribution) -> Agreement | None:
    """Return how alike the map is to those of the quick methods and to the model's own view."""
    names = quick_methods(str(asked.selection.model))
    return part(asked, attribution, "agreement", names).agreement


def quick_methods(model: str) -> tuple[str, ...]:
    """Return the model's own view and the cheap methods that apply to it."""
    native = data.native_method(model)
    quick = (n for n, m in data.known().items() if m.cost == "cheap" and n != native)
    return (native, *(n for n in quick if data.obstacle(model, n) is None))


def part(
    asked: Asked, attribution: Attribution, name: str, others: Sequence[str] | None = None
) -> Evidence:
    """Return one part of the evidence, with a bar while it is gathered.

    Leaving the page or changing an option ends the work; what is finished is kept.

    Parameters
    ----------
    asked : Asked
    attribution : Attribution
        The map.
    name : str
        Of `tscviz.explain.evidence.PARTS`.
    others : sequence of str, optional
        Methods to compare with.
    """
    from tscviz.explain.evidence import PARTS, Pace, gather

    slot = _slot(name, asked.key, _read(asked.settings, name), tuple(others or ()))
    title = PARTS[name].title
    with slot.lock:
        if slot.found is None:
            with st.spinner(f"{title} …", show_time=True), progress(title) as tell:
                pace = Pace(total=max(0, len(others or ()) - 1), on_progress=tell)
                slot.found = gather(
                    subject(asked), attribution, parts=[name], others=others,
                    settings=asked.settings, pace=pace,
                )  # fmt: skip
    return slot.found


def seconds_of(asked: Asked, names: Sequence[str]) -> float | None:
    """Return how long the parts took for this case; None where one was not gathered yet."""
    slots = [_slot(n, asked.key, _read(asked.settings, n), ()) for n in names]
    times = [sum(s.found.seconds.values()) for s in slots if s.found is not None]
    return sum(times) if len(times) == len(names) else None


def settings_key(settings: EvidenceOptions, names: Sequence[str]) -> tuple[Any, ...]:
    """Return the settings that some parts read."""
    return tuple(_read(settings, name) for name in names)


def _read(settings: EvidenceOptions, name: str) -> tuple[Any, ...]:
    values = asdict(settings)
    return tuple(values[key] for key in READS[name])


@dataclass(eq=False)
class _Slot:
    """A place for one part; the lock lets a second visitor wait for the first one's result."""

    lock: Lock = field(default_factory=Lock)
    found: Evidence | None = None


@st.cache_resource(max_entries=512, show_spinner=False)
def _slot(
    name: str, key: tuple[Any, ...], settings: tuple[Any, ...], others: tuple[str, ...]
) -> _Slot:
    return _Slot()
