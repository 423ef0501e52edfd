"""Take a figure away: a page, its numbers, its description, or a picture.

The page is self-contained by default (4.9 MB, opens offline). A picture is made with kaleido
where a Chromium is installed; elsewhere the figure's own camera button makes it in the browser,
see `chart_config`.
"""

from __future__ import annotations

import csv
import html
import importlib.util
import io
import logging
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go

from tscviz.figures.frame import layout_of
from tscviz.figures.palette import FONT, look
from tscviz.tables import guard
from tscviz.types import Array, TscvizError

_BROWSERS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    "chromium-headless-shell",
)
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style>body{{margin:24px auto;max-width:1200px;padding:0 16px;background:{surface};color:{text};\
font-family:{font}}}figure{{margin:0}}figcaption{{margin-top:12px;font-size:14px;color:{muted}}}\
figcaption p{{margin:0 0 8px}}\
h1{{font-size:18px;font-weight:600}}</style></head>
<body><h1>{title}</h1><figure aria-label="{alt}">{chart}<figcaption>{caption}</figcaption></figure>
</body></html>
"""


class ExportError(TscvizError):
    """A figure cannot be written in the form asked for."""


def _meta(fig: go.Figure) -> dict[str, Any]:
    return dict(layout_of(fig).meta or {})


def alt_text(fig: go.Figure) -> str:
    """Return the figure's alternative text, plain and unescaped."""
    return str(_meta(fig).get("alt", ""))


def notes(fig: go.Figure) -> tuple[str, ...]:
    """Return what was left out or thinned for display, as plain sentences."""
    return tuple(_meta(fig).get("notes", ()))


def to_html(
    fig: go.Figure, *, title: str = "tscviz", caption: str = "", inline: bool = True
) -> str:
    """Return a page that shows the figure.

    Parameters
    ----------
    fig : plotly.graph_objects.Figure
    title : str
        Heading of the page; escaped here.
    caption : str
        How to read the figure: stands under it, before what it shows in words; escaped here.
    inline : bool
        Carry plotly.js in the page, so that it opens offline; else load it from the network.
    """
    tones = look(bool(_meta(fig).get("dark")))
    chart = fig.to_html(
        full_html=False,
        include_plotlyjs=True if inline else "cdn",
        include_mathjax=False,
        config=chart_config(title),
    )
    alt = html.escape(alt_text(fig))
    told = " ".join([alt_text(fig), *notes(fig)])
    return _PAGE.format(
        title=html.escape(title),
        alt=alt,
        caption="".join(f"<p>{html.escape(text)}</p>" for text in (caption, told) if text),
        chart=chart,
        surface=tones.surface,
        text=tones.text,
        muted=tones.muted,
        font=FONT,
    )


def to_json(fig: go.Figure) -> str:
    """Return the figure as plotly JSON; ``plotly.io.from_json`` reads it back."""
    return str(fig.to_json())


def to_csv(fig: go.Figure) -> str:
    """Return the numbers a figure shows, one row a mark.

    The first column names the trace; the others are named by what they hold. Text cells that a
    spreadsheet would run as a formula get a leading apostrophe.
    """
    traces: Iterator[Any] = filter(_is_data, fig.select_traces())
    tables = [(_plain(trace.name), _columns(trace)) for trace in traces]
    header = list(dict.fromkeys(name for _, table in tables for name in table))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_cells(["trace", *header]))
    for trace, table in tables:
        n = max((len(values) for values in table.values()), default=0)
        for i in range(n):
            row = [table[name][i] if name in table else "" for name in header]
            if any(_shown(cell) for cell in row):
                writer.writerow(_cells([trace, *row]))
    return out.getvalue()


def _is_data(trace: Any) -> bool:
    return isinstance(trace.meta, Mapping) and "table" in trace.meta


def _columns(trace: Any) -> dict[str, Array]:
    """Return the columns a trace declares in ``meta["table"]``, all equally long."""
    declared: Mapping[str, Any] = trace.meta["table"]
    shape = np.shape(trace.z) if trace.type == "heatmap" else (len(trace.x),)
    columns: dict[str, Array] = {}
    for key, name in declared.items():
        for label, values in _named(key, name, trace, shape):
            columns[label] = np.asarray(values).ravel()
    return columns


