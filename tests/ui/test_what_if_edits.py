"""Edits of the What-if page: messages, history, the table of values, what is taken away."""

from __future__ import annotations

import csv
import io
import json
import os
from typing import Any

import numpy as np
import pytest

import tscviz
from tscviz.explain.baselines import reference_series
from tscviz.figures.export import alt_text
from tscviz.types import Array
from tscviz.ui import cache
from tscviz.ui.downloads import to_csv, to_json
from tscviz.ui.inside.case import InsideCase, inside_case
from tscviz.ui.selection import Selection
from tscviz.ui.what_if import flips, messages, table, takeaway
from tscviz.ui.what_if.bounds import Bounds
from tscviz.ui.what_if.data import compared
from tscviz.ui.what_if.history import LIMIT, History
from tscviz.ui.what_if.looks import rounded
from tscviz.ui.what_if.payload import editor_data
from tscviz.ui.what_if.sources import Sources

GUN = Selection("GunPoint", "dtp-fcn/GunPoint", case=3)


def gun() -> tuple[History, Sources, Array]:
    one = inside_case(GUN)
    return History(one.case.x), Sources(GUN, one), one.case.x


def do(history: History, sources: Sources, operation: str, **more: Any) -> None:
    messages.perform({"kind": "edit", "operation": operation, **more}, history, sources)


# ---- messages


def test_operations_of_a_message_are_carried_out_once_and_in_order() -> None:
    history, sources, x = gun()
    drag = {"kind": "edit", "operation": "drag", "channel": 0, "token": "here"}
    first = {**drag, "number": 1, "options": {"at": 50, "by": 0.5, "width": 1}}
    second = {**drag, "number": 2, "options": {"at": 50, "by": 0.25, "width": 1}}
    run = os.urandom(8).hex()
    messages.take({"run": run, "ops": [first]}, "here", history, sources)
    messages.take({"run": run, "ops": [first, second]}, "here", history, sources)
    assert history.x[0, 50] == pytest.approx(x[0, 50] + 0.75, abs=1e-5)
    assert [step.text for step in history.done] == ["drag point 50"] * 2
    elsewhere = {**drag, "number": 3, "token": "gone", "options": {"at": 9, "by": 1.0}}
    messages.take({"run": run, "ops": [elsewhere]}, "here", history, sources)
    assert len(history.done) == 2


