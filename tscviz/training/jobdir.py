"""A job directory as it lies on disk: its files, what they say together, and how they change.

::

    HOME/jobs/.lock           held while jobs are created, started, resumed or deleted
    HOME/jobs/<id>/spec.json      what to do; never rewritten
                  /status.json    stored state; rewritten whole at each change
                  /events.jsonl   one line per epoch
                  /cancel         present: somebody wants the job to stop
                  /worker.lock    locked by the living worker
                  /worker.log     what the worker printed, tracebacks included
                  /checkpoint/    written by the fit, the newest and the one before
                  /model/         the finished model, absent until it is whole

Whether a worker lives is asked of its lock and of nothing else: a process number can be that of
a zombie or of a stranger, and times move when a clock is set.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast, get_args

from tscviz.atomic import is_locked, read_json_lines, read_object, write_json
from tscviz.training.jobspec import JobError, JobSpec, job_id, spec_from_json

State = Literal["waiting", "running", "done", "cancelled", "failed", "dead"]
SPEC, STATUS, EVENTS = "spec.json", "status.json", "events.jsonl"
CANCEL, LOCK, LOG = "cancel", "worker.lock", "worker.log"
CHECKPOINT, MODEL = "checkpoint", "model"
_TAIL = 1 << 14
_RECENT = 20


@dataclass(frozen=True)
class JobStatus:
    """What a job is doing.

    Parameters
    ----------
    state : str
        "waiting" for a free place, "running", "done", "cancelled", "failed" (see `message`), or
        "dead": the worker ended without a word. All but waiting, running and done can be resumed.
    epoch, epochs : int
        Epochs finished and planned; 0 while not known.
    started, updated : float or None
        Unix time of the last start and the last change, for display only.
    message : str
        One plain line: what is going on, or what went wrong and what to do.
    pid : int or None
        Process number of the worker while it runs.
    eta_seconds : float or None
        Remaining time, from the median of recent epochs; None where unknown.
    cancelling : bool
        True while a worker runs that was asked to stop.
    metrics : mapping
        Of the finished model, as in its card.
    """

    state: State
    epoch: int = 0
    epochs: int = 0
    started: float | None = None
    updated: float | None = None
    message: str = ""
    pid: int | None = None
    eta_seconds: float | None = None
    cancelling: bool = False
    metrics: Mapping[str, Any] = field(default_factory=dict)

    @property
    def finished(self) -> bool:
        """True where no worker will go on by itself."""
        return self.state not in ("waiting", "running")


def read_spec(folder: Path) -> JobSpec:
    """Return the specification of the job in `folder`.

    Raises
    ------
    JobError
        If spec.json is missing, damaged, or not the one that gave the job its name.
    """
    advice = f"Delete job {folder.name} and submit it again."
    value = read_object(folder / SPEC)
    if value is None:
        raise JobError(f"spec.json of job {folder.name} is missing or damaged. {advice}")
    try:
        spec = spec_from_json(value)
    except JobError as error:
        raise JobError(f"spec.json of job {folder.name}: {error} {advice}") from None
    if job_id(spec) != folder.name:
        raise JobError(f"spec.json of job {folder.name} was changed after submission. {advice}")
    return spec


def write_status(folder: Path, state: State, **values: Any) -> None:
    """Store a new state; only for the holder of the worker's lock or, if free, the folder's."""
    write_json(folder / STATUS, {"state": state, "updated": time.time()} | values)


def is_alive(folder: Path) -> bool:
    """Return whether a worker holds the job's lock."""
    return is_locked(folder / LOCK)


def read_events(folder: Path) -> list[dict[str, Any]]:
    """Return one mapping per finished epoch: the fields of `EpochEvent`, and "time"."""
    return [event for event in read_json_lines(folder / EVENTS) if _whole(event.get("epoch"))]


def read_status(folder: Path) -> JobStatus:
    """Return the state of the job in `folder`, whatever its files hold."""
    stored, alive = _read_consistently(folder)
    state, message = _derive(folder, stored, alive)
    tail = read_json_lines(folder / EVENTS, _TAIL)
    last = tail[-1] if tail else {}
    return JobStatus(
        state=state,
        epoch=_whole(last.get("epoch")) or _whole(stored.get("epoch")),
        epochs=_whole(last.get("epochs")) or _whole(stored.get("epochs")),
        started=_number(stored.get("started")),
        updated=_number(last.get("time") if alive and last else stored.get("updated")),
        message=message,
        pid=(_whole(stored.get("pid")) or None) if alive else None,
        eta_seconds=_eta(tail) if state == "running" else None,
        cancelling=state == "running" and (folder / CANCEL).exists(),
        metrics=_mapping(stored.get("metrics")),
    )


def _read_consistently(folder: Path) -> tuple[dict[str, Any], bool]:
    """Read status and lock; a worker that starts or ends between the two must not look dead."""
    stored, alive = read_object(folder / STATUS), is_alive(folder)
    while not alive and (stored or {}).get("state") != "waiting":
        again = read_object(folder / STATUS)
        if again == stored:
            break
        stored, alive = again, is_alive(folder)
    return stored or {}, alive


def _derive(folder: Path, stored: Mapping[str, Any], alive: bool) -> tuple[State, str]:
    """Return state and message, given what is stored and whether a worker lives."""
    state, message = stored.get("state"), str(stored.get("message", ""))
    if state in ("done", "cancelled", "failed"):
        return cast(State, state), message
    if alive:
        return "running", "cancelling" if (folder / CANCEL).exists() else message or "starting"
    if (folder / CANCEL).exists():
        return "cancelled", "Cancelled; Resume goes on from the last checkpoint."
    if state == "waiting":
        return "waiting", message or "Waiting for a free place."
    problem = spec_problem(folder)
    if problem:
        return "failed", problem
    if state not in get_args(State):
        return "dead", "status.json is missing or damaged; Resume puts it right."
    return "dead", (
        "The worker ended without a word (killed, out of memory, or power loss). "
        "Resume goes on from the last checkpoint."
    )


def spec_problem(folder: Path) -> str:
    """Return why the job's specification cannot be used, or an empty text."""
    try:
        read_spec(folder)
    except JobError as error:
        return str(error)
    return ""


def _eta(events: list[dict[str, Any]]) -> float | None:
    """Seconds left: remaining epochs times the median duration of the recent ones."""
    recent = events[-_RECENT:]
    seconds = [_number(event.get("epoch_seconds")) for event in recent]
    known = [value for value in seconds if value is not None and value >= 0]
    if not known:
        return None
    left = _whole(recent[-1].get("epochs")) - _whole(recent[-1].get("epoch"))
    return max(0, left) * statistics.median(known)


def _whole(value: Any) -> int:
    usable = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 53
    return value if usable else 0


def _number(value: Any) -> float | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if usable and math.isfinite(value) else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
