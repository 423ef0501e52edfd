"""`tscviz explain` with methods other than the class activation map."""

from __future__ import annotations

import json
from pathlib import Path

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


def test_a_written_specification_replays_to_the_same_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec, table = tmp_path / "spec.json", tmp_path / "map.csv"
    command = ["explain", "dtp-fcn/GunPoint", "--case", "5", "--method", "kernel_shap"]
    command += ["--target", "1", "--against", "2", "--baseline", "class_mean", "--set", "seed=4"]
    assert main([*command, "--write-spec", str(spec), "--csv", str(table), "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert main(["explain", "--spec", str(spec), "--json"]) == 0
    second = json.loads(capsys.readouterr().out)
    assert second["values"] == first["values"]
    assert second["replay"] == {"identical": True, "notes": []}
    assert second["spec"] == first["spec"] == json.loads(spec.read_text())
    assert (second["target"], second["against"], second["baseline"]) == ("1", "2", "class_mean")
    rows = np.genfromtxt(table, delimiter=",", names=True)
    assert rows.dtype.names == ("time_point", "value", "kernel_shap")
    np.testing.assert_allclose(rows["kernel_shap"], first["values"][0], rtol=1e-6)
    assert main(["explain", "--spec", str(spec)]) == 0
    assert "the same numbers to the bit" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["explain"], "name a model and a case"),
        (["explain", "--spec", "absent.json"], "cannot be read"),
        (["explain", "--spec", "absent.json", "--method", "cam"], "leave --method out"),
        (["explain", "--spec", "absent.json", "--set", "seed=1"], "leave --set out"),
        (["explain", "dtp-fcn/GunPoint", "--against", "Gun"], "there is no class 'Gun'"),
        (["explain", "dtp-fcn/GunPoint", "--csv", "/nowhere/x.csv"], "cannot be written"),
    ],
)
def test_what_does_not_fit_is_one_line(
    arguments: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert text in line
