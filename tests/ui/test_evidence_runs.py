"""Runs over many cases on the page Evidence: as on the command line, stopped, side by side."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import tscviz
from tests.ui.evidence_tools import QUICK, SETTINGS, model_of, opened
from tests.ui.read_page import OpenApp, assert_clean, texts
from tscviz.explain.evidence import judge_cases
from tscviz.ui.evidence import many, words


def test_a_run_over_cases_is_what_the_command_line_gives(open_app: OpenApp, home: Path) -> None:
    app = opened(open_app, home, view="cases", sample="10", explained="true")
    app.button(key="start_cases").click().run()
    app = _until_done(app)
    source = tscviz.load_dataset("UnitTest")
    wanted = judge_cases(
        model_of(home), source.X_test, "cam", y=source.y_test, target="true", n_cases=10,
        settings=SETTINGS,
    )  # fmt: skip
    assert str(wanted.sentence) in texts(app).replace("**", "")
    means, each = app.dataframe[0].value, app.dataframe[1].value
    row = means[means["figure"] == words.FIGURES["deletion_area"]].iloc[0]
    assert float(row["mean"]) == pytest.approx(wanted.estimates["deletion_area"].mean, rel=1e-2)
    assert [int(v) for v in each["case"]] == wanted.cases.tolist()


def test_a_stopped_run_keeps_what_is_done_and_goes_on(
    open_app: OpenApp, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "TURN", 1e-9)  # a turn is one case
    app = opened(open_app, home, view="cases", sample="10")
    app.button(key="start_cases").click().run()
    app.run()
    app.button(key="stop_cases").click().run()
    app.run()
    assert_clean(app)
    (kept,) = app.session_state["_tscviz_evidence_runs"].values()
    n = len(kept.run.done)
    assert 0 < n < 10
    assert f"Stopped: {n} of 10 cases are in these figures" in texts(app)
    assert "Go on" in [button.label for button in app.button]
    monkeypatch.setattr(many, "TURN", 60)
    app.button(key="start_cases").click().run()
    _until_done(app)
    assert kept.run.finished


def test_two_methods_that_were_judged_stand_side_by_side(open_app: OpenApp, home: Path) -> None:
    app = opened(open_app, home, view="cases", sample="10")
    app.button(key="start_cases").click().run()
    app = _until_done(app)
    assert "Choose another method and judge it, too" in texts(app)
    app.selectbox(key="option_method").set_value("saliency").run()
    app.button(key="start_cases").click().run()
    app = _until_done(app)
    rows = app.dataframe[0].value
    assert set(rows["method"]) == {"Class activation map", "Saliency"}


def _until_done(app: AppTest) -> AppTest:
    for _ in range(40):
        if not any(b.key == "stop_cases" for b in app.button):
            assert_clean(app)
            return app
        app.run()
    raise AssertionError("the run did not end")


def test_names_from_files_stay_text(
    open_app: OpenApp, home: Path, hostile_archive: str, save_job: Callable[[str, str], str]
) -> None:
    name = save_job(hostile_archive, "c700000000000000")
    app = open_app(
        "evidence", dataset=hostile_archive, model=name, view="cases", explained="chosen",
        evidence=QUICK,
    )  # fmt: skip
    assert_clean(app)
    app.button(key="start_cases").click().run()
    app = _until_done(app)
    said = "\n".join(part.value for part in [*app.markdown, *app.caption])
    for raw in ("![x]", "[a](", "<img"):
        assert raw not in said


def test_a_run_subtracts_the_runner_up(open_app: OpenApp, home: Path) -> None:
    app = opened(open_app, home, view="cases", sample="10", less="runner-up")
    app.button(key="start_cases").click().run()
    app = _until_done(app)
    wanted = judge_cases(
        model_of(home), tscviz.load_dataset("UnitTest").X_test, "cam", against="runner-up",
        n_cases=10, settings=SETTINGS,
    )  # fmt: skip
    assert "less that of the runner-up" in str(wanted.sentence)
    assert str(wanted.sentence) in texts(app).replace("**", "")
    assert "less" in app.dataframe[1].value.columns


def test_a_run_leaves_out_the_class_that_is_subtracted(open_app: OpenApp, home: Path) -> None:
    app = opened(
        open_app, home, view="cases", sample="10", explained="true", target="0", against="1"
    )
    app.button(key="start_cases").click().run()
    app = _until_done(app)
    (kept,) = app.session_state["_tscviz_evidence_runs"].values()
    assert kept.run.against == 1
    assert (kept.run.targets != 1).all()
    assert f"Left out: {kept.run.n_left_out} of the sample" in texts(app)
