"""Seeds: one range for the command line, Python, jobs, sweeps and the app."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import tscviz
from tscviz.estimators import DTPClassifier
from tscviz.training.errors import TrainingError
from tscviz.training.jobs import JobError, JobSpec
from tscviz.training.seeds import MAX_SEED, check_seed
from tscviz.training.sweep.errors import SweepError
from tscviz.training.sweep.spec import sweep_from_mapping

BAD: list[Any] = [-1, MAX_SEED + 1, 1.0, "0", None, True, float("nan")]


@pytest.mark.parametrize("seed", BAD)
def test_what_is_no_seed_is_refused_everywhere_in_the_same_words(seed: Any) -> None:
    wanted = "it must be a whole number from 0 to 4,294,967,295"
    with pytest.raises(TrainingError, match=f"^seed is {seed!r}; {wanted}"):
        tscviz.train("UnitTest", "dtp-fcn", preset="quick", seed=seed)
    with pytest.raises(JobError, match="seed of the job is"):
        JobSpec("dtp-fcn", "UnitTest", seed=seed)
    with pytest.raises(SweepError, match=f"one of the seeds is {seed!r}; {wanted}"):
        sweep_from_mapping(sweep([0, seed]))


@pytest.mark.parametrize("seed", [0, MAX_SEED, np.int64(7)])
def test_a_seed_serves_every_generator(seed: Any) -> None:
    checked = check_seed(seed)
    assert type(checked) is int
    assert checked == seed
    torch.Generator().manual_seed(checked)
    np.random.default_rng(checked)
    np.random.RandomState(checked)


@pytest.mark.parametrize("seeds", [0, -3, 10_001, 10**12, []])
def test_a_count_of_seeds_is_bounded(seeds: Any) -> None:
    with pytest.raises(SweepError, match="wanted a count from 1 to 10,000, or a list of seeds"):
        sweep_from_mapping(sweep(seeds))


def test_estimators_refuse_what_scikit_learn_refuses() -> None:
    X, y = np.zeros((4, 1, 24), np.float32), np.array([0, 1, 0, 1])
    with pytest.raises(ValueError, match="Seed must be between 0 and 2"):
        DTPClassifier(random_state=-1).fit(X, y)


def sweep(seeds: Any) -> dict[str, Any]:
    return {"models": ["dtp-fcn"], "datasets": ["UnitTest"], "seeds": seeds}
