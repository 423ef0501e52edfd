"""The editor's numerics: closed forms, what stays, what joins."""

import json

import numpy as np
import pytest

from tscviz.explain import editing
from tscviz.explain.brush import brush_weights, drag, draw
from tscviz.explain.editing import Stretch
from tscviz.explain.operations import OPERATIONS, Edit, apply_edit
from tscviz.explain.registry import ExplainError
from tscviz.types import TscvizError


@pytest.fixture
def x() -> np.ndarray:
    time = np.arange(60)
    return np.stack([np.sin(time / 5), np.cos(time / 9)]).astype(np.float32)


OPTIONS = {
    "shift": {"by": 0},
    "scale": {"factor": -1.5},
    "warp": {"by": 4.0, "widen": 2.5},
    "smooth": {"width": 9.0},
    "flatten": {"to": "mean"},
    "class_mean": {},
    "other_case": {"match": "ends"},
    "drag": {"at": 20, "by": 2.0, "width": 9.0},
    "draw": {"stroke": (15.0, 1.0, 20.5, 2.0, 25.0, 0.0), "width": 5.0},
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_only_the_stretch_of_the_channel_changes_and_the_input_is_left_alone(x, name) -> None:
    before = x.copy()
    edit = Edit(name, 10, 31, 1, OPTIONS[name])
    new = apply_edit(x, edit, source=x[:, ::-1] + 3)
    assert new.dtype == np.float32
    assert new.shape == x.shape
    np.testing.assert_array_equal(x, before)
    outside = np.ones(60, bool)
    outside[10:31] = False
    np.testing.assert_array_equal(new[0], x[0])
    np.testing.assert_array_equal(new[1, outside], x[1, outside])
    assert name == "shift" or np.abs(new[1] - x[1]).max() > 0.01


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_edit_survives_json_and_replays_to_the_same_numbers(x, name) -> None:
    edit = Edit(name, 10, 31, 0, OPTIONS[name])
    again = Edit(**json.loads(json.dumps(edit.as_dict())))
    source = x[:, ::-1] + 3
    np.testing.assert_array_equal(apply_edit(x, edit, source), apply_edit(x, again, source))


@pytest.mark.parametrize("name", [n for n, o in OPERATIONS.items() if o.acts_on == "stretch"])
def test_all_channels_at_once_are_each_channel_by_itself(x, name) -> None:
    source = x[::-1] * 2
    both = apply_edit(x, Edit(name, 10, 31, None, OPTIONS[name]), source)
    one = apply_edit(x, Edit(name, 10, 31, 0, OPTIONS[name]), source)
    np.testing.assert_array_equal(
        both, apply_edit(one, Edit(name, 10, 31, 1, OPTIONS[name]), source)
    )


@pytest.mark.parametrize(
    "edit",
    [
        Edit("scale", 10, 40, 0, {"factor": 3.0}),
        Edit("warp", 10, 40, 0, {"by": 5.0, "widen": 1.5}),
        Edit("smooth", 10, 40, 0, {"width": 15.0, "seam": 6}),
        Edit("flatten", 10, 40, 0, {}),
        Edit("other_case", 10, 40, 0, {"match": "ends"}),
        Edit("other_case", 10, 40, 0, {"seam": 8}),
        Edit("shift", 10, 40, 0, {"by": 7, "seam": 8}),
        Edit("shift", 10, 40, 0, {"by": -7, "seam": 8}),
        Edit("drag", channel=0, options={"at": 20, "by": 4.0, "width": 30.0}),
        Edit("draw", channel=0, options={"stroke": (20.0, 4.0, 30.0, 4.0), "width": 30.0}),
    ],
    ids=lambda edit: edit.operation,
)
def test_no_edit_leaves_a_jump(x, edit) -> None:
    # A blunt replacement by a series 5 higher jumps by 5; joined ends stay well below that.
    new = apply_edit(x, edit, x + 5)
    steps = np.abs(np.diff(new[0]))
    assert steps.max() < 1.5


def test_shift_carries_the_stretch_and_bridges_the_gap() -> None:
    x = np.array([[0, 1, 5, 6, 7, 0, 0, 0, 0, 0]], np.float32)
    later = editing.shift(x, Stretch(2, 5), 3, seam=0)
    np.testing.assert_allclose(later, [[0, 1, 2, 3, 4, 5, 6, 7, 0, 0]], atol=1e-6)
    np.testing.assert_array_equal(editing.shift(x, Stretch(2, 5), 0), x)
    mirrored = editing.shift(x[:, ::-1], Stretch(5, 8), -3, seam=0)[:, ::-1]
    np.testing.assert_array_equal(mirrored, later)
    first = editing.shift(x, Stretch(0, 3), 2, seam=0)  # nothing before it: its end value is held
    np.testing.assert_array_equal(first, [[0, 0, 0, 1, 5, 0, 0, 0, 0, 0]])
    lost = editing.shift(x, Stretch(2, 5), 6, seam=0)  # the 7 falls off the end
    np.testing.assert_array_equal(lost[0, -2:], [5, 6])
    with pytest.raises(ExplainError, match="off the series"):
        editing.shift(x, Stretch(2, 5), 8)


def test_scale_about_each_level() -> None:
    x = np.array([[9, 1, 4, 3, 9]], np.float32)
    stretch = Stretch(1, 4)
    np.testing.assert_allclose(editing.scale(x, stretch, 2.0), [[9, 1, 6, 3, 9]])  # line 1, 2, 3
    np.testing.assert_allclose(editing.scale(x, stretch, 2.0, about="zero"), [[9, 2, 8, 6, 9]])
    mean = 8 / 3
    np.testing.assert_allclose(
        editing.scale(x, stretch, 2.0, about="mean")[0, 1:4],
        [2 - mean, 8 - mean, 6 - mean],
        rtol=1e-6,
    )
    np.testing.assert_allclose(editing.scale(x, stretch, 1.0), x)
    with pytest.raises(ExplainError, match="about is 'median'"):
        editing.scale(x, stretch, 2.0, about="median")


def test_warp_moves_the_middle_where_asked_and_keeps_order() -> None:
    ramp = np.arange(41, dtype=np.float32)[None]
    later = editing.warp(ramp, Stretch(0, 41), by=6)
    assert later[0, 26] == pytest.approx(20)  # what stood at 20 is now at 26
    assert (np.diff(later[0]) > 0).all()
    wide = editing.warp(ramp, Stretch(0, 41), widen=2.0)
    assert wide[0, 20] == pytest.approx(20)
    assert wide[0, 21] - wide[0, 20] == pytest.approx(0.5, abs=0.03)  # half the speed
    assert (np.diff(wide[0]) > 0).all()
    np.testing.assert_allclose(editing.warp(ramp, Stretch(3, 30)), ramp, atol=1e-5)
    back = editing.warp(later, Stretch(0, 41), by=-6)
    assert np.abs(back - ramp)[0, 1:-1].max() < 0.5
    with pytest.raises(ExplainError, match="less than 20"):
        editing.warp(ramp, Stretch(0, 41), by=20)
    with pytest.raises(ExplainError, match="widen is 0"):
        editing.warp(ramp, Stretch(0, 41), widen=0)


def test_smooth_is_the_weighted_mean_and_keeps_a_constant() -> None:
    x = np.zeros((1, 21), np.float32)
    x[0, 10] = 4
    got = editing.smooth(x, Stretch(0, 21), 4.0)  # weights 0.5, 1, 0.5 over 2
    expected = np.zeros(21)
    expected[9:12] = [1, 2, 1]
    np.testing.assert_allclose(got[0], expected, atol=1e-6)
    flat = np.full((1, 9), 3, np.float32)
    np.testing.assert_allclose(editing.smooth(flat, Stretch(2, 6), 100.0), flat)
    np.testing.assert_array_equal(editing.smooth(x, Stretch(0, 21), 1.0), x)


def test_flatten_to_each_level() -> None:
    x = np.array([[0, 2, 9, 9, 8, 0]], np.float32)
    np.testing.assert_allclose(editing.flatten(x, Stretch(1, 5)), [[0, 2, 4, 6, 8, 0]])
    mean = editing.flatten(x, Stretch(1, 5), to="mean", seam=0)
    np.testing.assert_allclose(mean, [[0, 7, 7, 7, 7, 0]])
    assert (editing.flatten(x, Stretch(0, 6), to="zero") == 0).all()  # the ends need no seam


def test_replace_exact_blended_and_tilted() -> None:
    x = np.zeros((1, 10), np.float32)
    source = np.full((1, 10), 2, np.float32)
    exact = editing.replace(x, Stretch(2, 8), source, seam=0)
    np.testing.assert_array_equal(exact[0], [0, 0, 2, 2, 2, 2, 2, 2, 0, 0])
    blended = editing.replace(x, Stretch(2, 8), source, seam=1)
    np.testing.assert_allclose(blended[0], [0, 0, 1, 2, 2, 2, 2, 1, 0, 0], atol=1e-6)
    tilted = editing.replace(x, Stretch(2, 8), source + np.arange(10), match="ends")
    np.testing.assert_allclose(tilted, x, atol=1e-6)  # a straight source adds nothing
    with pytest.raises(ExplainError, match="shape"):
        editing.replace(x, Stretch(2, 8), source[:, :5])


def test_drag_is_a_raised_cosine() -> None:
    x = np.zeros((2, 11), np.float32)
    got = drag(x, 5, 2.0, width=4, channel=1)
    np.testing.assert_allclose(got[1], [0, 0, 0, 0, 1, 2, 1, 0, 0, 0, 0], atol=1e-6)
    assert not got[0].any()
    alone = drag(x, 0, 2.0)
    assert np.count_nonzero(alone) == 1
    np.testing.assert_allclose(
        brush_weights(np.array([0, 1, 2, 3]), 8), [1, 0.853553, 0.5, 0.146447], atol=1e-6
    )


def test_draw_leaves_series_and_stroke_as_they_were() -> None:
    x, stroke = np.zeros((1, 8), np.float32), np.array([[-0.4, 1.0], [7.4, 2.0]])
    draw(x, stroke)
    assert stroke.tolist() == [[-0.4, 1.0], [7.4, 2.0]]
    assert not x.any()


def test_draw_follows_the_stroke_and_fades() -> None:
    x = np.zeros((1, 11), np.float32)
    got = draw(x, [(3, 1), (7, 5)])
    np.testing.assert_allclose(got[0], [0, 0, 0, 1, 2, 3, 4, 5, 0, 0, 0])
    faded = draw(x, [(3, 1), (7, 5)], width=4)
    np.testing.assert_allclose(faded[0], [0, 0, 0.5, 1, 2, 3, 4, 5, 2.5, 0, 0], atol=1e-6)
    back = draw(x, [(3, 1), (7, 5), (5, 9)])  # the last passage counts
    np.testing.assert_allclose(back[0, 3:8], [1, 2, 9, 7, 5])
    between = draw(x, [(4.6, 1), (4.9, 3)])  # no time point between them: the nearest one
    np.testing.assert_array_equal(np.flatnonzero(between), [5])
    assert between[0, 5] == 3


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        (Edit("flatten", 5, 5), "goes from 5 to 5"),
        (Edit("flatten", -1, 5), "goes from -1"),
        (Edit("flatten", 3, 61), "points 0 to 59"),
        (Edit("flatten", 3, 9, 2), "no channel 2"),
        (Edit("class_mean", 3, 9), "needs another series"),
        (Edit("stretch", 3, 9), "no operation 'stretch'"),
        (Edit("drag", channel=0, options={"at": 60}), "points 0 to 59"),
        (Edit("drag", channel=0, options={"width": 0.0}), "greater than 0"),
        (Edit("draw", channel=0, options={"stroke": (1.0, 2.0, 3.0)}), "pairs"),
        (Edit("draw", channel=0, options={"stroke": ()}), "pairs"),
        (Edit("draw", channel=0, options={"stroke": (70.0, 2.0)}), "leaves the series"),
        (Edit("scale", 3, 9, options={"factor": float("nan")}), "finite"),
        (Edit("smooth", 3, 9, options={"width": -1.0}), "greater than 0"),
        (Edit("shift", 3, 9, options={"amount": 2}), "no option 'amount'"),
        (Edit("scale", 3, 9, options={"factor": 1e308}), "too large"),
        (Edit("drag", channel=0, options={"by": 1e39}), "too large"),
        (Edit("flatten", "a", 9), "start is 'a'"),  # type: ignore[arg-type]
        (Edit("flatten", 3, 9.5), "stop is 9.5"),  # type: ignore[arg-type]
        (Edit("flatten", 3, 9, "x"), "channel is 'x'"),  # type: ignore[arg-type]
        (Edit("flatten", 3, 9, options=None), "options are None"),  # type: ignore[arg-type]
        (Edit(["flatten"], 3, 9), "no operation"),  # type: ignore[arg-type]
    ],
)
def test_wrong_edits_are_refused_with_what_was_wanted(x, edit, text) -> None:
    with pytest.raises(TscvizError, match=text):
        apply_edit(x, edit)


def test_missing_values_are_refused(x) -> None:
    x[0, 3] = np.nan
    with pytest.raises(ExplainError, match="missing"):
        editing.flatten(x, Stretch(10, 20))
