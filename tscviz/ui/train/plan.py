"""What a training would be, before it starts: its specification, size, and time."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from tscviz.training.course import planned_epochs
from tscviz.training.jobs import JobSpec
from tscviz.training.recipes import Recipe, get_recipe, split_options
from tscviz.training.run import training_notes
from tscviz.types import ModelCost
from tscviz.ui import cache
from tscviz.ui.facts import Facts, facts

# Measured on one core of a 2.5 GHz server, torch 2.13, FCN and ResNet, 24 to 512 points: seconds
# a multiply-accumulate forward and backward, forward alone, and a step's fixed cost.
_TRAIN_SECONDS_A_MAC = 88e-12
_TEST_SECONDS_A_MAC = 31e-12
_STEP_SECONDS = 0.005
START_SECONDS = 3.0


@dataclass(frozen=True)
class Plan:
    """A training that could start.

    Parameters
    ----------
    spec : JobSpec
    recipe : Recipe
    cost : ModelCost
        At the longest series.
    facts : Facts
        Of the dataset.
    notes : tuple of str
        What makes the result doubtful.
    seconds : float or None
        Estimate; None on a GPU, where nothing was measured.
    """

    spec: JobSpec
    recipe: Recipe
    cost: ModelCost
    facts: Facts
    notes: tuple[str, ...]
    seconds: float | None


def make_plan(dataset: str, model: str, preset: str, seed: int, options: Mapping[str, Any]) -> Plan:
    """Check the settings against the data and return the plan.

    Raises
    ------
    TscvizError
        On an option out of bounds, series shorter than the network needs, or data that cannot be
        trained on.
    """
    data, sizes = cache.dataset(dataset), facts(dataset)
    network, overrides = split_options(model, dict(options), preset)
    recipe = get_recipe(model, preset, **overrides)
    notes = training_notes(data)
    shape = (sizes.n_channels, sizes.n_classes, sizes.shortest, sizes.longest)
    cost = _cost(model, shape, json.dumps(network, sort_keys=True))
    info = cache.dataset_infos().get(dataset)  # None: planted, and nothing learned it yet
    stored = info is not None and info.source == "archive"
    spec = JobSpec(
        model,
        dataset,
        preset=preset,
        seed=seed,
        options=options,
        archive=os.environ.get("TSCVIZ_ARCHIVE") if stored else None,
        dataset_digest=data.digest,
    )
    return Plan(spec, recipe, cost, sizes, notes, _estimate(recipe, cost, sizes))


@st.cache_resource(max_entries=64, show_spinner=False)
def _cost(model: str, shape: tuple[int, int, int, int], network: str) -> ModelCost:
    from tscviz.models import build_model, describe_model

    n_channels, n_classes, shortest, longest = shape
    options = json.loads(network)
    # Counted at the longest series, and checked at the shortest.
    sizes = {"n_channels": n_channels, "n_classes": n_classes, "length": longest}
    build_model(model, **sizes, shortest=shortest, **options)
    return describe_model(model, **sizes, **options)


def _estimate(recipe: Recipe, cost: ModelCost, sizes: Facts) -> float | None:
    import torch

    if recipe.device != "cpu" and torch.cuda.is_available():
        return None
    least, most = max(1, recipe.batch_least), recipe.batch_most
    size = recipe.batch_size or min(max(sizes.n_train // 10, least), most)
    steps = -(-sizes.n_train // size)
    epoch = sizes.n_train * cost.macs * _TRAIN_SECONDS_A_MAC + steps * _STEP_SECONDS
    look = sizes.n_test * cost.macs * _TEST_SECONDS_A_MAC
    return START_SECONDS + planned_epochs(recipe) * (epoch + look / recipe.test_every)
