"""The parsers of .ts, .tsv, UCR-2015 text and .arff."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tscviz.data.archive_files import read_arff, read_text, read_ts, ts_header
from tscviz.data.bundled import BUNDLED, bundled_folder
from tscviz.data.errors import DataError
from tscviz.data.readers import read_series

HEADER = "@problemName Toy\n@univariate {}\n@equalLength false\n@classLabel true A b\n@data\n"


def bundled(name: str) -> Path:
    folder = bundled_folder()
    assert folder is not None
    return folder / name.partition("_")[0] / name


def write(folder: Path, text: str, name: str = "Toy_TRAIN.ts") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize("name", BUNDLED)
def test_ts_agrees_with_aeon(name: str) -> None:
    from aeon.datasets import load_from_ts_file

    path = bundled(f"{name}_TRAIN.ts")
    ours = read_ts(path)
    cases, labels = load_from_ts_file(str(path))[:2]
    assert [label.lower() for label in ours.labels] == list(labels)
    assert len(ours.cases) == len(cases)
    for mine, theirs in zip(ours.cases, cases, strict=True):
        np.testing.assert_array_equal(mine, theirs.astype(np.float32))


def test_ts_keeps_the_spelling_of_labels() -> None:
    assert set(read_ts(bundled("BasicMotions_TRAIN.ts")).labels) == {
        "Standing",
        "Running",
        "Walking",
        "Badminton",
    }


def test_ts_missing_values_lengths_and_channels(tmp_path: Path) -> None:
    text = HEADER.format("false") + "1,?,3:4,5,NaN:A\n\n# a comment\n-1e2,2:3,4:b\n\n"
    split = read_ts(write(tmp_path, text))
    assert split.labels == ["A", "b"]
    np.testing.assert_array_equal(split.cases[0], [[1, np.nan, 3], [4, 5, np.nan]])
    np.testing.assert_array_equal(split.cases[1], [[-100, 2], [3, 4]])


def test_ts_missing_value_at_the_end_is_a_point_of_the_series(tmp_path: Path) -> None:
    split = read_ts(write(tmp_path, HEADER.format("true") + "1,2,?:A\n"))
    assert split.cases[0].shape == (1, 3)


def test_ts_with_time_stamps_keeps_sign_and_exponent(tmp_path: Path) -> None:
    text = HEADER.format("false").replace("@data", "@timeStamps true\n@data")
    text += "(2007-01-01 00:00:00,-1.5),(2007-01-01 00:01:00,?):(0,2),(1,3e2):A\n"
    split = read_ts(write(tmp_path, text))
    np.testing.assert_array_equal(split.cases[0], [[-1.5, np.nan], [2, 300]])
    assert split.labels == ["A"]


def test_ts_with_time_stamps_of_the_bundled_file() -> None:
    split = read_ts(bundled("UnitTest_TRAIN.ts").with_name("UnitTestTimeStamps_TRAIN.ts"))
    np.testing.assert_allclose(split.cases[0], [[241.97, 241.75, 241.64, 241.71]], rtol=1e-6)
    assert split.labels[:3] == ["1", "1", "2"]


def test_ts_header(tmp_path: Path) -> None:
    header = ts_header(bundled("BasicMotions_TRAIN.ts"))
    assert (header.univariate, header.n_channels, header.length) == (False, 6, 100)
    assert header.class_names == ("Standing", "Running", "Walking", "Badminton")


def test_ts_with_a_byte_order_mark_and_a_latin1_comment(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbf# caf\xe9\n" + HEADER.format("true").encode() + b"1,2:A\r\n"
    path = tmp_path / "Toy_TRAIN.ts"
    path.write_bytes(text)
    assert read_ts(path).labels == ["A"]


@pytest.mark.parametrize(
    ("line", "row", "column", "says"),
    [
        ("1,x,3:A", 6, 2, "'x' where a number belongs"),
        ("1,1_0:A", 6, 2, "'1_0' where a number belongs"),
        ("1,inf:A", 6, 2, "an infinite value"),
        ("1,1e39:A", 6, 2, "the value 1e\\+39"),
        ("1,2:3:A", 6, None, "1 to 2 points"),
        ("1,2:", 6, None, "label is empty"),
        ("1,2,3", 6, None, "no ':' before its class label"),
        ("1,2:A\n1,2:3,4:A", 7, None, "2 channels where 1 were expected"),
        ("", None, None, "no cases"),
    ],
)
def test_ts_errors_name_the_place(
    tmp_path: Path, line: str, row: int | None, column: int | None, says: str
) -> None:
    with pytest.raises(DataError, match=says) as caught:
        read_ts(write(tmp_path, HEADER.format("false") + line))
    assert (caught.value.row, caught.value.column) == (row, column)
    if row is not None:
        assert f"row {row}" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("@problemName x\n", "no @data line"),
        ("1,2,3\n", "no .ts file"),
        ("@targetLabel true\n@data\n1:2\n", "no class label"),
        ("@classLabel false\n@data\n1,2\n", "no class label"),
    ],
)
def test_ts_bad_headers(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(DataError, match=says):
        read_ts(write(tmp_path, text))


def test_missing_file_is_a_data_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Toy_TRAIN\.ts could not be read"):
        read_ts(tmp_path / "Toy_TRAIN.ts")


@pytest.mark.parametrize(
    ("mark", "name"), [("\t", "T_TRAIN.tsv"), (",", "T_TRAIN"), (" ", "T_TRAIN.txt")]
)
def test_text_formats(tmp_path: Path, mark: str, name: str) -> None:
    rows = (("1", "0.5", "-2", "3"), ("-1", "4", "5e-1", "6"))
    text = "\n".join(mark.join(row) for row in rows)
    split = read_text(write(tmp_path, text, name))
    assert split.labels == ["1", "-1"]
    np.testing.assert_array_equal(split.cases, [[[0.5, -2, 3]], [[4, 0.5, 6]]])


def test_ucr_2015_files_with_leading_blanks(tmp_path: Path) -> None:
    text = "   1.0000000e+00   2.0000000e+00  -3.5000000e+00\n"
    split = read_text(write(tmp_path, text, "T_TRAIN.txt"))
    assert split.labels == ["1.0000000e+00"]
    np.testing.assert_array_equal(split.cases[0], [[2, -3.5]])


def test_tsv_missing_values_at_the_end_are_padding(tmp_path: Path) -> None:
    split = read_text(write(tmp_path, "1\t1\tNaN\t3\tNaN\tNaN\n2\t1\t2\t3\t4\t5\n", "T_TRAIN.tsv"))
    np.testing.assert_array_equal(split.cases[0], [[1, np.nan, 3]])
    assert split.cases[1].shape == (1, 5)


@pytest.mark.parametrize("end", ["\n", "\r\n", "  \n"])
def test_tsv_empty_cells_at_the_end_are_padding(tmp_path: Path, end: str) -> None:
    rows = ("1\t1\t\t3\t\t", "2\t1\t2\t3\t4\t5", "1\t1\t2\t\t\t")
    split = read_text(write(tmp_path, end.join([*rows, ""]), "T_TRAIN.tsv"))
    np.testing.assert_array_equal(split.cases[0], [[1, np.nan, 3]])
    np.testing.assert_array_equal(split.cases[2], [[1, 2]])
    assert split.cases[1].shape == (1, 5)
    assert split.labels == ["1", "2", "1"]


@pytest.mark.parametrize("rows", [("1\t5\t6\t", "2\t7\t8"), ("1\t5\t6", "2\t7\t8\t"),
                                  ("\t1\t5\t6\t", "2\t7\t8\t "), ("1 5 6\t", "2 7 8")])  # fmt: skip
def test_tabs_around_a_line_count_for_nothing(tmp_path: Path, rows: tuple[str, ...]) -> None:
    split = read_text(write(tmp_path, "\n".join(rows), "T_TRAIN.tsv"))
    np.testing.assert_array_equal(split.cases, [[[5, 6]], [[7, 8]]])


@pytest.mark.parametrize(
    ("text", "row", "says"),
    [
        ("1\t1\t2\n2\t1\n", 2, "found 1 values after the label, the rows before have 2"),
        ("1\t1\t2\t\n2\t1\t2\t3\t4\n", 2, "found 4 values after the label, the rows before have 3"),
        ("1\t1\t2\t\n2\t1\t2\n3\t1\t2\t3\n", 3, "found 3 values .* the rows before have 2"),
        ("1\t1\t2\n2\t1\tx\n", 2, "'x' where a number belongs"),
        ("1\tNaN\tNaN\n", 1, "missing values only"),
        ("1\n", 1, "found 0 values"),
        ("", None, "no cases"),
    ],
)
def test_tsv_errors(tmp_path: Path, text: str, row: int | None, says: str) -> None:
    with pytest.raises(DataError, match=says) as caught:
        read_text(write(tmp_path, text, "T_TRAIN.tsv"))
    assert caught.value.row == row


def test_arff_of_several_channels_equals_its_ts_twin() -> None:
    arff = read_arff(bundled("BasicMotions_TRAIN.arff"))
    ts = read_ts(bundled("BasicMotions_TRAIN.ts"))
    assert arff.labels == ts.labels
    np.testing.assert_allclose(arff.cases, ts.cases, atol=1e-5)


def test_arff_of_one_channel(tmp_path: Path) -> None:
    text = (
        "% comment\n@RELATION toy\n@attribute a numeric\n@attribute b numeric\n"
        "@attribute c numeric\n@attribute d numeric\n@attribute class {x,'y'}\n@DATA\n"
        "1,?,3,?,x\n% another\n4,5,6,7,'y'\n"
    )
    split = read_arff(write(tmp_path, text, "T_TRAIN.arff"))
    assert split.labels == ["x", "y"]
    np.testing.assert_array_equal(split.cases[0], [[1, np.nan, 3]])
    np.testing.assert_array_equal(split.cases[1], [[4, 5, 6, 7]])


def test_arff_of_unequal_lengths_and_several_channels(tmp_path: Path) -> None:
    text = "@attribute r relational\n@data\n'1,2,?\\n3,?,?',x\n\"1,2,3\\n4,5,6\",y\n"
    split = read_arff(write(tmp_path, text, "T_TRAIN.arff"))
    np.testing.assert_array_equal(split.cases[0], [[1, 2], [3, np.nan]])
    assert split.cases[1].shape == (2, 3)
    with pytest.raises(DataError, match="must be quoted") as caught:
        read_arff(write(tmp_path, "@attribute r relational\n@data\n1,2,x\n", "T_TRAIN.arff"))
    assert caught.value.row == 3


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("T_TRAIN.ts", HEADER.format("false") + "1,2:3,x:A\n", (6, 4)),
        ("T_TRAIN.ts", HEADER.format("false") + "1,2:3,-inf:A\n", (6, 4)),
        (
            "T_TRAIN.arff",
            "@attribute class {u,v}\n@attribute a real\n@attribute b real\n@data\nu,1,x\n",
            (5, 3),
        ),
    ],
)
def test_archive_and_user_files_name_the_same_place_in_the_same_words(
    tmp_path: Path, name: str, text: str, place: tuple[int, int]
) -> None:
    path = write(tmp_path, text, name)
    with pytest.raises(DataError) as by_user:
        read_series(path)
    with pytest.raises(DataError) as by_archive:
        (read_ts if name.endswith(".ts") else read_arff)(path)
    assert str(by_archive.value) == f"{name}, {by_user.value.worded()}"
    for error in (by_user.value, by_archive.value):
        assert (error.row, error.column) == place
