"""The app as a visitor meets it: selection, URL, notices, and text that must stay text."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import HOSTILE
from tscviz.ui.navigation import SECTIONS

PAGES = [page[3] for pages in SECTIONS.values() for page in pages]
OpenApp = Callable[..., AppTest]
SaveJob = Callable[[str, str], str]
JOB = "00112233445566ff"


def texts(app: AppTest) -> list[str]:
    """Return every text of the page that Streamlit renders as Markdown."""
    kinds = ("markdown", "caption", "title", "header", "subheader", "warning", "error", "info")
    elements: list[Any] = [element for kind in kinds for element in app.get(kind)]
    found = [element.value for element in elements]
    return found + [text for metric in app.metric for text in (metric.label, metric.value)]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_answers_without_an_exception(page: str, open_app: OpenApp) -> None:
    app = open_app(page)
    assert not app.exception
    assert len(app.title) == 1


@pytest.mark.parametrize("page", PAGES)
def test_every_page_takes_a_model_trained_in_the_app(
    page: str, open_app: OpenApp, save_job: SaveJob
) -> None:
    app = open_app(page, dataset="UnitTest", model=save_job("UnitTest", JOB), case="3")
    assert not app.exception
    assert not app.warning
    assert app.sidebar.selectbox(key="selection_model").value == f"job/{JOB}"
    assert app.sidebar.number_input(key="selection_case").value == 3


def test_the_selection_comes_from_the_url(open_app: OpenApp) -> None:
    app = open_app("segments", dataset="ArrowHead", split="train", case="12", target="1")
    assert app.sidebar.selectbox(key="selection_dataset").value == "ArrowHead"
    assert app.sidebar.selectbox(key="selection_target").value == 1
    assert app.sidebar.number_input(key="selection_case").value == 12
    assert app.sidebar.number_input(key="selection_case").max == 35
    assert not app.warning


def test_a_choice_is_written_into_the_url_and_kept_on_the_next_page(open_app: OpenApp) -> None:
    app = open_app("datasets")
    app.sidebar.selectbox(key="selection_dataset").set_value("OSULeaf").run()
    app.sidebar.number_input(key="selection_case").set_value(5).run()
    assert app.query_params["dataset"] == "OSULeaf"
    assert app.query_params["case"] == "5"
    app.query_params.clear()  # as the browser does on a page switch
    app.switch_page("../../pages/segments.py").run()
    assert app.sidebar.selectbox(key="selection_dataset").value == "OSULeaf"
    assert app.query_params["case"] == "5"


def test_a_new_dataset_starts_at_case_0(open_app: OpenApp) -> None:
    app = open_app(dataset="GunPoint", case="120", target="1")
    app.sidebar.selectbox(key="selection_dataset").set_value("ArrowHead").run()
    assert app.query_params["case"] == "0"
    assert "target" not in app.query_params


def test_back_brings_the_older_selection(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tscviz.ui.state._STALE_SECONDS", 0.0)
    app = open_app(dataset="GunPoint", case="1")
    old = {key: app.query_params[key] for key in app.query_params}
    app.sidebar.number_input(key="selection_case").set_value(2).run()
    assert app.query_params["case"] == "2"
    app.query_params.update(old)
    app.run()
    assert app.sidebar.number_input(key="selection_case").value == 1


def test_a_click_that_comes_with_the_address_of_before_is_kept(open_app: OpenApp) -> None:
    app = open_app(dataset="GunPoint", case="1")
    old = {key: app.query_params[key] for key in app.query_params}
    app.sidebar.number_input(key="selection_case").set_value(2).run()
    app.query_params.update(old)
    app.sidebar.number_input(key="selection_case").set_value(3).run()
    assert app.sidebar.number_input(key="selection_case").value == 3
    assert app.query_params["case"] == "3"


def test_bad_values_are_replaced_and_named(open_app: OpenApp) -> None:
    app = open_app(dataset="../../etc", case="99999", target="x", split="all")
    assert not app.exception
    assert app.sidebar.selectbox(key="selection_dataset").value == "GunPoint"
    assert len(app.warning) == 1
    assert len(app.warning[0].value.splitlines()) == 4
    assert app.query_params["case"] == "0"
    app.run()
    assert not app.warning


def test_a_page_may_keep_parameters_of_its_own(open_app: OpenApp) -> None:
    app = open_app("train", job="0123456789abcdef")
    app.sidebar.number_input(key="selection_case").set_value(2).run()
    assert app.query_params["job"] == "0123456789abcdef"


@pytest.mark.parametrize("page", PAGES)
def test_hostile_class_names_stay_text(
    page: str, open_app: OpenApp, hostile_archive: str, save_job: SaveJob
) -> None:
    model = save_job(hostile_archive, JOB)
    for target in range(len(HOSTILE)):
        app = open_app(page, dataset=hostile_archive, model=model, target=str(target))
        assert not app.exception
        for text in texts(app):
            bare = re.sub(r"\\.", "", text)
            assert not any(part in bare for part in ("](", "<img", "http:", "javascript:"))


def test_a_hostile_url_stays_text(open_app: OpenApp) -> None:
    app = open_app(dataset="![x](http://evil/)", model="<img src=x>")
    for text in texts(app):
        assert "](" not in re.sub(r"\\.", "", text)
        assert "<img" not in re.sub(r"\\.", "", text)


def test_a_damaged_card_is_left_out_and_the_rest_works(open_app: OpenApp, home: Path) -> None:
    folder = home / "jobs" / JOB / "model"
    folder.mkdir(parents=True)
    (folder / "card.json").write_text('{"model": 3', encoding="utf-8")
    app = open_app(dataset="GunPoint", model=f"job/{JOB}")
    assert not app.exception
    assert len(app.warning) == 1


def test_a_dataset_that_cannot_be_read_gives_way_to_the_default(
    open_app: OpenApp, hostile_archive: str, tmp_path: Path
) -> None:
    file = tmp_path / "archive" / "Hostile" / "Hostile_TEST.tsv"
    file.write_text("a\t1\tx\n", encoding="utf-8")
    app = open_app(dataset=hostile_archive)
    assert not app.exception
    assert app.sidebar.selectbox(key="selection_dataset").value == "GunPoint"
    assert "Hostile" in app.warning[0].value
