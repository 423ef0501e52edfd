"""Where things lie: files that ship with the package but are not modules of it, and the home."""

from __future__ import annotations

import os
from pathlib import Path

from tscviz.types import TscvizError

_PACKAGE = Path(__file__).resolve().parent
_PLACES = (_PACKAGE.parent, _PACKAGE / "_bundle")
_NAMES = ("app.py", "pages", "pretrained", "benchmarks/results", ".streamlit/config.toml")


def resource(name: str) -> Path:
    """Return where a file or folder of the repository's root lies on this machine.

    In a clone that is beside the package; in an installed wheel it is inside the package.

    Parameters
    ----------
    name : str
        "app.py", "pages", "pretrained", "benchmarks/results" or ".streamlit/config.toml".

    Returns
    -------
    pathlib.Path
        An existing absolute path.

    Raises
    ------
    TscvizError
        If `name` is not one of these, or the installation lacks it.
    """
    if name not in _NAMES:
        raise TscvizError(f"no resource is called {name!r}; there are {', '.join(_NAMES)}.")
    # app.py marks the root: a stranger's pages/ beside an installed package is not ours.
    for place in _PLACES:
        if (place / "app.py").is_file() and (place / name).exists():
            return place / name
    raise TscvizError(
        f"{name} was found neither in {_PLACES[0]} nor in {_PLACES[1]}; "
        "the installation is incomplete: install tscviz again, or run from a clone."
    )


def home_folder() -> Path:
    """Return the folder of runs, jobs, downloads and caches: TSCVIZ_HOME, else ``~/.tscviz``.

    It may not exist yet.
    """
    return Path(os.environ.get("TSCVIZ_HOME") or "~/.tscviz").expanduser().absolute()
