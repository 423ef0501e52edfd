"""Warming up, error boxes, and the parts of a page."""

from __future__ import annotations

import gc
import logging
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from tscviz.kernels import _dtw
from tscviz.ui import errors, lifespan
from tscviz.ui.components import percent
from tscviz.ui.navigation import SECTIONS, build_pages, page_path


def test_warming_up_imports_and_freezes() -> None:
    lifespan.warm_up(("json", "csv"))
    assert _dtw.soft_dtw_range.signatures  # compiled before anybody asks
    assert lifespan.is_warm()
    assert gc.get_freeze_count() > 0
    gc.unfreeze()


def _failing_page() -> None:
    import streamlit as st

    from tscviz.types import TscvizError
    from tscviz.ui.errors import guard

    with guard():
        raise TscvizError("the file ![x](http://evil/) has no rows; add one.")
    st.write("the rest")


def test_an_error_becomes_a_box_and_the_page_goes_on() -> None:
    app = AppTest.from_function(_failing_page).run()
    assert not app.exception
    shown = app.error[0].value.replace("\u2060", "")
    assert shown.startswith(r"the file \!\[x\]\(http\:\/\/evil\/\) has no rows")
    assert app.markdown[0].value == "the rest"


def test_an_unexpected_error_is_logged_and_said_plainly(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="tscviz.ui"):
        assert errors.report_unexpected(KeyError("secret")) is True
    assert "a page failed" in caplog.text
    assert "secret" in caplog.text


def test_every_page_of_the_navigation_exists() -> None:
    names = [page[3] for pages in SECTIONS.values() for page in pages]
    assert names[0] == "overview"
    assert all(page_path(name).is_file() for name in names)
    assert [len(pages) for pages in build_pages().values()] == [
        len(pages) for pages in SECTIONS.values()
    ]
    with pytest.raises(KeyError, match="no page is called"):
        page_path("../secret")


@pytest.mark.parametrize(
    ("share", "text"),
    [(None, "–"), (0.9731, "97.3 %"), (0.99999, "> 99.9 %"), (1e-6, "< 0.1 %"), (1, "100.0 %")],
)
def test_percent_rounds_no_open_case_away(share: float | None, text: str) -> None:
    assert percent(share) == text


def _links() -> None:
    import streamlit as st

    from tscviz.ui import components, navigation, state

    st.navigation(navigation.build_pages())
    state.sync()
    components.go_to("datasets", "another", dataset="UnitTest")
    components.go_to("datasets", "the same", dataset="GunPoint", case=3)
    components.go_to("datasets", "both", dataset="UnitTest", model="job/0", case=2)


def test_a_link_to_another_dataset_leaves_the_old_model_and_case_behind(home: Path) -> None:
    app = AppTest.from_function(_links, default_timeout=60)
    for name, value in {"dataset": "GunPoint", "case": "7", "split": "train"}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    found = [parse_qs(link.proto.query_string) for link in app.get("page_link")]
    model = found[1]["model"]
    assert found == [
        {"dataset": ["UnitTest"], "split": ["train"]},
        {"dataset": ["GunPoint"], "split": ["train"], "case": ["3"], "model": model},
        {"dataset": ["UnitTest"], "split": ["train"], "case": ["2"], "model": ["job/0"]},
    ]
