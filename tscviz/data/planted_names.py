"""Planted problems as names: ``planted:position=free,noise=0.5,seed=3``.

A name holds every option that differs from its default, in the order of `PlantedOptions`, and
always the seed. So jobs, cards, links and the command line can speak of a planted problem like of
any other dataset, and the same name means the same series on every machine. Names come from links:
they are checked, and never become part of a path.
"""

from __future__ import annotations

import re

from tscviz.data.errors import DataError
from tscviz.data.planted import Planted, PlantedOptions, make_planted
from tscviz.options import changed_options, make_options
from tscviz.types import TscvizError

PREFIX = "planted:"
MAX_VALUES = 4_000_000
"""Most values (cases x channels x time points) of a split that a mere name may ask for."""
_TEXT = re.compile(r"[a-z_]+=[a-z0-9.+-]+(,[a-z_]+=[a-z0-9.+-]+)*")
_MAX_TEXT = 240


def is_planted(name: object) -> bool:
    """Tell whether a name speaks of a planted problem; whether it can be made is another matter."""
    return isinstance(name, str) and name.startswith(PREFIX)


def planted_name(options: PlantedOptions) -> str:
    """Return the name of a planted problem.

    Parameters
    ----------
    options : PlantedOptions

    Returns
    -------
    str
        The options that differ from their defaults, and the seed; `planted_problem` takes it.

    Examples
    --------
    >>> planted_name(PlantedOptions(position="free", noise=0.5))
    'planted:position=free,noise=0.5,seed=0'
    """
    told = changed_options(options) | {"seed": options.seed}
    return PREFIX + ",".join(f"{name}={value}" for name, value in told.items())


def planted_options(name: str) -> PlantedOptions:
    """Return the options in a name; they may stand in any order, and defaults may be told.

    Raises
    ------
    DataError
        On an unknown option, a value out of bounds, one that is told twice, or series too large.
    """
    text = name.removeprefix(PREFIX)
    if not is_planted(name) or len(text) > _MAX_TEXT or not _TEXT.fullmatch(text):
        raise DataError(
            f"{str(name)[:60]!r} is no planted problem; wanted options with commas between them, "
            f"as in '{PREFIX}position=free,noise=0.5,seed=3'."
        )
    pairs = [part.split("=") for part in text.split(",")]
    given = dict(pairs)
    if len(given) < len(pairs):
        raise DataError(f"{name!r} tells an option twice; tell each once.")
    try:
        options = make_options(PlantedOptions, given, of="a planted problem")
    except TscvizError as error:
        raise DataError(f"{name!r} cannot be planted: {error}") from error
    values = options.n_cases * options.channels * options.length
    if values > MAX_VALUES:
        raise DataError(
            f"{name!r} asks for {values:,} values a split; {MAX_VALUES:,} are the most. Take fewer "
            "cases or channels, or shorter series."
        )
    return options


def planted_problem(name: str) -> Planted:
    """Make the planted problem of a name.

    Parameters
    ----------
    name : str
        ``planted:OPTION=VALUE,...`` with the fields of `PlantedOptions`, in any order.

    Returns
    -------
    Planted
        Its dataset bears the name in its usual form.

    Raises
    ------
    DataError
        As `planted_options` and `make_planted`.
    """
    return make_planted(planted_options(name))
