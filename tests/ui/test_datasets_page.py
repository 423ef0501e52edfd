"""The Datasets page: every view, for one and many channels, equal and unequal lengths."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.read_page import texts
from tscviz.ui import cache
from tscviz.ui.case_map import selected_cases
from tscviz.ui.case_places import space_of_series
from tscviz.ui.facts import case_table, facts

OpenApp = Callable[..., AppTest]
VIEWS = {
    "classes": "Classes",
    "means": "Means",
    "find": "Find a case",
    "balance": "Balance and gaps",
    "more": "More datasets",
}


def open_view(open_app: OpenApp, view: str, **params: str) -> AppTest:
    """Open the page at one of its tabs."""
    return open_app("datasets", view=view, **params)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", ["UnitTest", "BasicMotions", "JapaneseVowels"])
def test_every_view_is_drawn(view: str, name: str, open_app: OpenApp) -> None:
    app = open_view(open_app, view, dataset=name)
    assert not app.exception
    assert not app.error
    assert [tab.label for tab in app.tabs] == list(VIEWS.values())
    left_out = " of 9 classes are drawn." in texts(app)
    assert left_out == ((view, name) == ("means", "JapaneseVowels"))


def test_only_the_open_view_is_drawn(open_app: OpenApp) -> None:
    assert len(open_app("datasets", dataset="UnitTest").get("plotly_chart")) == 1
    found = open_view(open_app, "find", dataset="UnitTest")
    assert len(found.get("plotly_chart")) == 2


def test_the_tiles_tell_the_sizes(open_app: OpenApp) -> None:
    app = open_app("datasets", dataset="JapaneseVowels")
    assert [metric.value for metric in app.metric] == ["270", "370", "9", "12", "7–29", "0"]


def test_a_name_no_one_knows_ends_in_one_line(open_app: OpenApp) -> None:
    app = open_view(open_app, "more")
    app.text_input[0].set_value("../x")
    app.main.button[0].click().run()
    assert not app.exception
    assert len(app.error) == 1


def test_the_list_tells_the_length_of_every_dataset_of_equal_lengths(open_app: OpenApp) -> None:
    listed: Any = open_view(open_app, "more").dataframe[0].value.set_index("Name")["Length"]
    assert (listed["ArrowHead"], listed["GunPoint"]) == (251, 150)
    assert listed[listed.isna()].index.tolist() == ["JapaneseVowels", "PickupGestureWiimoteZ"]


def test_facts_count_missing_values_and_not_the_padding() -> None:
    vowels = facts("JapaneseVowels")
    data = cache.dataset("JapaneseVowels")
    assert (vowels.shortest, vowels.longest, vowels.n_missing) == (7, 29, 0)
    assert vowels.n_train == len(data.X_train)


def test_the_map_has_a_point_for_every_case() -> None:
    space = space_of_series("UnitTest", "train")
    n = len(cache.dataset("UnitTest").y_train)
    assert space.plane.points.shape == (n, 2)
    assert 0 < space.plane.explained[1] <= space.plane.explained[0] <= 1


def test_the_list_holds_the_series_without_padding() -> None:
    data = cache.dataset("JapaneseVowels")
    table = case_table("JapaneseVowels", "test", [0, 3], channel=2)
    assert table["case"] == [0, 3]
    assert table["class"] == [data.class_names[data.y_test[i]] for i in (0, 3)]
    np.testing.assert_array_equal(table["series"][1], data.X_test[3, 2][data.mask_test[3]])


def test_only_points_that_are_cases_are_taken() -> None:
    points = [{"customdata": c} for c in (3, 1, 3, None, -1, 99, "2", 1.5)] + [{}]
    picked = SimpleNamespace(selection=SimpleNamespace(points=points))
    assert selected_cases(picked, 10) == [1, 3]
