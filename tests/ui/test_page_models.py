"""Which model a page opens with: the one it is about, until the visitor chooses."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.ui.attention_tools import store_network
from tscviz.ui.navigation import PREFERS, SECTIONS, page_path

OpenApp = Callable[..., AppTest]
DSN, DTP = "job/d500000000000000", "job/d700000000000000"


@pytest.fixture(autouse=True)
def two_models(home: Path) -> None:
    """Give UnitTest a DSN and a DTP-FCN."""
    store_network(home, DSN[4:], "dsn", "UnitTest", channels=6, kernel=6, layers=2, sparsity=0.5)
    store_network(home, DTP[4:], "dtp-fcn", "UnitTest")


def model(app: AppTest) -> str | None:
    assert not app.exception
    return app.sidebar.selectbox(key="selection_model").value


def go(app: AppTest, page: str) -> AppTest:
    app.query_params.clear()  # as the browser does on a page switch
    return app.switch_page(str(page_path(page))).run()


def address(app: AppTest) -> dict[str, str]:
    return {name: app.query_params[name] for name in app.query_params}


def test_every_preference_is_of_a_page() -> None:
    assert set(PREFERS) <= {page[3] for pages in SECTIONS.values() for page in pages}


def test_each_page_opens_with_its_own_model(open_app: OpenApp) -> None:
    app = open_app("segments", dataset="UnitTest")
    assert model(app) == DTP
    assert model(go(app, "receptive-fields")) == DSN
    assert app.query_params["dataset"] == "UnitTest"
    assert model(go(app, "segments")) == DTP


def test_a_choice_of_the_visitor_rules_on_every_page(open_app: OpenApp) -> None:
    app = open_app("segments", dataset="UnitTest")
    app.sidebar.selectbox(key="selection_model").set_value(DSN).run()
    assert model(app) == DSN
    assert model(go(app, "receptive-fields")) == DSN
    app.sidebar.selectbox(key="selection_model").set_value(DTP).run()
    assert model(app) == DTP
    assert any("has no sparse layers" in m.value for m in app.markdown)


def test_a_link_that_names_a_model_is_a_choice(open_app: OpenApp) -> None:
    app = open_app("receptive-fields", dataset="UnitTest", model=DTP)
    assert model(app) == DTP
    assert model(go(app, "segments")) == DTP
    assert model(go(app, "receptive-fields")) == DTP


def test_an_address_that_a_page_wrote_is_no_choice(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tscviz.ui.state._STALE_SECONDS", 0.0)
    app = open_app("segments", dataset="UnitTest")
    old = {key: app.query_params[key] for key in app.query_params}
    go(app, "receptive-fields")
    go(app, "segments")
    app.query_params.update(old)  # Back
    app.run()
    assert model(app) == DTP
    assert model(go(app, "receptive-fields")) == DSN


def test_a_new_dataset_opens_with_the_page_s_model_again(open_app: OpenApp) -> None:
    app = open_app("receptive-fields", dataset="UnitTest", model=DTP)
    app.sidebar.selectbox(key="selection_dataset").set_value("GunPoint").run()
    app.sidebar.selectbox(key="selection_dataset").set_value("UnitTest").run()
    assert model(app) == DSN


def follow(app: AppTest, page: str, **params: str) -> AppTest:
    """Follow a link: its page, with its own address instead of the one before."""
    app.query_params.clear()
    app.switch_page(str(page_path(page)))
    for name, value in params.items():
        app.query_params[name] = value
    return app.run()


def test_a_link_names_a_model_that_a_page_has_opened_before(open_app: OpenApp) -> None:
    app = open_app("receptive-fields", dataset="UnitTest")
    assert model(app) == DSN
    assert model(go(app, "segments")) == DTP
    app = follow(app, "attributions", **address(app) | {"model": DSN})
    assert model(app) == DSN
    assert app.query_params["model"] == DSN
    assert model(go(app, "segments")) == DSN


def test_a_link_names_the_very_model_shown(open_app: OpenApp) -> None:
    app = open_app("receptive-fields", dataset="UnitTest")
    assert model(follow(app, "attributions", **address(app))) == DSN


def test_a_link_that_takes_the_model_along_is_no_choice(open_app: OpenApp) -> None:
    app = open_app("attributions", dataset="UnitTest")
    assert model(follow(app, "evidence", **address(app) | {"target": "1", "case": "2"})) == DTP
    assert model(go(app, "receptive-fields")) == DSN


def come_back(app: AppTest, page: str, params: dict[str, str]) -> AppTest:
    """Press Back or Forward, to an address that the browser has kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tscviz.ui.state._STALE_SECONDS", 0.0)
        patch.setattr("tscviz.ui.state._comes_back", lambda: True)
        return follow(app, page, **params)


def test_back_and_forward_bring_the_model_shown_then(open_app: OpenApp) -> None:
    app = open_app("segments", dataset="UnitTest")
    opened = address(app)
    app.sidebar.selectbox(key="selection_model").set_value(DSN).run()
    chosen = address(app)
    go(app, "receptive-fields")
    assert model(come_back(app, "segments", opened)) == DTP
    assert model(come_back(app, "segments", chosen)) == DSN
    assert model(go(app, "attributions")) == DSN
    assert model(come_back(app, "segments", opened)) == DTP
    assert model(go(app, "attributions")) == DTP


def test_a_page_of_the_history_with_the_next_page_s_parameters_names_no_model(
    open_app: OpenApp,
) -> None:
    """Streamlit writes the parameters of a page before its path."""
    app = open_app("segments", dataset="UnitTest")
    written = address(go(app, "receptive-fields"))
    assert model(come_back(app, "segments", written)) == DTP
    assert model(go(app, "receptive-fields")) == DSN
    go(app, "segments")
    assert model(come_back(app, "segments", written)) == DTP
    assert model(go(app, "receptive-fields")) == DSN


def test_a_chosen_model_that_is_removed_is_chosen_no_more(open_app: OpenApp, home: Path) -> None:
    app = open_app("receptive-fields", dataset="UnitTest", model=DTP)
    shutil.rmtree(home / "jobs" / DTP[4:])
    st.cache_resource.clear()
    go(app, "segments")
    assert any(DTP in w.value.replace("\\", "") for w in app.warning)
    store_network(home, DTP[4:], "dtp-fcn", "UnitTest")
    st.cache_resource.clear()
    assert model(go(app, "receptive-fields")) == DSN
    assert model(go(app, "segments")) == DTP
