"""A sweep in a process of its own: ``python -m tscviz.training.sweep FOLDER PLAN``."""

from __future__ import annotations

import argparse
import sys

from tscviz.training.sweep.errors import SweepError
from tscviz.training.sweep.progress import Progress
from tscviz.training.sweep.run import run_sweep
from tscviz.training.sweep.store import SweepFolder
from tscviz.types import TscvizError

_BAD_INPUT = 2


def main() -> int:
    """Go on with a stored plan; return the exit code.

    It is 1 where a cell is not done, and 2 where the sweep could not begin; what prevented it is
    one line on stderr, which the app shows.
    """
    parser = argparse.ArgumentParser(description="Go on with a sweep that was planned before.")
    parser.add_argument("folder")
    parser.add_argument("plan")
    parser.add_argument("--backend", default="local")
    parser.add_argument("--workers", type=int)
    parser.add_argument("--address")
    try:
        done = _go_on(parser.parse_args())
    except TscvizError as error:
        sys.stderr.write(f"{error}\n")
        return _BAD_INPUT
    if done.stopped:
        sys.stderr.write(done.stopped + "\n")
    return 1 if done.stopped or done.failed or done.cancelled else 0


def _go_on(given: argparse.Namespace) -> Progress:
    plans = SweepFolder(given.folder).plans()
    if given.plan not in plans:
        raise SweepError(f"{given.folder} holds no plan {given.plan!r}; start the sweep again.")
    return run_sweep(
        plans[given.plan].spec,
        given.folder,
        backend=given.backend,
        workers=given.workers,
        address=given.address,
        checked=True,
    )


if __name__ == "__main__":
    sys.exit(main())
