"""Cases selected at once: as text, in the sidebar of every page, in the link."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tscviz.ui.navigation import page_path
from tscviz.ui.picked import LIMIT, PickedText, step

OpenApp = Callable[..., AppTest]
GUN = PickedText("Gun.Point", "test", 150)


@pytest.mark.parametrize(
    ("cases", "text"),
    [([3], "test.3.Gun.Point"), ([5, 3, 4, 9], "test.3-5_9.Gun.Point"), ([], "")],
)
def test_cases_as_text(cases: list[int], text: str) -> None:
    assert GUN.write(cases) == text
    assert GUN.read(text) == sorted(cases)
    assert (text in GUN) is bool(cases)


@pytest.mark.parametrize(
    "text",
    ["test.150.Gun.Point", "train.3.Gun.Point", "test.3.Other", "test.5-3.Gun.Point", "test.Gun",
     "test.-3.Gun.Point", "test.3-.Gun.Point", "test.٣.Gun.Point", "test.1__2.Gun.Point", 7],
)  # fmt: skip
def test_other_texts_select_nothing(text: object) -> None:
    assert (text in GUN) is (text == "test.3-.Gun.Point")


def test_an_address_holds_so_many_cases() -> None:
    many = PickedText("D", "train", 5000)
    assert many.read(many.write(range(0, 5000, 2))) == list(range(0, 2 * LIMIT, 2))
    assert len(many.read("train.0-4999.D")) == LIMIT


def test_steps_go_round() -> None:
    assert [step(i, [2, 5, 9], 1) for i in (2, 4, 9)] == [5, 5, 2]
    assert [step(i, [2, 5, 9], -1) for i in (2, 4, 9)] == [9, 2, 5]


def address(app: AppTest, name: str) -> str:
    """Return a parameter of the address."""
    return "".join(app.query_params[name])


def pressed(app: AppTest, key: str) -> AppTest:
    return app.button(key=key).click().run()


def test_what_is_selected_on_one_page_is_selected_on_all(open_app: OpenApp) -> None:
    app = open_app("datasets", dataset="UnitTest", view="find")
    pressed(app, "offer_Prototypes")
    assert not app.exception
    found = address(app, "among")
    cases = PickedText("UnitTest", "test", 10**6).read(found)
    assert len(cases) == 2
    pressed(app, "picked_next")
    assert address(app, "case") == str(step(0, cases, 1))
    app.switch_page(str(page_path("evidence"))).run()
    assert any("2 selected cases" in caption.value for caption in app.sidebar.caption)
    assert address(app, "among") == found
    pressed(app, "picked_clear")
    assert "among" not in app.query_params
    assert not any("selected case" in caption.value for caption in app.sidebar.caption)


def test_a_link_brings_its_cases(open_app: OpenApp) -> None:
    app = open_app("what-if", dataset="GunPoint", among="test.3-4.GunPoint", case="4")
    assert [c.value for c in app.sidebar.caption] == ["2 of 2 selected cases"]
    app = open_app("what-if", dataset="GunPoint", among="test.3-400.GunPoint")
    assert [c.value for c in app.sidebar.caption] == []


def test_selecting_in_one_figure_makes_others_forget(monkeypatch: pytest.MonkeyPatch) -> None:
    from tscviz.ui import picked

    monkeypatch.setattr(picked.st, "session_state", {})
    monkeypatch.setattr(picked, "_texts", lambda _: GUN)
    chosen = SimpleNamespace()
    for source, counts in (("map", (0, 1)), ("map", (0, 2)), ("matrix", (1, 2)), ("", (2, 3))):
        picked.pick(chosen, np.array([1, 2]).tolist(), source)  # pyright: ignore[reportArgumentType]
        assert (picked.generation("map"), picked.generation("matrix")) == counts
