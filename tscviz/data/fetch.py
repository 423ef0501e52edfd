"""Program that lets aeon download one problem: ``python fetch.py NAME FOLDER``.

It runs as a process of its own so that a download can be stopped at once and the caller never
imports aeon. Exit codes: 0 done, 3 aeon does not know the name, 4 the transfer failed (the reason
is on stderr).
"""

from __future__ import annotations

import sys

UNKNOWN, FAILED = 3, 4


def main(name: str, folder: str) -> int:
    """Download problem `name` into ``folder/name`` and return the exit code."""
    from aeon.datasets import load_classification
    from aeon.datasets.tsc_datasets import tsc_zenodo

    if name not in tsc_zenodo:
        return UNKNOWN
    try:
        load_classification(
            name,
            split="train",
            extract_path=folder,
            load_equal_length=False,
            load_no_missing=False,
        )
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
