"""Files as spreadsheets and instruments write them: read right, or refused in one clear line."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tscviz.data.errors import DataError
from tscviz.data.readers import read_series, sniff

X = [round(float(np.sin(i / 3)) + 0.003 * i, 3) for i in range(20)]
Y = [round(float(np.cos(i / 4)) * 2 + 0.007, 3) for i in range(20)]


def table(*head: str, sep: str = ",", decimal: str = ".", first: str = "{i}") -> bytes:
    """Two channels of 20 points below some lines, `first` being the first cell of a row."""
    rows = [
        sep.join((first.format(i=i, s=i % 60), *(f"{v:.3f}".replace(".", decimal) for v in (x, y))))
        for i, (x, y) in enumerate(zip(X, Y, strict=True))
    ]
    return "\n".join([*head, *rows, ""]).encode()


OSCILLOSCOPE = ("Model,TDS2024", "Sample Interval,0.001", "Record Length,20", "TIME,CH1,CH2")
GERMAN = ("Messung 3;;", "Datum: 12.03.2024;;", "", "Zeit;Beschl_x;Beschl_y", "s;m/s²;m/s²")


@pytest.mark.parametrize(
    "data",
    [
        table("time,acc_x,acc_y", "s,g,g"),
        table("time,acc_x,acc_y", "[s],[m/s^2],[m/s^2]"),
        table(*OSCILLOSCOPE),
        table(*GERMAN, sep=";", decimal=","),
        table("Datum;x;y", sep=";", decimal=",", first="01.01.2024 10:00:{s:02d}"),
        table("Datum;Uhrzeit;x;y", sep=";", decimal=",", first="01.01.2024;10:00:{s:02d}"),
        table(",x,y", first="2024-01-01 10:00:{s:02d}"),
        table("index,time,x,y", first="{i},0.{i:02d}"),
        table("Nr.,Zeit,x,y", first="{i},0.{i:02d}"),
        table("time,x,y").replace(b"-", "\u2212".encode()),
    ],
)
def test_two_channels_over_time(data: bytes) -> None:
    series = read_series(data)
    np.testing.assert_array_equal(series.X, np.array([[X, Y]], np.float32))
    again = sniff(data).options()
    np.testing.assert_array_equal(read_series(data, **again).X, series.X)


def test_units_are_told_and_can_be_denied() -> None:
    data = table("time,acc_x,acc_y", "s,g,g")
    layout = sniff(data)
    assert layout.units_row is True
    assert "units" in " ".join(layout.reasons)
    with pytest.raises(DataError, match="row 2, column 2: found 'g'"):
        read_series(data, units_row=False)
    assert sniff(table("time,acc_x,acc_y")).units_row is False


def test_a_single_column_with_decimal_commas_is_one_series() -> None:
    data = "".join(f"{v:.3f}\n".replace(".", ",") for v in X).encode()
    np.testing.assert_array_equal(read_series(data).X, np.array([[X]], np.float32))
    assert read_series(b"10,12\n11,13\n14,18\n").X.shape[2] == 3  # whole numbers are two columns


def test_a_recording_of_several_people_is_long() -> None:
    rows = ["user,activity,timestamp,x-axis,y-axis"]
    rows += [
        f"{user},{label},{1000 + 50 * i},{x},{y}"
        for user, label in ((33, "Walking"), (34, "Sitting down"))
        for i, (x, y) in enumerate(zip(X, Y, strict=True))
    ]
    series = read_series("\r\n".join(rows).encode())
    assert (series.X.shape, series.names) == ((2, 2, 20), ("33", "34"))
    assert series.labels == ("Walking", "Sitting down")


@pytest.mark.parametrize("mark", ["NA", "-", "--", ".", "?", "n.a.", "<NA>", "#DIV/0!", ""])
def test_marks_of_missing_values(mark: str) -> None:
    series = read_series(f"label,t0,t1,t2\na,1.5,{mark},2.5\nb 🚀,0.5,1.25,2\n".encode("utf-8-sig"))
    assert np.isnan(series.X[0, 0]).tolist() == [False, True, False]
    assert series.labels == ("a", "b 🚀")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"<!DOCTYPE html><html></html>", "this is a web page"),
        (b'{"series": [[1, 2, 3]]}', "this is a JSON file"),
        (b"[[1, 2, 3], [2, 3, 4]]", "this is a JSON file"),
        (b"Date,Price\n2024-01-01,$5.10\n2024-01-02,$5.20\n", "column 2: no column of numbers"),
        (b"time,x\n0,20.1 C\n1,20.2 C\n2,20.4 C\n", "row 4, column 2: no column of numbers"),
        (b"label,t0,t1\na,50.1%,2.5%\nb,3.1%,4.5%\n", "row 3, column 2: no column of numbers"),
        (b"t;x;y\n0;1.506;1,3\n1;1.406;1,5\n2;1.3;1,6\n", "row 2, column 3: found '1,3' where"),
        (b"label;t0;t1\na;0.5;0,7\nb;0,5;0.7\n", "where numbers have a decimal"),
        (b"label,t0,t1\na,1,missing\nb,2,3\n", "with the option missing"),
    ],
)  # fmt: skip
def test_refused_in_one_line_that_helps(data: bytes, text: str) -> None:
    with pytest.raises(DataError, match=re.escape(text)) as caught:
        read_series(data)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("first", ["{i},", "shop{i},", "", "{i},{label},"])
def test_a_header_of_dates_or_a_column_of_row_numbers_leaves_series_in_rows(first: str) -> None:
    data = [",".join(f"{v:.3f}" for v in np.roll(X, 3 * i)) for i in range(6)]
    lines = [
        first.format(i=i + 1, label="up" if i % 2 else "down") + row for i, row in enumerate(data)
    ]
    names = [*("id", "label")[: first.count(",")], *(f"2024-01-{i + 1:02d}" for i in range(20))]
    for head in ([",".join(names)], []):
        series = read_series("\n".join([*head, *lines]).encode())
        assert series.X.shape == (6, 1, 20)
        assert (series.labels is not None) == ("label" in first)
