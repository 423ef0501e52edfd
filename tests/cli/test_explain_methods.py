"""`tscviz explain` with methods other than the class activation map."""

from __future__ import annotations

import json

import numpy as np
import pytest

import tscviz
from tscviz.cli import main


def test_occlusion_as_one_json_document(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["explain", "dtp-fcn/GunPoint", "--method", "occlusion", "--case", "2", "--json"]
    command += ["--set", "window=40", "--set", "stride=20", "--set", "fill=linear"]
    assert main(command) == 0
    told = json.loads(capsys.readouterr().out)
    model, data = tscviz.load_model("dtp-fcn/GunPoint"), tscviz.load_dataset("GunPoint")
    found = tscviz.explain(model, data.X_test[2], "occlusion", window=40, stride=20, fill="linear")
    np.testing.assert_allclose(told["values"], found.values, atol=1e-6)
    assert told["details"]["starts"] == [0, 20, 40, 60, 80, 100, 120]
    assert told["details"]["stops"][-1] == 150
    assert told["signed"] is True


def test_a_setting_that_does_not_fit_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["explain", "dtp-fcn/GunPoint", "--method", "occlusion", "--set", "stride=99"]
    assert main(command) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "stride is 99 and the window has 15 points" in line
