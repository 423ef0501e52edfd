"""The table of a sweep that is at work."""

from __future__ import annotations

import time
from contextlib import suppress

from tscviz.training.sweep.errors import SweepError
from tscviz.training.sweep.progress import Progress
from tscviz.training.sweep.store import SweepFolder
from tscviz.training.sweep.table import store_table

#: Seconds between two tables at least, and the share of a run that may go into them.
EVERY, SHARE = 60.0, 0.01


class TableKeeper:
    """Stores the table of a sweep at work now and then, so that who looks at it reads one file.

    Called with the `Progress` after each round. It writes a minute or more after the last time,
    where cells have ended since, and puts in at most a hundredth of the time: reading ten thousand
    results takes a second.

    Parameters
    ----------
    folder : SweepFolder
    """

    def __init__(self, folder: SweepFolder) -> None:
        self.folder = folder
        self.ended = 0
        self.next = time.monotonic() + EVERY

    def __call__(self, progress: Progress) -> None:
        """Store the table if it is time."""
        ended = len(progress.done) + len(progress.failed) + len(progress.cancelled)
        began = time.monotonic()
        if began < self.next or ended == self.ended:
            return
        self.ended = ended
        with suppress(SweepError):  # a damaged plan of another sweep: told at the end
            store_table(self.folder, patience=0.0)
        now = time.monotonic()
        self.next = now + max(EVERY, (now - began) / SHARE)
