"""A worker that takes cell after cell: ``python -m tscviz.training.sweep.worker JOBS KEEP``.

It reads commands from its standard input, one JSON object a line::

    {"run": {job specification}, "fresh": false}
    {"stop": true}

and answers on its standard output: ``{"ready": CODE_VERSION}`` once, then one outcome a cell.
When its input ends, because the scheduler wants no more or is gone, the cell it is at stops after
its epoch with a checkpoint, and the worker ends. SIGTERM stops the cell and not the worker.
"""

from __future__ import annotations

import faulthandler
import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tscviz.training.jobspec import spec_from_json
from tscviz.training.sweep.cell import Loader, run_cell
from tscviz.training.sweep.identity import code_version
from tscviz.training.worker import be_modest


def lines_of(descriptor: int) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects that arrive on a descriptor until it ends.

    Read by hand: a daemon thread that waits inside a buffered file brings Python down at exit.
    """
    rest = b""
    while True:
        chunk = os.read(descriptor, 1 << 16)
        if not chunk:
            return
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield json.loads(line)


class Worker:
    """The loop of one worker process."""

    def __init__(self, root: Path, keep: str, channel: int) -> None:
        self.root, self.keep, self.channel = root, keep, channel
        self.commands: queue.SimpleQueue[tuple[dict[str, Any], threading.Event] | None]
        self.commands = queue.SimpleQueue()
        self.stop = threading.Event()  # of the command that came last

    def listen(self) -> None:
        """Put commands into the queue; runs in a thread, so that a stop is heard in mid-cell."""
        with suppress(OSError, ValueError):
            for command in lines_of(0):
                if "run" in command:
                    self.stop = threading.Event()
                    self.commands.put((command, self.stop))
                else:
                    self.stop.set()
        self.stop.set()
        self.commands.put(None)

    def say(self, value: dict[str, Any]) -> None:
        """Tell the scheduler; it may be gone."""
        with suppress(BrokenPipeError):
            os.write(self.channel, json.dumps(value).encode() + b"\n")

    def run(self) -> None:
        """Take cells until the input ends."""
        loader = Loader()
        self.say({"ready": code_version()})
        while (given := self.commands.get()) is not None:
            command, stop = given
            outcome = run_cell(
                self.root,
                spec_from_json(command["run"]),
                stop=stop,
                loader=loader,
                keep=self.keep,
                fresh=bool(command.get("fresh")),
                own_log=True,
            )
            self.say(asdict(outcome))


def _warm() -> None:
    """Import once what every cell needs."""
    from tscviz.models import model_names
    from tscviz.training import run

    _ = run, model_names()


def main() -> int:
    """Serve until the standard input ends; return the exit code."""
    faulthandler.enable()
    channel = os.dup(1)
    os.dup2(2, 1)  # what training prints must not reach the scheduler
    worker = Worker(Path(sys.argv[1]), sys.argv[2], channel)
    signal.signal(signal.SIGTERM, lambda *_: worker.stop.set())
    be_modest()
    threading.Thread(target=worker.listen, daemon=True).start()
    _warm()
    worker.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
