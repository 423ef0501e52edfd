"""Whether maps agree with each other, and whether one survives the destruction of its network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.cell_text import write_cells
from tscviz.figures.frame import Margin, Panel, finish, grid, rows, set_axis
from tscviz.figures.furniture import colour_axis, heading, legend_row
from tscviz.figures.palette import Scale, class_style, look, signed_scale, unsigned_scale
from tscviz.figures.text import clean, count, escape, minus, number
from tscviz.types import Array, TscvizError

if TYPE_CHECKING:  # tscviz.explain needs torch, and the landing page none
    from tscviz.explain.evidence.agreement import Agreement
    from tscviz.explain.evidence.randomisation import Randomisation

CELL = 40.0
MAX_NUMBERS = 12
#: Up to so many maps a cell of a narrow page has room for "−0.44".
_ROOMY = 8
_OWN = "(the model's own)"
SHOWN = ("correlation", "overlap")


def plot_agreement(
    found: Agreement,
    *,
    titles: Mapping[str, str] | None = None,
    show: str = "both",
    dark: bool = False,
) -> go.Figure:
    """Draw how alike maps are, pair by pair: rank correlation, and overlap of their top points.

    Parameters
    ----------
    found : Agreement
    titles : mapping, optional
        Name of a map -> what to write.
    show : {"both", "correlation", "overlap"}
        Both need a wide page.
    dark : bool
        Dark or light look.

    Raises
    ------
    TscvizError
        Where there is nothing called `show`.
    """
    if show not in ("both", *SHOWN):
        raise TscvizError(f"show is {show!r}; wanted one of: both, {', '.join(SHOWN)}.")
    names = [str((titles or {}).get(name, name)) for name in found.names]
    labels = [escape(name, 24) for name in names]
    size = float(np.clip(CELL * len(names), 120, 640))
    longest = max(map(len, labels if found.native is None else [*labels, _OWN]))
    chosen = SHOWN if show == "both" else (show,)
    fig, (panels,) = grid(
        1, len(chosen), height=size, gap=(0.04, 0),
        margin=Margin(left=min(24 + 7 * longest, 240), top=34, bottom=min(46 + 4 * longest, 150)),
        match_x=False, match_y=False,
    )  # fmt: skip
    top = f"overlap of top {count(found.n_top, 'point')}; chance {found.chance:.0%}"
    drawn: dict[str, tuple[Array, str, Any]] = {
        "correlation": (
            found.correlation, "rank correlation",
            (signed_scale(dark), (-1.0, 1.0), "rank correlation"),
        ),
        "overlap": (found.overlap, top, (unsigned_scale(), (0.0, 1.0), "overlap")),
    }  # fmt: skip
    for panel, name in zip(panels, chosen, strict=True):
        values, title, how = drawn[name]
        _matrix(fig, panel, values, labels, how)
        heading(fig, panel, title, dark=dark)
        set_axis(fig, panel.x, title_text="map")
    if found.native is not None:  # the columns have no room for it
        told = list(labels)
        told[found.names.index(found.native)] += f"<br>{_OWN}"
        set_axis(fig, panels[0].y, ticktext=told)
    for panel in panels[1:]:
        set_axis(fig, panel.y, showticklabels=False)
    return finish(fig, key="agreement", alt=_agreement_alt(found, names), dark=dark)


def _matrix(
    fig: go.Figure,
    panel: Panel,
    values: Array,
    labels: list[str],
    how: tuple[Scale, tuple[float, float], str],
) -> None:
    n, (scale, limits, what) = len(labels), how
    told = np.empty((n, n, 2), dtype=object)
    told[..., 0], told[..., 1] = np.array(labels)[:, None], np.array(labels)[None]
    fig.add_trace(
        go.Heatmap(
            z=values,
            x=np.arange(n),
            y=np.arange(n),
            customdata=told,
            xgap=1,
            ygap=1,
            **colour_axis(scale, limits),
            showscale=False,
            name=what,
            text=_cells(values) if n <= MAX_NUMBERS else None,
            hovertemplate=f"%{{customdata[0]}}<br>%{{customdata[1]}}<br>{what} %{{z:.3f}}"
            "<extra></extra>",
            hoverongaps=False,
            meta={"table": {"customdata": ["map", "other map"], "z": what}},
            **panel.axes,
        )
    )
    if n <= MAX_NUMBERS:
        write_cells(fig, size=11 if n <= _ROOMY else 10)
    common: dict[str, Any] = {
        "tickvals": list(range(n)), "ticktext": labels, "ticks": "", "showgrid": False,
        "showline": False, "constrain": "domain",
    }  # fmt: skip
    set_axis(fig, panel.x, **common, range=[-0.5, n - 0.5], tickangle=-40)
    set_axis(fig, panel.y, **common, range=[n - 0.5, -0.5], ticklabelstandoff=6)


def _cells(values: Array) -> Array:
    """Return what stands in the cells: two decimals; nothing where a map is flat.

    In narrow cells ".44" stands for "0.44", as no likeness is greater than 1.
    """
    told = [minus(f"{v:.2f}") if np.isfinite(v) else "" for v in values.ravel()]
    if len(values) > _ROOMY:
        told = ["1" if text == "1.00" else text.replace("0.", ".", 1) for text in told]
    return np.array(told, dtype=object).reshape(values.shape)


def _agreement_alt(found: Agreement, names: list[str]) -> str:
    pairs = [(i, j) for i in range(len(names)) for j in range(i) if _known(found, i, j)]
    if not pairs:
        return f"Agreement of {count(len(names), 'map')}: all but one are flat."
    most = max(pairs, key=lambda at: found.correlation[at])
    least = min(pairs, key=lambda at: found.correlation[at])
    told = [
        f"{word} alike are {clean(names[j])} and {clean(names[i])} (rank correlation "
        f"{number(float(found.correlation[i, j]))}, overlap {found.overlap[i, j]:.0%})"
        for word, (i, j) in (("most", most), ("least", least))
    ]
    text = told[0] if len(pairs) == 1 else "; ".join(told)
    return f"Agreement of {count(len(names), 'map')}: {text}."


def _known(found: Agreement, i: int, j: int) -> bool:
    return bool(np.isfinite(found.correlation[i, j]))


def plot_randomisation(
    found: Randomisation, *, method: str = "map", dark: bool = False
) -> go.Figure:
    """Draw how like the original a map stays as layers are made random, from the head down.

    Bars are means over the draws and dots single draws; where the map became flat there is none.

    Parameters
    ----------
    found : Randomisation
    method : str
        Title of the method.
    dark : bool
        Dark or light look.
    """
    fig, (panel,) = rows([250.0], margin=Margin(top=46, bottom=120))
    kinds = (
        ("rank correlation", found.correlation, class_style(0, dark).colour, -0.2),
        ("of absolute values", found.magnitude, class_style(1, dark).colour, 0.2),
    )
    at = np.arange(len(found.layers))
    labels = [escape(name, 36) for name in found.layers]
    for name, values, colour, shift in kinds:
        fig.add_trace(
            go.Bar(
                x=at + shift,
                y=_mean(values),
                width=0.36,
                name=name,
                customdata=[[label, n] for label, n in zip(labels, found.weights, strict=True)],
                marker={"color": colour, "cornerradius": 2, "line": {"width": 0}},
                hovertemplate="%{customdata[0]} (%{customdata[1]} weights)<br>"
                f"{name}: %{{y:.3f}}<extra></extra>",
                meta={"table": {"customdata": ["layer", "weights"], "y": name}},
            )
        )
        fig.add_trace(_dots(at + shift, values, dark))
    fig.add_hline(y=0, line={"color": look(dark).muted, "width": 1})
    random = "random from the head down to it" if found.order == "cascading" else "random alone"
    set_axis(
        fig, "x", tickvals=list(at), ticktext=labels, tickangle=-40, ticks="",
        title_text=f"layer, {random}",
        range=[-0.6, len(at) - 0.4],
    )  # fmt: skip
    set_axis(fig, panel.y, title_text="likeness to the map", range=[-1.05, 1.05])
    legend_row(fig, dark=dark, panel=panel)
    left = f"{found.left:.2f}"
    alt = (
        f"{clean(method)} with {count(len(found.layers), 'layer')} made random, "
        f"{found.order}, {count(len(found.correlation), 'draw')}: at the "
        f"{'end' if found.order == 'cascading' else 'layer where most stays'} {left} of the "
        "likeness to the original map is left."
    )
    return finish(fig, key="randomisation", alt=alt, dark=dark)


def _mean(values: Array) -> Array:
    known = np.isfinite(values)
    total = np.where(known, values, 0).sum(0)
    return np.where(known.any(0), total / np.maximum(known.sum(0), 1), np.nan)


def _dots(x: Array, values: Array, dark: bool) -> go.Scatter:
    return go.Scatter(
        x=np.tile(x, len(values)),
        y=values.ravel(),
        mode="markers",
        marker={"color": look(dark).text, "size": 4, "opacity": 0.6},
        hoverinfo="skip",
        showlegend=False,
    )