def _named(key: str, name: Any, trace: Any, shape: tuple[int, ...]) -> Iterator[tuple[str, Array]]:
    values = np.asarray(trace[key])
    if key == "customdata":
        stacked = values if values.ndim > len(shape) else values[..., None]
        yield from ((str(n), stacked[..., i]) for i, n in enumerate(name) if n is not None)
    elif len(shape) == 2 and key in ("x", "y"):
        yield str(name), np.broadcast_to(values if key == "x" else values[:, None], shape)
    else:
        yield str(name), values


def _plain(text: object) -> str:
    return html.unescape(str(text)) if text is not None else ""


def _shown(cell: object) -> bool:
    return not (
        cell == ""
        or cell is None
        or (isinstance(cell, float | np.floating) and not np.isfinite(cell))
    )


def _cells(row: Sequence[object]) -> list[str]:
    return [_cell(cell) for cell in row]


def _cell(cell: object) -> str:
    if not _shown(cell):
        return ""
    if isinstance(cell, bool | np.bool_ | int | np.integer):
        return str(cell)
    if isinstance(cell, float | np.floating):
        return f"{cell:.7g}"
    return guard(_plain(cell))


def browser_path() -> str | None:
    """Return the Chromium that makes pictures: ``BROWSER_PATH`` or the first on the path."""
    named = os.environ.get("BROWSER_PATH")
    if named and Path(named).exists():
        return named
    return next((path for name in _BROWSERS if (path := shutil.which(name))), None)


def can_export_images() -> bool:
    """Return whether `to_image` can work here: kaleido and a Chromium are installed."""
    return importlib.util.find_spec("kaleido") is not None and browser_path() is not None


def to_image(fig: go.Figure, form: str = "svg", *, width: int = 1000, scale: float = 2.0) -> bytes:
    """Return the figure as SVG, PNG or PDF, on an opaque page. Takes about three seconds.

    Parameters
    ----------
    fig : plotly.graph_objects.Figure
    form : {"svg", "png", "pdf"}
    width : int
        Pixels; the height is the figure's own.
    scale : float
        Pixels of a PNG per pixel of the page.

    Raises
    ------
    ExportError
        If the form is unknown, or no browser is there or it fails.
    """
    if form not in ("svg", "png", "pdf"):
        raise ExportError(f"Format {form!r} is unknown; choose svg, png or pdf.")
    if not can_export_images():
        raise ExportError(
            "Pictures need a Chromium (and the package kaleido); install it, or use the camera "
            "button of the figure."
        )
    copy = go.Figure(fig)
    copy.update_layout(paper_bgcolor=look(bool(_meta(fig).get("dark"))).surface)
    os.environ.setdefault("BROWSER_PATH", str(browser_path()))  # kaleido does not know all of them
    # What a browser that ends leaves half said is no news; what fails is raised.
    logging.getLogger("choreographer").setLevel(logging.CRITICAL)
    try:
        return copy.to_image(format=form, width=width, height=layout_of(fig).height, scale=scale)
    except (RuntimeError, ValueError, OSError) as error:
        raise ExportError(f"The browser could not draw the figure: {error}") from error


def chart_config(file_name: str = "tscviz", form: str = "svg") -> dict[str, Any]:
    """Return the plotly ``config`` of a chart: a quiet mode bar whose camera writes `form`.

    Parameters
    ----------
    file_name : str
        Name of the saved picture, without ending; other characters than letters, digits and
        ``-_`` become ``-``.
    form : {"svg", "png"}
    """
    safe = "".join(c if c.isalnum() or c in "-_" else "-" for c in file_name).strip("-")
    return {
        "displaylogo": False,
        "responsive": True,
        "modeBarButtonsToRemove": ["lasso2d", "autoScale2d"],
        "toImageButtonOptions": {"format": form, "filename": safe or "tscviz", "scale": 2},
    }
