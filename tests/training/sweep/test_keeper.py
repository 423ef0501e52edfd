"""The table of a sweep that is at work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.training.sweep.tools import scheduled, sweep
from tscviz.atomic import locked
from tscviz.training.sweep import Progress, SweepFolder, keeper, plan_sweep
from tscviz.training.sweep.keeper import TableKeeper
from tscviz.training.sweep.table import store_table


def test_a_sweep_at_work_stores_its_table_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "EVERY", 0.0)
    monkeypatch.setattr(keeper, "SHARE", 1e9)
    folder = SweepFolder(tmp_path)
    plan_sweep(sweep(1, seeds=2), folder)
    table, found = folder.root / "results.csv", []
    (folder.root / ".results.csv.1.abcd.tmp").touch()  # of one that was killed

    def look(_: Progress) -> None:
        found.append(pd.read_csv(table)["status"].tolist())

    scheduled(folder, on_change=look)
    assert found[:2] == [["done", "waiting"], ["done", "done"]]
    assert not list(folder.root.glob(".results.*"))
    table.unlink()
    with locked(folder.root / "results.lock"):  # another is writing: nobody waits, nobody writes
        store_table(folder, patience=0.0)
    assert not table.exists()
    (folder.root / "plans" / "other.json").write_text("{")
    scheduled(folder, cells=tuple(plan_sweep(sweep(1, seeds=1), folder).cells))


def test_the_tables_of_a_sweep_at_work_take_a_hundredth_of_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, stored = [0.0], []

    def store(*_: Any, **__: Any) -> None:
        stored.append(now[0])
        now[0] += 3.0

    monkeypatch.setattr(keeper, "store_table", store)
    monkeypatch.setattr(keeper.time, "monotonic", lambda: now[0])
    keep, progress = TableKeeper(SweepFolder(tmp_path)), Progress(10_000)
    while now[0] < 1500.0:
        progress.done[str(now[0])] = ""
        keep(progress)
        now[0] += 1.0
    assert stored == [60.0, 363.0, 666.0, 969.0, 1272.0]
    now[0] += 1000.0
    stored.clear()
    keep(progress)
    now[0] += 1000.0
    keep(progress)  # nothing has ended since
    assert len(stored) == 1
