"""A series coloured by what an explanation gives each time point.

The paper's Figure 8 for one case: the line takes the colour of the map, a strip below it shows
the map alone, and dashed lines stand between segments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import (
    Margin,
    Panel,
    colour_axis,
    colour_bar,
    finish,
    heading,
    rows,
    set_axis,
)
from tscviz.figures.lines import coloured_line, segment_lines
from tscviz.figures.palette import Scale, look, signed_scale, symmetric_limit, unsigned_scale
from tscviz.figures.series import (
    TIME,
    channel_name,
    choose_channels,
    finish_value_axis,
    thinned_note,
    time_range,
    value_title,
)
from tscviz.figures.stats import MAX_POINTS, blank_padding, peak_stretch, thin, unit_range
from tscviz.figures.text import clean, escape, points
from tscviz.types import Array, Attribution, Segmentation

STRIP = 14


@dataclass(frozen=True, eq=False)
class CamPanel:
    """One explanation to draw: a name for the reader, the map, and the segments if there are any.

    Parameters
    ----------
    name : str
        Heading, such as "DTP"; empty for none.
    attribution : Attribution
    segmentation : Segmentation, optional
    """

    name: str
    attribution: Attribution
    segmentation: Segmentation | None = None


@dataclass(frozen=True, eq=False)
class _Style:
    """Options shared by all panels of one figure."""

    mask: Array | None
    channels: list[int]
    channel_names: Sequence[str] | None
    normalised: bool
    limit: float | None
    label: str
    dark: bool
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class _Map:
    """Values as drawn (n_channels, n_timepoints), with scale and limits."""

    values: Array
    scale: Scale
    limits: tuple[float, float]


def plot_cam(
    x: Array,
    attribution: Attribution,
    *,
    segmentation: Segmentation | None = None,
    mask: Array | None = None,
    class_names: Sequence[str] | None = None,
    probability: float | None = None,
    normalised: bool = False,
    limit: float | None = None,
    channels: Sequence[int] | None = None,
    channel_names: Sequence[str] | None = None,
    cam_label: str = "CAM",
    value_label: str = "value",
    dark: bool = False,
) -> go.Figure:
    """Draw a case coloured by its class activation map or any other attribution.

    Parameters
    ----------
    x : array, shape (n_channels, n_timepoints)
    attribution : Attribution
        Values of the same shape.
    segmentation : Segmentation, optional
        Draws the lines between segments and their numbers.
    mask : bool array, shape (n_timepoints,), optional
        False on padding.
    class_names : sequence of str, optional
        Names the explained class in the alternative text.
    probability : float, optional
        Of the explained class, for the alternative text.
    normalised : bool
        Move the map to [0, 1] within the case, as the paper's Figure 8 does.
    limit : float, optional
        End of the colour scale, to compare cases; the largest magnitude if None.
    channels, channel_names : sequences, optional
        Rows to draw and their names.
    cam_label, value_label : str
        Titles of the colour bar and of the value axis.
    dark : bool
        Dark or light look.
    """
    panel = CamPanel("", attribution, segmentation)
    return plot_cam_panels(
        x,
        [panel],
        mask=mask,
        class_names=class_names,
        probability=probability,
        normalised=normalised,
        limit=limit,
        channels=channels,
        channel_names=channel_names,
        cam_label=cam_label,
        value_label=value_label,
        dark=dark,
    )


def plot_cam_panels(
    x: Array,
    panels: Sequence[CamPanel],
    *,
    mask: Array | None = None,
    class_names: Sequence[str] | None = None,
    probability: float | None = None,
    normalised: bool = False,
    limit: float | None = None,
    channels: Sequence[int] | None = None,
    channel_names: Sequence[str] | None = None,
    cam_label: str = "CAM",
    value_label: str = "value",
    dark: bool = False,
) -> go.Figure:
    """Draw several explanations of one case, aligned on one time axis, such as GTP beside DTP.

    Parameters as in `plot_cam`; every panel has its own colour bar, since the maps of two
    models have no common unit.
    """
    chosen, notes = choose_channels(len(x), channels)
    style = _Style(
        None if mask is None else np.asarray(mask, dtype=bool),
        chosen,
        channel_names,
        normalised,
        limit,
        cam_label,
        dark,
        notes,
    )
    values = blank_padding(x[None], None if style.mask is None else style.mask[None])[0]
    maps = [_map(panel.attribution, style) for panel in panels]
    fig, layout = _skeleton(panels, maps, style)
    for panel, drawn, places in zip(panels, maps, layout, strict=True):
        _draw(fig, places, values, panel, drawn, style)
        value_title(fig, places[: len(chosen)], value_label, dark)
    set_axis(fig, "x", title_text=TIME, range=time_range(x.shape[1]))
    fig.update_layout(hovermode="x", hoversubplots="axis", hoverdistance=-1)
    set_axis(fig, "x", showspikes=True, spikemode="across", spikethickness=1, spikedash="solid")
    alt = _alt(values, panels, class_names, probability)
    return finish(fig, key="cam", alt=alt, dark=dark, notes=list(dict.fromkeys(notes)))


def _map(attribution: Attribution, style: _Style) -> _Map:
    blanked = blank_padding(
        attribution.values[None], None if style.mask is None else style.mask[None]
    )[0]
    if style.normalised:
        return _Map(unit_range(blanked), unsigned_scale(), (0.0, 1.0))
    shown = blanked[style.channels]
    if attribution.signed:
        top = style.limit or symmetric_limit(shown)
        return _Map(blanked, signed_scale(style.dark), (-top, top))
    finite = shown[np.isfinite(shown)]
    low = min(0.0, float(finite.min())) if finite.size else 0.0
    return _Map(blanked, unsigned_scale(), (low, style.limit or symmetric_limit(shown)))


def _strip_rows(drawn: _Map, channels: list[int]) -> Array:
    """Return the rows of the strip: one where all channels share the map, else one each."""
    shown = drawn.values[channels]
    same = np.array_equal(shown, np.broadcast_to(shown[:1], shown.shape), equal_nan=True)
    return shown[:1] if same else shown


def _skeleton(
    panels: Sequence[CamPanel], maps: Sequence[_Map], style: _Style
) -> tuple[go.Figure, list[list[Panel]]]:
    tall = 230 if len(panels) == 1 else 170
    n = len(style.channels)
    line = float(tall if n == 1 else 84)
    heights: list[float] = []
    gaps: list[float] = []
    for drawn in maps:
        heights += [line] * n + [float(STRIP * len(_strip_rows(drawn, style.channels)))]
        gaps += [24.0] * (n - 1) + [6.0 if n == 1 else 12.0] + [58.0 + 18 * (n > 1)]
    titled = any(panel.name for panel in panels)
    numbered = any(panel.segmentation is not None for panel in panels)
    top = 26 + 20 * titled + 6 * numbered + 18 * (n > 1)
    fig, places = rows(heights, gaps=gaps[:-1], margin=Margin(top=top, right=88))
    step = n + 1
    return fig, [places[i : i + step] for i in range(0, len(places), step)]


def _draw(
    fig: go.Figure, places: list[Panel], values: Array, panel: CamPanel, drawn: _Map, style: _Style
) -> None:
    for place, c in zip(places[:-1], style.channels, strict=True):
        _draw_line(fig, place, values[c], drawn, c, style)
        finish_value_axis(fig, place, values[c], style.mask, style.dark)
        if len(style.channels) > 1:
            heading(fig, place, channel_name(c, style.channel_names), dark=style.dark, strong=False)
    _draw_strip(fig, places, drawn, style)
    if panel.segmentation is not None:
        segment_lines(
            fig,
            panel.segmentation.boundaries,
            places,
            dark=style.dark,
            x_range=(0, values.shape[1]),
            labels=panel.segmentation.n_segments > 1,
            shift=22 if len(style.channels) > 1 else 6,
        )
    if panel.name:
        numbered = panel.segmentation is not None and panel.segmentation.n_segments > 1
        shift = 3 + 20 * numbered + 18 * (len(style.channels) > 1)
        heading(fig, places[0], escape(panel.name), dark=style.dark, shift=shift)


def _draw_line(
    fig: go.Figure, place: Panel, series: Array, drawn: _Map, c: int, style: _Style
) -> None:
    tones = look(style.dark)
    picks = thin(series)
    if len(picks) < len(series):
        style.notes.append(thinned_note(len(picks), len(series)))
    width = 3.2 if len(style.channels) == 1 else 2.4
    y, v = series[picks], drawn.values[c][picks]
    label = escape(style.label)
    fig.add_trace(
        go.Scatter(
            x=picks,
            y=y.astype(np.float32),
            customdata=v.astype(np.float32),
            mode="lines",
            name=channel_name(c, style.channel_names),
            line={"color": tones.axis, "width": width + 1.2},
            hovertemplate=f"{TIME} %{{x}}<br>value %{{y:.3~f}}<br>{label} "
            "%{customdata:.3~f}<extra></extra>",
            meta={"table": {"x": TIME, "y": "value", "customdata": [style.label]}},
            **place.axes,
        )
    )
    fig.add_traces(
        coloured_line(
            picks,
            y[None],
            v[None],
            scale=drawn.scale,
            limits=drawn.limits,
            width=width,
            **place.axes,
        )
    )


def _draw_strip(fig: go.Figure, places: list[Panel], drawn: _Map, style: _Style) -> None:
    strip = _strip_rows(drawn, style.channels)
    step = -(-strip.shape[1] // MAX_POINTS)
    label = escape(style.label)
    title = f"{label} (0-1 in this case)" if style.normalised else label
    bar = colour_bar(fig, title, places, dark=style.dark)
    fig.add_trace(
        go.Heatmap(
            z=strip[:, ::step].astype(np.float32),
            x=np.arange(strip.shape[1])[::step],
            **colour_axis(drawn.scale, drawn.limits),
            colorbar=bar,
            hoverinfo="skip",
            **places[-1].axes,
        )
    )
    set_axis(
        fig,
        places[-1].y,
        showticklabels=len(strip) > 1,
        showgrid=False,
        ticks="",
        tickvals=list(range(len(strip))),
        ticktext=[str(c + 1) for c in style.channels],
        range=[len(strip) - 0.5, -0.5],
        fixedrange=True,
    )


def _alt(
    values: Array,
    panels: Sequence[CamPanel],
    class_names: Sequence[str] | None,
    probability: float | None,
) -> str:
    length = int(np.isfinite(values).any(axis=0).sum())
    parts = [f"Series of {length} points"]
    target = panels[0].attribution.target
    name = clean(class_names[target]) if class_names else f"class {target + 1}"
    if probability is not None:
        parts[0] += f" classified {name} ({probability:.2f})"
    for panel in panels:
        if np.ptp(panel.attribution.values) == 0:
            parts.append(f"{_subject(panel, name)} is the same at every point")
            continue
        c, _ = np.unravel_index(panel.attribution.values.argmax(), panel.attribution.values.shape)
        first, last = peak_stretch(panel.attribution.values[c][:length])
        where = f" of channel {c + 1}" if len(values) > 1 else ""
        parts.append(f"{_subject(panel, name)} is highest at {points(first, last)}{where}")
        if panel.segmentation is not None and panel.segmentation.n_segments > 1:
            cuts = ", ".join(str(b) for b in panel.segmentation.boundaries[1:-1])
            parts.append(f"segments begin at points 0, {cuts}")
    return "; ".join(parts) + "."


def _subject(panel: CamPanel, name: str) -> str:
    kind = "CAM" if "cam" in panel.attribution.method.lower() else "map"
    who = f"{clean(panel.name)} {kind}" if panel.name else kind
    return f"the {who} for {name}"
