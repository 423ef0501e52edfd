"""Take a case away: a report of it as one page, and what led to a map as spec.json.

Both are made when their button is pressed, not while the page is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from tscviz.types import Attribution
from tscviz.ui import cache
from tscviz.ui.escape import safe_file_name
from tscviz.ui.selection import Selection

if TYPE_CHECKING:
    from tscviz.explain.case_report import ReportMap
    from tscviz.explain.spec import DatasetCase, Spec


def report_button(
    selection: Selection,
    maps: Sequence[ReportMap] | Callable[[], Sequence[ReportMap]],
    *,
    key: str = "report",
    target: int | None = None,
) -> None:
    """Draw the button 'Report of this case': one HTML page that works offline.

    Parameters
    ----------
    selection : Selection
        It must have a model.
    maps : sequence of ReportMap, or a function returning one
        Maps of the selected case, made with the mask of `cache.case`.
    key : str
        Tells several buttons of one page apart.
    target : int, optional
        Class of the model's own view; by default the one selected, else the predicted one.
    """
    st.download_button(
        "Report of this case",
        lambda: _report(selection, maps() if callable(maps) else maps, target),
        f"{_stem(selection)}-report.html",
        "text/html",
        key=f"download_{key}_html",
        help="Series, prediction, the model's own view and these maps as one page that works "
        "offline and prints",
        on_click="ignore",
        type="tertiary",
        icon=":material/description:",
    )


def spec_button(
    selection: Selection,
    attribution: Attribution,
    options: Mapping[str, Any] | None = None,
    *,
    key: str = "spec",
) -> None:
    """Draw the button 'spec.json' of one map; `tscviz explain --spec` makes the map again.

    Parameters
    ----------
    selection : Selection
        It must have a model.
    attribution : Attribution
        A map of the selected case, made with the mask of `cache.case`.
    options : mapping, optional
        What was given to the method.
    key : str
        Tells several buttons of one page apart.
    """
    st.download_button(
        "spec.json",
        lambda: spec_of_case(selection, attribution, options).to_json().encode(),
        f"{_stem(selection)}-{attribution.method}-spec.json",
        "application/json",
        key=f"download_{key}_spec",
        help="What led to this map; python -m tscviz explain --spec makes the same numbers again",
        on_click="ignore",
        type="tertiary",
        icon=":material/replay:",
    )


def spec_of_case(
    selection: Selection, attribution: Attribution, options: Mapping[str, Any] | None = None
) -> Spec:
    """Return the specification of a map of the selected case."""
    from tscviz.explain.spec import spec_of

    one = cache.case(selection)
    return spec_of(
        cache.classifier(str(selection.model)),
        one.x,
        attribution,
        mask=one.mask,
        options=options,
        case=_place(selection),
        model=str(selection.model),
    )


def _report(selection: Selection, maps: Sequence[ReportMap], target: int | None) -> bytes:
    from tscviz.explain.case_report import case_report
    from tscviz.figures.report import report_html

    one, name = cache.case(selection), str(selection.model)
    ready = cache.prepared(name, selection.dataset, selection.split)
    report = case_report(
        cache.classifier(name),
        one.x,
        maps,
        title=f"{selection.dataset}, {selection.split} case {selection.case}",
        mask=one.mask,
        target=selection.target if target is None else target,
        label=one.label,
        interpolated=ready.interpolated[selection.case],
        case=_place(selection),
        model=name,
        notes=ready.notes,
    )
    return report_html(report).encode()


def _place(selection: Selection) -> DatasetCase:
    from tscviz.explain.spec import DatasetCase

    digest = cache.dataset(selection.dataset).digest
    how = cache.classifier(str(selection.model)).preparation_for(digest)
    return DatasetCase(selection.dataset, selection.split, selection.case, how.to_dict())


def _stem(selection: Selection) -> str:
    return safe_file_name(f"{selection.model}-{selection.dataset}-{selection.case}")
