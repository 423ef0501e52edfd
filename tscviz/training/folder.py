"""The folder of a run: made and tried before the work, gone again where nothing came into it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def writable_folder(folder: Path | None) -> Iterator[None]:
    """Make a folder and write into it on trial; what was made and stays empty is removed.

    Parameters
    ----------
    folder : Path or None
        None: nothing is written.

    Raises
    ------
    OSError
        Where nothing can be written there.
    """
    made = [] if folder is None else [p for p in (folder, *folder.parents) if not p.exists()]
    try:
        if folder is not None:
            if not folder.exists():
                folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".tscviz-", dir=folder):
                pass
        yield
    finally:
        for path in made:
            with suppress(OSError):  # it holds something, or was never made
                path.rmdir()
