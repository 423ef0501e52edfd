"""Which model a page opens with: the one it is about, until the visitor chooses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
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
