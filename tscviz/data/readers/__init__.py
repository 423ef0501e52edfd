"""Read a user's file into a SeriesSet: look at it, show the guess, read it, name what is wrong."""

from __future__ import annotations

from tscviz.data.readers.api import preview, read_series, sniff
from tscviz.data.readers.layout import Layout

__all__ = ["Layout", "preview", "read_series", "sniff"]
