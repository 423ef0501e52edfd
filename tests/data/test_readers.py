"""Dialects, encodings and options of delimited text."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import numpy as np
import pytest

from tscviz.data.cells import NumberReader
from tscviz.data.errors import DataError
from tscviz.data.readers import Layout, preview, read_series, sniff

X = np.round(np.random.default_rng(0).normal(size=(6, 9)).cumsum(axis=1), 4) + 0.00001
LABELS = ("up", "down", "up", "up", "down", "up")


def table(
    delimiter: str = ",",
    decimal: str = ".",
    header: bool = True,
    labels: tuple[str, ...] | None = LABELS,
) -> str:
    lines = []
    if header:
        lines.append([*(["label"] if labels else []), *(f"t{i}" for i in range(X.shape[1]))])
    for i, row in enumerate(X):
        cells = [repr(float(v)).replace(".", decimal) for v in row]
        lines.append([*([labels[i]] if labels else []), *cells])
    return "\n".join(delimiter.join(line) for line in lines) + "\n"


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize(
    ("delimiter", "decimal"),
    [(",", "."), (";", "."), (";", ","), ("\t", "."), ("\t", ","), (" ", "."), (" ", ","),
     ("   ", "."), ("|", ".")],
)  # fmt: skip
def test_every_dialect_gives_the_same_series(delimiter: str, decimal: str, header: bool) -> None:
    series = read_series(table(delimiter, decimal, header).encode())
    np.testing.assert_allclose(series.X[:, 0], X, rtol=1e-6)
    assert series.labels == LABELS
    assert series.mask.all()
    assert series.names == ("1", "2", "3", "4", "5", "6")
    assert series.layout["delimiter"] == delimiter[:1]
    assert series.layout["decimal"] == decimal
    assert series.layout["header"] is header


@pytest.mark.parametrize(
    ("codec", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le"),
     ("utf-16-be", "utf-16-be"), ("utf-32", "utf-32"), ("latin-1", "latin-1")],
)  # fmt: skip
def test_encodings_are_found_and_labels_keep_their_letters(codec: str, found: str) -> None:
    text = table(labels=("grün", "weiß", "grün", "weiß", "grün", "weiß"))
    series = read_series(text.encode(codec))
    assert series.labels == ("grün", "weiß", "grün", "weiß", "grün", "weiß")
    assert series.layout["encoding"] == found
    np.testing.assert_allclose(series.X[:, 0], X, rtol=1e-6)


def test_windows_quotes_and_a_chosen_encoding() -> None:
    text = table(labels=("“a”", "b€", "“a”", "b€", "“a”", "b€"))
    assert read_series(text.encode("cp1252")).labels == ("“a”", "b€") * 3
    japanese = table(labels=("上", "下", "上", "下", "上", "下")).encode("shift_jis")
    assert read_series(japanese, encoding="shift_jis").labels == ("上", "下") * 3


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends(newline: str) -> None:
    series = read_series(table().replace("\n", newline).encode())
    assert series.X.shape == (6, 1, 9)
    with pytest.raises(DataError) as caught:
        read_series(table().replace(repr(float(X[2, 0])), "oops").replace("\n", newline).encode())
    assert (caught.value.row, caught.value.column) == (4, 2)


def test_gzip_path_and_open_file_agree(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(table().encode()))
    stream = io.BytesIO(table().encode())
    first, second = read_series(path), read_series(stream)
    assert first.layout["compression"] == "gzip"
    np.testing.assert_array_equal(first.X, second.X)
    assert stream.tell() == 0  # read again below, without a rewind
    assert read_series(stream).labels == LABELS
    assert read_series(str(path)).labels == LABELS


def test_comments_notes_and_blank_lines_at_the_top_are_skipped() -> None:
    text = "# made by a logger\n\nSampling rate of the device\n" + table().replace("\n", "\n\n")
    series = read_series(text.encode())
    assert series.labels == LABELS
    assert series.layout["skip_rows"] == 3
    assert any("first 3 lines" in reason for reason in series.layout["reasons"])


def test_trailing_delimiters_are_no_column() -> None:
    text = table(header=False, labels=None).replace("\n", ",\n")
    series = read_series(text.encode())
    assert series.X.shape == (6, 1, 9)
    assert series.layout["trailing_delimiter"] is True


def test_quoted_cells_may_hold_the_delimiter() -> None:
    text = 'label,t0,t1,t2\n"a, b",1.5,"2.5",3.5\n"say ""x""",1.5,2.5,3\n'
    series = read_series(text.encode())
    assert series.labels == ("a, b", 'say "x"')
    np.testing.assert_array_equal(
        series.X[:, 0], np.array([[1.5, 2.5, 3.5], [1.5, 2.5, 3]], dtype=np.float32)
    )


