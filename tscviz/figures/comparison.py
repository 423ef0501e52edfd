"""Maps of several methods and models as aligned rows under their series, on one time axis.

Two columns hold two cases, two models or two class averages against each other, row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from textwrap import wrap
from typing import Any, Unpack, cast

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.comparison_marks import legend_bars
from tscviz.figures.comparison_panels import draw_row, draw_series
from tscviz.figures.comparison_rows import (
    ComparisonColumn,
    ComparisonOptions,
    ComparisonStyle,
    MapRow,
)
from tscviz.figures.comparison_scales import DrawnRow, drawn_rows
from tscviz.figures.frame import Margin, Panel, columns, finish, set_axis
from tscviz.figures.furniture import follow_pointer, heading, legend_row
from tscviz.figures.lines import padded_range, segment_lines
from tscviz.figures.palette import look
from tscviz.figures.series import TIME, choose_channels, thinned_note, time_range
from tscviz.figures.sheet import Sheet
from tscviz.figures.stats import MAX_POINTS, peak_stretch, thin
from tscviz.figures.text import clean, count, escape, listing, points

__all__ = ["ComparisonColumn", "MapRow", "plot_comparison"]

#: Heights in pixels: the only channel, one of several, a strip, a line of a strip, curves.
SERIES, CHANNEL, STRIP, SUBSTRIP, CURVE = 150.0, 50.0, 26.0, 9.0, 62.0
LABELS, ENDS = 130, 52
#: Letters of a line of a column's title.
TITLE = 19


def plot_comparison(
    columns_: Sequence[ComparisonColumn], **options: Unpack[ComparisonOptions]
) -> go.Figure:
    """Draw maps as rows under their series, in one column or several.

    Parameters
    ----------
    columns_ : sequence of ComparisonColumn
        Each with as many rows as the first, whose labels stand at the left.
    each_channel : bool
        A line a channel where a map's rows differ; otherwise their sum.
    scale : {"own", "clipped", "family", "unit"}
        Each row its own; its own, which ends where 95 % of its magnitudes do; one for the rows of a
        family; each row divided by its own.
    drawn : {"strips", "lines"}
        Heat strips or curves about zero.
    channels, channel_names : sequences, optional
        Channels to draw (the first 12 if None) and the names of all.
    class_name : str
        What the maps speak for, in the alternative text.
    value_label : str
        Title of the value axis.
    dark : bool
        Dark or light look.
    """
    style = ComparisonStyle(**options)
    chosen, notes = choose_channels(len(columns_[0].x), style.channels)
    style = replace(style, channels=chosen)
    maps = drawn_rows(columns_, style)
    empty, stacks = _skeleton(columns_, maps, len(chosen), style)
    sheet = Sheet(empty)
    fig = cast("go.Figure", sheet)
    for k, (column, drawn, places) in enumerate(zip(columns_, maps, stacks, strict=True)):
        series, rows = places[: len(chosen)], places[len(chosen) :]
        draw_series(fig, series, column, chosen, style, _ranges(columns_, chosen), first=k == 0)
        for row, one, place in zip(column.rows, drawn, rows, strict=True):
            draw_row(fig, place, column, row, one, style)
            _row_words(fig, place, row, one, style, first=k == 0)
        _column_words(fig, series, column, style, first=k == 0, several=len(columns_) > 1)
        set_axis(fig, places[0].x, range=time_range(column.x.shape[1]))
        if column.x.shape[1] > MAX_POINTS:
            notes.append(thinned_note(len(thin(column.x[chosen[0]])), column.x.shape[1]))
    if _keyed(columns_):
        legend_row(fig, dark=style.dark)
    _time_axes(fig, stacks, style.dark)
    legend_bars(fig, [one for drawn in maps for one in drawn], style)
    alt = " ".join(_alt(c, drawn, style) for c, drawn in zip(columns_, maps, strict=True))
    return finish(
        sheet.settle(), key="comparison", alt=alt, dark=style.dark, notes=list(dict.fromkeys(notes))
    )


def _skeleton(
    columns_: Sequence[ComparisonColumn],
    maps: Sequence[Sequence[DrawnRow | None]],
    n_channels: int,
    style: ComparisonStyle,
) -> tuple[go.Figure, list[list[Panel]]]:
    """Return the figure, and for each column the places of its channels and of its rows."""
    heights = [SERIES] if n_channels == 1 else [CHANNEL] * n_channels
    gaps = [6.0] * (n_channels - 1)
    for i in range(len(maps[0])):
        heights.append(max(_height(c.rows[i], m[i], style) for c, m in zip(columns_, maps)))  # noqa: B905
        named = any(c.rows[i].group for c in columns_)
        gaps.append(34.0 if named else 12.0 if i == 0 else _gap(columns_[0].rows[i], style))
    several, divided = len(columns_) > 1, any(c.divided for c in columns_)
    titled = max(len(_title_lines(c.title, several=several)) if c.title else 0 for c in columns_)
    top = 16 + 18 * titled + 4 * bool(titled) + 18 * divided + 12 * _keyed(columns_)
    margin = Margin(
        left=LABELS, right=ENDS, top=top,
        bottom=92 if style.drawn == "strips" else 48,
    )  # fmt: skip
    return columns(len(columns_), heights, gaps=gaps, between=0.16 if several else 0, margin=margin)


def _gap(row: MapRow, style: ComparisonStyle) -> float:
    """Return the pixels above a row: rows of one method and several models stand together."""
    apart = 4.0 if row.continues else 14.0 if row.subtitle else 6.0
    return apart if style.drawn == "strips" else apart + 6


def _ranges(
    columns_: Sequence[ComparisonColumn], channels: Sequence[int]
) -> list[tuple[float, float]]:
    """Return the value range of each channel, shared by the columns."""
    return [
        padded_range(np.concatenate([column.all_values(c) for column in columns_]))
        for c in channels
    ]


def _keyed(columns_: Sequence[ComparisonColumn]) -> bool:
    return any(c.overlays for c in columns_)


def _height(row: MapRow, drawn: DrawnRow | None, style: ComparisonStyle) -> float:
    lines = 15.0 * (row.label().count("<br>") + 1) + 4
    if drawn is None:
        return max(34.0, lines)
    if style.drawn == "lines":
        return max(CURVE if len(drawn.values) == 1 else 1.4 * CURVE, lines)
    return max(STRIP, SUBSTRIP * len(drawn.values), lines)


def _row_words(
    fig: go.Figure,
    place: Panel,
    row: MapRow,
    drawn: DrawnRow | None,
    style: ComparisonStyle,
    *,
    first: bool,
) -> None:
    """Write the row's label at the left, its scale's end at the right, and its group above."""
    tones, middle = look(style.dark), (place.top + place.bottom) / 2
    common: dict[str, Any] = {"xref": "paper", "yref": "paper", "y": middle, "yanchor": "middle",
                              "showarrow": False}  # fmt: skip
    if row.group:
        heading(fig, place, escape(row.group, 60), dark=style.dark, shift=4)
    if first:
        quiet = tones.muted if drawn is None else tones.text
        fig.add_annotation(
            text=row.label(), x=0, xshift=-10, xanchor="right", align="right",
            hovertext=escape(row.told, 400) if row.told else None,
            font={"size": 12, "color": quiet}, **common,
        )  # fmt: skip
    if drawn is not None and style.scale != "unit":
        sign = "±" if drawn.signed else "0–"
        fig.add_annotation(
            text=f"{sign}{drawn.limit:.2g}", x=place.right, xshift=6, xanchor="left",
            font={"size": 11, "color": tones.muted}, **common,
        )  # fmt: skip


def _column_words(
    fig: go.Figure,
    places: list[Panel],
    column: ComparisonColumn,
    style: ComparisonStyle,
    *,
    first: bool,
    several: bool,
) -> None:
    if column.boundaries is not None and column.divided:
        segment_lines(
            fig, column.boundaries, places, length=column.x.shape[1], dark=style.dark, shift=3,
            named=first,
        )  # fmt: skip
    if column.title:
        text = "<br>".join(escape(line, 60) for line in _title_lines(column.title, several=several))
        heading(fig, places[0], text, dark=style.dark, shift=4 + 18 * column.divided)


def _title_lines(title: str, *, several: bool) -> list[str]:
    """Return a column's title; beside another column in lines that a narrow window has room for."""
    lines = wrap(clean(title, 80), TITLE, break_on_hyphens=False)[:3]
    return lines if several else [clean(title, 60)]


