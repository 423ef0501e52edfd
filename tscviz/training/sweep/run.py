"""A sweep from its specification to its table, in this process or in one of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType

from tscviz.training.processes import worker_environment
from tscviz.training.sweep.backends import BackendOptions, make_backend
from tscviz.training.sweep.errors import SweepError
from tscviz.training.sweep.identity import Digests, code_version
from tscviz.training.sweep.plan import Cell, Plan, make_plan
from tscviz.training.sweep.progress import Progress
from tscviz.training.sweep.scheduler import Scheduler
from tscviz.training.sweep.spec import SweepSpec
from tscviz.training.sweep.start import Start, save_start
from tscviz.training.sweep.store import SweepFolder
from tscviz.training.sweep.table import store_table


def plan_sweep(spec: SweepSpec, folder: SweepFolder, *, checked: bool = False) -> Plan:
    """List the cells of a sweep and store the plan, without running any.

    Parameters
    ----------
    spec : SweepSpec
        From `read_sweep` or `sweep_from_mapping`.
    folder : SweepFolder
        Where the plan is stored.
    checked : bool
        The specification is a plan's own: models and options were looked at before.

    Returns
    -------
    Plan

    Raises
    ------
    SweepError
        On a bad model, option or dataset, or a folder that cannot be written.
    """
    digests = Digests(folder.root / "digests.json", spec.archive)
    plan = make_plan(spec, digests, checked=checked)
    folder.save_plan(plan)
    return plan


def run_sweep(
    spec: SweepSpec,
    out: str | os.PathLike[str],
    *,
    backend: str = "local",
    workers: int | None = None,
    address: str | None = None,
    shard: tuple[int, int] = (1, 1),
    on_change: Callable[[Progress], None] | None = None,
    grace: float = 10.0,
    checked: bool = False,
) -> Progress:
    """Run a sweep, or go on with it, until its cells are done or it is stopped.

    Cells that are done are not run again; those that failed or were cancelled are. In the main
    thread Ctrl-C and SIGTERM stop it at the next epoch, with checkpoints; a second one at once.

    Parameters
    ----------
    spec : SweepSpec
    out : path
        Folder of the sweep; several sweeps, also at the same time, may share one.
    backend : str
        "local" or "ray"; see `tscviz.training.sweep.backends`.
    workers : int, optional
        Cells at a time; default: as many as cores and memory bear, or the cluster.
    address : str, optional
        Of a cluster, in place of the one in `spec`.
    shard : (int, int)
        Number of this part and number of parts: only every so manieth cell is run.
    on_change : callable, optional
        Called with a `Progress` a few times a second.
    grace : float
        Seconds a running cell gets to end its epoch when the sweep is stopped.
    checked : bool
        As in `make_plan`.

    Returns
    -------
    Progress

    Raises
    ------
    SweepError
        On a bad model, option, dataset or backend, or a folder that cannot be written.
    """
    folder = SweepFolder(out)
    plan = plan_sweep(spec, folder, checked=checked)
    code = None if spec.code_version else code_version()
    ray = replace(spec.ray, address=address or spec.ray.address)
    options = BackendOptions(folder.jobs, workers, spec.threads, spec.archive, spec.keep, code, ray)
    cells, pool = part_of(plan.cells, shard), make_backend(backend, options)
    save_start(folder.root, plan.id, Start(backend, workers, address))
    scheduler = Scheduler(
        folder,
        cells,
        pool,
        retries=spec.retries,
        keep=spec.keep,
        on_change=on_change,
        grace=grace,
    )
    with _stopped_by_signals(scheduler):
        progress = scheduler.run()
    store_table(folder)
    return progress


def part_of(cells: tuple[Cell, ...], shard: tuple[int, int]) -> tuple[Cell, ...]:
    """Return the cells of one part; dealt out like cards, so that each part has of every dataset.

    Raises
    ------
    SweepError
        On a part that does not exist.
    """
    number, parts = shard
    if not 1 <= number <= parts:
        raise SweepError(f"the shard is {number}/{parts}; wanted 1/{parts} to {parts}/{parts}.")
    return cells[number - 1 :: parts]


@contextmanager
def _stopped_by_signals(scheduler: Scheduler) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        scheduler.stop(at_once=scheduler.stop_asked)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def start_sweep(
    spec: SweepSpec,
    out: str | os.PathLike[str],
    *,
    backend: str = "local",
    workers: int | None = None,
    address: str | None = None,
) -> Plan:
    """Start a sweep in a process of its own, which outlives this one; return its plan.

    Watch it with `SweepFolder.state`, stop it with `SweepFolder.cancel`, and start it again to
    go on.

    Parameters
    ----------
    spec : SweepSpec
    out : path
        Folder of the sweep; one that holds cells goes on.
    backend, workers, address
        As in `run_sweep`.

    Raises
    ------
    SweepError
        As `run_sweep`, as far as it shows before the first cell.
    """
    folder = SweepFolder(out)
    plan = plan_sweep(spec, folder)
    command = [sys.executable, "-P", "-m", "tscviz.training.sweep", str(folder.root), plan.id]
    command += ["--backend", backend] + ([] if workers is None else ["--workers", str(workers)])
    command += [] if address is None else ["--address", address]
    ray = replace(spec.ray, address=address or spec.ray.address)
    make_backend(backend, BackendOptions(folder.jobs, workers, spec.threads, ray=ray)).close()
    try:
        with (folder.root / "scheduler.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=worker_environment(1),
                start_new_session=True,
            )
    except OSError as error:
        raise SweepError(f"The sweep cannot be started in {folder.root}: {error}.") from None
    threading.Thread(target=process.wait, daemon=True).start()  # leaves no zombie
    return plan
