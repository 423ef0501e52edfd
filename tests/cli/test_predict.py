"""What `predict` and `explain` say of a file: how it was read, and what to doubt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tscviz.cli import main
from tscviz.cli.show import share
from tscviz.data import load_dataset
from tscviz.types import Array

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
