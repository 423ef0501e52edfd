"""What `predict` and `explain` say of a file: how it was read, and what to doubt."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tscviz
from tscviz.cli import main
from tscviz.cli.show import share
from tscviz.data import load_dataset, read_series
from tscviz.models import load_model
from tscviz.types import Array, SeriesSet

MODEL = "gtp-fcn/GunPoint"


def write(path: Path, X: Array, *columns: list[str], header: bool = True) -> str:
    """Write series in rows behind columns of text, the first row being their names."""
    points = [[f"t{i}" for i in range(X.shape[1])], *([f"{v:.5f}" for v in x] for x in X)]
    rows = [
        [*(column[i] for column in columns), *cells]
        for i, cells in enumerate(points)
        if i or header
    ]
    path.write_text("\n".join(map(",".join, rows)) + "\n")
    return str(path)


@pytest.fixture
def labelled(tmp_path: Path) -> str:
    """Four short series with labels and remarks."""
    X = load_dataset("GunPoint").X_test[:4, 0, :60]
    labels, remarks = ["label", "01", "2", "+2", "none"], ["remark", "a", "b", "c", "c"]
    return write(tmp_path / "mine.csv", X, labels, remarks)


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """Run a command that must do, with --json; nothing may stand on stderr."""
    assert main([*arguments, "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return json.loads(out)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """Run a command that must do, and return its lines."""
    assert main(list(arguments)) == 0
    return capsys.readouterr().out.splitlines()


def test_the_document_tells_all_of_the_layout(
    labelled: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = document(capsys, "predict", MODEL, labelled, "--set", "missing=-999")
    layout = found["layout"]
    assert layout["drop_columns"] == ["remark"]
    assert layout["missing"][-1] == "-999"
    assert "Column 2 ('remark') holds text and is left out." in layout["reasons"]
    assert (found["shape"], found["lengths"]) == ([4, 1, 60], [60, 60])


def test_the_terminal_tells_how_the_file_was_read(
    labelled: str, capsys: pytest.CaptureFixture[str]
) -> None:
    first, *lines = printed(capsys, "predict", MODEL, labelled)
    assert first == (
        f"{labelled}: 4 series of 60 points, 1 channel, text with comma between cells, decimal "
        "point, a header, one series per row, labels in the column 'label'"
    )
    assert "note: Column 2 ('remark') holds text and is left out." in lines
    head, *rows = (line.split() for line in lines if not line.startswith("note: "))
    assert head == ["case", "class", "label", "probability"]
    assert [row[2] for row in rows] == ["01", "2", "+2", "none"]


def test_every_command_tells_what_the_reading_notes(
    labelled: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = "The last 3 rows are empty, so they stand in no series."

    def noting(file: Path, **options: Any) -> SeriesSet:
        series = read_series(file, **options)
        return replace(series, layout={**series.layout, "notes": (said,)})

    monkeypatch.setattr("tscviz.data.read_series", noting, raising=False)
    page, quick = tmp_path / "page.html", ["--with", "steps=2", "--with", "n_random=2"]
    commands = [
        ["predict", MODEL, labelled],
        ["explain", MODEL, labelled],
        ["report", MODEL, labelled, "--methods", "cam", "--out", str(page)],
        ["evidence", MODEL, labelled, *quick],
        ["evidence", MODEL, labelled, "--case", "1", "--parts", "curves", *quick],
    ]
    for command in commands:
        lines = printed(capsys, *command)
        assert f"note: {said}" in lines
        assert any(line.startswith("note: Your series have 60 points") for line in lines)
        assert main([*command, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert said in (told["layout"]["notes"] if "layout" in told else told["preparation"])
    assert said in page.read_text(encoding="utf-8")


def test_the_number_that_names_a_case_is_the_one_predict_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    X = load_dataset("GunPoint").X_test[:3, 0]
    bare = write(tmp_path / "bare.csv", X, header=False)
    named = write(tmp_path / "named.csv", X, ["id", "anna", "ben", "cleo"])
    cases = {file: document(capsys, "predict", MODEL, file)["cases"] for file in (bare, named)}
    assert [case["case"] for case in cases[bare]] == [0, 1, 2]
    assert [case["name"] for case in cases[named]] == ["anna", "ben", "cleo"]
    for file, called in ((bare, "bare.csv case 1"), (named, "named.csv case 1 (ben)")):
        lines = [line.split() for line in printed(capsys, "predict", MODEL, file)]
        start = next(i for i, line in enumerate(lines) if line[0] == "case")
        head, second = lines[start], lines[start + 2]
        assert head == ["case", *(["name"] if file == named else []), "class", "probability"]
        assert second[:2] == (["1", "ben"] if file == named else ["1", second[1]])
        told = document(capsys, "explain", MODEL, file, "--case", "1")
        assert told["case"] == called
        assert told["probabilities"] == pytest.approx(cases[file][1]["probabilities"], abs=1e-6)
        assert printed(capsys, "explain", MODEL, file, "--case", "1")[0].startswith(f"{called}: ")
        evidence = ["evidence", MODEL, file, "--case", "1", "--parts", "curves", "--json"]
        assert main([*evidence, "--with", "steps=2", "--with", "n_random=2"]) == 0
        assert json.loads(capsys.readouterr().out)["case"] == called


_SIX, _COLUMNS = "gtp-fcn/BasicMotions", ["orientation=columns", "columns_are=cases"]
_ROWS = (
    "holds series of 1 channel and gtp-fcn/BasicMotions takes 6. It was read as 6 series of 102 "
    "points, one series per row; where it is built otherwise, give --set channels=6 or --set "
    "orientation=columns."
)
_CASES = (
    "read as 6 series of 102 points, one series per column; where it is built otherwise, give "
    "--set columns_are=channels or --set orientation=rows."
)
_CHANNELS = (
    "holds series of 6 channels and gtp-fcn/GunPoint takes 1. It was read as 1 series of 102 "
    "points, one series per column; where it is built otherwise, give --set columns_are=cases or "
    "--set orientation=rows."
)


@pytest.mark.parametrize(
    ("model", "options", "said"),
    [
        (_SIX, [], _ROWS),
        (_SIX, _COLUMNS, _CASES),
        (MODEL, [_COLUMNS[0], "columns_are=channels"], _CHANNELS),
    ],
)
def test_other_channels_than_the_models_say_how_the_file_was_read(
    model: str, options: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    X = np.random.default_rng(0).standard_normal((102, 6) if options else (6, 102))
    file = write(tmp_path / "mine.csv", X, header=False)
    for command, flag in (("predict", "--set"), ("explain", "--read")):
        told = [part for option in options for part in (flag, option)]
        assert main([command, model, file, *told]) == 2
        assert said.replace("--set", flag) in capsys.readouterr().err


def test_what_takes_long_tells_how_far_it_is_and_gives_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = str(tmp_path / "many.npy")
    np.save(file, np.tile(load_dataset("GunPoint").X_test, (2, 1, 1))[:, 0])
    monkeypatch.setattr("tscviz.cli.predicting._QUIET_SECONDS", float("inf"))
    quiet = document(capsys, "predict", MODEL, file)
    monkeypatch.setattr("tscviz.cli.predicting._QUIET_SECONDS", 0.0)
    assert main(["predict", MODEL, file, "--json"]) == 0
    out, err = capsys.readouterr()
    assert err.startswith("case 64/300  ")
    assert json.loads(out) == quiet
    classifier = load_model(MODEL)
    series = read_series(tmp_path / "many.npy")
    ready = classifier.prepare(series)
    wanted = classifier.predict_proba(ready.X, ready.mask)
    found = [list(case["probabilities"].values()) for case in quiet["cases"]]
    np.testing.assert_array_equal(np.array(found, np.float32), wanted)


def test_the_readmes_route_to_a_file_of_ones_own_is_the_command_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = load_dataset("GunPoint")
    write(tmp_path / "my_series.csv", 40 + 9 * data.X_test[:6, 0], header=False)  # as measured
    lines = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("series = tscviz.read"))
    code = [*lines[start : start + 2], f"proba = {lines[start + 2]}"]
    names: dict[str, Any] = {"tscviz": tscviz, "model": load_model(MODEL)}
    monkeypatch.chdir(tmp_path)
    exec("\n".join(code), names)  # noqa: S102
    cases = document(capsys, "predict", MODEL, "my_series.csv")["cases"]
    told = [list(case["probabilities"].values()) for case in cases]
    np.testing.assert_allclose(names["proba"], told, atol=1e-7)
    assert names["proba"].argmax(axis=1).tolist() == data.y_test[:6].tolist()
    raw = names["model"].predict_proba(names["series"].X, names["series"].mask)
    assert raw.argmax(axis=1).tolist() != data.y_test[:6].tolist()


def test_a_case_too_short_keeps_its_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ["1.5,2.5,0.5,4.5,3.5,9.5,1.25,7.5"] * 70 + ["1.5,2.5"]
    (tmp_path / "mine.csv").write_text("\n".join(rows) + "\n")
    command = ["predict", "dtp-fcn/GunPoint", str(tmp_path / "mine.csv"), "--set", "ragged=true"]
    assert main(command) == 2
    assert "case 71 has 2 time points" in capsys.readouterr().err


def test_a_file_without_labels_has_no_column_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    X = load_dataset("GunPoint").X_test[:3, 0]
    file = write(tmp_path / "bare.csv", X, header=False)
    lines = printed(capsys, "predict", MODEL, file)
    assert lines[0].endswith("no header, one series per row, no labels")
    assert "case  class  probability" in lines
    assert document(capsys, "predict", MODEL, file)["notes"] == []
    np.savez(tmp_path / "bare.npz", X=X[:, None], y=np.array([1, 2, 2]))
    lines = printed(capsys, "predict", MODEL, str(tmp_path / "bare.npz"))
    assert lines[0].endswith(
        "3 series of 150 points, 1 channel, npz, one series per row, with labels"
    )


def test_another_length_is_doubted(labelled: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = "Your series have 60 points, the training series 150."
    for command in (["predict", MODEL, labelled], ["explain", MODEL, labelled, "--case", "1"]):
        (note,) = document(capsys, *command)["notes"]
        assert note.startswith(said)
        assert any(line.startswith(f"note: {said}") for line in printed(capsys, *command))


def test_another_dataset_is_doubted_and_the_models_own_is_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (note,) = document(capsys, "explain", MODEL, "--dataset", "ItalyPowerDemand")["notes"]
    assert note.startswith("Your series have 24 points, the training series 150.")
    assert document(capsys, "explain", MODEL, "--case", "3")["notes"] == []


def test_another_unit_is_doubted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    X = load_dataset("BasicMotions").X_test
    notes = []
    for factor in (1, 1000):
        np.save(tmp_path / "mine.npy", X * factor)
        found = document(capsys, "predict", "gtp-fcn/BasicMotions", str(tmp_path / "mine.npy"))
        notes.append(found["notes"])
    assert notes[0] == []
    assert notes[1][0].startswith("Your series lie far from the training data. Channel 1: mean ")
    assert notes[1][0].endswith("Check the unit and the order of the channels.")


def test_classes_that_are_numbers_are_known_however_they_are_written(
    labelled: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for case, name in ((0, "1"), (1, "2"), (2, "2")):
        found = document(
            capsys, "explain", MODEL, labelled, "--case", str(case), "--target", "true"
        )
        assert found["target"] == name
    found = document(capsys, "explain", MODEL, "--target", "01", "--against", "2.0")
    assert (found["target"], found["against"]) == ("1", "2")
    assert main(["explain", MODEL, labelled, "--case", "3", "--target", "true"]) == 2
    assert "there is no class 'none'; the classes are: 1, 2." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (1.0, ">0.9999"),
        (0.99996, ">0.9999"),
        (0.9999, "0.9999"),
        (0.5, "0.5000"),
        (0.0001, "0.0001"),
        (1e-9, "<0.0001"),
    ],
)
def test_no_probability_reads_all_or_nothing(p: float, text: str) -> None:
    assert share(p) == text


def test_a_sure_answer_is_not_printed_as_certain(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    X = load_dataset("GunPoint").X_test[:8, 0]
    lines = printed(capsys, "predict", MODEL, write(tmp_path / "mine.csv", X))
    assert not any("1.0000" in line for line in lines)
    assert any(line.endswith(">0.9999") for line in lines)
    assert ">0.9999" in printed(capsys, "explain", MODEL, "--case", "0")[0]