def _time_axes(fig: go.Figure, stacks: Sequence[Sequence[Panel]], dark: bool) -> None:
    follow_pointer(fig, TIME, dark=dark)
    for stack in stacks[1:]:
        set_axis(
            fig, stack[0].x, title_text=TIME, showspikes=True, spikemode="across",
            spikesnap="data", spikethickness=1, spikedash="solid", spikecolor=look(dark).muted,
        )  # fmt: skip


def _alt(column: ComparisonColumn, drawn: Sequence[DrawnRow | None], style: ComparisonStyle) -> str:
    n = int(column.inside.sum())
    named = f"{clean(column.title, 60)}: " if column.title else ""
    told = [
        f"{clean(row.name, 60)} {_peak(one)}"
        for row, one in zip(column.rows, drawn, strict=True)
        if one is not None
    ]
    maps = count(len(told), "map")
    text = f"{named}series of {count(n, 'point')} with {maps} for {clean(style.class_name)}"
    if told:
        text += f"; strongest: {listing(told)}"
    without = len(drawn) - len(told)
    return f"{text}; {count(without, 'row')} without a map." if without else f"{text}."


def _peak(one: DrawnRow) -> str:
    size = np.nan_to_num(np.abs(one.values)).max(0)
    if np.ptp(size) == 0:
        return "is even"
    return points(*peak_stretch(size))
