"""What the tests of sweeps share: tiny sweeps of bundled problems, and what must be the same."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from tscviz.training.sweep import (
    Cell,
    SweepFolder,
    SweepSpec,
    plan_sweep,
    read_table,
    sweep_from_mapping,
)
from tscviz.training.sweep.backends import Backend, Ended
from tscviz.training.sweep.cell import Outcome, run_cell
from tscviz.training.sweep.progress import Progress
from tscviz.training.sweep.scheduler import Scheduler
from tscviz.training.sweep.table import store_table

#: The sources may be edited while tests run; what that does has a test of its own.
CODE = "tests"


def sweep(epochs: float = 2, **changes: Any) -> SweepSpec:
    """Two seeds of GTP on 20 bundled series: cells of a tenth of a second."""
    value = {
        "preset": "quick",
        "models": ["gtp-fcn"],
        "datasets": ["UnitTest"],
        "seeds": 2,
        "options": {"epochs": epochs, "checkpoint_every": 3, "test_every": 50},
        "code_version": CODE,
    }
    return sweep_from_mapping(value | changes)


class Inline:
    """A backend that runs cells here and now; `faults` come first, one for each start."""

    def __init__(self, folder: SweepFolder, *faults: Outcome) -> None:
        self.folder, self.faults = folder, deque(faults)
        self.ended: list[Ended] = []
        self.started: list[tuple[str, bool]] = []
        self.closed = False

    def places(self) -> int:
        return 0 if self.ended else 1

    def bears(self, cell: Cell) -> bool:
        return True

    def start(self, cell: Cell, *, fresh: bool = False) -> None:
        self.started.append((cell.id, fresh))
        outcome = self.faults.popleft() if self.faults else None
        self.ended.append(Ended(cell, outcome or run_cell(self.folder.jobs, cell.job, fresh=fresh)))

    def wait(self, seconds: float) -> list[Ended]:
        ended, self.ended = self.ended, []
        return ended

    def stop(self, grace: Callable[[], float]) -> list[Ended]:
        return self.wait(0.0)

    def close(self) -> None:
        self.closed = True


def scheduled(
    folder: SweepFolder,
    *faults: Outcome,
    cells: tuple[Cell, ...] | None = None,
    **options: Any,
) -> tuple[Progress, Inline]:
    """Run what the folder's plans ask for in this process, which costs no worker's start."""
    backend = Inline(folder, *faults)
    asked = folder.cells() if cells is None else cells
    return Scheduler(folder, asked, backend, **options).run(), backend


def numbers(folder: SweepFolder | Path) -> list[dict[str, Any]]:
    """The tidy table but for the seconds."""
    rows = read_table(SweepFolder(folder) if isinstance(folder, Path) else folder)
    return [{k: v for k, v in row.items() if not k.endswith("seconds")} for row in rows]


def assert_whole(folder: SweepFolder) -> None:
    """Every cell is done once and none is half there: result, model, each epoch told once."""
    cells = folder.cells()
    assert {path.name for path in folder.jobs.iterdir() if path.name != ".lock"} == {
        cell.id for cell in cells
    }
    for cell in cells:
        job = folder.folder(cell.id)
        state = folder.state(cell)
        assert (state.state, state.message) == ("done", "")
        assert not [path.name for path in job.rglob(".*")]
        assert not (job / "checkpoint").exists()
        assert not (job / "reserve").exists()
        assert sorted(path.name for path in (job / "model").iterdir()) == [
            "card.json",
            "model.safetensors",
        ]
        lines = (job / "events.jsonl").read_text(encoding="utf-8").splitlines()
        told = [json.loads(line)["epoch"] for line in lines]
        assert told == list(range(1, cell.job.options["epochs"] + 1))
    store_table(folder)


def wait_until(what: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Wait until `what` returns something true, and return that."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
    return found


def worker_pid(folder: SweepFolder, epoch: int = 1) -> int:
    """Number of a worker that has ended `epoch` of its cell; 0 where none has."""
    from tscviz.training.jobdir import read_status

    for path in folder.jobs.glob("*/events.jsonl"):
        status = read_status(path.parent)
        # A cell that is taken up again names its former worker until the new one has written.
        pid = status.pid if status.state == "running" and status.epoch >= epoch else None
        if pid and alive(pid):
            return pid
    return 0


def alive(pid: int) -> bool:
    """Whether the process is there and no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def parent_of(pid: int) -> int:
    """Number of the process that started this one."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    return int(stat.rpartition(")")[2].split()[1])


def write_problem(archive: Path, name: str, text: str) -> None:
    """Write both files of a problem."""
    (archive / name).mkdir(parents=True, exist_ok=True)
    for part in ("TRAIN", "TEST"):
        (archive / name / f"{name}_{part}.ts").write_text(text, encoding="utf-8")


def good_problem(name: str, shift: int = 0) -> str:
    """Text of a .ts file of twelve series of two classes."""
    lines = [f"@problemName {name}", "@univariate true", "@classLabel true a b", "@data"]
    for case in range(12):
        values = [((case + shift) * 7 + t * (1 + case % 2)) % 10 for t in range(16)]
        lines.append(",".join(map(str, values)) + f":{'ab'[case % 2]}")
    return "\n".join(lines) + "\n"


def environment(**extra: str) -> Mapping[str, str]:
    """The environment of a process of ours."""
    root = str(Path(__file__).parents[3])
    return {**os.environ, "PYTHONPATH": root, "OMP_NUM_THREADS": "1", **extra}


def assert_a_second_stop_ends_a_deaf_worker(
    folder: SweepFolder, pool: Backend, patience: float = 0.0
) -> None:
    """One that cannot hear the first; `patience` seconds after the sweep it is gone."""
    plan_sweep(sweep(100_000, seeds=1), folder)
    scheduler = Scheduler(folder, folder.cells(), pool, grace=3600.0)
    thread = threading.Thread(target=scheduler.run, daemon=True)
    thread.start()
    worker = wait_until(lambda: worker_pid(folder))
    os.kill(worker, signal.SIGSTOP)
    try:
        scheduler.stop()
        wait_until(lambda: scheduler.progress.stopped)
        thread.join(0.5)
        assert thread.is_alive()
        scheduler.stop(at_once=True)
        thread.join(60.0)
        assert not thread.is_alive()
        wait_until(lambda: not alive(worker), patience)
    finally:
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
    (cell,) = folder.cells()
    assert folder.state(cell).state == "waiting"
