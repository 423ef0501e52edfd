"""Choices as text in the page's link: several names at once, a pinned case, a method's options.

Each class tells by ``in`` whether a text from a link can be used, as `tscviz.ui.page_options` asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tscviz.options import changed_options, describe_options, make_options
from tscviz.types import TscvizError
from tscviz.ui.library import ModelEntry
from tscviz.ui.selection import SPLITS, Selection

#: Left as it is in an address, and in no name of a method or a model.
BETWEEN = "."


@dataclass(frozen=True)
class Several:
    """Any of some names, as text; the empty text is none of them.

    Parameters
    ----------
    names : sequence of str
    """

    names: Sequence[str]

    def __contains__(self, text: object) -> bool:
        """Tell whether every part of the text is a name."""
        return isinstance(text, str) and (
            text == NONE or all(part in self.names for part in text.split(BETWEEN))
        )

    def read(self, text: str) -> list[str]:
        """Return the names in a text, in the order of all names, each once."""
        parts = text.split(BETWEEN)
        return [name for name in self.names if name in parts]

    @staticmethod
    def write(names: Iterable[str]) -> str:
        """Return names as text."""
        return BETWEEN.join(names) or NONE


#: Stands for no name at all: an empty parameter would vanish from the address.
NONE = "none"


def short_name(model: str) -> str:
    """Return a model's name without its dataset: "dtp-fcn", "job-0123..."."""
    kind, _, rest = model.partition("/")
    return f"job-{rest}" if kind == "job" else kind


@dataclass(frozen=True)
class Pinned:
    """A case of a model with the class explained, pinned beside the selected one.

    Parameters
    ----------
    models : sequence of ModelEntry
        Of the dataset.
    dataset : str
    n_cases : mapping of str to int
        By split.
    n_classes : int
    """

    models: Sequence[ModelEntry]
    dataset: str
    n_cases: dict[str, int]
    n_classes: int

    def __contains__(self, text: object) -> bool:
        """Tell whether the text names a case, a class and a model that exist."""
        return isinstance(text, str) and self.read(text) is not None

    def read(self, text: str) -> Selection | None:
        """Return the selection in a text, None where it is not one of this dataset."""
        parts = text.split(BETWEEN, 4)
        if len(parts) != 5 or parts[0] not in SPLITS or parts[4] != self.dataset:
            return None
        case = _index(parts[1], self.n_cases[parts[0]])
        target = _index(parts[2], self.n_classes)
        names = {short_name(entry.name): entry.name for entry in self.models}
        if case is None or target is None or parts[3] not in names:
            return None
        return Selection(self.dataset, names[parts[3]], parts[0], case, target)

    @staticmethod
    def write(selection: Selection, target: int) -> str:
        """Return a selection as text; `target` is the class explained."""
        chosen = (selection.split, str(selection.case), str(target))
        return BETWEEN.join((*chosen, short_name(str(selection.model)), selection.dataset))


def _index(text: str, count: int) -> int | None:
    if text.isascii() and text.isdigit() and len(text) < 10 and int(text) < count:
        return int(text)
    return None


@dataclass(frozen=True)
class OptionText:
    """Options of one method that differ from their defaults: "windows:12~samples:400".

    Parameters
    ----------
    method : str
    options : dataclass type
    """

    method: str
    options: type

    def __contains__(self, text: object) -> bool:
        """Tell whether the text holds options of the method, within their bounds."""
        try:
            return isinstance(text, str) and bool(self.read(text))
        except TscvizError:
            return False

    def read(self, text: str) -> dict[str, Any]:
        """Return the options in a text that differ from their defaults.

        Raises
        ------
        TscvizError
            On an unknown option or a value out of bounds.
        """
        pairs = (part.partition(":") for part in _parts(text))
        return self.checked({name: value for name, _, value in pairs})

    def checked(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return the options given that differ from their defaults; errors as `read`."""
        made: Any = make_options(self.options, given, of=f"method {self.method}")
        return changed_options(made)

    def write(self, changed: dict[str, Any]) -> str:
        """Return options as text."""
        return "~".join(f"{name}:{_plain(value)}" for name, value in changed.items())

    def defaults(self) -> dict[str, Any]:
        """Return the default of every option."""
        return {info.name: info.default for info in describe_options(self.options)}

    def all_values(self, changed: dict[str, Any]) -> dict[str, Any]:
        """Return every option of the method, with some changed."""
        return asdict(make_options(self.options, changed, of=f"method {self.method}"))


def _parts(text: str) -> list[str]:
    return [part for part in text.split("~") if part]


def _plain(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
