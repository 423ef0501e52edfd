"""A choice on one page leaves the options of the same name on others alone."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.ui.read_page import OpenApp, assert_clean
from tscviz.ui.navigation import page_path


def go(app: AppTest, page: str, **params: str) -> AppTest:
    """Follow a link; without parameters, the navigation."""
    app.query_params.clear()
    app.switch_page(str(page_path(page)))
    for name, value in params.items():
        app.query_params[name] = value
    app.run()
    assert_clean(app)
    return app


def test_a_scale_and_a_subject_stay_on_their_page(open_app: OpenApp) -> None:
    app = open_app("segments", dataset="GunPoint", scale="unit", of="1")
    assert "scale" not in go(app, "attributions", of="class").query_params
    assert app.query_params["of"] == "class"
    go(app, "segments")
    assert app.query_params["scale"] == "unit"
    assert app.query_params["of"] == "1"
    assert go(app, "attributions").selectbox(key="option_of").value == "class"


def test_the_link_to_the_evidence_leaves_the_rival_of_receptive_fields(open_app: OpenApp) -> None:
    app = open_app("receptive-fields", view="weights")
    rival = app.selectbox(key="option_against").value
    assert rival != "none"
    model = app.query_params["model"]
    go(app, "evidence", dataset="GunPoint", model=model, method="cam", against="none")
    assert "view" not in app.query_params
    go(app, "receptive-fields")
    assert app.selectbox(key="option_against").value == rival
    assert "against" not in app.query_params


def test_the_class_subtracted_and_the_baseline_are_shared_with_the_evidence(
    open_app: OpenApp,
) -> None:
    app = open_app("attributions", dataset="GunPoint", methods="saliency")
    app.selectbox(key="option_against").set_value("1").run()
    app.selectbox(key="option_baseline").set_value("noise").run()
    go(app, "evidence", method="integrated_gradients")
    assert app.selectbox(key="option_against").value == "1"
    assert app.selectbox(key="option_baseline").value == "noise"
