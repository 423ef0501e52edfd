"""Kill a cell before every operation on its files, one run for each, and look what is left.

    python -m tests.training.sweep.crash_points FOLDER

An audit hook counts what Python does to files below the cell's folder and ends the process by
SIGKILL before the n-th. Prints one JSON object.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import torch

from tests.training.sweep.tools import numbers, sweep
from tscviz.training.jobdir import read_events
from tscviz.training.sweep import SweepFolder, SweepSpec, plan_sweep
from tscviz.training.sweep.cell import run_cell, settle

_EVENTS = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "open"}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def die_before(number: int, root: Path) -> None:
    """Have this process killed before its `number`-th change of a file below `root`."""
    seen = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        if event not in _EVENTS or not str(arguments[0]).startswith(str(root)):
            return
        if event == "open" and not arguments[2] & _WRITES:
            return
        seen += 1
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


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


def undisturbed(folder: SweepFolder, spec: SweepSpec) -> dict[str, Any]:
    """Run the cell here: what is imported and compiled now, no child has to."""
    plan_sweep(spec, folder, checked=True)
    run_cell(folder.jobs, folder.cells()[0].job)
    return survey(folder)


def main() -> None:
    """Find the number of changes, and check what each kill leaves and what resuming makes of it."""
    torch.set_num_threads(1)
    root = Path(sys.argv[1])
    spec = sweep(epochs=1, seeds=1)
    reference = undisturbed(SweepFolder(root / "0"), spec)
    wrong: list[Any] = []
    halves, number, lived = 0, 0, False
    while not lived:
        number += 1
        folder = SweepFolder(root / str(number))
        plan_sweep(spec, folder, checked=True)
        lived = attempt(folder, number)
        row = numbers(folder)[0]
        done = row["status"] == "done"
        if done != (row["accuracy"] is not None) or row["status"] not in ("done", "waiting"):
            wrong.append([number, "half there", row])
        halves += not lived and not done
        if not lived and not attempt(folder, 1 << 30):
            wrong.append([number, "cannot go on"])
        found = survey(folder)
        if found != reference:
            wrong.append([number, {k: found[k] for k in found if found[k] != reference[k]}])
    sys.stdout.write(json.dumps({"points": number - 1, "halves": halves, "wrong": wrong}))


if __name__ == "__main__":
    main()
