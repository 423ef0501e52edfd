"""Parts of the page Evidence: settings as a form and as text, runs that break, the top points."""

from __future__ import annotations

import copy
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
import torch

import tscviz
from tscviz.explain.evidence import PARTS, CasesRun, EvidenceOptions, judge
from tscviz.explain.evidence.intervals import estimate
from tscviz.explain.registry import ExplainError
from tscviz.models import Classifier
from tscviz.models.temporal_pooling import TemporalPoolingNet
from tscviz.types import TscvizError
from tscviz.ui.evidence import data, many, many_found, tables
from tscviz.ui.evidence.settings import APART, GROUPS, SettingText
from tscviz.ui.selection import Selection


def test_every_setting_is_in_the_form_and_read_by_a_part() -> None:
    names = {f.name for f in fields(EvidenceOptions)}
    shown = [name for group in GROUPS.values() for name in group]
    assert sorted([*shown, *APART]) == sorted(names)
    assert set(data.READS) == set(PARTS)
    assert {name for read in data.READS.values() for name in read} == names


def test_settings_as_text() -> None:
    text = SettingText()
    assert text.read("n_random:50~fill:zero~local:False") == {"n_random": 50, "local": False}
    assert text.write({"n_random": 50, "local": False}) == "n_random:50~local:False"
    assert "n_random:1" not in text
    with pytest.raises(TscvizError, match="the evidence has no option"):
        text.read("colour:red")


def test_an_error_ends_a_run_and_stays_to_be_read() -> None:
    class Broken:
        def step(self) -> None:
            raise ExplainError("it broke")

    kept = many.Kept(None, Broken())  # type: ignore[arg-type]
    many._turn(kept)
    assert not kept.active
    assert str(kept.error) == "it broke"


def test_the_case_without_its_top_points() -> None:
    from tscviz.explain.evidence import without_top
    from tscviz.explain.evidence.subject import subject_of

    model, x = tscviz.load_model("dtp-fcn/GunPoint"), tscviz.load_dataset("GunPoint").X_test[0]
    found = judge(model, x, "cam", parts=["curves"], settings={"fill": "zero"})
    subject = subject_of(model, x, "cam")
    less = without_top(subject, found.attribution, EvidenceOptions(fill="zero"))
    gone = np.flatnonzero((less != x).any(0))
    assert found.curves is not None
    assert len(gone) == found.curves.n_top
    values = found.attribution.values[0]
    assert values[gone].min() >= np.delete(values, gone).max()
    proba = model.predict_proba(less[None])[0, subject.target]
    assert float(proba) == pytest.approx(found.curves.without_top, abs=1e-5)


def test_runs_stand_side_by_side_only_over_the_same_cases_and_classes() -> None:
    X = tscviz.load_dataset("GunPoint").X_test[:6]
    trained = tscviz.load_model("dtp-fcn/GunPoint")
    turned = Classifier(copy.deepcopy(trained.module), trained.classes, trained.card)
    assert isinstance(turned.module, TemporalPoolingNet)
    with torch.no_grad():  # the same network, which calls everything the other class
        turned.module.fc.weight.neg_()
        turned.module.fc.bias.neg_()

    def run(model: Classifier, method: str, n_done: int, **asked: Any) -> many.Kept:
        chosen = Selection("GunPoint", "dtp-fcn/GunPoint", "test", 0)
        made = CasesRun(model, X, method, settings={"n_random": 2, "steps": 4}, **asked)
        while len(made.done) < n_done:
            made.step()
        return many.Kept(data.Asked(chosen, method), made, active=False)

    whole, other = run(trained, "cam", 6), run(trained, "saliency", 6)
    half, away = run(trained, "occlusion", 3), run(turned, "cam", 6)
    assert (whole.run.targets != away.run.targets).all()
    every = [whole, other, half, away, run(trained, "saliency", 0)]

    def beside(kept: many.Kept) -> list[many.Kept]:
        return [one for one, _ in many_found.comparable(kept, every)]

    assert beside(whole) == [whole, other]
    assert beside(half) == [half]
    assert beside(away) == [away]


def test_a_single_case_has_no_interval() -> None:
    assert many_found._interval(estimate(np.array([0.5]))) == "–"
    assert many_found._interval(estimate(np.array([0.5, 0.5]))) == "0.500 to 0.500"
    table = tables.mean_table({"deletion_gain": estimate(np.array([0.5]))})
    shown = tables.shown(table)
    assert [shown[name] for name in ("mean", "95 % from", "95 % to")] == [["0.5"], ["–"], ["–"]]


def test_one_case_is_not_called_many() -> None:
    assert many.start_label(1, begun=False) == "Judge 1 case"
    assert many.start_label(25, begun=False) == "Judge 25 cases"
    assert many.start_label(1, begun=True) == "Go on"
