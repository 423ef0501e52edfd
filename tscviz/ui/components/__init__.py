"""Parts that pages are put together from."""

from tscviz.figures.text import probability
from tscviz.ui.components.cards import empty_state, go_to, next_steps, percent, stat_tiles
from tscviz.ui.components.chart import figure
from tscviz.ui.components.waiting import progress

__all__ = [
    "empty_state",
    "figure",
    "go_to",
    "next_steps",
    "percent",
    "probability",
    "progress",
    "stat_tiles",
]
