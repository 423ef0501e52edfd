"""Where the cases of a file stand in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tscviz.data.errors import DataError, Setting


@dataclass(frozen=True)
class Places:
    """Where each case stands in the file, 1-based; None where it has no row or column.

    Parameters
    ----------
    rows, columns : sequence of int or None
        One per case.
    """

    rows: Sequence[int] | None = None
    columns: Sequence[int] | None = None

    def error(self, case: int, *parts: str | Setting) -> DataError:
        """Return the error for one case; `parts` as in `DataError`."""
        return DataError(
            *parts,
            row=None if self.rows is None else self.rows[case],
            column=None if self.columns is None else self.columns[case],
        )