def test_every_operation_on_a_stretch_does_what_it_says() -> None:
    history, sources, x = gun()
    stretch = {"start": 60, "stop": 90, "channel": 0}
    do(history, sources, "lift", **stretch, options={"by": 0.5})
    np.testing.assert_allclose(history.x[0, 64:86], x[0, 64:86] + 0.5, atol=1e-5)
    np.testing.assert_array_equal(history.x[0, :60], x[0, :60])
    history.reset()
    do(history, sources, "class_mean", **stretch, options={"class": 1, "seam": 0})
    mean = reference_series("class_mean", cache.classifier("dtp-fcn/GunPoint"), x, 1)
    np.testing.assert_allclose(history.x[0, 60:90], mean[0, 60:90], atol=1e-5)
    history.reset()
    do(history, sources, "other_case", **stretch, options={"case": 7, "seam": 0})
    other = cache.prepared("dtp-fcn/GunPoint", "GunPoint", "test").X[7]
    np.testing.assert_allclose(history.x[0, 60:90], other[0, 60:90], atol=1e-5)
    history.reset()
    do(history, sources, "draw", channel=0, options={"stroke": [10, 1, 20, 2], "width": 1})
    np.testing.assert_allclose(history.x[0, 10:21], np.linspace(1, 2, 11), atol=1e-5)
    for operation in ("shift", "scale", "warp", "smooth", "flatten"):
        before = history.x
        do(history, sources, operation, **stretch, options={})
        assert history.note is None
        assert not np.array_equal(history.x, before), operation
    texts = [step.text for step in history.done if step.text != "reset"]
    assert texts[:4] == [
        "move points 60–89", "class mean at points 60–89", "case 7 at points 60–89",
        "draw points 10–20",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("op", "said"),
    [
        ({"kind": "edit", "operation": "lift", "start": 5, "stop": 2, "options": {"by": 1}},
         "The stretch goes from 5 to 2"),
        ({"kind": "edit", "operation": "burn"}, "There is no operation 'burn'"),
        ({"kind": "edit", "operation": "class_mean", "start": 0, "stop": 9,
          "options": {"class": 7}}, "There is no class 7"),
        ({"kind": "edit", "operation": "other_case", "start": 0, "stop": 9,
          "options": {"case": 10_000}}, "There is no case 10000"),
        ({"kind": "edit", "operation": "drag", "options": {"at": 5, "by": float("nan")}},
         "must be finite"),
        ({"kind": "edit", "operation": "lift", "options": None}, "cannot be read"),
        ({"kind": "sing"}, "cannot be read"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_with_one_sentence(op: dict[str, Any], said: str) -> None:
    history, sources, x = gun()
    messages.perform(op, history, sources)
    assert said in str(history.note)
    np.testing.assert_array_equal(history.x, x)
    assert history.done == ()


@pytest.mark.parametrize("message", [None, 3, [], {"ops": 1}, {"ops": [1]}, {"ops": [{}]}])
def test_a_message_that_is_none_changes_nothing(message: object) -> None:
    history, sources, x = gun()
    messages.take(message, "here", history, sources)
    assert "cannot be read" in str(history.note)
    np.testing.assert_array_equal(history.x, x)


def test_huge_values_are_cut_off_and_said_so() -> None:
    history, sources, x = gun()
    do(history, sources, "drag", channel=0, options={"at": 50, "by": 1e9, "width": 1})
    bounds = Bounds.around(x)
    assert history.x[0, 50] == bounds.high[0]
    assert bounds.high[0] == pytest.approx(x.max() + 10 * np.ptp(x), rel=1e-5)
    assert "Point 50 lay beyond" in str(history.note)
    do(history, sources, "drag", channel=0, options={"at": 5, "by": 0.1, "width": 1})
    assert history.note is None


# ---- history, table, numbers


def test_history_goes_back_and_forth_and_is_bounded() -> None:
    history = History(np.zeros((1, 5), np.float32))
    for k in range(1, LIMIT + 11):
        history.push(np.full((1, 5), k, np.float32), f"step {k}")
    assert len(history.done) == LIMIT
    history.undo()
    assert history.x[0, 0] == LIMIT + 9
    assert (history.undo_text, history.redo_text) == (f"step {LIMIT + 9}", f"step {LIMIT + 10}")
    history.redo()
    assert history.redo_text is None
    history.reset()
    np.testing.assert_array_equal(history.x, history.original)
    history.undo()
    assert history.x[0, 0] == LIMIT + 10
    history.push(np.ones((1, 5), np.float32), "another way")
    assert history.redo_text is None
    history.push(np.ones((1, 5), np.float32), "nothing new")
    assert history.undo_text == "another way"


def test_what_is_typed_into_the_table_is_an_edit() -> None:
    base = np.arange(6, dtype=np.float32)[None]
    history = History(base)
    table.typed(history, base, {2: {"edited": 2.5}})
    table.typed(history, base, {2: {"edited": 2.5}, 4: {"edited": 0.0}})
    np.testing.assert_allclose(history.x, [[0, 1, 2.5, 3, 0, 5]])
    assert [step.text for step in history.done] == ["type point 2", "type point 4"]
    epoch = history.epoch
    table.typed(history, base, {1: {"edited": None}})
    assert "Point 1 has no value" in str(history.note)
    assert len(history.done) == 2
    table.typed(history, base, {1: {"edited": 1e300}})
    assert "finite number" in str(history.note)
    table.typed(history, base, {1: {"edited": 1e6}})
    assert history.x[0, 1] == 55
    assert history.epoch > epoch  # the table is drawn anew with the value that counts
    several = History(np.zeros((3, 4), np.float32))
    table.typed(several, several.original, {3: {"channel 2": 1.5}})
    assert several.x[1, 3] == 1.5


def test_the_edit_can_be_taken_away() -> None:
    history, sources, x = gun()
    do(history, sources, "drag", channel=0, options={"at": 50, "by": 0.5, "width": 9})
    both = compared(GUN, sources.one, history, "cam")
    rows = list(csv.DictReader(io.StringIO(
        to_csv(takeaway.series_table(history, both)).decode()
    )))  # fmt: skip
    np.testing.assert_allclose([float(r["original"]) for r in rows], x[0], rtol=1e-5)
    np.testing.assert_allclose([float(r["edited"]) for r in rows], history.x[0], rtol=1e-5)
    document = json.loads(to_json(takeaway.document(GUN, sources.one, history, both)))
    assert document["steps"] == [{
        "text": "drag point 50", "operation": "drag", "start": 0, "stop": 0, "channel": 0,
        "options": {"at": 50, "by": 0.5, "width": 9},
    }]  # fmt: skip
    assert document["after"]["probabilities"] == pytest.approx(
        tscviz.load_model("dtp-fcn/GunPoint").predict_proba(history.x[None])[0].tolist(), abs=1e-5
    )


def test_the_figure_to_take_away_shows_both_versions() -> None:
    history, sources, x = gun()
    do(history, sources, "lift", start=40, stop=60, channel=0, options={"by": 1.0})
    fig = takeaway.figure(sources.one, compared(GUN, sources.one, history, "cam"), dark=False)
    traces: list[Any] = list(fig.data)
    drawn = {trace.name: trace.y for trace in traces if trace.type == "scatter"}
    np.testing.assert_allclose(drawn["before"], x[0], atol=1e-6)
    np.testing.assert_allclose(drawn["after"], history.x[0], atol=1e-6)
    assert [trace.type for trace in traces].count("heatmap") == 2
    assert "20 of 150 points differ" in alt_text(fig)


def test_no_flip_is_said_plainly_and_changes_nothing() -> None:
    history, sources, x = gun()
    found = tscviz_counterfactual(sources.one, steps=1, shrink=0)
    assert not found.flipped
    flips.fill(history, found, "Smallest change")
    assert str(history.note).startswith("Smallest change: No flip found: ")
    np.testing.assert_array_equal(history.x, x)


def tscviz_counterfactual(one: InsideCase, **options: Any) -> Any:
    from tscviz.explain.counterfactual import counterfactual

    clf = cache.classifier("dtp-fcn/GunPoint")
    return counterfactual(clf, one.case.x, "minimal_change", mask=one.case.mask, **options)


@pytest.mark.parametrize("size", [1e-9, 1.0, 1e12])
def test_numbers_are_sent_with_seven_digits_of_the_largest(size: float) -> None:
    values = np.array([1 / 3, -2 / 7, 0.0], np.float32) * np.float32(size)
    np.testing.assert_allclose(rounded(values), values, atol=1e-6 * size)


def test_missing_points_are_told() -> None:
    one = inside_case(GUN)
    filled = np.zeros(one.case.x.shape, bool)
    filled[0, 5:8] = True
    case = cache.Case(filled, one.case.x, one.case.mask, one.case.label, one.case.proba)
    gaps = InsideCase(one.entry, case, one.target, one.names)
    history = History(case.x)
    data = editor_data(gaps, history, compared(GUN, gaps, history, None), channels=[0], dark=True)
    assert data["rows"][0]["missing"] == [5, 6, 7]
    assert data["dark"] is True
