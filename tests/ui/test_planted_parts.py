"""The parts of the page Planted truth that need no page: texts, the form's logic, scoring."""

from __future__ import annotations

import contextlib
import io
from dataclasses import replace

import numpy as np
import pytest

from tests.ui.planted_tools import small_spec
from tscviz.data.planted import PlantedOptions, make_planted
from tscviz.explain.localisation import localisation, localisations
from tscviz.models import registry
from tscviz.models.registry import model_entry, model_names
from tscviz.training import recipes
from tscviz.training.recipes import Preset, Recipe
from tscviz.types import TscvizError
from tscviz.ui.planted import tables, takeaway, words
from tscviz.ui.planted.course import epochs_of
from tscviz.ui.planted.problem import changed
from tscviz.ui.planted.scoring import Scored, ScoreRun, ranked
from tscviz.ui.planted.texts import DEFAULT, ProblemText, Whole


def test_a_problem_as_text_comes_back_and_the_default_needs_none() -> None:
    texts = ProblemText()
    for options in (DEFAULT, PlantedOptions(), replace(DEFAULT, noise=0.5, where="interacting")):
        assert texts.read(texts.write(options)) == options
        assert texts.write(options) in texts
    assert not texts.write(DEFAULT)
    for bad in ("seed=x", "../etc", "noise=1e9", None, "seed=1,seed=2"):
        assert bad not in texts


def test_whole_numbers_from_a_link() -> None:
    some = Whole(1, 500)
    assert [text in some for text in ("1", "500", "0", "501", "-1", "٣", "1e2", "", None)] == [
        True, True, *[False] * 7,
    ]  # fmt: skip


def test_two_channels_together_bring_a_third_and_a_shorter_length_its_own() -> None:
    both = changed(DEFAULT, "where", "interacting")
    assert (both.where, both.channels) == ("interacting", 3)
    assert changed(replace(DEFAULT, channels=2), "where", "interacting").channels == 2
    assert changed(both, "where", "single").channels == 3
    uneven = replace(DEFAULT, shortest=80)
    assert changed(uneven, "length", 60).shortest == 0
    assert changed(uneven, "length", 120).shortest == 80


def test_every_network_knows_how_long_it_learns() -> None:
    assert all(1 <= epochs_of(name) <= 30 for name in model_names())
    shown = ("dtp-fcn", "gtp-resnet", "convtimenet", "lstm-fcn", "alstm-fcn", "dsn")
    assert [epochs_of(name) for name in shown] == [10, 8, 8, 30, 25, 30]


