# pyright: reportOptionalMemberAccess=false, reportAttributeAccessIssue=false
"""All the evidence for one case, the sentence, and runs over many cases."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

import tscviz
from tests.explain.evidence.tools import a_map, assert_same_state, linear, state_of
from tests.explain.occlusion_tools import untrained
from tscviz.explain import ExplainError, evidence
from tscviz.explain.evidence.intervals import estimate, estimates
from tscviz.models import Classifier, load_model
from tscviz.tables import plain
from tscviz.types import Array, TscvizError

QUICK: dict[str, Any] = {"steps": 4, "n_random": 3, "n_samples": 8, "n_nearby": 2, "n_draws": 1,
                         "n_repeats": 2}  # fmt: skip
SHARES: dict[str, Any] = {"window": 1, "fill": "zero", "output": "logit"}


@pytest.fixture(scope="module")
def gunpoint() -> tuple[Classifier, Array]:
    return load_model("stp-fcn/GunPoint"), tscviz.load_dataset("GunPoint").X_test


def test_everything_at_once_and_nothing_touched(gunpoint) -> None:
    classifier, X = gunpoint
    before, seen = state_of(classifier), []
    found = evidence.judge(
        classifier, X[3], "occlusion", settings=QUICK, stride=10,
        on_progress=lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    assert_same_state(before, state_of(classifier))
    total = seen[-1][1]
    assert seen == [(i + 1, total) for i in range(total)]
    assert set(found.seconds) == set(evidence.PARTS)
    assert found.agreement is not None
    assert found.agreement.names == ("occlusion", "cam")
    assert found.agreement.native == "cam"
    assert found.settings["steps"] == 4
    again = evidence.judge(classifier, X[3], "occlusion", settings=QUICK, stride=10)
    one, two = (plain(replace(e, seconds={})) for e in (found, again))
    assert json.dumps(one, allow_nan=False) == json.dumps(two, allow_nan=False)
    assert one["curves"]["deletion"]["area"] == found.curves.deletion.area


@pytest.mark.parametrize("name", ["gtp-fcn", "dtp-resnet", "dsn", "lstm-fcn", "alstm-fcn"])
def test_padding_changes_nothing(name) -> None:
    classifier = untrained(name)
    x = np.random.default_rng(2).standard_normal((1, 60)).astype(np.float32)
    padded = np.concatenate([x, np.zeros((1, 15), np.float32)], 1)
    settings = {**QUICK, "output": "logit"}
    parts = ["curves", "infidelity", "stability"]
    method: dict[str, Any] = {"method": "occlusion", "stride": 5, "target": 1}
    alone = evidence.judge(classifier, x, parts=parts, settings=settings, **method)
    with_padding = evidence.judge(
        classifier, padded, mask=np.arange(75) < 60, parts=parts, settings=settings, **method
    )
    for kind in ("deletion", "insertion"):
        a, b = (getattr(e.curves, kind) for e in (alone, with_padding))
        np.testing.assert_allclose(a.score, b.score, atol=1e-4)
        np.testing.assert_allclose(a.random, b.random, atol=1e-4)
    assert alone.infidelity.relative == pytest.approx(with_padding.infidelity.relative, rel=1e-2)
    np.testing.assert_allclose(
        alone.stability.noise_overlap, with_padding.stability.noise_overlap, atol=0.2
    )


def test_the_sentence_gives_the_curves_numbers() -> None:
    classifier, x, weight = linear((1, 40))
    subject = evidence.subject_of(classifier, x, "occlusion", target=1)
    settings = {"fill": "zero", "output": "logit", "share": 0.1}

    def told(values: Array, **more: Any) -> str:
        found = evidence.gather(
            subject, a_map(values), parts=["curves"], settings={**settings, **more}
        )
        return str(found.sentence)

    whole = float(classifier.logits(x[None])[0, 1])
    without = whole - np.sort((weight * x)[0])[-4:].sum()
    text = told(weight * x)
    assert text.startswith(
        f"Deleting the top 10 % of points drops the score of yes from {whole:.2f} to {without:.2f}"
        "; random points: "
    )
    assert text.endswith(
        "Over the whole curves the map does better than all 20 random maps, deleting and inserting."
    )
    lowest = whole - np.sort((weight * x)[0])[:4].sum()
    assert f"raises the score of yes from {whole:.2f} to {lowest:.2f}" in told(-weight * x)
    assert "the map does worse than all 20 random maps" in told(-weight * x)
    assert "no better than random maps" in told(0 * weight)
    assert "the map moved at random: " in told(weight * x, control="moved")
    assert "Deleting the top 25 %" in told(weight * x, share=0.25)
    assert "all 20" not in told(weight * x, n_random=5)  # five cannot show it
    one = evidence.gather(subject, a_map(weight * x), parts=["curves"], settings=settings).curves
    assert one is not None
    said = evidence.sentence_of(replace(one, whole=0.0549, without_top=0.0452), ("no", "yes"), 1)
    assert "leaves the score of yes at 0.05;" in said  # two digits show no fall
    still = evidence.judge(classifier, 0 * x, "occlusion", target=1, parts=["curves"])
    assert "leaves the probability of yes at 0.56;" in str(still.sentence)
    assert str(still.sentence).endswith("still 0.56: the fill itself looks like this class, so "
                                        "choose another one.")  # fmt: skip


def test_the_sentence_of_a_map_that_deletes_well_and_inserts_badly() -> None:
    classifier, x, weight = linear((1, 40))
    found = evidence.deletion_insertion(classifier, x, a_map(weight * x), fill="zero")
    mixed = replace(found, insertion=replace(found.insertion, verdict="no different"))
    assert (
        "Over the whole curves the map does better than all 20 random maps when deleting and no "
        "better than random maps when inserting."
    ) in evidence.sentence_of(mixed, ("no", "yes"), 1)
    against = evidence.sentence_of(found, ("no", "yes"), 1, 0)
    assert "the probability of yes less that of no from" in against


def test_eight_threads_at_once_say_the_same(gunpoint) -> None:
    classifier, X = gunpoint
    before = state_of(classifier)
    parts = ["curves", "infidelity", "sensitivity", "randomisation"]

    def run(_: int) -> str:
        found = evidence.judge(classifier, X[3], "cam", parts=parts, settings=QUICK)
        return json.dumps(plain(replace(found, seconds={})))

    with ThreadPoolExecutor(8) as pool:
        results = set(pool.map(run, range(8)))
    assert len(results) == 1
    assert_same_state(before, state_of(classifier))


def test_means_over_all_cases_of_a_linear_model() -> None:
    classifier, _, weight = linear((1, 20))
    X = np.random.default_rng(1).standard_normal((12, 1, 20)).astype(np.float32)
    found = evidence.judge_cases(
        classifier, X, "occlusion", target=1, **SHARES,
        settings={"fill": "zero", "output": "logit", "steps": 20},
    )  # fmt: skip
    shares = (weight * X)[:, 0].astype(float)
    falls = np.concatenate([np.zeros((12, 1)), np.sort(shares)[:, ::-1].cumsum(1)], 1)
    curves = shares.sum(1)[:, None] + 0.25 - falls
    assert found.deletion is not None
    np.testing.assert_allclose(found.deletion.score.mean, curves.mean(0), atol=1e-4)
    areas = np.trapezoid(curves, np.arange(21) / 20, axis=1)
    np.testing.assert_allclose(found.scores["deletion_area"], areas, atol=1e-4)
    mean = found.estimates["deletion_area"]
    assert mean.mean == pytest.approx(areas.mean(), abs=1e-4)
    assert mean.low < mean.mean < mean.high
    assert (mean.n, found.n_asked, found.stopped) == (12, 12, False)
    assert found.estimates["deletion_better"].mean > 0.9
    assert found.sentence is not None
    assert re.match(r"Over 12 cases deleting the top 10 % of points drops the mean score from -?\d",
                    found.sentence)  # fmt: skip
    assert "the map is better than random maps (gain " in found.sentence
    json.dumps(plain(found), allow_nan=False)


def test_a_sample_classes_and_parts(gunpoint) -> None:
    classifier, X = gunpoint
    y = tscviz.load_dataset("GunPoint").y_test
    run: dict[str, Any] = {"n_cases": 3, "parts": ["infidelity", "agreement"], "settings": QUICK}
    found = evidence.judge_cases(classifier, X, "occlusion", y=y, target="true", stride=15, **run)
    assert len(found.cases) == 3
    assert (np.diff(found.cases) > 0).all()
    np.testing.assert_array_equal(found.targets, y[found.cases])
    assert set(found.scores) == {"infidelity", "native_correlation", "native_overlap"}
    assert found.deletion is None
    assert found.sentence is None
    alone = evidence.judge(
        classifier, X[found.cases[1]], "occlusion", target=int(found.targets[1]), stride=15,
        parts=["infidelity"], settings={**QUICK, "seed": int(found.cases[1])},
    ).infidelity  # fmt: skip
    assert alone is not None
    assert found.scores["infidelity"][1] == pytest.approx(alone.relative)


def test_the_difference_of_two_classes_over_cases() -> None:
    """Logits 0 and w.x + b: their difference is w.x + b one way round, its negative the other."""
    classifier, _, weight = linear((1, 20))
    X = np.random.default_rng(1).standard_normal((12, 1, 20)).astype(np.float32)
    run: dict[str, Any] = {**SHARES, "settings": {"fill": "zero", "output": "logit"}}
    scores = (weight * X).sum((1, 2)) + 0.25
    found = evidence.judge_cases(classifier, X, "occlusion", target=1, against=0, **run)
    np.testing.assert_allclose(found.scores["logit"], scores, atol=1e-4)
    assert found.against is not None
    assert (set(found.against), found.n_left_out) == ({0}, 0)
    assert "the mean score less that of no from" in str(found.sentence)
    either = evidence.judge_cases(classifier, X, "occlusion", against="runner-up", **run)
    np.testing.assert_allclose(either.scores["logit"], np.abs(scores), atol=1e-4)
    np.testing.assert_array_equal(either.against, 1 - either.targets)
    assert "less that of the runner-up" in str(either.sentence)
    some = evidence.judge_cases(classifier, X, "occlusion", against=0, **run)
    np.testing.assert_array_equal(some.cases, np.flatnonzero(scores > 0))
    assert some.n_left_out == int((scores <= 0).sum()) > 0
    assert some.n_asked == len(some.cases)
    json.dumps(plain(some), allow_nan=False)
    for against, words in ((1, "cannot be held against itself"), (7, "from 0 to 1"), ("x", "from")):
        with pytest.raises(ExplainError, match=words):
            evidence.judge_cases(classifier, X, "occlusion", target=1, against=against, **run)


def test_cases_with_fewer_than_two_measured_points_are_left_out() -> None:
    classifier, *_ = linear((1, 20))
    X = np.random.default_rng(1).standard_normal((4, 1, 20)).astype(np.float32)
    usable = np.ones((4, 20), bool)
    usable[1, 1:], usable[3, 2:] = False, False  # one point, and two
    run: dict[str, Any] = {**SHARES, "settings": {"fill": "zero", "output": "logit"}}
    found = evidence.judge_cases(classifier, X, "occlusion", usable=usable, **run)
    np.testing.assert_array_equal(found.cases, [0, 2, 3])
    assert (found.n_short, found.n_asked, found.stopped) == (1, 3, False)
    with pytest.raises(ExplainError, match="no case has two time points"):
        evidence.judge_cases(classifier, X[1:2], "occlusion", usable=usable[1:2], **run)


def test_a_stop_keeps_what_is_done(gunpoint) -> None:
    classifier, X = gunpoint
    done: list[tuple[int, int]] = []
    found = evidence.judge_cases(
        classifier, X[:6], "cam", settings=QUICK, should_stop=lambda: len(done) >= 2,
        on_progress=lambda *at: done.append(at),
    )  # fmt: skip
    assert done == [(1, 6), (2, 6)]
    assert found.stopped
    np.testing.assert_array_equal(found.cases, [0, 1])
    assert found.estimates["deletion_area"].n == 2
    with pytest.raises(evidence.Stopped):
        evidence.judge_cases(classifier, X[:6], "cam", should_stop=lambda: True)


def test_intervals_hold_what_they_promise() -> None:
    """About 95 of 100 intervals of a normal sample hold its mean; here at least 90."""
    rng = np.random.default_rng(0)
    samples = rng.normal(3, 2, (40, 300))
    found = estimates(samples)
    held = ((found.low <= 3) & (found.high >= 3)).mean()
    assert 0.9 <= held <= 0.98
    width = 2 * norm.ppf(0.975) * samples.std(0) / np.sqrt(40)
    np.testing.assert_allclose((found.high - found.low).mean(), width.mean(), rtol=0.05)
    one = estimate(np.array([2.0, np.nan]))
    assert (one.mean, one.n) == (2, 1)
    assert np.isnan(one.low)
    none = estimate(np.array([np.nan]))
    assert np.isnan(none.mean)
    assert none.n == 0


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"parts": ["curve"]}, "no evidence 'curve'; choose among: curves"),
        ({"parts": []}, "no evidence is asked for"),
        ({"settings": {"draw": "burnt"}}, "must be one of: redrawn"),
        ({"others": ["tarot"]}, "there is no method 'tarot'"),
        ({"method": "attention", "parts": ["curves"]}, "none"),
        ({"colour": 3}, "has no option 'colour'"),
    ],
)
def test_what_does_not_fit_is_refused(gunpoint, change, text) -> None:
    classifier, X = gunpoint
    given = {"method": "cam", "parts": ["agreement"], **change}
    with pytest.raises(TscvizError, match=text):
        evidence.judge(classifier, X[0], **given)


def test_cases_that_do_not_fit_are_refused(gunpoint) -> None:
    classifier, X = gunpoint
    with pytest.raises(ExplainError, match="pass them as y"):
        evidence.judge_cases(classifier, X, "cam", target="true")
    with pytest.raises(ExplainError, match="target is 'best'"):
        evidence.judge_cases(classifier, X, "cam", target="best")
    with pytest.raises(ExplainError, match="0 of 150 cases"):
        evidence.judge_cases(classifier, X, "cam", n_cases=0)
