"""A case before and after an edit: both lines, segments and a map, on one time axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.comparison_marks import hatches
from tscviz.figures.frame import Margin, Panel, finish, rows, set_axis
from tscviz.figures.furniture import colour_axis, colour_bar, follow_pointer, heading
from tscviz.figures.lines import padded_range, segment_lines
from tscviz.figures.palette import (
    class_style,
    look,
    signed_scale,
    symmetric_limit,
    unsigned_scale,
    with_alpha,
)
from tscviz.figures.series import (
    TIME,
    channel_name,
    choose_channels,
    thinned_note,
    time_range,
    value_title,
)
from tscviz.figures.stats import MAX_POINTS, block_extremes, thin
from tscviz.figures.text import clean, escape, probability
from tscviz.types import Array, Attribution, Segmentation

STRIP = 22.0


@dataclass(frozen=True, eq=False)
class WhatIfVersion:
    """One version of the case and what the model makes of it.

    Parameters
    ----------
    x : array, shape (n_channels, n_timepoints)
    proba : array, shape (n_classes,)
    segmentation : Segmentation, optional
    attribution : Attribution, optional
    """

    x: Array
    proba: Array
    segmentation: Segmentation | None = None
    attribution: Attribution | None = None

    @property
    def predicted(self) -> int:
        """Index of the most probable class."""
        return int(self.proba.argmax())


def plot_what_if(
    before: WhatIfVersion,
    after: WhatIfVersion,
    class_names: Sequence[str],
    *,
    mask: Array | None = None,
    interpolated: Array | None = None,
    map_label: str = "map",
    dark: bool = False,
) -> go.Figure:
    """Draw a case and its edited version.

    Parameters
    ----------
    before, after : WhatIfVersion
        Segments drawn are those of `after`; the map is drawn where both have one.
    class_names : sequence of str
    mask : bool array, shape (n_timepoints,), optional
        False on padding, which is hatched.
    interpolated : bool array, shape (n_channels, n_timepoints), optional
        True where a missing value was filled in; hatched the other way round.
    map_label : str
        Title of the map's colour bar.
    dark : bool
        Dark or light look.
    """
    n = before.x.shape[1] if mask is None else int(mask.sum())
    chosen, notes = choose_channels(len(before.x), None)
    if n > MAX_POINTS:
        notes.append(thinned_note(len(thin(before.x[chosen[0], :n])), n))
    inside = np.arange(before.x.shape[1]) < n
    filled = np.zeros(before.x.shape, bool) if interpolated is None else interpolated
    maps = _maps(before, after, chosen, n)
    fig, lines, strips = _skeleton(len(chosen), maps)
    above = 18 if len(chosen) > 1 else 0
    colour = class_style(after.predicted, dark).colour
    for place, c in zip(lines, chosen, strict=True):
        _draw_channel(fig, place, before.x[c, :n], after.x[c, :n], colour, dark)
        low_high = padded_range(np.r_[before.x[c, :n], after.x[c, :n]])
        hatches(fig, place, inside, filled[c] & inside, low_high, dark)
        if len(chosen) > 1:
            heading(fig, place, channel_name(c, None), dark=dark, strong=False)
    if after.segmentation is not None and after.segmentation.n_segments > 1:
        cuts = after.segmentation.boundaries
        segment_lines(fig, cuts, lines, length=before.x.shape[1], dark=dark, shift=6 + above)
    signed = before.attribution is not None and before.attribution.signed
    _draw_maps(fig, lines, strips, maps, map_label, signed=signed, dark=dark)
    value_title(fig, lines, "value", dark)
    set_axis(fig, "x", range=time_range(before.x.shape[1]))
    follow_pointer(fig, TIME, dark=dark)
    text = _answer(before, after, class_names)
    heading(fig, lines[0], escape(text, 120), dark=dark, shift=24 + above)
    alt = f"A case edited by hand: {text}; {_extent(before, after, n)}."
    return finish(fig, key="what-if", alt=alt, dark=dark, notes=notes)


def _maps(
    before: WhatIfVersion, after: WhatIfVersion, channels: Sequence[int], n: int
) -> list[Array]:
    """Return both maps, (n_rows, n) each: one row where the channels share it."""
    if before.attribution is None or after.attribution is None:
        return []
    maps = [v.values[list(channels), :n] for v in (before.attribution, after.attribution)]
    shared = all((m == m[:1]).all() for m in maps)
    return [m[:1] for m in maps] if shared else maps


def _skeleton(n: int, maps: Sequence[Array]) -> tuple[go.Figure, list[Panel], list[Panel]]:
    heights = [250.0 if n == 1 else 84.0] * n
    strip = [STRIP if len(m) == 1 else 10.0 * len(m) for m in maps]
    gaps = [24.0] * (n - 1) + ([14.0, 8.0] if maps else [])
    fig, places = rows(
        [*heights, *strip], gaps=gaps, margin=Margin(top=58 if n == 1 else 76, right=88)
    )
    return fig, places[:n], places[n:]


def _draw_channel(
    fig: go.Figure, place: Panel, old: Array, new: Array, colour: str, dark: bool
) -> None:
    looks = {
        "before": {"color": look(dark).muted, "width": 1.6, "dash": "4px,4px"},
        "after": {"color": colour, "width": 2.4},
    }
    for name, values in (("before", old), ("after", new)):
        t = thin(values)
        fig.add_trace(
            go.Scatter(
                x=t,
                y=values[t].astype(np.float32),
                mode="lines",
                name=name,
                line=looks[name],
                fill="tonexty" if name == "after" and len(t) == len(old) else None,
                fillcolor=with_alpha(colour, 0.14),
                hovertemplate=f"{name} %{{y:.5~g}}<extra></extra>",
                showlegend=False,
                meta={"table": {"x": TIME, "y": f"value {name}"}},
                **place.axes,
            )
        )
    set_axis(fig, place.y, range=list(padded_range(np.r_[old, new])))


def _draw_maps(
    fig: go.Figure,
    lines: Sequence[Panel],
    places: Sequence[Panel],
    maps: Sequence[Array],
    label: str,
    *,
    signed: bool,
    dark: bool,
) -> None:
    if not maps:
        return
    every = np.concatenate(maps)
    top = symmetric_limit(every)
    limits = (-top, top) if signed else (min(0.0, float(every.min())), top)
    scale = signed_scale(dark) if signed else unsigned_scale()
    bar = colour_bar(fig, escape(label), [*lines, *places], dark=dark)
    for place, values, name in zip(places, maps, ("before", "after"), strict=True):
        at, shown = block_extremes(values, MAX_POINTS)
        fig.add_trace(
            go.Heatmap(
                z=shown.astype(np.float32),
                x=at,
                **colour_axis(scale, limits),
                showscale=name == "before",
                colorbar=bar,
                hoverinfo="skip",
                **place.axes,
            )
        )
        middle = (len(values) - 1) / 2
        set_axis(
            fig, place.y, tickvals=[middle], ticktext=[name], ticks="", showgrid=False,
            range=[len(values) - 0.5, -0.5], fixedrange=True,
        )  # fmt: skip


def _answer(before: WhatIfVersion, after: WhatIfVersion, names: Sequence[str]) -> str:
    said = [
        f"{clean(names[v.predicted], 30)} ({probability(v.proba[v.predicted])})"
        for v in (before, after)
    ]
    return " → ".join(said)


def _extent(before: WhatIfVersion, after: WhatIfVersion, n: int) -> str:
    changed = int((before.x[:, :n] != after.x[:, :n]).any(0).sum())
    return f"{changed} of {n} points differ"
