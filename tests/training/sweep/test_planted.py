"""A sweep takes planted problems by name, and refuses one that cannot be made before it starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.training.sweep.tools import sweep
from tscviz.data import make_planted
from tscviz.training.sweep import SweepError
from tscviz.training.sweep.identity import Digests
from tscviz.training.sweep.plan import make_plan


def test_cells_of_a_planted_problem_carry_its_digest(tmp_path: Path) -> None:
    spec = sweep(models=["gtp-fcn"], datasets=["planted:n_cases=12,seed=4"], seeds=1)
    (cell,) = make_plan(spec, Digests(tmp_path / "digests.json", None)).cells
    assert cell.job.dataset == "planted:n_cases=12,seed=4"
    assert cell.job.dataset_digest == make_planted(n_cases=12, seed=4).dataset.digest


@pytest.mark.parametrize("name", ["planted:sheed=4", "planted:where=interacting", "planted:/../x"])
def test_what_cannot_be_planted_is_refused_at_once(name: str, tmp_path: Path) -> None:
    spec = sweep(models=["gtp-fcn"], datasets=[name], seeds=1)
    with pytest.raises(SweepError, match=r"plant|channels"):
        make_plan(spec, Digests(tmp_path / "digests.json", None))
