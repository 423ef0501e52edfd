"""load_dataset, list_datasets and check_datasets."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tscviz.data import DataError, check_datasets, list_datasets, load_dataset
from tscviz.data.bundled import BUNDLED, bundled_folder
from tscviz.data.folder import check_name, scan_folder

# name: train, test, channels, shortest, longest, classes
SHAPES = {
    "ACSF1": (100, 100, 1, 1460, 1460, 10),
    "ArrowHead": (36, 175, 1, 251, 251, 3),
    "BasicMotions": (40, 40, 6, 100, 100, 4),
    "GunPoint": (50, 150, 1, 150, 150, 2),
    "ItalyPowerDemand": (67, 1029, 1, 24, 24, 2),
    "JapaneseVowels": (270, 370, 12, 7, 29, 9),
    "OSULeaf": (200, 242, 1, 427, 427, 6),
    "PickupGestureWiimoteZ": (50, 50, 1, 29, 361, 10),
    "UnitTest": (20, 22, 1, 24, 24, 2),
}
TS = "@univariate true\n@classLabel true 1 2\n@data\n"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive folder with one small problem in each format."""
    folder = tmp_path / "archive"
    rows = {"TRAIN": ["1,2,3", "4,5,6"], "TEST": ["7,8,9"]}
    for split, cases in rows.items():
        labels = ["1", "2"][: len(cases)]
        pairs = list(zip(cases, labels, strict=True))
        files = {
            f"Ts/Ts_{split}.ts": TS + "\n".join(f"{c}:{y}" for c, y in pairs),
            f"Tsv/Tsv_{split}.tsv": "\n".join(f"{y},{c}".replace(",", "\t") for c, y in pairs),
            f"Old/Old_{split}": "\n".join(f"{y},{c}" for c, y in pairs),
            f"Txt/Txt_{split}.txt": "\n".join(f"{y},{c}" for c, y in pairs),
            f"Arff/Arff_{split}.arff": "@data\n" + "\n".join(f"{c},{y}" for c, y in pairs),
            f"Flat_{split}.ts": TS + "\n".join(f"{c}:{y}" for c, y in pairs),
        }
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return folder


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_problems(name: str) -> None:
    data = load_dataset(name)
    lengths = np.concatenate([data.mask_train.sum(axis=1), data.mask_test.sum(axis=1)])
    found = (
        len(data.X_train),
        len(data.X_test),
        data.n_channels,
        lengths.min(),
        lengths.max(),
        data.n_classes,
    )
    assert found == SHAPES[name]
    assert (data.name, data.source) == (name, "bundled")
    assert data.X_train.dtype == data.X_test.dtype == np.float32
    assert not data.X_train[~data.mask_train[:, None].repeat(data.n_channels, 1)].any()
    assert set(data.y_train) == set(range(data.n_classes))


def test_gunpoint_values() -> None:
    data = load_dataset("GunPoint")
    np.testing.assert_allclose(data.X_train[0, 0, :3], [-0.64789, -0.64199, -0.63819], atol=1e-5)
    assert data.class_names == ("1", "2")
    assert np.bincount(data.y_train).tolist() == [24, 26]
    assert data.digest == load_dataset("GunPoint").digest


@pytest.mark.parametrize("name", ["Ts", "Tsv", "Old", "Txt", "Arff", "Flat"])
def test_archive_folder_in_every_format(archive: Path, name: str) -> None:
    data = load_dataset(name, archive)
    assert data.X_train.tolist() == [[[1, 2, 3]], [[4, 5, 6]]]
    assert data.X_test.tolist() == [[[7, 8, 9]]]
    assert data.class_names == ("1", "2")
    assert data.source == "archive"
    assert data.digest == load_dataset("Ts", archive).digest


