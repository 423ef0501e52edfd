"""The top of a table and how its numbers are written: headers, names, marks, quotes."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from tscviz.data.errors import DataError
from tscviz.data.readers import read_series, sniff
from tscviz.types import SeriesSet

WALKS = np.random.default_rng(0).normal(size=(8, 30)).cumsum(1).round(4) + 0.00001
LABELS = ("1", "2", "2", "1", "1", "2", "1", "2")
NAMES = tuple(str(101 + i) for i in range(8))
POINTS = [f"t{i}" for i in range(30)]


def lines(front: list[list[str]] | None = None, decimal: str = ".", sep: str = ",") -> list[str]:
    """Return the walks as lines of text; `front` are cells before each."""
    rows = [[f"{v:.5f}".replace(".", decimal) for v in walk] for walk in WALKS]
    return [sep.join([*(front[i] if front else ()), *row]) for i, row in enumerate(rows)]


FRONT = [[name, label] for name, label in zip(NAMES, LABELS, strict=True)]


def check(data: str, names: bool = True, **options: Any) -> SeriesSet:
    """Read a table and hold it, and a reading with the layout found, against the walks."""
    series = read_series(data.encode(), **options)
    assert series.X.shape == (8, 1, 30)
    np.testing.assert_array_equal(series.X[:, 0], WALKS.astype(np.float32))
    assert series.labels == LABELS
    if names:
        assert series.names == NAMES
    again = read_series(data.encode(), **sniff(data.encode(), **options).options())
    np.testing.assert_array_equal(again.X, series.X)
    assert (again.labels, again.names) == (series.labels, series.names)
    return series


@pytest.mark.parametrize("times", [1, 200, 20_000])
def test_a_header_of_long_names_is_no_note(times: int) -> None:
    head = ["subject", "label", *(f"amplitude_{'x' * times}_{i}" for i in range(30))]
    series = check("\n".join([",".join(head), *lines(FRONT)]))
    assert not series.layout["notes"]
    noted = check("\n".join(["made in May", ",".join(head), *lines(FRONT)]))
    assert noted.layout["notes"] == ("The first line is a comment or a note and left out.",)


def test_a_long_header_names_channels() -> None:
    values = np.random.default_rng(1).normal(size=(5, 6, 100)).round(5)
    axes = ("acc_x", "acc_y", "acc_z", "g_x", "g_y", "g_z")
    head = ["label", *(f"{axis}_{i}" for axis in axes for i in range(100))]
    rows = [",".join(["ab"[k % 2], *map(str, x.ravel())]) for k, x in enumerate(values)]
    series = read_series("\n".join([",".join(head), *rows]).encode())
    np.testing.assert_array_equal(series.X, values.astype(np.float32))
    assert series.labels == tuple("ababa")


def test_a_row_of_more_than_ten_thousand_cells_has_its_header() -> None:
    values = np.random.default_rng(2).normal(size=(4, 12_000)).round(4)
    rows = ["ab"[k % 2] + "," + ",".join(map(str, row)) for k, row in enumerate(values)]
    for quote in ("", '"'):
        head = ",".join(f"{quote}{name}{quote}" for name in ["label", *map(str, range(12_000))])
        series = read_series("\n".join([head, *rows]).encode())
        assert (series.X.shape, series.labels) == ((4, 1, 12_000), tuple("abab"))


@pytest.mark.parametrize("names", [NAMES, tuple(str(7 * i * i + 3) for i in range(8))])
def test_numbers_of_cases_before_the_label_are_no_label(names: tuple[str, ...]) -> None:
    front = [[name, label] for name, label in zip(names, LABELS, strict=True)]
    series = check("\n".join(lines(front)), names=False)
    assert series.names == names
    assert "another whole number in every row" in " ".join(series.layout["reasons"])
    last = [f"{name},{row},{y}" for name, row, y in zip(names, lines(), LABELS, strict=True)]
    assert check("\n".join(last), names=False).names == names


def test_few_rows_of_different_labels_keep_them() -> None:
    rows = [",".join([str(i + 1), *row.split(",")]) for i, row in enumerate(lines()[:3])]
    assert read_series("\n".join(rows).encode()).labels == ("1", "2", "3")


@pytest.mark.parametrize("above", [[], ["Recorded in May"], ["Site,Bonn", "Device,X"]])
@pytest.mark.parametrize("head", ["subject,label", "subject,label" + "," * 30, "ID, Class ,,"])
def test_a_header_over_the_first_columns(head: str, above: list[str]) -> None:
    series = check("\n".join([*above, head, *lines(FRONT)]))
    assert series.layout["header"] is True
    assert series.layout["skip_rows"] == len(above)
    assert "names the first columns" in " ".join(series.layout["reasons"])


@pytest.mark.parametrize("width", [6, 30])
@pytest.mark.parametrize("tail", ["", ","])
def test_a_header_over_the_names_or_the_labels_alone(tail: str, width: int) -> None:
    rows = [row.split(",")[:width] for row in lines()] * 5
    for name, cells in (("subject", [str(i + 55) for i in range(40)]), ("label", LABELS * 5)):
        text = "\n".join([name + tail * width, *map(",".join, zip(cells, *zip(*rows)))])  # noqa: B905
        series = read_series(text.encode())
        assert series.X.shape == (40, 1, width)
        assert (series.labels or series.names) == tuple(cells)


@pytest.mark.parametrize("note", ["Name,Anna", "Class,7b", "Session", "Activity", "made,by,hand",
                                  "id,t1,t2,label"])  # fmt: skip
def test_notes_above_a_table_without_a_header_stay_notes(note: str) -> None:
    series = read_series("\n".join([note, *lines()]).encode(), orientation="rows")
    assert series.X.shape == (8, 1, 30)
    assert series.labels is None
    assert series.layout["notes"] == ("The first line is a comment or a note and left out.",)


COUNTS = np.array([[876, 936, 1002, 1058], [988, 912, 850, 1204], [600, 1250, 1300, 702]])


def counts(mark: str, sep: str, quote: str = "", head: bool = True) -> bytes:
    rows = [[f"{quote}{v:,d}{quote}".replace(",", mark) for v in row] for row in COUNTS]
    top = [["label", "a", "b", "c", "d"]] if head else []
    rows = [["xyx"[i], *row] for i, row in enumerate(rows)] if head else rows
    return "\n".join(map(sep.join, [*top, *rows])).encode()


DOUBTFUL = [counts(".", ";"), counts(",", "\t"), counts(",", ";"), counts(",", ",", '"'),
            counts(".", "\t", head=False), counts(",", "|", head=False)]  # fmt: skip


@pytest.mark.parametrize("data", DOUBTFUL)
def test_whole_numbers_with_a_mark_for_thousands_are_refused_unless_chosen(data: bytes) -> None:
    mark = "." if b"." in data else ","
    with pytest.raises(DataError, match="may mark thousands or decimals; write whole") as caught:
        read_series(data, orientation="rows")
    text = str(caught.value)
    assert f"found '1{mark}002' and '876'" in text
    assert (caught.value.row, caught.value.column) == ((2, 4) if b"label" in data else (1, 3))
    thousands, decimals = re.findall("decimal='(.)'", text)
    series = read_series(data, orientation="rows", decimal=thousands)
    np.testing.assert_array_equal(series.X[:, 0], COUNTS.astype(np.float32))
    assert series.labels == (tuple("xyx") if b"label" in data else None)
    assert series.layout["notes"][-1].endswith(f"are left out: '1{mark}002' is 1002.")
    again = sniff(data, orientation="rows", decimal=thousands).options()
    np.testing.assert_array_equal(read_series(data, **again).X, series.X)
    read = read_series(data, orientation="rows", decimal=decimals).X[0, 0]
    np.testing.assert_array_equal(read, np.array([876, 936, 1.002, 1.058], np.float32))


def test_a_mark_that_stands_twice_is_for_thousands() -> None:
    data = b"a\t1,234,567\t936\t1,002\nb\t2,345\t15\t1,204\na\t7\t8\t9\n"
    series = read_series(data)
    wanted = [[1234567, 936, 1002], [2345, 15, 1204], [7, 8, 9]]
    np.testing.assert_array_equal(series.X[:, 0], np.array(wanted, np.float32))
    with pytest.raises(DataError, match=r"found '1\.234\.567' where"):
        read_series(b"a;1.234.567;936;1,5\nb;2.345;15;1,25\n")


@pytest.mark.parametrize(
    "rows",
    [
        ["0.123;1.234;876", "0.456;1.567;936"],
        ["36.512;36.612;100", "36.1;37.502;101"],
        ["1000;1.234;876", "1001;1.567;936"],
        ["1.234;2.345;87", "1.567;9.876;93"],
    ],
)
def test_decimals_stay_decimals(rows: list[str]) -> None:
    series = read_series("\n".join(rows).encode(), orientation="rows")
    wanted = np.array([list(map(float, row.split(";"))) for row in rows], np.float32)
    np.testing.assert_array_equal(series.X[:, 0], wanted)


def test_channels_and_columns_are_told_apart_where_marks_are_in_doubt() -> None:
    rows = ["time;pulse;temp", *(f"{i / 10:.1f};{100 + i * i};{36.512 + i / 1000:.3f}"
                                 for i in range(9))]  # fmt: skip
    series = read_series("\n".join(rows).encode())
    assert series.X[0, :, 0].tolist() == [100, np.float32(36.512)]
    both = [(i, "p", 100 + i) for i in range(9)] + [(i, "q", f"36.{512 + i}") for i in range(9)]
    long = ["id;time;channel;value", *(f"a;{i};{c};{v}" for i, c, v in both)]
    assert read_series("\n".join(long).encode()).X[0, :, 0].tolist() == [100, np.float32(36.512)]


def test_three_decimals_throughout_are_told() -> None:
    series = read_series(b"label;a;b\nx;4.187;5.432\ny;5.001;7.250\n")
    assert series.X[0, 0, 0] == np.float32(4.187)
    assert series.layout["notes"] == (
        "Numbers such as '4.187' are read with decimals; the point may mark thousands.",
    )
    assert not read_series(b"label;a;b\nx;4.187;5.43\ny;5.001;7.250\n").layout["notes"]
    whole = read_series(b"label;a;b\nx;4.187;5.432\ny;5.001;7.250\n", decimal=",")
    assert whole.X[:, 0].tolist() == [[4187, 5432], [5001, 7250]]


@pytest.mark.parametrize("every", [True, False])
@pytest.mark.parametrize("head", [True, False])
def test_decimal_commas_in_quotes_between_commas(head: bool, every: bool) -> None:
    quote = '"' if every else ""
    rows = [[f'"{v:.5f}"'.replace(".", ",") for v in walk] for walk in WALKS]
    rows = [[f"{quote}{y}{quote}", *row] for y, row in zip(LABELS, rows, strict=True)]
    top = [[f"{quote}{name}{quote}" for name in ["Klasse", *POINTS]]] if head else []
    data = "\n".join(map(",".join, [*top, *rows]))
    for options in ({}, {"decimal": ","}, {"decimal": ",", "delimiter": ","}):
        series = check(data, names=False, **options)
        assert (series.layout["delimiter"], series.layout["decimal"]) == (",", ",")


def test_commas_in_quotes_that_may_mark_thousands_are_refused() -> None:
    data = b'label,a,b\nx,"4,187","5,432"\ny,"5,001","7,250"\n'
    with pytest.raises(DataError, match="'4,187': the comma may mark thousands or decimals"):
        read_series(data)
    assert read_series(data, decimal=".").X[0, 0].tolist() == [4187, 5432]
    assert read_series(data, decimal=",").X[0, 0, 0] == np.float32(4.187)


def test_a_column_of_decimal_commas_in_quotes() -> None:
    text = "\n".join(f'"{v:.4f}"'.replace(".", ",") for v in WALKS[0])
    assert read_series(text.encode()).X.shape == (1, 1, 30)


def test_one_comma_for_both_needs_quotes() -> None:
    with pytest.raises(DataError, match="they must differ where numbers are not in quotes"):
        read_series("\n".join(lines()).encode(), delimiter=",", decimal=",")


@pytest.mark.parametrize("cell", ["{} mV", "{}%", "{} m", "€{}", "4'187.25", "5\u202f432.6"])
@pytest.mark.parametrize("width", [3, 30])
def test_units_and_other_signs_are_blamed_not_the_header(cell: str, width: int) -> None:
    rows = [[cell.format(f"{v:.3f}") for v in walk[:width]] for walk in WALKS]
    front = [["gun" if y == "1" else "point", *row] for y, row in zip(LABELS, rows, strict=True)]
    data = "\n".join(map(",".join, [["label", *POINTS[:width]], *front]))
    with pytest.raises(DataError, match="Write plain numbers, without units or other") as caught:
        read_series(data.encode())
    assert caught.value.column == 2
    assert caught.value.row in (2, 3)
    assert repr(front[caught.value.row - 2][1]) in str(caught.value)


@pytest.mark.parametrize("head", [True, False])
@pytest.mark.parametrize("words", [("gun", "point"), ("1", "2")])
def test_rows_of_unequal_length_with_the_label_last(words: tuple[str, str], head: bool) -> None:
    labels = tuple(words[i % 2] for i in range(6))
    rows = [",".join([*row.split(",")[: 30 - 3 * i], labels[i]])
            for i, row in enumerate(lines()[:6])]  # fmt: skip
    data = "\n".join([*([",".join([*POINTS, "label"])] if head else []), *rows]).encode()
    with pytest.raises(DataError, match=r"choose ragged=True"):
        read_series(data)
    series = read_series(data, ragged=True)
    assert series.mask.sum(axis=1).tolist() == [30, 27, 24, 21, 18, 15]
    assert (series.labels, series.layout["label_column"]) == (labels, "last")
    again = read_series(data, **sniff(data, ragged=True).options())
    np.testing.assert_array_equal(again.X, series.X)


def test_what_is_set_is_not_advised() -> None:
    data = b"1.5,2.5,3.5,up\n1.5,2.5,down\n1.5,2,4,up\n"
    with pytest.raises(DataError, match="the row has 3 cells, and column 4") as caught:
        read_series(data, ragged=True, label_column=4)
    assert "ragged" not in str(caught.value)
    assert "choose label_column='last'." in str(caught.value)
    assert read_series(data, ragged=True, label_column="last").labels == ("up", "down", "up")


def test_what_is_left_out_is_a_note() -> None:
    data = b"# by hand\ntime,x,y\ns,g,g\n0,1.5,2\n1,1.7,2.5\n3,1.2,2.9\n"
    notes = sniff(data).notes
    assert "The first line is a comment or a note and left out." in notes
    assert any(note.endswith("units, left out.") for note in notes)
    empty = read_series(b"label,t0,t1\na,1,2\nb,3,4\n,,\n").layout["notes"]
    assert empty == ("1 empty rows at the end are left out.",)
