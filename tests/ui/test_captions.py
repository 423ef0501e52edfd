"""A caption stands between its figure and the downloads, and travels with the figure."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.read_page import OpenApp
from tscviz.figures import plot_series, to_html
from tscviz.ui.escape import escape_markdown, unmarked

ROOT = Path(__file__).parents[2]
DRAWING = sorted([*ROOT.glob("pages/*.py"), *ROOT.glob("tscviz/ui/**/*.py")])


def order(app: AppTest) -> list[str]:
    """Return the kinds of the elements in the order of the page: charts, captions, downloads."""

    def walk(block: Any) -> Iterator[str]:
        for child in getattr(block, "children", {}).values():
            if child.type in ("plotly_chart", "caption", "download_button"):
                yield child.type
            yield from walk(child)

    return list(walk(app.main))


def _page() -> None:
    import numpy as np

    from tscviz.figures import plot_series
    from tscviz.ui import components
    from tscviz.ui.escape import escape_markdown

    fig = plot_series(np.arange(4, dtype=np.float32)[None])
    name = escape_markdown("![x](http://evil/)")
    components.figure(fig, name="one", caption=f"**Thick**: the mean of {name}. ")
    components.figure(fig, name="two", caption=" ")


def test_a_caption_stands_between_its_figure_and_the_downloads() -> None:
    app = AppTest.from_function(_page).run()
    assert not app.exception
    found = order(app)
    assert found[:3] == ["plotly_chart", "caption", "download_button"]
    second = found.index("plotly_chart", 1)
    assert found[second + 1] == "download_button"  # an empty caption takes no room
    assert app.caption[0].value.startswith("**Thick**: the mean of ")


@pytest.mark.parametrize("page", ["overview", "segments", "datasets", "results"])
def test_pages_caption_their_figures(open_app: OpenApp, page: str) -> None:
    app = open_app(page)
    assert not app.exception
    found = order(app)
    first = found.index("plotly_chart")
    assert found[first : first + 3] == ["plotly_chart", "caption", "download_button"]


def _is_figure(node: ast.stmt) -> bool:
    while isinstance(node, ast.With):
        node = node.body[-1]
    value = getattr(node, "value", None)
    named = getattr(value, "func", None)
    return isinstance(value, ast.Call) and "figure" in (
        getattr(named, "attr", ""), getattr(named, "id", ""),
    )  # fmt: skip


def _is_caption(node: ast.stmt) -> bool:
    return ast.unparse(node).startswith("st.caption(")


def test_no_caption_is_written_under_the_downloads_of_a_figure() -> None:
    found = [
        f"{path.name}:{after.lineno}"
        for path in DRAWING
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.With | ast.If | ast.Module)
        for before, after in zip(node.body, node.body[1:], strict=False)
        if _is_figure(before) and _is_caption(after)
    ]
    assert not found


@pytest.mark.parametrize("text", ["a_b *c* [d](e) 10 % \\ <i>", "x@y.org www.z.org http://z"])
def test_escapes_can_be_undone(text: str) -> None:
    assert unmarked(f"**{escape_markdown(text)}** is in [0, 1].") == f"{text} is in [0, 1]."


def test_the_caption_is_in_the_html_before_what_the_figure_shows() -> None:
    fig = plot_series(np.arange(4, dtype=np.float32)[None])
    page = to_html(fig, caption="Thick: <b>mean</b>.", inline=False)
    said = page[page.index("<figcaption>") :]
    assert said.startswith(
        "<figcaption><p>Thick: &lt;b&gt;mean&lt;/b&gt;.</p><p>Series of 4 points"
    )
    assert to_html(fig, inline=False).count("<p>") == 1
