"""Options of a page live in the session and, where they are not the default, in the URL."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def script() -> None:
    import streamlit as st

    from tscviz.ui import page_options

    page_options.begin()
    st.text(page_options.segmented("scale", "Scale", ("score", "unit"), "score", str.upper))
    st.text(page_options.select("beside", "Beside", ("a", "b"), "a"))
    st.text(page_options.slider("gamma", "Gamma", ("0", "1", "10"), "1"))
    for slug, tab in page_options.tabs("view", ("One", "Two"), ("one", "two")).items():
        if tab.open:
            tab.text(slug)


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_function(script)


def texts(app: AppTest) -> list[str]:
    assert not app.exception
    return [text.value for text in app.text]


def test_defaults_stay_out_of_the_link(app: AppTest) -> None:
    assert texts(app.run()) == ["score", "a", "1", "one"]
    assert not dict(app.query_params)


def test_a_link_sets_every_option(app: AppTest) -> None:
    for name, value in (("scale", "unit"), ("beside", "b"), ("gamma", "10"), ("view", "two")):
        app.query_params[name] = value
    assert texts(app.run()) == ["unit", "b", "10", "two"]
    assert app.segmented_control(key="option_scale").value == "unit"
    assert set(app.query_params) == {"scale", "beside", "gamma", "view"}


def test_a_choice_is_written_and_taken_out_again(app: AppTest) -> None:
    app.run()
    app.select_slider(key="option_gamma").set_value("0").run()
    app.selectbox(key="option_beside").set_value("b").run()
    assert texts(app) == ["score", "b", "0", "one"]
    assert set(app.query_params) == {"beside", "gamma"}
    app.select_slider(key="option_gamma").set_value("1").run()
    assert set(app.query_params) == {"beside"}


def test_the_memory_survives_an_emptied_address(app: AppTest) -> None:
    """A page switch empties the address; the option is written back."""
    app.run()
    app.selectbox(key="option_beside").set_value("b").run()
    app.query_params.clear()
    assert texts(app.run()) == ["score", "b", "1", "one"]
    assert set(app.query_params) == {"beside"}


def test_another_link_is_news_to_a_session_that_has_a_memory(app: AppTest) -> None:
    app.run()
    app.select_slider(key="option_gamma").set_value("0").run()
    app.query_params["gamma"] = "10"
    assert texts(app.run())[2] == "10"


def test_the_address_of_before_a_quick_click_is_not_news(app: AppTest) -> None:
    app.query_params["gamma"] = "0"
    app.run()
    app.select_slider(key="option_gamma").set_value("10").run()
    app.query_params["gamma"] = "0"
    assert texts(app.run())[2] == "10"


@pytest.mark.parametrize("value", ["", "X", "../", "<b>"])
def test_a_value_that_is_no_choice_gives_way_to_the_default(app: AppTest, value: str) -> None:
    app.query_params["scale"] = value
    assert texts(app.run())[0] == "score"
    assert "scale" not in app.query_params


def test_a_part_drawn_alone_mends_an_older_address() -> None:
    """Its click may be sent before the browser knows what the run before it wrote."""

    def parts() -> None:
        import streamlit as st

        from tscviz.ui import page_options

        if "alone" not in st.session_state:
            page_options.begin()
            page_options.select("beside", "Beside", ("a", "b"), "b")
            page_options.set_value("beside", "a")
        page_options.value("view", ("one", "two"), "one")

    app = AppTest.from_function(parts).run().run()
    assert set(app.query_params) == {"beside"}
    app.session_state["alone"] = True
    app.session_state["_tscviz_options"]["/view"] = "two"
    app.query_params.clear()
    assert not app.run().exception
    assert dict(app.query_params) == {"beside": "a", "view": "two"}


def two_pages() -> None:
    import streamlit as st

    from tscviz.ui import page_options

    page_options.begin(st.session_state.get("at", "segments"))
    for name in ("view", "against", "saliency_options", "channel"):
        st.text(page_options.select(name, name, ("a", "b", "c"), "a"))


def at(app: AppTest, page: str, **params: str) -> list[str]:
    """Go to a page, by a link if there are parameters."""
    app.query_params.clear()
    for name, value in params.items():
        app.query_params[name] = value
    app.session_state["at"] = page
    return texts(app.run())


def test_an_option_of_the_same_name_is_another_one_on_another_page() -> None:
    app = AppTest.from_function(two_pages).run()
    app.selectbox(key="option_view").set_value("b").run()
    app.selectbox(key="option_against").set_value("b").run()
    assert at(app, "attributions") == ["a"] * 4
    assert not dict(app.query_params)
    app.selectbox(key="option_view").set_value("c").run()
    assert at(app, "segments") == ["b", "b", "a", "a"]
    assert dict(app.query_params) == {"view": "b", "against": "b"}
    assert at(app, "attributions")[0] == "c"


def test_what_belongs_to_the_question_or_to_all_pages_is_shared() -> None:
    app = AppTest.from_function(two_pages).run()
    at(app, "attributions")
    for name in ("against", "saliency_options", "channel"):
        app.selectbox(key=f"option_{name}").set_value("b").run()
    assert at(app, "evidence") == ["a", "b", "b", "b"]
    app.selectbox(key="option_against").set_value("c").run()
    assert at(app, "attributions") == ["a", "c", "b", "b"]
    assert at(app, "occlusion") == ["a", "a", "a", "b"]


def test_a_link_sets_options_of_its_own_page_alone() -> None:
    app = AppTest.from_function(two_pages).run()
    app.selectbox(key="option_view").set_value("b").run()
    assert at(app, "evidence", view="b", against="c") == ["b", "c", "a", "a"]
    assert at(app, "evidence", view="c")[:2] == ["c", "c"]
    assert at(app, "segments") == ["b", "a", "a", "a"]
