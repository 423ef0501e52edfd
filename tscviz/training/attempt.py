"""One attempt at a job, from loading the data to the stored state it ended in."""

from __future__ import annotations

import json
import math
import os
import shutil
import time
import traceback
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Literal

from tscviz.atomic import append_json_line, is_disk_full, read_object, write_bytes
from tscviz.training.errors import Cancelled
from tscviz.training.jobdir import (
    CANCEL,
    CHECKPOINT,
    EVENTS,
    MODEL,
    State,
    read_events,
    read_spec,
    read_status,
    write_status,
)
from tscviz.training.jobspec import JobError, JobSpec
from tscviz.training.processes import process_identity
from tscviz.types import Dataset, TscvizError

if TYPE_CHECKING:
    from tscviz.models.classifier import Classifier
    from tscviz.training.fit import EpochEvent

_RESERVE = "reserve"
_RESERVE_BYTES = 1 << 15
# safetensors tells the operating system's reason in its text only.
_NO_ROOM = ("No space left on device", "File too large", "Disk quota exceeded")
_NO_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")


class Attempt:
    """One attempt at a job. As a context manager it turns any ending into a stored state."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state: State = "running"
        self.phase: Literal["loading", "training", "closing"] = "loading"
        self.stopping = False
        self.metrics: dict[str, Any] = {}
        self.classifier: Classifier | None = None
        self.begun = {"started": time.time(), **(process_identity(os.getpid()) or {})}
        self.last_event: float | None = None

    def __enter__(self) -> Attempt:
        # With a full disk this room is given back, so that the reason can still be stored.
        with suppress(OSError):
            remove_litter(self.folder)
            write_bytes(self.folder / _RESERVE, bytes(_RESERVE_BYTES))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if error is not None and not isinstance(error, Exception):
            return False
        self.phase = "closing"
        self.state, message = self._ending(error)
        (self.folder / _RESERVE).unlink(missing_ok=True)
        seen = read_status(self.folder)
        try:
            write_status(
                self.folder,
                self.state,
                message=message,
                started=self.begun["started"],
                epoch=seen.epoch,
                epochs=seen.epochs,
                metrics=self.metrics,
            )
        except OSError:
            with suppress(OSError):
                traceback.print_exc()
        return True

    def _ending(self, error: Exception | None) -> tuple[State, str]:
        if error is None:
            return "done", ""
        if isinstance(error, Cancelled):
            return "cancelled", str(error)
        with suppress(OSError):  # the log may lie on the very disk that is full
            traceback.print_exception(error)
        return "failed", explain_failure(error, self.folder)

    def train(self) -> None:
        """Load the data, train, and keep the metrics; a model that is there already is the end."""
        self.store("Loading the dataset.")
        self.check()
        if not (self.folder / MODEL / "card.json").is_file():
            self._train(read_spec(self.folder))
        card = read_object(self.folder / MODEL / "card.json") or {}
        self.metrics = card.get("metrics", {})

    def _train(self, spec: JobSpec) -> None:
        import torch

        from tscviz.training.run import train

        torch.set_num_threads(spec.threads)
        dataset = self._load(spec)
        self.check()
        self.store(f"Training {spec.model} on {spec.dataset}.")
        self.phase = "training"
        self.classifier = train(
            dataset,
            spec.model,
            preset=spec.preset,
            seed=spec.seed,
            out=self.folder,
            resume=True,
            on_epoch=self.on_epoch,
            **spec.options,
        )

    def _load(self, spec: JobSpec) -> Dataset:
        from tscviz.data import load_dataset

        dataset = load_dataset(spec.dataset, spec.archive, on_progress=lambda _: self.check())
        if spec.dataset_digest not in (None, dataset.digest):
            raise JobError(
                f"{spec.dataset} does not hold the data any more for which the job was made. "
                "Submit a new job for the data as they are now."
            )
        return dataset

    def store(self, message: str) -> None:
        """Say what is being done now."""
        write_status(self.folder, "running", message=message, **self.begun)

    def check(self) -> None:
        """Raise `Cancelled` if somebody wants us to stop."""
        if self.stopping or (self.folder / CANCEL).exists():
            raise Cancelled("Cancelled; Resume goes on from the last checkpoint.")

    def on_sigterm(self, _number: int, _frame: FrameType | None) -> None:
        """Stop at the end of the epoch; while loading, at once."""
        self.stopping = True
        if self.phase == "loading":
            self.check()

    def on_epoch(self, event: EpochEvent) -> None:
        """Append the event; the first one of a resumed run replaces what was after its place."""
        now = time.monotonic()
        seconds = event.seconds if event.epoch == 1 else None
        if self.last_event is None:
            _drop_events(self.folder, event.epoch)
        else:
            seconds = now - self.last_event
        self.last_event = now
        line = asdict(event) | {"epoch_seconds": seconds, "time": time.time()}
        append_json_line(self.folder / EVENTS, _finite(line))
        self.check()


def _drop_events(folder: Path, epoch: int) -> None:
    """Forget the events from `epoch` on, and torn lines: they will be told again."""
    if (folder / EVENTS).exists():
        kept = [event for event in read_events(folder) if event["epoch"] < epoch]
        lines = [json.dumps(event).encode() + b"\n" for event in kept]
        write_bytes(folder / EVENTS, b"".join(lines))


def remove_litter(folder: Path) -> None:
    """Remove what a killed worker left: everything hidden in the job's folders, and its reserve.

    Only for the holder of the worker's lock.
    """
    (folder / _RESERVE).unlink(missing_ok=True)
    for leftover in [*folder.glob(".*"), *(folder / CHECKPOINT).glob(".*")]:
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)


def _finite(value: Any) -> Any:
    """Replace numbers that JSON does not know by None."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def lacks_room(error: BaseException) -> bool:
    """Return whether nothing more can be written: disk, quota or file size limit."""
    if isinstance(error, OSError) and is_disk_full(error):
        return True
    return any(words in str(error) for words in _NO_ROOM)


def lacks_memory(error: BaseException) -> bool:
    """Return whether memory was asked for in vain, here or on an accelerator."""
    if isinstance(error, MemoryError) or isinstance(error.__cause__, MemoryError):
        return True
    cause = error if isinstance(error, RuntimeError) else error.__cause__
    lowered = str(cause).lower()
    return isinstance(cause, RuntimeError) and any(words in lowered for words in _NO_MEMORY)


def explain_failure(error: Exception, folder: Path) -> str:
    """Return one plain line on what went wrong and what to do."""
    text = " ".join(str(error).split())[:500]
    if lacks_room(error):
        return f"The disk is full: nothing more can be written to {folder}. Free space and resume."
    if isinstance(error, TscvizError):
        return text
    if lacks_memory(error):
        return "There is not enough memory; use a smaller batch_size, model or dataset."
    return f"unexpected error: {type(error).__name__}: {text}; see worker.log"
