"""What a page that looks every second reads of a run, without reading anything twice."""

# ruff: noqa: ARG001 - keys of a cache are read by Streamlit, not by the function

from __future__ import annotations

import json
import math
import os
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st

from tscviz.training.jobdir import EVENTS
from tscviz.training.jobs import Job, JobSpec


@dataclass
class _Reader:
    """The events read so far of one file, and where the next line starts."""

    events: list[dict[str, Any]] = field(default_factory=list)
    offset: int = 0
    inode: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, path: Path) -> list[dict[str, Any]]:
        """Read what was appended; start anew where the file was replaced or cut."""
        with self.lock, suppress(OSError), path.open("rb") as file:
            found = os.fstat(file.fileno())
            if found.st_ino != self.inode or found.st_size < self.offset:
                self.events, self.offset, self.inode = [], 0, found.st_ino
            file.seek(self.offset)
            # What follows the last newline is not finished yet.
            whole = file.read().rpartition(b"\n")[0]
            self.offset += len(whole) + bool(whole)
            self.events = [*self.events, *_objects(whole)] if whole else self.events
            return self.events
        return []


def _objects(lines: bytes) -> list[dict[str, Any]]:
    found = []
    for line in lines.split(b"\n"):
        with suppress(ValueError, RecursionError):
            value = json.loads(line)
            if isinstance(value, dict) and isinstance(value.get("epoch"), int):
                found.append(value)
    return found


@st.cache_resource(max_entries=32, show_spinner=False)
def _reader(folder: str) -> _Reader:
    return _Reader()


def events_of(job: Job) -> list[dict[str, Any]]:
    """Return the events of a job, as `Job.events` does, reading only what is new.

    The list is shared by all sessions: do not change it.
    """
    return _reader(str(job.folder)).read(job.folder / EVENTS)


def selection_of(spec: JobSpec) -> str:
    """Return by what a run chooses the weights it keeps: `select` of its recipe."""
    from tscviz.training.recipes import get_recipe, split_options  # imports torch

    _, overrides = split_options(spec.model, dict(spec.options), spec.preset)
    return get_recipe(spec.model, spec.preset, **overrides).select


def best_epoch(events: Sequence[Mapping[str, Any]], select: str) -> int | None:
    """Return the epoch whose weights would be kept if the run ended now.

    Parameters
    ----------
    events : sequence of mappings
        As `Job.events` gives them.
    select : {"train_loss", "val_loss", "last"}
        Of the recipe: the first epoch of least training class loss, of least loss on the held-out
        cases, or the last one.
    """
    if not events:
        return None
    if select == "last":
        return int(events[-1]["epoch"])
    loss = _val_loss if select == "val_loss" else _class_loss
    return int(min(events, key=loss)["epoch"])


def _class_loss(event: Mapping[str, Any]) -> float:
    value = event.get("losses", {}).get("class")
    return math.inf if value is None else float(value)


def _val_loss(event: Mapping[str, Any]) -> float:
    value = event.get("val_loss")
    return math.inf if value is None else float(value)


def last_known(events: Sequence[Mapping[str, Any]], name: str) -> float | None:
    """Return the newest value of a field that is not told in every epoch."""
    return next((e[name] for e in reversed(events) if e.get(name) is not None), None)
