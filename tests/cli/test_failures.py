"""What goes wrong on the command line: one line that says what, where and what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tscviz.cli import main
from tscviz.data import load_dataset
from tscviz.resources import resource

MODEL = "gtp-fcn/GunPoint"


@pytest.fixture(scope="module")
def series_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    X = load_dataset("GunPoint").X_test[:4, 0]
    path = tmp_path_factory.mktemp("series") / "mine.csv"
    path.write_text("".join(",".join(f"{v:.5f}" for v in x) + "\n" for x in X))
    return path


def failure(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that must fail, and return its one line."""
    try:
        code = main(arguments)
    except SystemExit as end:
        code = end.code
    out, err = capsys.readouterr()
    assert (code, out, err.count("\n")) == (2, "", 1)
    return err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("evalute x", "Did you mean 'evaluate'? See `tscviz --help`."),
        ("explain m --case 1e3", "argument --case: invalid int value: '1e3'. See `tscviz explain"),
        ("describe dtp-fnc", "Did you mean 'dtp-fcn'?"),
        ("describe dtp-fcn --set segmnts=3", "Did you mean 'segments'?"),
        ("describe dtp-fcn --classes 1000000000000", "does not fit into memory"),
        ("evaluate gtp-fcn/GunPiont", "Did you mean 'gtp-fcn/GunPoint'?"),
        ("train --model dtp-fcn --dataset UnitTest --preset qick", "Did you mean 'quick'?"),
        ("train --model dtp-fcn --dataset UnitTest --set epoch=3", "Did you mean 'epochs'?"),
        (f"explain {MODEL} --method integrated_gradient", "Did you mean 'integrated_gradients'?"),
        (f"explain {MODEL} --baseline zro", "Did you mean 'zero'?"),
        (f"explain {MODEL} --case 7 --against 2", "against is the target itself, class '2'"),
        (f"evidence {MODEL} --case 3 --method cma", "there is no method 'cma'"),
        ("app --port 99999999", "--port is 99999999; it must be 1 to 65535."),
        ("describe dtp-fcn --classes 99999999999999999999999", "does not fit into memory; give"),
        ("train --model dtp-fcn --dataset UnitTest --seed -1", "--seed is -1; it must be a whole"),
        ("train --model dtp-fcn --dataset UnitTest --seed 4294967296", "0 to 4,294,967,295."),
        (f"explain {MODEL} --method smooth_grad --set seed=4294967296", "at most 4294967295"),
        (f"predict {MODEL} {Path(__file__).parent}", "is a folder; give a file with series."),
    ],
)
def test_one_line_with_the_nearest_name(
    line: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said in failure(capsys, *line.split())


@pytest.mark.parametrize("command", ["explain --csv", "explain --write-spec", "report --out"])
def test_a_file_that_cannot_be_written_is_told_before_the_work(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name, option = command.split()
    assert "it is a folder" in failure(capsys, name, MODEL, option, str(tmp_path))
    lost = str(tmp_path / "no" / "a.x")
    assert "there is no folder" in failure(capsys, name, "no/model", option, lost)


def test_the_folder_of_a_run_that_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")
    line = "train --model gtp-fcn --dataset UnitTest --preset quick --set epochs=1 --out"
    assert main([*line.split(), str(tmp_path / "file")]) == 2
    said = capsys.readouterr().err
    assert said.endswith("cannot be written: Not a directory; give another --out.\n")
    assert "epoch 1/" not in said
    assert main([*line.split(), "/proc/nope/x"]) == 2
    said = capsys.readouterr().err
    assert "the folder /proc/nope/x cannot be written: No such file" in said
    assert "epoch 1/" not in said
    assert (tmp_path / "file").read_text() == "mine"


def test_options_of_reading_are_given_as_text(
    series_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def cases(*options: str) -> list[str]:
        told = [part for option in options for part in ("--set", option)]
        assert main(["predict", MODEL, str(series_file), *told]) == 0
        return [line for line in capsys.readouterr().out.splitlines() if line[:1].isdigit()]

    whole = cases("header=false", "label_column=none", "missing=-999,-998")
    assert len(whole) == 4
    assert [row.split()[1:] for row in cases("skip_rows=1")] == [
        row.split()[1:] for row in whole[1:]
    ]
    assert len(cases("header=Yes")) == 3
    for option, said in (
        ("header=maybe", "it must be true or false"),
        ("skip_rows=few", "it must be a whole number"),
        ("label_column=151", "there is no column 151; the file has 150 columns"),
        ("skiprows=1", "Did you mean 'skip_rows'?"),
    ):
        assert said in failure(capsys, "predict", MODEL, str(series_file), "--set", option)


def test_advice_names_the_flag_that_follows_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ragged.csv"
    path.write_text("1.5,2.5,3.5\n4.5,5.25\n6.5,7.5,1.5\n")
    assert "choose --set ragged=true." in failure(capsys, "predict", MODEL, str(path))
    said = failure(capsys, "explain", MODEL, str(path))
    assert said.endswith("series of unequal length, choose --read ragged=true.\n")
    assert main(["predict", MODEL, str(path), "--set", "ragged=true"]) == 0


def test_only_memory_that_ran_out_is_called_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the size of tensor a must match\nsecond line")

    monkeypatch.setattr("tscviz.models.describe_model", broken, raising=False)
    said = failure(capsys, "describe", "dtp-fcn")
    assert said.endswith("cannot be built in this shape: the size of tensor a must match.\n")
    monkeypatch.setattr("tscviz.models.load_model", broken, raising=False)
    with pytest.raises(RuntimeError, match="must match"):  # a fault of ours keeps its traceback
        main(["evaluate", MODEL])


def test_damaged_models(
    tmp_path: Path, series_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(resource("pretrained") / MODEL, folder)
    card, weights = folder / "card.json", folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    command = ("predict", str(folder), str(series_file))
    assert "sha256; copy the model anew" in failure(capsys, *command)
    card.write_bytes(card.read_bytes()[:1000])
    assert "cannot be read: Unterminated string" in failure(capsys, *command)


def test_a_closed_pipe_and_a_full_disk_end_without_a_traceback() -> None:
    command = [sys.executable, "-m", "tscviz", "datasets"]
    read, write = os.pipe()
    os.close(read)
    closed = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (closed.returncode, closed.stderr) == (0, b"")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert b"No space left on device" in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_a_file_name_that_is_no_text(series_file: Path, tmp_path: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/s\xe9rie.csv"))
    shutil.copy(series_file, odd)
    command = [sys.executable, "-m", "tscviz", "explain", MODEL, str(odd), "--csv", f"{odd}.map"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert Path(f"{odd}.map").stat().st_size > 1000
