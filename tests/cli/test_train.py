"""`tscviz train`: what a run may replace, and the folder that it has by default."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from tscviz.cli import main
from tscviz.cli.commands import _run_folder

RUN = ["train", "--model", "gtp-fcn", "--dataset", "UnitTest", "--preset", "quick", "--json"]
ONE = ["--set", "epochs=1"]


def test_a_run_is_not_replaced_without_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--out", str(tmp_path / "run")]
    assert main([*RUN, *ONE, *out]) == 0
    first = json.loads(capsys.readouterr().out)["digest"]
    assert main([*RUN, *ONE, *out, "--seed", "1"]) == 2
    said = capsys.readouterr().err
    assert "holds a run already; --resume goes on with it, --overwrite starts anew" in said
    card = json.loads((tmp_path / "run" / "model" / "card.json").read_text())
    assert card["seed"] == 0
    assert main([*RUN, *ONE, *out, "--resume"]) == 0  # which is done
    assert json.loads(capsys.readouterr().out)["digest"] == first
    assert main([*RUN, *ONE, *out, "--seed", "1", "--overwrite"]) == 0
    assert json.loads(capsys.readouterr().out)["card"]["seed"] == 1


def test_a_folder_that_is_no_run_loses_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "thesis.txt").write_text("months of work")
    assert main([*RUN, *ONE, "--out", str(tmp_path), "--overwrite"]) == 2
    assert "thesis.txt is no part of a stored model" in capsys.readouterr().err
    assert (tmp_path / "model" / "thesis.txt").read_text() == "months of work"


def test_every_run_has_a_default_folder_of_its_own() -> None:
    def folder(archive: str | None = None, **options: object) -> str:
        chosen = argparse.Namespace(
            model="dtp-fcn", dataset="GunPoint", preset="paper", seed=0, archive=archive
        )
        return _run_folder(chosen, options).name

    assert folder() == "dtp-fcn-GunPoint-paper-seed0"
    assert folder(epochs=3) == "dtp-fcn-GunPoint-paper-seed0-epochs=3"
    many = {f"option_{i}": "x" * 20 for i in range(12)}
    names = [folder(**many, weight_decay=w) for w in (1e-4, 1e-2)]
    names += [folder("/a"), folder("/b"), folder(name="a b"), folder(name="a_b")]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) < 200
