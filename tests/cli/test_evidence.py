"""`tscviz evidence`: one case, many cases, an interrupt, and what does not fit."""

from __future__ import annotations

import io
import json
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tscviz
from tscviz.cli import main
from tscviz.explain import evidence


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any, str]:
    code = main(["evidence", *arguments, "--json"])
    out, err = capsys.readouterr()
    return code, json.loads(out) if out else None, err


def test_a_sample_as_one_json_document(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["stp-fcn/GunPoint", "--method", "cam", "--cases", "4", "--target", "true"]
    code, told, err = run(capsys, *command, "--with", "fill=linear", "--with", "steps=5")
    assert code == 0
    assert err.strip().endswith("4 of 4")
    data = tscviz.load_dataset("GunPoint")
    found = evidence.judge_cases(
        tscviz.load_model("stp-fcn/GunPoint"), data.X_test, "cam", y=data.y_test, target="true",
        n_cases=4, settings={"fill": "linear", "steps": 5},
    )  # fmt: skip
    assert told["data"] == "GunPoint test"
    assert told["cases"] == found.cases.tolist()
    assert told["sentence"] == found.sentence
    for name, mean in found.estimates.items():
        assert told["estimates"][name]["mean"] == pytest.approx(mean.mean, abs=1e-9)
    assert told["settings"]["fill"] == "linear"
    assert told["stopped"] is False


def test_one_case_tells_every_part(capsys: pytest.CaptureFixture[str]) -> None:
    quick = ["n_random=3", "steps=4", "n_samples=8", "n_nearby=2", "n_draws=1", "n_repeats=2"]
    command = ["dtp-fcn/ItalyPowerDemand", "--method", "occlusion", "--case", "3"]
    command += ["--set", "window=4", *(part for s in quick for part in ("--with", s))]
    code, told, _ = run(capsys, *command)
    assert code == 0
    assert set(told["seconds"]) == set(evidence.PARTS)
    assert told["case"] == "ItalyPowerDemand test 3"
    assert told["agreement"]["names"] == ["occlusion", "cam"]
    assert told["figures"]["deletion_area"] == told["curves"]["deletion"]["area"]
    assert np.shape(told["attribution"]["values"]) == (1, 24)
    assert main(["evidence", *command]) == 0
    shown = capsys.readouterr().out
    assert told["sentence"] in shown
    assert f"{told['figures']['max_sensitivity']:.4f}" in shown


def test_the_difference_of_two_classes(capsys: pytest.CaptureFixture[str]) -> None:
    model = tscviz.load_model("dtp-fcn/ArrowHead")
    data = tscviz.load_dataset("ArrowHead")
    name, quick = model.classes[0], ["--with", "steps=3", "--with", "n_random=2"]
    head = ["dtp-fcn/ArrowHead", *quick]
    code, told, _ = run(capsys, *head, "--cases", "6", "--against", name, "--target", "true")
    assert code == 0
    wanted = evidence.judge_cases(
        model, data.X_test, "cam", y=data.y_test, target="true", against=0, n_cases=6,
        settings={"steps": 3, "n_random": 2},
    )  # fmt: skip
    assert told["cases"] == wanted.cases.tolist()
    assert told["n_left_out"] == wanted.n_left_out == 6 - len(wanted.cases)
    assert told["sentence"] == wanted.sentence
    one = [*head, "--case", "2", "--parts", "curves", "--against", "runner-up"]
    code, told, _ = run(capsys, *one)
    logits = model.logits(data.X_test[2:3])[0]
    second, first = (model.classes[k] for k in logits.argsort()[-2:])
    assert (told["target"], told["against"]) == (first, second)
    assert main(["evidence", *one]) == 0
    assert f"cam for class {first} less {second}" in capsys.readouterr().out


def test_interpolated_points_of_a_file_do_not_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = tscviz.load_dataset("ItalyPowerDemand").X_test[:2, 0].astype(str)
    rows[0, 5:7] = ""
    file = tmp_path / "gaps.csv"
    head = [f"t{i}" for i in range(24)]
    file.write_text("\n".join(",".join(row) for row in [head, *rows]), encoding="utf-8")
    command = ["stp-fcn/ItalyPowerDemand", str(file), "--parts", "curves"]
    ranked = [run(capsys, *command, "--case", i)[1]["curves"]["n_features"] for i in ("0", "1")]
    assert ranked == [22, 24]
    code, told, _ = run(capsys, *command)
    assert code == 0
    assert told["cases"] == [0, 1]


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (["--method", "tarot"], "there is no method 'tarot'"),
        (["--parts", "curve"], "there is no evidence 'curve'"),
        (["--with", "steps=1"], "at least 2"),
        (["--case", "1", "--cases", "2"], "give one of them"),
        (["--target", "Gun"], "there is no class 'Gun'"),
        (["--method", "attention"], "none"),
        (["--against", "Gun"], "there is no class 'Gun'"),
        (["--case", "1", "--target", "1", "--against", "1"], "another class than the target"),
    ],
)
def test_what_does_not_fit_is_one_line(capsys, command, text) -> None:
    code, told, err = run(capsys, "stp-fcn/GunPoint", *command)
    assert (code, told) == (2, None)
    (line,) = err.strip().splitlines()
    assert text in line


class _Impatient(io.StringIO):
    """A terminal at which somebody presses Ctrl-C once the second case is done."""

    def write(self, text: str) -> int:
        if text.strip() == "2 of 1029":
            signal.raise_signal(signal.SIGINT)
        return super().write(text)


def test_an_interrupt_keeps_what_is_done(capsys, monkeypatch) -> None:
    monkeypatch.setattr(sys, "stderr", _Impatient())
    before = signal.getsignal(signal.SIGINT)
    code, told, _ = run(capsys, "stp-fcn/ItalyPowerDemand")
    assert code == 130
    assert told["stopped"] is True
    assert (told["cases"], told["n_asked"]) == ([0, 1], 1029)
    assert told["estimates"]["deletion_area"]["n"] == 2
    assert signal.getsignal(signal.SIGINT) is before
