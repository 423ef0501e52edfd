"""A page's report and specification hold what the page shows."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest

from tscviz.explain.replay import replay
from tscviz.explain.spec_reading import parse_spec


def _page() -> None:
    import streamlit as st

    from tscviz.explain.case_report import ReportMap
    from tscviz.ui import cache, report
    from tscviz.ui.selection import Selection

    selection = Selection("GunPoint", "gtp-fcn/GunPoint", "test", 7)
    options = {"window": 20, "stride": 10}
    found = cache.attribution(selection, "occlusion", target=1, **options)
    report.report_button(selection, lambda: [ReportMap(found, options)], target=1)
    report.spec_button(selection, found, options)
    st.session_state["spec"] = report.spec_of_case(selection, found, options).to_json()
    st.session_state["page"] = report._report(selection, [ReportMap(found, options)], 1)
    st.session_state["values"] = found.values.tobytes()


def test_a_pages_report_and_specification() -> None:
    app = AppTest.from_function(_page, default_timeout=60).run()
    assert not app.exception
    labels = [button.label for button in list[Any](app.get("download_button"))]
    assert labels == ["Report of this case", "spec.json"]
    again = replay(parse_spec(app.session_state["spec"]))
    assert again.attribution.values.tobytes() == app.session_state["values"]
    assert again.identical
    page = app.session_state["page"].decode()
    assert "<h1>GunPoint, test case 7</h1>" in page
    assert page.count('id="map-1"') == 1
    assert page.count("plotly.js v") == 1
