"""The selected case on a page about one model, whatever the model offers."""

from __future__ import annotations

from dataclasses import dataclass

from tscviz.ui import cache
from tscviz.ui.inside.words import class_labels
from tscviz.ui.library import ModelEntry
from tscviz.ui.selection import Selection


@dataclass(frozen=True, eq=False)
class InsideCase:
    """The selected case as the selected model takes it.

    Parameters
    ----------
    entry : ModelEntry
    case : Case
    target : int
        Index of the class explained.
    names : tuple of str
        Class names, as in the dataset; escape them.
    """

    entry: ModelEntry
    case: cache.Case
    target: int
    names: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """Class names for a figure; see `class_labels`."""
        return class_labels(self.names)

    @property
    def n_points(self) -> int:
        """Time points of the case without its padding."""
        return int(self.case.mask.sum())


def inside_case(selection: Selection) -> InsideCase:
    """Return the selected case; the selection must have a model."""
    case = cache.case(selection)
    return InsideCase(
        cache.models()[str(selection.model)],
        case,
        case.predicted if selection.target is None else selection.target,
        cache.dataset(selection.dataset).class_names,
    )
