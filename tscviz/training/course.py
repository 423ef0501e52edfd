"""The course of a run: learning rate, rounds, early stopping. All it knows is in `RunState`."""

from __future__ import annotations

import math

from tscviz.training.checkpoints import RunState
from tscviz.training.recipes import Recipe

#: A loss that fell by less has not fallen, for the plateau schedule; Keras' own threshold.
PLATEAU_THRESHOLD = 1e-4


def planned_epochs(recipe: Recipe) -> int:
    """Return the epochs of a run that is not stopped early, all rounds counted."""
    return recipe.epochs + recipe.refine_rounds * recipe.refine_epochs


def learning_rate(recipe: Recipe, state: RunState) -> float:
    """Return the learning rate of the coming epoch.

    "cosine": from `lr` down to `lr_min` over the round, as `CosineAnnealingLR` steps once an
    epoch. "plateau": times `plateau_factor`, never below `lr_min`, each time the watched loss has
    not fallen for `plateau_patience` epochs.
    """
    base = recipe.lr * recipe.refine_factor**state.round
    if recipe.schedule == "cosine":
        share = state.round_epoch / _epochs_of_round(recipe, state.round)
        low = min(recipe.lr_min, base)
        return low + (base - low) * (1 + math.cos(math.pi * share)) / 2
    if recipe.schedule == "plateau":
        return max(base * recipe.plateau_factor**state.drops, min(recipe.lr_min, base))
    return base


def batch_size_of(size: int, state: RunState) -> int:
    """Return the cases a step: halved in every round of refinement, but at least two."""
    return max(size >> state.round, min(size, 2))


def advance(recipe: Recipe, state: RunState, watched: float) -> bool:
    """Note the watched loss of an epoch that ended; return whether a new round begins.

    The watched loss is the one on held-out cases, where there are any, else the training loss.
    """
    state.round_epoch += 1
    if watched < state.plateau_best - PLATEAU_THRESHOLD:
        state.plateau_best, state.plateau_waited = watched, 0
    else:
        state.plateau_waited += 1
        if state.plateau_waited >= recipe.plateau_patience:
            state.drops += 1
            state.plateau_waited = 0
    if watched < state.stop_best:
        state.stop_best, state.stop_waited = watched, 0
    else:
        state.stop_waited += 1
    stopped = bool(recipe.stop_patience) and state.stop_waited >= recipe.stop_patience
    if not stopped and state.round_epoch < _epochs_of_round(recipe, state.round):
        return False
    state.finished = state.round >= recipe.refine_rounds
    if state.finished:
        return False
    state.round, state.round_epoch, state.drops = state.round + 1, 0, 0
    state.plateau_best = state.stop_best = math.inf
    state.plateau_waited = state.stop_waited = 0
    return True


def _epochs_of_round(recipe: Recipe, number: int) -> int:
    return recipe.epochs if number == 0 else recipe.refine_epochs
