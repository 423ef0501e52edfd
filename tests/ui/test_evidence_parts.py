"""Parts of the page Evidence: settings as a form and as text, runs that break, the top points."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

import tscviz
from tscviz.explain.evidence import PARTS, EvidenceOptions, judge
from tscviz.explain.registry import ExplainError
from tscviz.types import TscvizError
from tscviz.ui.evidence import data, many
from tscviz.ui.evidence.settings import APART, GROUPS, SettingText


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
