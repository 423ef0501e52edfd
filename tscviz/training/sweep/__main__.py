"""A sweep in a process of its own: ``python -m tscviz.training.sweep FOLDER PLAN``."""

from __future__ import annotations

import argparse
import sys

from tscviz.training.sweep.run import run_sweep
from tscviz.training.sweep.store import SweepFolder


def main() -> int:
    """Go on with a stored plan; return the exit code, 1 where a cell is not done."""
    parser = argparse.ArgumentParser(description="Go on with a sweep that was planned before.")
    parser.add_argument("folder")
    parser.add_argument("plan")
    parser.add_argument("--backend", default="local")
    parser.add_argument("--workers", type=int)
    parser.add_argument("--address")
    given = parser.parse_args()
    plan = SweepFolder(given.folder).plans()[given.plan]
    done = run_sweep(
        plan.spec,
        given.folder,
        backend=given.backend,
        workers=given.workers,
        address=given.address,
        checked=True,
    )
    if done.stopped:
        sys.stderr.write(done.stopped + "\n")
    return 1 if done.stopped or done.failed or done.cancelled else 0


if __name__ == "__main__":
    sys.exit(main())
