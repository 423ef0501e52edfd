"""What ends a training run before its last epoch."""

from __future__ import annotations

from tscviz.types import TscvizError


class TrainingError(TscvizError):
    """The run cannot go on: its text says why and what to do."""


class CheckpointError(TrainingError):
    """What a run left behind cannot be read; starting it over helps."""


class TrainingWarning(UserWarning):
    """The run goes on, but its result deserves doubt."""


class Cancelled(Exception):  # noqa: N818  (an order, not an error)
    """Raised inside `on_epoch` to stop a run; its checkpoint is kept."""
