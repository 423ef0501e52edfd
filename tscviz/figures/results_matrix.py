"""The multi-comparison matrix: every model against every other."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.cell_text import write_cells
from tscviz.figures.frame import Margin, finish, rows, set_axis
from tscviz.figures.furniture import colour_axis, colour_bar
from tscviz.figures.palette import signed_scale, symmetric_limit
from tscviz.figures.results_stats import MultiComparison
from tscviz.figures.text import clean, count, escape, minus, two_lines
from tscviz.types import Array

MAX_TEXTS = 9
_NAME = 22
_UPRIGHT = 4  # models whose names have room side by side


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
    named = [two_lines(name, _NAME) for name in found.models]
    left = int(min(150, 34 + 6.8 * max(width for _, width in named)))
    numbers = n <= MAX_TEXTS  # they say what a colour bar would, and need its room
    fig, panels = rows(
        [float((66 if numbers else 30) * n)],
        margin=Margin(
            left=left, right=12 if numbers else 88, top=12, bottom=64 if n <= _UPRIGHT else 108
        ),
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
        write_cells(fig, size=11)
    common = {"tickvals": list(range(n)), "showgrid": False, "showline": False, "ticks": ""}
    own = [f"{text}<br>{mean:.4f}" for (text, _), mean in zip(named, found.means, strict=True)]
    own = own if numbers else [escape(name, _NAME) for name in found.models]
    few = n <= _UPRIGHT
    across = [text for text, _ in named] if few else [escape(name, _NAME) for name in found.models]
    set_axis(
        fig, "x", **common, ticktext=across, range=[-0.5, n - 0.5], title_text="against",
        tickangle=0 if few else -35,
    )  # fmt: skip
    set_axis(
        fig, "y", **common, ticktext=own, range=[n - 0.5, -0.5], title_text=f"mean {measure}",
        ticklabelstandoff=6,
    )  # fmt: skip
    return finish(fig, key="multi-comparison", alt=_alt(found, measure), dark=dark)


def _custom(found: MultiComparison) -> Array:
    n = len(found.models)
    names = np.array([escape(name) for name in found.models], dtype=object)
    r, c = np.indices((n, n))
    columns = (names[r], names[c], found.wins, found.ties, found.wins.T, found.p_values,
               found.significant)  # fmt: skip
    return np.stack([np.asarray(column, dtype=object) for column in columns], axis=2)


def _texts(found: MultiComparison) -> list[list[str]]:
    def cell(i: int, j: int) -> str:
        if i == j:
            return ""
        difference = minus(f"{found.difference[i, j]:+.4f}")
        text = (
            f"{difference}<br>{found.wins[i, j]} / {found.ties[i, j]} / "
            f"{found.wins[j, i]}<br>p {_p(found.p_values[i, j])}"
        )
        return f"<b>{text}</b>" if found.significant[i, j] else text

    n = range(len(found.models))
    return [[cell(i, j) for j in n] for i in n]


def _p(value: float) -> str:
    return "≤ 0.0001" if value <= 1e-4 else f"{value:.4f}"


def _alt(found: MultiComparison, measure: str) -> str:
    pairs = len(found.models) * (len(found.models) - 1) // 2
    return (
        f"{count(len(found.models), 'model')} against each other on "
        f"{count(found.n_datasets, 'dataset')}: the best mean {measure} is "
        f"{found.means[0]:.4f} of {clean(found.models[0])}; "
        f"{int(found.significant.sum()) // 2} of {count(pairs, 'pair')} differ significantly."
    )
