"""Whether the app has the data of a sweep, and what to do where it has not."""

from __future__ import annotations

import shlex
from contextlib import suppress

from tscviz.data.planted_names import is_planted
from tscviz.training.sweep import SweepError, SweepFolder
from tscviz.ui import cache
from tscviz.ui.escape import plain_text
from tscviz.ui.sweep import reading


def at_hand(dataset: str) -> bool:
    """Return whether the app has a dataset, or can plant it."""
    return is_planted(dataset) or dataset in cache.catalogue().datasets


def advice(folder: SweepFolder, dataset: str) -> str:
    """Say how the app gets a dataset of a sweep; plain text with a path that is not trusted."""
    archive = _archive(folder, dataset)
    if archive is None:
        return f"download {plain_text(dataset)} on the page Datasets"
    return f"start the app with TSCVIZ_ARCHIVE={shlex.quote(plain_text(archive, max_length=1000))}"


def _archive(folder: SweepFolder, dataset: str) -> str | None:
    """Return the archive folder of the newest plan that has the dataset from one."""
    with suppress(SweepError):  # a table without its plans
        for plan in reading.plans(folder):
            if plan.spec.archive and any(cell.job.dataset == dataset for cell in plan.cells):
                return plan.spec.archive
    return None
