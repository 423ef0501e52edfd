"""Series that a stretch can be replaced by: class means and other cases."""

from __future__ import annotations

from dataclasses import dataclass

from tscviz.types import Array, TscvizError
from tscviz.ui import cache
from tscviz.ui.escape import plain_text
from tscviz.ui.inside.case import InsideCase
from tscviz.ui.selection import Selection


class WhatIfError(TscvizError):
    """An edit cannot be made as asked."""


@dataclass(frozen=True, eq=False)
class Sources:
    """Where replacements come from.

    Parameters
    ----------
    selection : Selection
    one : InsideCase
    """

    selection: Selection
    one: InsideCase

    @property
    def n_cases(self) -> int:
        """Number of cases in the split."""
        return cache.shape_of(self.selection.dataset).n_cases(self.selection.split)

    def class_mean(self, label: int) -> Array:
        """Return the mean of a class's training cases, shape (n_channels, n_points)."""
        from tscviz.explain.baselines import reference_series

        if not 0 <= label < len(self.one.names):
            raise WhatIfError(
                f"there is no class {label}; they are numbered 0 to {len(self.one.names) - 1}."
            )
        clf = cache.classifier(str(self.selection.model))
        x = self.one.case.x[:, : self.one.n_points]
        return reference_series("class_mean", clf, x, label)

    def other_case(self, case: int) -> Array:
        """Return another case of the split, stretched to the case's own number of points."""
        from tscviz.explain.baselines import TrainingSeries

        if not 0 <= case < self.n_cases:
            raise WhatIfError(
                f"there is no case {case}; they are numbered 0 to {self.n_cases - 1}."
            )
        chosen = self.selection
        _, y, _ = cache.dataset(chosen.dataset).split(chosen.split)
        ready = cache.prepared(str(chosen.model), chosen.dataset, chosen.split)
        part = slice(case, case + 1)
        return TrainingSeries(ready.X[part], y[part], ready.mask[part]).fitted(self.one.n_points)[0]

    def choices(self) -> list[dict[str, str]]:
        """Return what the editor offers to replace by, as values and plain labels."""
        means = [
            {"value": f"class:{k}", "label": f"mean of {plain_text(name, max_length=24)}"}
            for k, name in enumerate(self.one.labels)
        ]
        return [*means, {"value": "case", "label": "case …"}]
