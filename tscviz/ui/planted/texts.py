"""The page's choices as text in its link.

Each class tells by ``in`` whether a text from a link can be used, as `tscviz.ui.page_options` asks.
"""

from __future__ import annotations

from dataclasses import dataclass

from tscviz.data.errors import DataError
from tscviz.data.planted import PlantedOptions
from tscviz.data.planted_names import PREFIX, planted_name, planted_options

#: What the page opens with: learned within seconds by every network. With this seed the cue lies
#: across the border of two of the fixed windows of some methods, which it would else flatter.
DEFAULT = PlantedOptions(n_cases=150, seed=10)


class ProblemText:
    """What is planted: a planted problem's name without its prefix; no text for the default."""

    def __contains__(self, text: object) -> bool:
        """Tell whether the text names a problem; one that cannot be made is still shown as such."""
        try:
            return isinstance(text, str) and bool(self.read(text))
        except DataError:
            return False

    @staticmethod
    def read(text: str) -> PlantedOptions:
        """Return the options in a text.

        Raises
        ------
        DataError
            On a text that is not from `write`.
        """
        return planted_options(PREFIX + text) if text else DEFAULT

    @staticmethod
    def write(options: PlantedOptions) -> str:
        """Return options as text."""
        return "" if options == DEFAULT else planted_name(options).removeprefix(PREFIX)


@dataclass(frozen=True)
class Whole:
    """Whole numbers from `low` to `high`, as text."""

    low: int
    high: int

    def __contains__(self, text: object) -> bool:
        """Tell whether the text is such a number."""
        if not isinstance(text, str) or not (text.isascii() and text.isdigit()) or len(text) > 10:
            return False
        return self.low <= int(text) <= self.high
