"""How much a user's file may ask for. Everything is checked before the memory is taken."""

from __future__ import annotations

MAX_FILE_BYTES = 200_000_000
"""Largest file, compressed or not, in bytes."""

MAX_UNPACKED_BYTES = 200_000_000
"""Largest content of a gzip, npz or parquet file once unpacked, in bytes."""

MAX_ROWS = 5_000_000
"""Most lines of a text file, or rows of a table."""

MAX_COLUMNS = 1_000_000
"""Most cells in one row."""

MAX_VALUES = 50_000_000
"""Most values of a user's file: cases x channels x length of the padded array, and its cells."""

MAX_NAME_LENGTH = 200
"""Most characters of a label, a case name or a channel name."""

MAX_CELL_LENGTH = 500
"""Most characters of a cell that should be a number."""