@pytest.mark.parametrize(("quick", "wanted"), [(20, 20), (400, 30), (2, 2)])
@pytest.mark.parametrize("name", ["tiny", "tiny-net", "a-b-c"])
def test_a_network_that_is_new_learns_as_long_as_its_quick_preset_up_to_a_limit(
    name: str, quick: int, wanted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    model_names()  # all of ours are there
    monkeypatch.setitem(registry._ENTRIES, name, replace(model_entry("dsn"), name=name, family="t"))
    presets = {"quick": Preset(Recipe(epochs=quick))}
    monkeypatch.setitem(recipes._FAMILIES, "t", lambda _: presets)
    assert name in model_names()
    assert epochs_of(name) == wanted


def new_run() -> tuple[ScoreRun, np.ndarray]:
    made = make_planted(n_cases=8, length=40, channels=2, seed=5)
    return ScoreRun([1, 3, 4], made.truth_test, made.dataset.mask_test), made.truth_test


def test_one_case_after_the_other_is_asked_of_all_methods() -> None:
    run, truth = new_run()
    asked = []

    def ask(method, case) -> tuple[np.ndarray, float]:
        asked.append((method, case))
        return truth[case] * 1.0, 0.5

    methods = ["a", "b"]
    assert run.left(methods) == 6
    while run.left(methods):
        run.step(methods, ask)
    run.step(methods, ask)  # nothing is left
    assert asked == [("a", 1), ("b", 1), ("a", 3), ("b", 3), ("a", 4), ("b", 4)]
    assert run.left(["a", "b", "c"]) == 3
    one = run.scored("a", "A", "points")
    assert (one.area.mean, one.pointing.mean, one.n_cases, one.seconds) == (1.0, 1.0, 3, 0.5)


def test_scores_are_those_of_the_package_for_points_and_for_time() -> None:
    run, truth = new_run()
    rng = np.random.default_rng(0)
    maps = rng.standard_normal(truth.shape)
    while run.left(["a"]):
        run.step(["a"], lambda _, case: (maps[case], 0.0))
    cases = [1, 3, 4]
    for over in ("points", "time"):
        wanted = localisations(maps[cases], truth[cases], over=over)
        one = run.scored("a", "A", over)
        assert one.area == wanted.mean("average_precision")
        assert one.pointing == wanted.mean("pointing")
        assert one.chance == pytest.approx(wanted.column("chance").mean())


def test_a_method_that_cannot_answer_is_asked_once_and_says_why() -> None:
    run, truth = new_run()
    asked = []

    def ask(method, case) -> tuple[np.ndarray, float]:
        asked.append(method)
        if method == "bad":
            raise TscvizError("it needs something")
        return truth[case] * 1.0, 0.0

    while run.left(["bad", "good"]):
        run.step(["bad", "good"], ask)
    assert asked.count("bad") == 1
    assert run.failed == {"bad": "it needs something"}
    assert len(run.found["good"]) == 3


def scored(**areas) -> list[Scored]:
    run, truth = new_run()
    made = []
    for name, share in areas.items():
        while run.left([name]):
            run.step(
                [name], lambda _, case, s=share: (s * truth[case] + (1 - s) * ~truth[case], 0.1)
            )
        made.append(run.scored(name, name.title(), "points"))
    return made


def test_the_ranking_and_what_is_said_of_it() -> None:
    best = ranked(scored(poor=0.2, good=0.9))
    assert [one.method for one in best] == ["good", "poor"]
    said = words.verdict(best)
    assert said.startswith("**Good finds the cue best: area 1.00 of 1, where chance is 0.06.**")
    assert "1 of 2 methods lies clearly above chance" in said
    assert "1 puts its greatest point on the cue in every case" in said
    table = tables.score_table(best, {"cam": "it needs a CAM layer"})
    assert table["rank"] == [1, 2, None]
    assert table["method"][2] == "Class activation map"
    assert table["no score, because"][2] == "it needs a CAM layer"
    assert tables.shown(best)["95 %"][0] == "1.00–1.00"
    _, truth = new_run()
    flipped = localisation(1.0 * ~truth[1], truth[1])
    assert best[1].area.mean == pytest.approx(flipped.average_precision, abs=1e-3)


def test_the_verdict_agrees_with_itself() -> None:
    assert words.verdict(ranked(scored(good=0.9))) == (
        "**Good finds the cue best: area 1.00 of 1, where chance is 0.06.** It lies clearly above "
        "chance; 1 puts its greatest point on the cue in every case."
    )
    two = words.verdict(ranked(scored(good=0.9, fair=0.8)))
    assert "Both methods lie clearly above chance; 2 put their greatest point on the cue" in two
    three = words.verdict(ranked(scored(good=0.9, fair=0.8, some=0.7)))
    assert "All 3 methods lie clearly above chance; 3 put their" in three
    most = words.verdict(ranked(scored(good=0.9, fair=0.8, poor=0.2)))
    assert "2 of 3 methods lie clearly above chance; 2 put their" in most
    none = words.verdict(ranked(scored(poor=0.2, worse=0.1)))
    assert none.startswith("**No method finds the cue; Poor comes first: area 0.0")
    assert "of 1, where chance is 0.06.** Neither lies clearly above chance. Last is" in none
    many = words.verdict(ranked(scored(poor=0.2, worse=0.1, worst=0.0)))
    assert "None of 3 methods lies clearly above chance" in many
    alone = words.verdict(scored(poor=0.2))
    assert alone.startswith("**Poor does not find the cue: area 0.0")
    assert alone.endswith("It does not lie clearly above chance.")


def test_one_case_and_one_map_are_not_called_many() -> None:
    assert words.reading(1).startswith("Means over 1 test case that")
    assert words.reading(20).startswith("Means over 20 test cases that")
    assert words.stopped(1) == "Stopped; 1 map is left."
    assert words.stopped(1200) == "Stopped; 1,200 maps are left."


@pytest.mark.parametrize(
    ("accuracy", "said"), [(0.99, ""), (0.8, "classifies only 80.0 %"), (0.52, "than guessing")]
)
def test_a_network_that_has_not_learned_is_no_judge(accuracy, said) -> None:
    text = words.learned(accuracy, 0.5)
    assert said in text
    assert bool(text) == bool(said)


def test_what_is_planted_in_words() -> None:
    said = words.planted(PlantedOptions(), 0.12)
    assert "2 shapes of 12 points" in said
    assert "12 % of all points" in said
    both = PlantedOptions(where="interacting", channels=3, cue="amplitude", position="free")
    said = words.planted(both, 0.1)
    assert "One bump of 12 points" in said
    assert "anywhere, the class is told by two channels together" in said
    assert words.title(both) == "height, anywhere, two channels together, noise 0.3, seed 0"


def test_the_code_to_take_away_runs_and_prints_scores() -> None:
    spec = small_spec()
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(takeaway.code(spec).replace("epochs=6", "epochs=1").replace("[:20]", "[:2]"), {})  # noqa: S102
    assert printed.getvalue().count("Mean(") == 2
