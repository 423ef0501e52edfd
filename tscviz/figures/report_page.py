"""The frame of a report: its style sheet, its script and how figures go into it.

The page forbids itself every request (Content-Security-Policy), so it is the same without a
network. Each figure is stored once for a light page, with what differs on a dark one; printing
takes the light look.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tscviz.figures.export import alt_text, chart_config, notes
from tscviz.figures.frame import layout_of
from tscviz.figures.palette import DARK, FONT, LIGHT, Theme
from tscviz.figures.report_figures import DrawnFigure

_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:"
)
_STYLE = """
*{box-sizing:border-box}
body{margin:0;background:var(--surface);color:var(--text);font:16px/1.55 FONT}
main{max-width:960px;margin:0 auto;padding:40px 24px 64px}
h1{font-size:28px;line-height:1.25;margin:4px 0 12px;overflow-wrap:anywhere}
h2{font-size:20px;margin:44px 0 4px;padding-top:20px;border-top:1px solid var(--grid)}
h3{font-size:16px;margin:28px 0 4px}
p{margin:6px 0;max-width:72ch}
.eyebrow,.muted,figcaption,dt,small{color:var(--muted)}
.eyebrow{font-size:14px;margin:0}
.lead{font-size:18px}
.evidence{border-left:3px solid var(--accent);padding:2px 0 2px 14px;margin:12px 0}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(190px,1fr));gap:14px 24px;\
margin:24px 0 0}
dt{font-size:13px}dd{margin:0;overflow-wrap:anywhere}
figure{margin:12px 0 0}figcaption{font-size:14px;max-width:80ch}
.chart{width:100%}
button{font:inherit;font-size:14px;color:var(--text);background:none;cursor:pointer;\
border:1px solid var(--axis);border-radius:6px;padding:3px 12px;margin:8px 8px 0 0}
button:hover{border-color:var(--text)}button:focus-visible,summary:focus-visible\
{outline:2px solid var(--accent);outline-offset:2px}
summary{cursor:pointer;margin-top:14px}
pre,code{font:13px/1.5 ui-monospace,Menlo,Consolas,monospace}
pre{overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid var(--grid);\
border-radius:6px;padding:12px;margin:8px 0}
@media print{main{max-width:none;padding:0}button{display:none}h2,h3{break-after:avoid}\
figure,.evidence{break-inside:avoid}body{font-size:11pt}}
@page{margin:16mm}
"""
_SCRIPT = """
(() => {
  const read = id => JSON.parse(document.getElementById(id).textContent);
  const figures = read('figures'), files = read('files');
  const night = matchMedia('(prefers-color-scheme: dark)');
  const look = (figure, dark) => {
    const made = structuredClone(figure.light);
    if (dark) for (const [path, value] of figure.dark) {
      let part = made;
      for (const key of path.slice(0, -1)) part = part[key];
      part[path[path.length - 1]] = value;
    }
    return made;
  };
  const draw = (dark, width) => Promise.all(figures.map(figure => {
    const made = look(figure, dark);
    if (width) Object.assign(made.layout, {width, autosize: false});
    return Plotly.react(figure.id, made.data, made.layout, figure.config);
  }));
  let folded = [], printing = false;
  night.addEventListener('change', () => printing || draw(night.matches));
  addEventListener('beforeprint', () => {
    printing = true;
    folded = [...document.querySelectorAll('details:not([open])')];
    folded.forEach(part => part.open = true);
    draw(false, PRINT_WIDTH);
  });
  addEventListener('afterprint', () => {
    printing = false;
    folded.forEach(part => part.open = false);
    draw(night.matches).then(() => figures.forEach(figure => Plotly.Plots.resize(figure.id)));
  });
  document.addEventListener('click', event => {
    const name = event.target.dataset?.file;
    if (!name) return;
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([files[name]], {type: 'application/octet-stream'}));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  draw(night.matches).then(() => document.body.dataset.drawn = figures.length);
})();
"""
PRINT_WIDTH = 670


def page(title: str, body: str, figures: Sequence[DrawnFigure], files: Mapping[str, str]) -> str:
    """Return the whole page.

    Parameters
    ----------
    title : str
        Plain text.
    body : str
        HTML; every label in it is escaped already.
    figures : sequence of DrawnFigure
        Shown where `body` holds their `figure_html`.
    files : mapping of str to str
        File name -> text, for the buttons of `save_buttons`.
    """
    from plotly.offline import get_plotlyjs

    script = _SCRIPT.replace("PRINT_WIDTH", str(PRINT_WIDTH))
    return "\n".join(
        (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{html.escape(title)}</title>",
            f"<style>{_colours()}{_STYLE.replace('FONT', FONT)}</style></head>",
            f"<body><main>{body}</main>",
            f'<script type="application/json" id="figures">{_json(_stored(figures))}</script>',
            f'<script type="application/json" id="files">{_json(dict(files))}</script>',
            f"<script>{get_plotlyjs()}</script>",
            f"<script>{script}</script>",
            "</body></html>\n",
        )
    )


def figure_html(figure: DrawnFigure) -> str:
    """Return the place of a figure, with its alternative text and its notes."""
    alt = html.escape(alt_text(figure.light))
    told = " ".join(html.escape(note) for note in notes(figure.light))
    caption = f"{alt} {told}".strip()
    return (
        f'<figure><div class="chart" id="{html.escape(figure.name)}" role="img" '
        f'aria-label="{alt}" style="height:{layout_of(figure.light).height}px"></div>'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def save_buttons(names: Mapping[str, str]) -> str:
    """Return buttons that save files: label -> file name."""
    return "".join(
        f'<button type="button" data-file="{html.escape(name)}">{html.escape(label)}</button>'
        for label, name in names.items()
    )


def differences(light: Any, dark: Any) -> list[tuple[list[str | int], Any]]:
    """Return what to set, and where, to turn one plain document into another.

    Parameters
    ----------
    light, dark : mappings, lists and plain values
        Mappings of the same keys and lists of the same length are entered; else the whole part
        is one difference.
    """
    return list(_differences(light, dark, []))


def _differences(
    light: Any, dark: Any, path: list[str | int]
) -> Iterator[tuple[list[str | int], Any]]:
    keys: list[Any] | None = None
    if isinstance(light, dict) and isinstance(dark, dict) and light.keys() == dark.keys():
        keys = list(light)
    elif isinstance(light, list) and isinstance(dark, list) and len(light) == len(dark):
        keys = list(range(len(light)))
    if keys is None:
        if light != dark:
            yield path, dark
        return
    for key in keys:
        yield from _differences(light[key], dark[key], [*path, key])


def _stored(figures: Sequence[DrawnFigure]) -> list[dict[str, Any]]:
    stored = []
    for figure in figures:
        light, dark = (json.loads(str(f.to_json())) for f in (figure.light, figure.dark))
        changes = differences(light, dark)
        config = chart_config(figure.name)
        stored.append({"id": figure.name, "light": light, "dark": changes, "config": config})
    return stored


def _json(value: Any) -> str:
    """Return JSON that cannot end the script element it stands in."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _colours() -> str:
    def variables(theme: Theme) -> str:
        names = ("text", "muted", "grid", "axis", "surface", "accent")
        return "".join(f"--{name}:{getattr(theme, name)};" for name in names)

    light, dark = variables(LIGHT), variables(DARK)
    # paper is white, whatever the screen
    return f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"
