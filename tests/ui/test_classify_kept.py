"""Classify keeps what the visitor gave it: pasted text, names and labels, the case ticked."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.classify_tools import answer, expected, gun_csv, result_frame, upload
from tests.ui.read_page import OpenApp
from tscviz.types import SeriesSet
from tscviz.ui.classify.table_view import result_table, shown_table
from tscviz.ui.downloads import to_csv
from tscviz.ui.navigation import page_path


def go(app: AppTest, page: str) -> AppTest:
    app.query_params.clear()  # as the browser does on a page switch
    return app.switch_page(str(page_path(page))).run()


def press(app: AppTest, label: str) -> AppTest:
    next(b for b in app.button if b.label == label).click().run()
    assert not app.exception
    return app


# ---- pasted text


def test_the_box_shows_the_text_that_is_answered(open_app: OpenApp) -> None:
    app = open_app("classify", way="paste")
    example, mine = app.text_area[0].value, "\n".join(gun_csv(3))
    assert "Back to the example" not in [b.label for b in app.button]
    app.text_area[0].set_value(mine)
    press(app, "Classify")
    assert app.text_area[0].value == mine
    go(app, "datasets")
    go(app, "classify")
    assert app.text_area[0].value == mine
    assert list(result_frame(app)["class"]) == expected(3)[0]
    app.selectbox(key="classify_model").set_value("dtp-fcn/ItalyPowerDemand").run()
    assert app.text_area[0].value == mine
    app.selectbox(key="classify_model").set_value("dtp-fcn/GunPoint").run()
    press(app, "Back to the example")
    assert app.text_area[0].value == example
    assert answer(app).startswith("Class 1")
    assert "Back to the example" not in [b.label for b in app.button]


def test_a_text_is_sent_again_after_a_change(open_app: OpenApp) -> None:
    app = open_app("classify", way="paste")
    for n in (2, 4):
        app.text_area[0].set_value("\n".join(gun_csv(n)))
        press(app, "Classify")
        assert list(result_frame(app)["class"]) == expected(n)[0]


# ---- names and labels


def two(labels: tuple[str, ...], names: tuple[str, ...] = ("1", "2")) -> SeriesSet:
    """Return two series with labels and names as in a file."""
    return SeriesSet(np.zeros((2, 1, 9), "f4"), np.ones((2, 9), bool), labels, names)


@pytest.mark.parametrize(
    "names", [("001", "002", "003"), ("0012", "0013", "0107"), ("7", "8", "9")]
)
def test_names_stay_as_they_are_in_the_file(open_app: OpenApp, names: tuple[str, ...]) -> None:
    header, *rows = gun_csv(3)
    lines = [f"patient,{header}", *(f"{name},{row}" for name, row in zip(names, rows, strict=True))]
    app = upload(open_app("classify"), lines)
    assert list(result_frame(app)["name"]) == list(names)


def test_leading_zeros_of_names_and_labels_are_in_the_downloads() -> None:
    series = two(("01", "10"), ("001", "002"))
    table = result_table(series, ("01", "10"), np.eye(2, dtype="f4"))
    rows = list(csv.DictReader(io.StringIO(to_csv(table).decode())))
    assert [row["name"] for row in rows] == ["001", "002"]
    assert [row["label"] for row in rows] == ["01", "10"]
    assert [row["class"] for row in rows] == ["01", "10"]
    shown = shown_table(table)
    assert shown["name"] == ["001", "002"]
    assert shown["label"] == ["01", "10"]


@pytest.mark.parametrize("labels", [("1", "+2"), ("1", "-0"), ("1", "٣"), ("1", "2" * 16)])
def test_a_label_becomes_a_number_only_where_nothing_is_lost(labels: tuple[str, str]) -> None:
    table = result_table(two(labels), ("1", "2"), np.eye(2, dtype="f4"))
    assert list(table["label"]) == list(labels)


# ---- the row ticked


def ticked(app: AppTest) -> tuple[str, list[int]]:
    """Return the table's own key and the rows ticked in it when it is first shown."""
    (proto,) = [d.proto for d in app.dataframe if "classify_table" in d.proto.id]
    rows: Any = json.loads(proto.selection_default)["selection"]["rows"]
    return proto.id.partition("classify_table")[2], rows


def test_a_case_chosen_in_the_sidebar_is_the_row_ticked(open_app: OpenApp) -> None:
    app = open_app("classify", way="draw", dataset="GunPoint")
    tables = [ticked(app)]
    app.sidebar.number_input(key="selection_case").set_value(7).run()
    tables.append(ticked(app))
    app.sidebar.segmented_control(key="selection_split").set_value("train").run()
    tables.append(ticked(app))
    press(app, "Draw a case")
    tables.append(ticked(app))
    assert [rows for _, rows in tables] == [[0], [7], [0], [int(app.query_params["case"])]]
    assert len({key for key, _ in tables[:3]}) == 3
    assert (tables[3][0] == tables[2][0]) == (tables[3][1] == [0])
    app.selectbox(key="classify_target").set_value(1).run()
    assert ticked(app) == tables[3]


def test_a_row_ticked_keeps_its_table() -> None:
    def script() -> None:
        import streamlit as st

        from tscviz.ui.classify import session
        from tscviz.ui.classify.sources import Source

        def round_of(split: str, index: int) -> int:
            return session.shown_round(Source("draw", split, b"", f"0-{split}"), index)

        first = round_of("test", 0)
        session.tick(Source("draw", "test", b"", "0-test"), 5)
        rounds = [round_of("test", 5), round_of("test", 5), round_of("test", 6)]
        rounds += [round_of("train", 6), round_of("test", 6)]
        st.text(" ".join(str(n - first) for n in rounds))

    app = AppTest.from_function(script).run()
    assert not app.exception
    assert app.text[0].value == "0 0 1 2 3"
