"""The multi-comparison matrix: every model against every other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.cell_text import write_cells
from tscviz.figures.frame import Margin, finish, rows, set_axis
from tscviz.figures.furniture import colour_axis, colour_bar
from tscviz.figures.palette import signed_scale, symmetric_limit
from tscviz.figures.results_stats import MultiComparison
from tscviz.figures.text import clean, count, distinct, escape, minus, stacked
from tscviz.types import Array

MAX_TEXTS = 9
_NAME = 22  # characters of a name on one line
_UPRIGHT, _TILTED = 4, -35  # models whose names have room side by side
_WIDE = 6  # models whose numbers have room in a narrow window at full length


def plot_multi_comparison(
    found: MultiComparison, *, measure: str = "accuracy", dark: bool = False
) -> go.Figure:
    """Draw the multi-comparison matrix of Ismail-Fawaz et al. (2023).

    A cell holds the difference of the means (row less column), the row's wins, ties and losses,
    and the p-value of a two-sided Wilcoxon signed rank test; bold where significant after Holm.

    Parameters
    ----------
    found : MultiComparison
        From `tscviz.figures.results_stats.multi_comparison`.
    measure : str
        Our own words.
    dark : bool
        Dark or light look.
    """
    n = len(found.models)
    named = [stacked(name) for name in found.models]
    left = int(min(150, 34 + 6.8 * max(width for _, width in named)))
    lines = 1 + max(text.count("<br>") for text, _ in named)
    angle, bottom = _below(named, lines)
    numbers = n <= MAX_TEXTS  # they say what a colour bar would, and need its room
    fig, panels = rows(
        [float((max(66, 16 * lines + 18) if numbers else 30) * n)],
        margin=Margin(left=left, right=12 if numbers else 88, top=12, bottom=bottom),
    )
    bar = None if numbers else colour_bar(fig, "difference of the means", panels, dark=dark)
    off = ~np.eye(n, dtype=bool)
    limit = symmetric_limit(found.difference)
    fig.add_trace(
        go.Heatmap(
            z=np.where(off, found.difference, np.nan),
            x=np.arange(n),
            y=np.arange(n),
            customdata=_custom(found),
            text=_texts(found),
            xgap=2,
            ygap=2,
            colorbar=bar,
            showscale=not numbers,
            **colour_axis(signed_scale(dark), (-limit, limit)),
            hovertemplate="%{customdata[0]} against %{customdata[1]}<br>difference of the means "
            "%{z:+.4f}<br>better on %{customdata[2]}, same on %{customdata[3]}, worse on "
            "%{customdata[4]}<br>p = %{customdata[5]:.3g}<extra></extra>",
            hoverongaps=False,
            meta={
                "table": {
                    "customdata": ["row", "column", "wins", "ties", "losses", "p", "significant"],
                    "z": "difference of the means",
                }
            },
        )
    )
    if numbers:
        write_cells(fig, size=11 if n <= _WIDE else 10)
    common = {"tickvals": list(range(n)), "showgrid": False, "showline": False, "ticks": ""}
    own = [f"{text}<br>{mean:.4f}" for (text, _), mean in zip(named, found.means, strict=True)]
    short = [escape(name, _NAME) for name in distinct(found.models, _NAME)]
    across = short if angle == _TILTED else [text for text, _ in named]
    set_axis(
        fig, "x", **common, ticktext=across, range=[-0.5, n - 0.5], title_text="against",
        tickangle=angle, tickfont_size=12 if n <= _WIDE else 10,
    )  # fmt: skip
    set_axis(
        fig, "y", **common, ticktext=own if numbers else short, range=[n - 0.5, -0.5],
        title_text=f"mean {measure}", ticklabelstandoff=6,
    )  # fmt: skip
    return finish(fig, key="multi-comparison", alt=_alt(found, measure), dark=dark)


def _below(named: Sequence[tuple[str, int]], lines: int) -> tuple[int, int]:
    """Return the angle of the names below the matrix, and the room that they need.

    Of three lines and more a name is upright only where there are few, or turned: tilted it would
    lie over its neighbours.
    """
    if len(named) <= _UPRIGHT:
        return 0, 64 + 13 * max(0, lines - 2)
    if lines < 3:
        return _TILTED, 108
    return -90, int(44 + 6.6 * max(width for _, width in named))


def _custom(found: MultiComparison) -> Array:
    n = len(found.models)
    names = np.array([escape(name) for name in found.models], dtype=object)
    r, c = np.indices((n, n))
    columns = (names[r], names[c], found.wins, found.ties, found.wins.T, found.p_values,
               found.significant)  # fmt: skip
    return np.stack([np.asarray(column, dtype=object) for column in columns], axis=2)


def _texts(found: MultiComparison) -> list[list[str]]:
    slim = len(found.models) > _WIDE
    digits, over = (3, "/") if slim else (4, " / ")

    def brief(text: str) -> str:
        return text.replace("0.", ".", 1) if slim else text

    def cell(i: int, j: int) -> str:
        if i == j:
            return ""
        p, least = found.p_values[i, j], 10.0**-digits
        value = f"{p:.{digits}f}" if p > least else f"≤ {least:.{digits}f}"
        difference = minus(f"{found.difference[i, j]:+.{digits}f}")
        counts = (found.wins[i, j], found.ties[i, j], found.wins[j, i])
        text = f"{brief(difference)}<br>{over.join(map(str, counts))}<br>p {brief(value)}"
        return f"<b>{text}</b>" if found.significant[i, j] else text

    n = range(len(found.models))
    return [[cell(i, j) for j in n] for i in n]


def _alt(found: MultiComparison, measure: str) -> str:
    pairs = len(found.models) * (len(found.models) - 1) // 2
    return (
        f"{count(len(found.models), 'model')} against each other on "
        f"{count(found.n_datasets, 'dataset')}: the best mean {measure} is "
        f"{found.means[0]:.4f} of {clean(found.models[0])}; "
        f"{int(found.significant.sum()) // 2} of {count(pairs, 'pair')} differ significantly."
    )
