"""Kill a cell before each kind of change of its files, one run for each, and look what is left.

    python -m tests.training.sweep.crash_points FOLDER

An audit hook counts what Python does to files below the cell's folder and ends the process by
SIGKILL before the n-th. A change that comes again, of the same kind to the same file, is met the
last time alone. Prints one JSON object.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from tests.training.sweep.tools import numbers, sweep
from tscviz.training.jobdir import read_events
from tscviz.training.sweep import SweepFolder, SweepSpec, plan_sweep
from tscviz.training.sweep.cell import run_cell, settle

_EVENTS = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "open"}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


#: What is drawn anew in each run: numbers of processes and random parts of temporary names.
_DRAWN = re.compile(r"\.\d+\.[0-9a-f]{8}\.tmp$|(?<=\.model-)\w+|(?<=\.safetensors)\.\d+")


def changes_to(root: Path, told: Callable[[str], None]) -> None:
    """Have `told` called, from now on in this process, before each change of a file in `root`."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _EVENTS or not str(arguments[0]).startswith(str(root)):
            return
        if event == "open" and not arguments[2] & _WRITES:
            return
        told(event + _DRAWN.sub("", str(arguments[0])[len(str(root)) :]))

    sys.addaudithook(hook)


def die_before(number: int, root: Path) -> None:
    """Have this process killed before its `number`-th change of a file below `root`."""
    seen = itertools.count(1)

    def told(_change: str) -> None:
        if next(seen) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    changes_to(root, told)


def attempt(folder: SweepFolder, number: int) -> bool:
    """Run the cell in a child that dies before change `number`; whether it lived to the end."""
    child = os.fork()
    if child == 0:
        die_before(number, folder.jobs)
        cell = folder.cells()[0]
        outcome = run_cell(folder.jobs, cell.job)
        settle(folder.folder(cell.id), "model")
        os._exit(0 if outcome.state == "done" else 3)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return False
    assert os.WEXITSTATUS(status) == 0, status
    return True


def survey(folder: SweepFolder) -> dict[str, Any]:
    """What is left, in words that can be compared."""
    cell = folder.folder(folder.cells()[0].id)
    return {
        "rows": numbers(folder),
        "epochs": [event["epoch"] for event in read_events(cell)],
        "files": sorted(p.relative_to(cell).as_posix() for p in cell.rglob("*") if p.is_file()),
        "litter": [p.name for p in folder.jobs.iterdir() if p.name not in (".lock", cell.name)],
    }


def undisturbed(folder: SweepFolder, spec: SweepSpec) -> tuple[dict[str, Any], list[int]]:
    """Run the cell here: what is imported and compiled now, no child has to.

    Returns what it leaves, and the number of the last change of each kind.
    """
    plan_sweep(spec, folder, checked=True)
    changes: list[str] = []
    changes_to(folder.jobs, changes.append)
    cell = folder.cells()[0]
    run_cell(folder.jobs, cell.job)
    settle(folder.folder(cell.id), "model")
    last = {change: number for number, change in enumerate(changes, start=1)}
    return survey(folder), [*last.values()]


def main() -> None:
    """Check what each kill leaves and what resuming makes of it."""
    torch.set_num_threads(1)
    root = Path(sys.argv[1])
    spec = sweep(epochs=1, seeds=1)
    reference, points = undisturbed(SweepFolder(root / "0"), spec)
    wrong: list[Any] = []
    halves = 0
    for number in points:
        folder = SweepFolder(root / str(number))
        plan_sweep(spec, folder, checked=True)
        if attempt(folder, number):
            wrong.append([number, "not met"])
        row = numbers(folder)[0]
        done = row["status"] == "done"
        if done != (row["accuracy"] is not None) or row["status"] not in ("done", "waiting"):
            wrong.append([number, "half there", row])
        halves += not done
        if not attempt(folder, 1 << 30):
            wrong.append([number, "cannot go on"])
        found = survey(folder)
        if found != reference:
            wrong.append([number, {k: found[k] for k in found if found[k] != reference[k]}])
    sys.stdout.write(json.dumps({"points": len(points), "halves": halves, "wrong": wrong}))


if __name__ == "__main__":
    main()