def test_environment_sets_the_archive(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TSCVIZ_ARCHIVE", str(archive))
    assert load_dataset("Ts").source == "archive"
    assert "Flat" in {info.name for info in list_datasets()}


def test_bundled_comes_before_the_archive(archive: Path) -> None:
    shutil.copytree(archive / "Ts", archive / "GunPoint")
    for path in (archive / "GunPoint").iterdir():
        path.rename(path.with_name(path.name.replace("Ts_", "GunPoint_")))
    assert load_dataset("GunPoint", archive).length == 150


def test_unequal_lengths_of_tsv_become_a_mask(archive: Path) -> None:
    path = archive / "Tsv" / "Tsv_TRAIN.tsv"
    path.write_text("1\t1\tNaN\t3\tNaN\n3\t4\t5\t6\t7\n")
    data = load_dataset("Tsv", archive)
    assert data.mask_train.sum(axis=1).tolist() == [3, 4]
    assert np.isnan(data.X_train[0, 0]).tolist() == [False, True, False, False]
    assert data.X_train[0, 0, 3] == 0
    assert data.class_names == ("1", "3")
    assert data.mask_test.tolist() == [[True, True, True, False]]


@pytest.mark.parametrize(
    "name",
    ["", "..", "../Ts", "Ts/../Ts", "/etc/passwd", "Ts\n", "a b", "a\0b", "-x", "x" * 101, "Ts.ts"],
)
def test_names_cannot_leave_the_folder(archive: Path, name: str) -> None:
    with pytest.raises(DataError, match="cannot be the name of a dataset"):
        load_dataset(name, archive)
    with pytest.raises(DataError, match="cannot be the name"):
        check_name(name)


def test_a_name_that_is_no_text() -> None:
    with pytest.raises(DataError, match="cannot be the name"):
        load_dataset(3)  # type: ignore[arg-type]


def test_missing_test_file(archive: Path) -> None:
    (archive / "Ts" / "Ts_TEST.ts").unlink()
    with pytest.raises(DataError, match=r"found Ts_TRAIN\.ts but not Ts_TEST\.ts"):
        load_dataset("Ts", archive)


@pytest.mark.parametrize("place", ["Mine", "."])
def test_files_that_are_none_of_an_archive_are_told(archive: Path, place: str) -> None:
    (archive / place).mkdir(exist_ok=True)
    for part in ("TRAIN", "TEST"):
        (archive / place / f"Mine_{part}.csv").write_text("1,2,3\n2,3,4\n")
    with pytest.raises(DataError, match=r"Mine_TRAIN\.csv is no file of an archive") as caught:
        load_dataset("Mine", archive)
    assert "whose formats are .ts, .tsv, .arff and .txt" in str(caught.value)


def test_what_is_nowhere_names_the_archive_folder_only_where_there_is_none(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TSCVIZ_ARCHIVE", raising=False)
    with pytest.raises(DataError, match="in no archive folder, and aeon knows no dataset") as bare:
        load_dataset("Minx")
    with pytest.raises(DataError, match="in no archive folder, and aeon knows no dataset") as told:
        load_dataset("Minx", archive)
    hint = "No archive folder is set: TSCVIZ_ARCHIVE names one, or --archive in a command."
    assert hint in str(bare.value)
    assert "No archive folder is set" not in str(told.value)


def test_missing_archive_folder(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    with pytest.raises(DataError, match=r"archive folder .*gone could not be read"):
        load_dataset("Coffee", gone)
    with pytest.raises(DataError, match="archive folder"):
        list_datasets(gone)
    assert load_dataset("GunPoint", gone).source == "bundled"


def test_list_reads_heads_only(archive: Path) -> None:
    (archive / "Ts" / "Ts_TRAIN.ts").write_text(TS + "not,a,number:1\n")
    (archive / "notes.txt").write_text("x")
    (archive / ".hidden_TRAIN.ts").write_text("x")
    found = {info.name: info for info in list_datasets(archive)}
    assert set(found) == {*BUNDLED, "Ts", "Tsv", "Old", "Txt", "Arff", "Flat"}
    assert found["Ts"].error is None
    assert (found["Ts"].source, found["Ts"].kind, found["Ts"].n_classes) == ("archive", "uni", 2)
    motions = found["BasicMotions"]
    assert (motions.source, motions.kind, motions.n_channels, motions.length) == (
        "bundled",
        "multi",
        6,
        100,
    )
    assert found["JapaneseVowels"].length is None
    assert found["ArrowHead"].length == 251  # its head is silent: the points are counted
    assert (found["Ts"].length, found["Flat"].length, found["Tsv"].length) == (3, 3, None)
    names = list(found)
    assert names == sorted(names, key=str.lower)


def test_lengths_are_counted_where_the_head_is_silent(archive: Path) -> None:
    path = archive / "Ts" / "Ts_TRAIN.ts"
    for cases, length in (
        ("# c\n1,2,3,?:1\n4,5,6,7:2\n", 4),
        ("1,2,3:1\n4,5:2\n", None),
        ("1,2:3,4:1\n5,6:7,8:2\n", 2),
        ("", None),
    ):
        path.write_text(TS + cases)
        assert {info.name: info.length for info in list_datasets(archive)}["Ts"] == length
    path.write_text(TS.replace("@data", "@timeStamps true\n@data") + "(0,1),(1,2):1\n")
    assert {info.name: info.length for info in list_datasets(archive)}["Ts"] is None


def test_list_tells_relational_arff(archive: Path) -> None:
    for split in ("TRAIN", "TEST"):
        path = archive / "Arff" / f"Arff_{split}.arff"
        path.write_text("@attribute r relational\n@data\n'1,2\\n3,4',a\n")
    assert {i.name: i.kind for i in list_datasets(archive)}["Arff"] == "multi"
    assert load_dataset("Arff", archive).X_train.tolist() == [[[1, 2], [3, 4]]]


def test_list_shows_what_cannot_be_used(archive: Path) -> None:
    (archive / "Ts" / "Ts_TRAIN.ts").write_text("nonsense\n")
    (archive / "Flat_TEST.ts").unlink()
    found = {info.name: info for info in list_datasets(archive)}
    assert "no .ts file" in str(found["Ts"].error)
    assert "Flat_TEST.ts" in str(found["Flat"].error)


def test_check_yields_every_dataset_and_raises_for_none(archive: Path) -> None:
    (archive / "Ts" / "Ts_TRAIN.ts").write_text(TS + "1,x,3:1\n")
    (archive / "Tsv" / "Tsv_TRAIN.tsv").write_text("1\t1\tNaN\t3\n2\t4\tNaN\tNaN\n")
    rows = {row["name"]: row for row in check_datasets(archive)}
    json.dumps(rows)
    assert set(rows) == {*BUNDLED, "Ts", "Tsv", "Old", "Txt", "Arff", "Flat"}
    assert "row 4, column 2" in rows["Ts"]["error"]
    assert rows["Ts"]["n_train"] is None
    assert rows["Tsv"] == {
        "name": "Tsv",
        "source": "archive",
        "n_train": 2,
        "n_test": 1,
        "min_length": 1,
        "length": 3,
        "n_channels": 1,
        "n_classes": 2,
        "missing": 1,
        "digest": load_dataset("Tsv", archive).digest,
        "error": None,
    }
    assert rows["GunPoint"]["n_test"] == 150


def test_bundled_folder_holds_every_bundled_problem() -> None:
    folder = bundled_folder()
    assert folder is not None
    assert set(BUNDLED) <= set(scan_folder(folder))
