"""What the tests of sweeps share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.training.sweep.tools import sweep
from tscviz.training.sweep import SweepFolder, plan_sweep


@pytest.fixture
def folder(tmp_path: Path) -> SweepFolder:
    """Return a sweep of two cells, planned and not begun."""
    made = SweepFolder(tmp_path / "sweep")
    plan_sweep(sweep(), made)
    return made
