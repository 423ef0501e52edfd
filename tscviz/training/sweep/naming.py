"""What the folder of a sweep is called that nobody named one for."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from pathlib import Path

#: Names of folders that the app lists; in an address "new" asks for a sweep that is not there yet.
LISTED = re.compile(r"(?!new$)[A-Za-z0-9][A-Za-z0-9_-]{0,59}(\.[A-Za-z0-9_-]{1,20}){0,3}")
_LETTERS = 50


def sweep_folder(name: str, root: str | os.PathLike[str] | None = None) -> Path:
    """Return the default folder of a sweep called `name`: below TSCVIZ_HOME/sweeps.

    A name that the app would not list is spelled in ASCII, cut, and ended by six digits of its
    hash, so that no two sweeps meet. A sweep that an earlier version stored under such a name stays
    where it is.
    """
    from tscviz.resources import home_folder

    place = home_folder() / "sweeps" if root is None else Path(root)
    kept = "".join(c if c.isalnum() or c in "_-." else "_" for c in name)[:80].lstrip(".")
    kept = kept or "sweep"
    if LISTED.fullmatch(kept) or (place / kept / "plans").is_dir():
        return place / kept
    digits = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    plain = unicodedata.normalize("NFKD", kept).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", plain)[:_LETTERS].strip("_-")
    return place / f"{plain or 'sweep'}-{digits}"
