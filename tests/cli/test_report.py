"""`tscviz report` writes one page."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tscviz.cli import main


def test_a_report_with_evidence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "report.html"
    command = ["report", "dtp-fcn/GunPoint", "--case", "2", "--methods", "saliency", "--evidence"]
    assert main([*command, "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    page = out.read_text(encoding="utf-8")
    assert told["bytes"] == out.stat().st_size
    assert told["maps"] == ["saliency"]
    assert told["evidence"]["saliency"].startswith("Deleting the top")
    assert "<h1>GunPoint test 2</h1>" in page
    assert f'<p class="evidence">{told["evidence"]["saliency"]}</p>' in page


def test_a_case_of_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = tmp_path / "mine.csv", tmp_path / "report.html"
    np.savetxt(file, np.random.default_rng(0).standard_normal((3, 150)), delimiter=",")
    command = ["report", "gtp-fcn/GunPoint", str(file), "--case", "1", "--methods", "cam"]
    assert main([*command, "--target", "2", "--out", str(out)]) == 0
    assert str(out) in capsys.readouterr().out
    page = out.read_text(encoding="utf-8")
    assert "Class activation map for class 2" in page
    assert '"series"' in page or "&quot;series&quot;" in page  # it is of no dataset: embedded


@pytest.mark.parametrize(
    ("more", "text"),
    [
        (["--methods", "magic"], "there is no method 'magic'"),
        (["--methods", "cam", "cam"], "names a method twice"),
        (["--methods", "attention"], "needs an attention"),
        (["--methods", "cam", "--target", "Gun"], "there is no class 'Gun'"),
        (["--methods", "cam", "--out", "/nowhere/x.html"], "cannot be written"),
    ],
)
def test_what_does_not_fit_is_one_line(
    more: list[str], text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["report", "dtp-fcn/GunPoint", "--out", str(tmp_path / "x.html"), *more]
    assert main(command) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert text in line
