"""Processes of this machine, each of which takes cell after cell."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from typing import IO, cast

from tscviz.training.backends import default_workers
from tscviz.training.jobspec import spec_to_json
from tscviz.training.processes import worker_environment
from tscviz.training.sweep.backends import BackendOptions, Ended
from tscviz.training.sweep.backends.memory import LOW_BYTES, cell_bytes, free_memory, resident_bytes
from tscviz.training.sweep.cell import Outcome
from tscviz.training.sweep.errors import SweepError
from tscviz.training.sweep.plan import Cell

_LOOK_AGAIN = 0.25


class _Process:
    """One worker process, as the pool sees it."""

    def __init__(self, options: BackendOptions) -> None:
        self.cell: Cell | None = None
        self.ready: str | None = None
        self.rest = b""
        self.log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        extra = {} if options.archive is None else {"TSCVIZ_ARCHIVE": options.archive}
        # -P: a file called json.py in the folder we were started from must not be imported.
        self.popen = subprocess.Popen(
            [sys.executable, "-P", "-m", "tscviz.training.sweep.worker",
             str(options.jobs), options.keep],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            env=worker_environment(options.threads) | extra,
            start_new_session=True,  # Ctrl-C is for the scheduler
        )  # fmt: skip
        self.input = cast("IO[bytes]", self.popen.stdin)
        self.output = cast("IO[bytes]", self.popen.stdout)

    def send(self, command: dict[str, object]) -> None:
        """Write one command; a worker that is gone is noticed when its output ends."""
        with suppress(BrokenPipeError):
            self.input.write(json.dumps(command).encode() + b"\n")
            self.input.flush()

    def said(self) -> list[dict[str, str]] | None:
        """Return the lines that have arrived; None where the worker is gone."""
        chunk = os.read(self.output.fileno(), 1 << 16)
        if not chunk:
            return None
        *lines, self.rest = (self.rest + chunk).split(b"\n")
        return [json.loads(line) for line in lines]

    def signal(self, number: signal.Signals) -> None:
        """Signal the worker and what it started; it is our child and not yet reaped."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.popen.pid, number)

    def bury(self) -> str:
        """Wait for a worker whose output has ended; return what is known of its end."""
        with suppress(OSError):
            self.input.close()
        try:
            code = self.popen.wait(5.0)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            code = self.popen.wait()
        self.output.close()
        self.log.seek(0)
        printed = self.log.read().decode(errors="replace").strip().splitlines()
        self.log.close()
        end = f"signal {-code}" if code < 0 else f"exit code {code}"
        return f"{end}: {printed[-1][:200]}" if printed else end


class LocalPool:
    """At most so many workers, started when there is something to do and then kept.

    Parameters
    ----------
    options : BackendOptions
        `workers` None: as many as there are cores, and as memory bears for the cells that come.
    """

    def __init__(self, options: BackendOptions) -> None:
        self.options = options
        given = options.workers
        self.most = max(1, default_workers() // options.threads) if given is None else given
        if self.most < 1:
            raise SweepError(f"workers is {options.workers}; it must be at least 1.")
        self.processes: list[_Process] = []
        self.selector = selectors.DefaultSelector()

    def places(self) -> int:
        """Return how many workers are idle or can be started."""
        return self.most - len(self._busy())

    def bears(self, cell: Cell) -> bool:
        """Return whether memory is left for a cell beside those that run; alone it may always try.

        What those are yet to take is set aside. For a number of workers that somebody asked for,
        no more than a rest must be free.
        """
        busy = self._busy()
        if not busy:
            return True
        if self.options.workers is not None:
            return free_memory() >= LOW_BYTES
        owed = sum(max(0, self._need(p.cell) - resident_bytes(p.popen.pid)) for p in busy)
        return free_memory() - owed >= self._need(cell)

    def _need(self, cell: Cell | None) -> int:
        return 0 if cell is None else cell_bytes(cell.job.dataset, self.options.archive)

    def start(self, cell: Cell, *, fresh: bool = False) -> None:
        """Hand a cell to an idle worker, or start one."""
        process = next((p for p in self.processes if p.cell is None), None)
        if process is None:
            try:
                process = _Process(self.options)
            except OSError as error:
                raise SweepError(f"A worker cannot be started: {error}.") from None
            self.processes.append(process)
            self.selector.register(process.output, selectors.EVENT_READ, process)
        process.cell = cell
        process.send({"run": spec_to_json(cell.job), "fresh": fresh})

    def wait(self, seconds: float) -> list[Ended]:
        """Return the attempts that have ended, waiting for one at most so long."""
        if not self.processes:
            time.sleep(seconds)
            return []
        ended: list[Ended] = []
        for key, _ in self.selector.select(seconds):
            ended += self._heard(key.data)
        return ended

    def _heard(self, process: _Process) -> list[Ended]:
        lines = process.said()
        if lines is None:
            return self._lost(process)
        ended = []
        for line in lines:
            if "ready" in line:
                process.ready = line["ready"]
                if self.options.code not in (None, process.ready):
                    return self._refused(process)
            elif process.cell is not None:
                ended.append(Ended(process.cell, Outcome(**line)))  # type: ignore[arg-type]
                process.cell = None
        return ended

    def _lost(self, process: _Process) -> list[Ended]:
        """Let go of a worker that is gone: killed, out of memory, crashed."""
        self.selector.unregister(process.output)
        self.processes.remove(process)
        end = process.bury()
        if process.cell is None:
            return []
        kind = "died" if process.ready else "start"
        what = "The worker ended without a word" if process.ready else "No worker can be started"
        return [Ended(process.cell, Outcome("failed", kind, f"{what} ({end})."))]

    def _refused(self, process: _Process) -> list[Ended]:
        """End a worker that runs other code than the one its cells are named after."""
        cell, process.cell = process.cell, None
        process.signal(signal.SIGKILL)
        self._lost(process)
        message = (
            f"The sources changed while the sweep was running, from {self.options.code} to "
            f"{process.ready}. Start it again: it goes on with the new ones."
        )
        return [] if cell is None else [Ended(cell, Outcome("failed", "code", message))]

    def stop(self, grace: Callable[[], float]) -> list[Ended]:
        """Ask, and SIGKILL what has not stopped after `grace()` seconds."""
        ended: list[Ended] = []
        for process in self.processes:
            process.send({"stop": True})
        began = time.monotonic()
        while self._busy() and (left := began + grace() - time.monotonic()) > 0:
            ended += self.wait(min(left, _LOOK_AGAIN))
        for process in self._busy():
            process.signal(signal.SIGKILL)
        while self._busy():
            ended += self.wait(1.0)
        return ended

    def _busy(self) -> list[_Process]:
        return [process for process in self.processes if process.cell is not None]

    def close(self) -> None:
        """End the workers: their input ends, and idle ones go at once."""
        for process in self.processes:
            with suppress(OSError):
                process.input.close()
        for process in self.processes:
            process.bury()
        self.processes.clear()
        self.selector.close()
