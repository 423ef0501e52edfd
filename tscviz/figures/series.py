"""One case: every channel on its own row over one time axis, gaps and padding shown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import Margin, Panel, finish, rows, set_axis
from tscviz.figures.furniture import follow_pointer, heading, legend_row
from tscviz.figures.lines import calm_width, hatch, padded_range
from tscviz.figures.palette import class_style, look
from tscviz.figures.stats import MAX_POINTS, blank_padding, thin
from tscviz.figures.text import count, escape, listing, number
from tscviz.types import Array

MAX_CHANNELS = 12
TIME = "time point"


def plot_series(
    x: Array,
    *,
    mask: Array | None = None,
    interpolated: Array | None = None,
    channel_names: Sequence[str] | None = None,
    channels: Sequence[int] | None = None,
    class_idx: int | None = None,
    value_label: str = "value",
    dark: bool = False,
) -> go.Figure:
    """Draw one case.

    Parameters
    ----------
    x : array, shape (n_channels, n_timepoints)
    mask : bool array, shape (n_timepoints,), optional
        False on padding, which is hatched.
    interpolated : bool array, shape (n_channels, n_timepoints), optional
        Points filled in by interpolation; they get an open mark.
    channel_names : sequence of str, optional
    channels : sequence of int, optional
        Rows to draw; the first 12 if None.
    class_idx : int, optional
        Draw in the colour of this class.
    value_label : str
        Title of the value axis, with the unit.
    dark : bool
        Dark or light look.
    """
    chosen, notes = choose_channels(len(x), channels)
    tall = 280 if len(chosen) == 1 else 96
    fig, panels = rows([tall] * len(chosen), gaps=26, margin=Margin(top=36))
    values = blank_padding(x[None], None if mask is None else mask[None])[0]
    colour = look(dark).neutral if class_idx is None else class_style(class_idx, dark).colour
    drawn = 0
    for panel, c in zip(panels, chosen, strict=True):
        name = channel_name(c, channel_names)
        drawn = max(drawn, _draw_channel(fig, panel, values[c], name, colour))
        if len(chosen) > 1:
            heading(fig, panel, name, dark=dark, strong=False)
        if interpolated is not None:
            _draw_interpolated(fig, panel, values[c], np.asarray(interpolated)[c], dark)
        finish_value_axis(fig, panel, values[c], mask, dark)
    if x.shape[1] > MAX_POINTS:
        notes.append(thinned_note(drawn, x.shape[1]))
    value_title(fig, panels, value_label, dark)
    set_axis(fig, "x", range=time_range(x.shape[1]))
    follow_pointer(fig, TIME, dark=dark, unified=True)
    if interpolated is not None and np.asarray(interpolated)[chosen].any():
        legend_row(fig, dark=dark, x=1, xanchor="right")
    return finish(fig, key="series", alt=_alt(values, chosen, interpolated), dark=dark, notes=notes)


def choose_channels(n: int, channels: Sequence[int] | None) -> tuple[list[int], list[str]]:
    """Return the channels to draw, and a note where some are left out."""
    if channels is not None:
        return list(channels), []
    notes = [f"Channels 1-{MAX_CHANNELS} of {n} are drawn."] if n > MAX_CHANNELS else []
    return list(range(min(n, MAX_CHANNELS))), notes


def channel_name(c: int, names: Sequence[str] | None) -> str:
    """Return the escaped name of channel `c`, counted from 1 where it has none."""
    return f"channel {c + 1}" if names is None else escape(names[c], 30)


def time_range(n_timepoints: int) -> list[float]:
    """Return the range of the time axis: every point's own step, 0 to n-1, in full."""
    return [-0.5, n_timepoints - 0.5]


def finish_value_axis(
    fig: go.Figure, panel: Panel, values: Array, mask: Array | None, dark: bool
) -> None:
    """Set the value range of a panel, and hatch the padding over its whole height."""
    low, high = padded_range(values)
    set_axis(fig, panel.y, range=[low, high])
    if mask is not None and not np.all(mask):
        n = int(np.asarray(mask).sum())
        hatch(fig, panel, (n - 0.5, len(np.asarray(mask)) - 0.5), (low, high), dark)


def value_title(fig: go.Figure, panels: Sequence[Panel], label: str, dark: bool) -> None:
    """Write the value axis' title once: on the axis, or beside the middle of several panels."""
    if len(panels) == 1:
        set_axis(fig, panels[0].y, title_text=escape(label))
        return
    fig.add_annotation(
        text=escape(label),
        textangle=-90,
        xref="paper",
        yref="paper",
        x=0,
        xshift=-52,
        y=(panels[0].top + panels[-1].bottom) / 2,
        xanchor="center",
        yanchor="middle",
        showarrow=False,
        font={"size": 13, "color": look(dark).muted},
    )


def thinned_note(shown: int, n: int) -> str:
    """Return the note of a series drawn with fewer points than it has."""
    return f"Drawn with {shown} of {n} points (lowest and highest of each block)."


def _draw_channel(fig: go.Figure, panel: Panel, values: Array, name: str, colour: str) -> int:
    """Draw a channel and return the number of its points that are drawn."""
    picks = thin(values)
    fig.add_trace(
        go.Scatter(
            x=picks,
            y=values[picks].astype(np.float32),
            mode="lines",
            name=name,
            line={"color": colour, "width": calm_width(values[picks], 1.8)},
            hovertemplate="%{y:.5~g}",
            showlegend=False,
            meta={"table": {"x": TIME, "y": "value"}},
            **panel.axes,
        )
    )
    return len(picks)


def _draw_interpolated(
    fig: go.Figure, panel: Panel, values: Array, flags: Array, dark: bool
) -> None:
    at = np.flatnonzero(flags & np.isfinite(values))
    if not at.size:
        return
    tones = look(dark)
    first = not list(fig.select_traces({"name": "interpolated"}))
    fig.add_trace(
        go.Scatter(
            x=at,
            y=values[at].astype(np.float32),
            mode="markers",
            name="interpolated",
            marker={
                "size": 7,
                "color": tones.surface,
                "line": {"width": 1.8, "color": tones.accent},
            },
            hovertemplate="filled in",
            legendgroup="interpolated",
            showlegend=first,
            **panel.axes,
        )
    )


def _alt(values: Array, chosen: list[int], interpolated: Array | None) -> str:
    length = int(np.flatnonzero(np.isfinite(values).any(axis=0)).max(initial=-1)) + 1
    seen = values[chosen][np.isfinite(values[chosen])]
    parts = [f"Series of {count(length, 'point')} in {count(len(values), 'channel')}"]
    if seen.size:
        parts.append(f"values run from {number(seen.min())} to {number(seen.max())}")
    missing = int(np.isnan(values[:, :length]).sum())
    if missing:
        parts.append(f"{count(missing, 'value is', 'values are')} missing")
    if interpolated is not None and np.any(interpolated):
        n = int(np.sum(interpolated))
        parts.append(f"{count(n, 'point was', 'points were')} filled in by interpolation")
    return listing(parts) + "."
