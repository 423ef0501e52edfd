"""`tscviz sweep` and `tscviz results`, as a person and as a script use them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.training.sweep.tools import Inline, environment
from tscviz.cli import main
from tscviz.training.sweep import SweepError, SweepFolder, run

TEXT = """
preset = "quick"
datasets = ["UnitTest"]
code_version = "tests"
options = { epochs = EPOCHS, test_every = 500 }
models = ["gtp-fcn", "stp-fcn"]
"""


@pytest.fixture(scope="module")
def swept(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A sweep of two cells, run as a command."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "sweep.toml").write_text(TEXT.replace("EPOCHS", "2"))
    ended = subprocess.run(
        [*COMMAND, "sweep", str(folder / "sweep.toml"), "--out", str(folder / "out"),
         "--workers", "1", "--json"],
        env=environment(), capture_output=True, text=True, check=False, timeout=170,
    )  # fmt: skip
    return folder / "out", ended


COMMAND = [sys.executable, "-m", "tscviz"]


def test_a_sweep_gives_one_document_and_progress_on_stderr(
    swept: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    ended = swept[1]
    assert ended.returncode == 0, ended.stderr
    document = json.loads(ended.stdout)
    assert (document["cells"], document["done"], document["trained"]) == (2, 2, 2)
    assert document["failed"] == {}
    assert [row["status"] for row in document["rows"]] == ["done", "done"]
    assert "2/2 done" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(pd.read_csv(document["table"])) == 2


def test_results_in_each_form(
    swept: tuple[Path, subprocess.CompletedProcess[str]],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    def results(*arguments: str) -> tuple[int, str, str]:
        code = main(["results", str(swept[0]), *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    code, table, _ = results()
    assert code == 0
    assert len(table.splitlines()) == 3
    assert table.split()[:3] == ["model", "options", "dataset"]
    _, only, _ = results("--model", "stp-fcn", "--format", "csv")
    assert [line.split(",")[0] for line in only.splitlines()] == ["model", "stp-fcn"]
    assert results("--format", "markdown")[1].startswith("| dataset | gtp-fcn | stp-fcn |")
    assert results("--format", "latex", "--over-seeds", "median")[1].startswith(r"\begin{tabular}")
    document: Any = json.loads(results("--json", "--status", "done")[1])
    assert [row["model"] for row in document["rows"]] == ["gtp-fcn", "stp-fcn"]
    file = tmp_path / "t.parquet"
    assert results("--format", "parquet", "--out", str(file))[0] == 0
    assert len(pd.read_parquet(file)) == 2
    assert main(["results", str(swept[0] / "results.csv"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(results("--json")[1])
    kept = results("--option", "epochs=2", "lr=default", "--option", "lr=1", "--json")[1]
    assert json.loads(kept) == json.loads(results("--json")[1])
    for wrong, words in (
        (["--option", "epochs=3"], "no cell fits"),
        (["--option", "epochs"], "is not of the form NAME=VALUE"),
        (["--format", "parquet"], "give a file with --out"),
        (["--dataset", "Nowhere"], "no cell fits"),
        (["--format", "latex", "--measure", "size"], "cannot compare"),
        (["--out", "/nowhere/t.csv"], "cannot be written"),
    ):
        code, printed, err = results(*wrong)
        assert (code, printed) == (2, "")
        assert words in err
        assert len(err.strip().splitlines()) == 1


def test_bad_input_is_one_line_and_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(TEXT.replace("EPOCHS", "2"))
    bad.write_text("models = [")
    for arguments, words in (
        (["sweep", str(bad)], "is not TOML"),
        (["sweep", str(tmp_path / "none.toml")], "cannot be read"),
        (["sweep", str(good), "--backend", "cloud"], "there is no backend 'cloud'"),
        (["sweep", str(good), "--workers", "0"], "must be at least 1"),
        (["sweep", str(good), "--address", "head:6379"], "add --backend ray"),
        (["sweep", str(good), "--shard", "3/2"], "wanted 1/2 to 2/2"),
        (["sweep", str(good), "--archive", "/nowhere"], "/nowhere"),
        (["results", str(tmp_path)], "there is no sweep"),
        (["results", str(good)], "has no column 'model'"),
    ):
        assert main([*arguments, "--json"]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert words in err.splitlines()[-1]


def test_a_sweep_that_cannot_go_on_tells_how_far_it_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Gone(Inline):
        def places(self) -> int:
            if self.started:
                raise SweepError("The Ray cluster is gone. Start the sweep again to go on.")
            return super().places()

    out = tmp_path / "out"
    (tmp_path / "sweep.toml").write_text(TEXT.replace("EPOCHS", "1"))
    monkeypatch.setattr(run, "make_backend", lambda *_: Gone(SweepFolder(out)))
    assert main(["sweep", str(tmp_path / "sweep.toml"), "--out", str(out), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert "cluster is gone" in document["stopped"]
    assert [document[name] for name in ("trained", "done", "waiting", "failed")] == [1, 1, 1, {}]
    assert [row["status"] for row in document["rows"]] == ["done", "waiting"]
    assert len(pd.read_csv(document["table"])) == 2


def begun(folder: Path, *models: str) -> subprocess.Popen[str]:
    """Start a sweep of cells that end by themselves in hours; return after its first epoch."""
    text = TEXT.replace("EPOCHS", "100000").replace('["gtp-fcn", "stp-fcn"]', json.dumps(models))
    (folder / "sweep.toml").write_text(text)
    command = [*COMMAND, "sweep", str(folder / "sweep.toml"), "--out", str(folder / "out")]
    process = subprocess.Popen(
        [*command, "--workers", "1", "--json"],
        env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    while "/100000" not in (line := process.stderr.readline()):
        assert line, "the sweep ended before its first epoch"
    return process


def test_a_cell_that_was_cancelled_is_no_success(tmp_path: Path) -> None:
    process = begun(tmp_path, "gtp-fcn")
    (job,) = (tmp_path / "out" / "jobs").glob("*/spec.json")
    (job.parent / "cancel").touch()
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1, err
    document = json.loads(out)
    assert (document["cancelled"], document["failed"]) == ([job.parent.name], {})
    assert (document["done"], document["stopped"]) == (0, None)


def test_ctrl_c_keeps_checkpoints_and_the_same_command_goes_on(tmp_path: Path) -> None:
    process = begun(tmp_path, "gtp-fcn", "stp-fcn")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    document = json.loads(out)
    assert document["stopped"] == "Stopped; start it again to go on."
    assert (document["done"], document["waiting"]) == (0, 2)
    assert len(list((tmp_path / "out" / "jobs").glob("*/checkpoint/checkpoint.safetensors"))) == 1
    assert "Traceback" not in err
