"""A figure in the making, checked by plotly once, at its end.

Plotly checks all annotations of a figure again whenever one is added, and every setting when it is
made: in a figure of many rows that costs more than all the rest.
"""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go


class Sheet:
    """Takes what `tscviz.figures.furniture` and its neighbours add to a figure; see `settle`.

    Parameters
    ----------
    fig : plotly.graph_objects.Figure
        Gives the layout; traces in it are left behind.
    """

    def __init__(self, fig: go.Figure) -> None:
        self._layout: dict[str, Any] = {"annotations": [], "shapes": []}
        self._merge(self._layout, fig.to_dict()["layout"])
        self._traces: list[Any] = []

    def add_annotation(self, **annotation: Any) -> None:
        """Keep an annotation."""
        self._layout["annotations"].append(annotation)

    def add_shape(self, **shape: Any) -> None:
        """Keep a shape."""
        self._layout["shapes"].append(shape)

    def add_trace(self, trace: Any) -> None:
        """Keep a trace."""
        self._traces.append(trace)

    def update_layout(self, settings: dict[str, Any] | None = None, **more: Any) -> None:
        """Keep settings; nested ones are merged, and ``title_text`` means ``title.text``."""
        self._merge(self._layout, {**(settings or {}), **more})

    def settle(self) -> go.Figure:
        """Return the figure."""
        return go.Figure(self._traces, self._layout)

    def _merge(self, into: dict[str, Any], settings: dict[str, Any]) -> None:
        for key, value in settings.items():
            name, _, rest = key.partition("_")
            if rest:
                self._merge(into, {name: {rest: value}})
            elif isinstance(value, dict) and isinstance(into.get(name), dict):
                self._merge(into[name], value)
            else:
                into[name] = value
