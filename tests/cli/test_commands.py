"""The command line, as a person and as a script use it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tscviz.cli import main
from tscviz.data import load_dataset
from tscviz.models import load_model

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run")
    command = "train --model dtp-fcn --dataset ItalyPowerDemand --preset quick --json"
    code = main([*command.split(), "--set", "epochs=3", "--set", "segments=3", "--out", str(out)])
    assert code == 0
    return out / "model"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any, str]:
    code = main([*arguments, "--json"])
    out, err = capsys.readouterr()
    return code, json.loads(out) if out else None, err


def test_datasets(capsys: pytest.CaptureFixture[str]) -> None:
    code, document, _ = run(capsys, "datasets")
    names = {row["name"] for row in document["datasets"]}
    assert code == 0
    assert {"GunPoint", "ItalyPowerDemand", "ArrowHead", "OSULeaf", "BasicMotions"} <= names


def test_models_tell_options_and_presets(capsys: pytest.CaptureFixture[str]) -> None:
    code, document, _ = run(capsys, "models")
    assert code == 0
    dtp = next(m for m in document["models"] if m["name"] == "dtp-fcn")
    assert {o["name"] for o in dtp["options"]} >= {"pooling", "segments", "cost", "gamma"}
    assert dtp["presets"]["paper"]["epochs"] == 500
    assert main(["models"]) == 0
    assert "dtp-resnet" in capsys.readouterr().out


def test_describe(capsys: pytest.CaptureFixture[str]) -> None:
    code, document, _ = run(capsys, "describe", "gtp-fcn", "--dataset", "GunPoint")
    assert code == 0
    assert (document["parameters"], document["length"]) == (264_962, 150)
    assert run(capsys, "describe", "dtp-fcn", "--set", "segments=8")[1]["parameters"] > 264_962


def test_describe_takes_what_is_given_before_the_dataset(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = ("n_channels", "n_classes", "length")
    for given, wanted in (
        ("--dataset GunPoint --length 300", (1, 2, 300)),
        ("--dataset BasicMotions --classes 9", (6, 9, 100)),
        ("--dataset BasicMotions --channels 1", (1, 4, 100)),
        ("--channels 3", (3, 2, 150)),
    ):
        _, document, _ = run(capsys, "describe", "gtp-fcn", *given.split())
        assert tuple(document[name] for name in names) == wanted


def test_evaluate_says_that_the_data_are_not_the_cards(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = "gtp-fcn/GunPoint"
    assert run(capsys, "evaluate", model)[1]["notes"] == []
    _, document, _ = run(capsys, "evaluate", model, "--dataset", "ItalyPowerDemand")
    first, second = document["notes"]
    assert first.startswith("gtp-fcn/GunPoint was trained on GunPoint, not on ItalyPowerDemand;")
    assert second.startswith("Your series have 24 points, the training series 150.")
    assert (document["same_data_as_card"], document["card_accuracy"]) == (False, None)
    assert main(["evaluate", model, "--dataset", "ItalyPowerDemand"]) == 0
    assert f"note: {first}\nnote: {second}\n" in capsys.readouterr().out


def test_evaluate_knows_other_data_of_the_same_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"{1 + i % 2}\t{i % 7}.5\t2.5\t{i % 5}.25\t1.5\t3.5\t2" for i in range(24)]
    swapped = [f"{3 - int(row[0])}{row[1:]}" for row in rows]
    for name, lines in (("a", rows), ("b", swapped)):
        (tmp_path / name).mkdir()
        for part in ("TRAIN", "TEST"):
            (tmp_path / name / f"Mine_{part}.tsv").write_text("\n".join(lines) + "\n")
    train = "train --model gtp-fcn --dataset Mine --preset quick --json --set epochs=1"
    folders = ["--archive", str(tmp_path / "a"), "--out", str(tmp_path / "run")]
    assert main([*train.split(), *folders]) == 0
    capsys.readouterr()
    model = str(tmp_path / "run" / "model")
    _, document, _ = run(capsys, "evaluate", model, "--archive", str(tmp_path / "b"))
    (note,) = document["notes"]
    assert note == (
        "this Mine is not the one that gtp-fcn/Mine was trained on: values or labels differ; the "
        "card's accuracy does not apply."
    )


def test_the_app_prints_no_document(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["app", "--json"])
    assert end.value.code == 2
    assert "unrecognized arguments: --json" in capsys.readouterr().err


def test_evaluate_gives_the_cards_accuracy_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, document, _ = run(capsys, "evaluate", str(folder))
    assert code == 0
    assert document["same_data_as_card"] is True
    assert document["accuracy"] == document["card_accuracy"]
    assert np.sum(document["confusion"]) == document["n_cases"] == 1029


def test_predict_a_file_equals_the_model(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, classifier = load_dataset("ItalyPowerDemand"), load_model(folder)
    file = tmp_path / "series.csv"
    np.savetxt(file, data.X_test[:5, 0], delimiter=",", fmt="%.9g")
    code, document, _ = run(capsys, "predict", str(folder), str(file))
    assert code == 0
    wanted = classifier.predict_proba(data.X_test[:5])
    for case, row in zip(document["cases"], wanted, strict=True):
        assert list(case["probabilities"]) == list(classifier.classes)
        np.testing.assert_allclose(list(case["probabilities"].values()), row, atol=1e-3)
        assert case["class"] == classifier.classes[int(row.argmax())]


def test_explain_a_case_of_the_dataset_and_of_a_file(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, document, _ = run(capsys, "explain", str(folder), "--case", "7", "--target", "2")
    assert code == 0
    assert document["target"] == "2"
    assert np.shape(document["values"]) == (1, 24)
    assert document["segments"]["boundaries"][0] == 0
    assert document["segments"]["boundaries"][-1] == 24
    assert abs(document["details"]["completeness_gap"]) < 1e-4
    file = tmp_path / "one.csv"
    np.savetxt(file, load_dataset("ItalyPowerDemand").X_test[7:9, 0], delimiter=",", fmt="%.9g")
    code, of_file, _ = run(capsys, "explain", str(folder), str(file), "--target", "2")
    assert code == 0
    np.testing.assert_allclose(of_file["values"], document["values"], atol=0.05)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["train", "--model", "dtp-fcn", "--dataset", "../etc"], "tscviz: "),
        (["train", "--model", "nothing", "--dataset", "GunPoint"], "there is no model 'nothing'"),
        (["train", "--model", "dtp-fcn", "--dataset", "GunPoint", "--set", "x"], "NAME=VALUE"),
        (["train", "--model", "dtp-fcn", "--dataset", "GunPoint", "--threads", "0"], "1 to 1024"),
        (["train", "--model", "dtp-fcn", "--dataset", "GunPoint", "--threads", "9" * 9], "1 to"),
        (
            ["train", "--model", "dtp-fcn", "--dataset", "GunPoint", "--set", "weight_decay=1e300"],
            "at most 100",
        ),
        (["describe", "dtp-fcn", "--set", f"segments={'9' * 5000}"], "9 …; it must be of type int"),
        (["describe", "dtp-fcn", "--length", "3"], "at least 4 time points"),
        (["evaluate", "dtp-fcn/Nowhere"], "there is no model"),
        (["predict", "dtp-fcn/Nowhere", "x.csv"], "there is no model"),
        (["datasets", "--archive", "/nowhere"], "/nowhere"),
    ],
)
def test_bad_input_is_one_line_and_code_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], text: str
) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert text in err
    assert len(err.strip().splitlines()) == 1


def test_a_bad_file_or_case_is_one_line(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("1,2,3\n4,five,6\n")
    for arguments in (
        ["predict", str(folder), str(file)],
        ["predict", str(folder), str(tmp_path / "absent.csv")],
        ["explain", str(folder), "--case", "-1"],
        ["explain", str(folder), "--target", "9"],
    ):
        assert main(arguments) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_an_interrupt_keeps_a_checkpoint_and_resume_ends_the_run(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tscviz", "train", "--model", "gtp-fcn"]
    command += ["--dataset", "ItalyPowerDemand", "--preset", "quick", "--set", "epochs=40"]
    command += ["--set", "test_every=2", "--out", str(tmp_path / "run"), "--json"]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    while "epoch 2/" not in (line := process.stderr.readline()):
        assert line, "the run ended before its second epoch"
    process.send_signal(2)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert json.loads(out)["state"] == "cancelled"
    assert "--resume" in err
    assert not (tmp_path / "run" / "model").exists()
    done = subprocess.run(
        [*command, "--resume"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["epochs"] == 40
    assert "epoch 1/" not in done.stderr