def test_missing_marks_are_nan_inside_and_end_the_series_outside() -> None:
    marks = ["", "NA", "NaN", "?", "null", "-", "n/a", "None"]
    lines = [f"{m},1.5,{m},{i}.25,2.5,{m}" for i, m in enumerate(marks)]
    series = read_series(("\n".join(lines)).encode(), header=False, orientation="rows")
    assert series.X.shape == (8, 1, 5)
    assert np.isnan(series.X[:, 0, [0, 2]]).all()
    np.testing.assert_array_equal(series.X[:, 0, 3], np.arange(8) + np.float32(0.25))
    assert series.mask.all()


def test_own_missing_marks_are_added_to_the_usual_ones() -> None:
    series = read_series(b"1.5,-999,2.5,NA,3\n2.5,1,2.5,-999.0,4\n", missing=["-999"], header=False)
    expected = np.array([[1.5, np.nan, 2.5, np.nan, 3], [2.5, 1, 2.5, np.nan, 4]], dtype=np.float32)
    np.testing.assert_array_equal(series.X[:, 0], expected)


def test_layout_explains_itself_and_repeats() -> None:
    data = table(";", ",").encode("utf-16")
    layout = sniff(data)
    assert layout == Layout(
        format="csv", encoding="utf-16", delimiter=";", decimal=",", header=True,
        orientation="rows", label_column="label", reasons=layout.reasons,
    )  # fmt: skip
    assert all(reason.endswith(".") for reason in layout.reasons)
    assert len(layout.reasons) >= 5
    again = read_series(data, **layout.options())
    np.testing.assert_array_equal(again.X, read_series(data).X)
    assert again.labels == LABELS


def test_preview_shows_raw_rows() -> None:
    data = b"label,t0,t1,t2\na,1,2,x\nb,2,3,4\n"
    assert preview(data, sniff(data), n=2) == [["label", "t0", "t1", "t2"], ["a", "1", "2", "x"]]
    wide = ",".join(map(str, range(100))).encode() + b"\n" + b"1.5," * 99 + b"1.5\n"
    row = preview(wide, sniff(wide))[0]
    assert len(row) == 25
    assert row[-1] == "..."


def test_chosen_dialect_beats_the_guess() -> None:
    data = b"1,5;2,5;4\n1,5;3,5;5\n"
    assert sniff(data).decimal == ","
    by_comma = read_series(b"1,5\n2,5\n3,7\n", delimiter=";", decimal=",")
    np.testing.assert_array_equal(by_comma.X[0, 0], np.array([1.5, 2.5, 3.7], dtype=np.float32))
    assert read_series(b"1,5\n2,5\n3,7\n").X.shape == (2, 1, 3)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"delimeter": ","}, "no option 'delimeter'"),
        ({"delimiter": ",,"}, "delimiter is ',,'"),
        ({"delimiter": ",", "decimal": ","}, "must differ"),
        ({"orientation": "diagonal"}, "'rows', 'columns', 'long'"),
        ({"header": "yes"}, "True or False"),
        ({"channels": 0}, "whole number from 1"),
        ({"label_column": 99}, "no column 99"),
        ({"label_column": "klass"}, "no column named 'klass'"),
        ({"encoding": "rot13"}, "one of 'utf-8'"),
        ({"missing": 3}, "list of texts"),
        ({"format": "xls"}, "one of 'csv'"),
        ({"label_column": "label", "drop_columns": ["label"]}, "also left out"),
    ],
)
def test_wrong_options_are_named(options: dict, text: str) -> None:
    with pytest.raises(DataError, match=text):
        read_series(table().encode(), **options)


def test_a_large_table_is_read_row_by_row_not_cell_by_cell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A cell is looked at alone only in the rows that hold something else than numbers."""
    looked: list[int] = []
    number = NumberReader.number

    def counted(reader: NumberReader, cell: str, row: int, column: int) -> float:
        looked.append(row)
        return number(reader, cell, row, column)

    monkeypatch.setattr(NumberReader, "number", counted)
    values = np.random.default_rng(1).normal(size=(1000, 1000))
    lines = [",".join(map(repr, row)) for row in values.tolist()]
    lines[700] = "NA" + lines[700][lines[700].index(",") :]
    series = read_series("\n".join(lines).encode())
    values[700, 0] = np.nan
    np.testing.assert_array_equal(series.X[:, 0], values.astype(np.float32))
    assert set(looked) == {701}
    assert len(looked) == 1000
