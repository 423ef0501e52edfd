"""What a scheduler does where a checkpoint cannot be read or its backend cannot go on."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

import pytest

from tests.training.sweep.tools import Inline, assert_whole, scheduled
from tscviz.training.sweep import Cell, SweepError, SweepFolder, run
from tscviz.training.sweep.__main__ import main
from tscviz.training.sweep.backends import Ended
from tscviz.training.sweep.cell import Outcome, run_cell
from tscviz.training.sweep.scheduler import Scheduler


def test_a_checkpoint_that_cannot_be_read_costs_no_retry(folder: SweepFolder) -> None:
    first, second = folder.cells()
    stop = threading.Event()
    stop.set()
    run_cell(folder.jobs, first.job, stop=stop)
    checkpoint = folder.folder(first.id) / "checkpoint" / "checkpoint.safetensors"
    checkpoint.parent.mkdir(exist_ok=True)
    checkpoint.write_bytes(bytes(100))
    done, backend = scheduled(folder, retries=0)
    assert backend.started == [(first.id, False), (second.id, False), (first.id, True)]
    assert (done.trained, done.failed) == (2, {})
    assert "no checkpoint in" in folder.attempts(first.id)[0]
    assert_whole(folder)


def test_a_fresh_start_that_does_not_help_is_the_last(folder: SweepFolder) -> None:
    torn = Outcome("failed", "checkpoint", "no checkpoint can be read.")
    (cell, _) = folder.cells()
    done, backend = scheduled(folder, torn, torn, torn, cells=(cell,), retries=0)
    assert backend.started == [(cell.id, False), (cell.id, True)]
    assert done.failed == {cell.id: f"{torn.message} Attempts: 2."}


class Breaking(Inline):
    """A backend that cannot go on when it is to start its second cell, and then hears nothing."""

    def start(self, cell: Cell, *, fresh: bool = False) -> None:
        if self.started:
            raise SweepError("The cluster is gone.")
        super().start(cell, fresh=fresh)

    def stop(self, grace: Callable[[], float]) -> list[Ended]:
        raise SweepError("The cluster is still gone.")


def test_a_backend_that_cannot_go_on_stops_the_sweep(folder: SweepFolder) -> None:
    backend = Breaking(folder)
    done = Scheduler(folder, folder.cells(), backend).run()
    assert (done.stopped, done.interrupted) == ("The cluster is gone.", False)
    assert (done.trained, done.running, done.waiting) == (1, {}, 1)
    assert backend.closed
    scheduler = Scheduler(folder, folder.cells(), Breaking(folder))
    scheduler.stop()  # what somebody wished stays the reason
    done = scheduler.run()
    assert (done.stopped, done.interrupted) == ("Stopped; start it again to go on.", True)
    again, _ = scheduled(folder)
    assert (again.trained, len(again.done)) == (1, 2)


def run_main(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """``python -m tscviz.training.sweep``, here."""
    monkeypatch.setattr(sys, "argv", ["sweep", *map(str, arguments)])
    return main()


def test_a_sweep_of_its_own_process_that_cannot_begin_says_why_in_a_line(
    folder: SweepFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (plan,) = folder.plans()
    for arguments, words in (
        ([folder.root, "0" * 16], "holds no plan '0000000000000000'"),
        ([folder.root, plan, "--workers", "0"], "workers is 0; it must be at least 1."),
        ([folder.root, plan, "--backend", "cloud"], "there is no backend 'cloud'"),
    ):
        assert run_main(monkeypatch, *arguments) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert words in line
    monkeypatch.setattr(run, "make_backend", lambda *_: Breaking(folder))
    assert run_main(monkeypatch, folder.root, plan) == 1
    assert capsys.readouterr().err == "The cluster is gone.\n"
    assert "waiting" in (folder.root / "results.csv").read_text()
