"""What a sweep costs beyond its training: 200 cells of a one-epoch job on 2 workers.

    python benchmarks/sweep.py [--cells 200] [--workers 2] [--model dtp-fcn] [--dataset GunPoint]

Each cell is one job of its own: folder, lock, checkpoint, model, scores, result. Its own time is
what `tscviz.train` takes inside the worker: the epoch, checkpoint and model on disk, the scores of
both splits. `overhead` is all the rest, wall time x workers over the sum of own times: starting
processes, importing torch, loading data, the job's specification and result, handing out cells, the
table. `steady_overhead` leaves out what a worker does once: the time until the first cell of each
has ended. `over_loop` is the same wall time over the training loops alone, without what `train`
does before and after them; of jobs that last one epoch that is much, of a paper's preset little.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time

from tscviz.training.sweep import Progress, SweepFolder, read_table, run_sweep, sweep_from_mapping


def main() -> None:
    """Run the sweep and print one JSON object."""
    parser = argparse.ArgumentParser(description="Overhead of a sweep.")
    parser.add_argument("--cells", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--model", default="dtp-fcn")
    parser.add_argument("--dataset", default="GunPoint")
    given = parser.parse_args()
    spec = sweep_from_mapping(
        {
            "models": [given.model],
            "datasets": [given.dataset],
            "seeds": given.cells,
            "preset": "quick",
            "options": {"epochs": 1},
        }
    )
    warm: list[float] = []

    def on_change(progress: Progress) -> None:
        if progress.trained >= given.workers and not warm:
            warm.extend((time.perf_counter(), progress.trained))

    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        done = run_sweep(spec, folder, workers=given.workers, on_change=on_change)
        ended = time.perf_counter()
        rows = [row for row in read_table(SweepFolder(folder)) if row["status"] == "done"]
    own = sum(row["cell_seconds"] for row in rows)
    loop = sum(row["train_seconds"] for row in rows)
    wall, steady = ended - started, ended - warm[0]
    steady_own = own * (len(rows) - warm[1]) / len(rows)
    print(
        json.dumps(
            {
                "cells": done.trained,
                "workers": given.workers,
                "wall_seconds": round(wall, 1),
                "own_seconds": round(own, 1),
                "in_loop_seconds": round(loop, 1),
                "overhead": round(wall * given.workers / own - 1, 3),
                "over_loop": round(wall * given.workers / loop - 1, 3),
                "steady_overhead": round(steady * given.workers / steady_own - 1, 3),
                "cores": os.cpu_count(),
                "load_before": round(load, 1),
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
