"""Tables as spreadsheets, pandas and NumPy export them: read right, with a note on what is done."""

from __future__ import annotations

import numpy as np
import pytest

from tscviz.data.errors import DataError
from tscviz.data.readers import read_series, sniff

WALK = np.cumsum(np.random.default_rng(0).normal(size=(6, 12)), axis=1).round(3)
LINES = [",".join(f"{v:.3f}" for v in row) for row in WALK]


def table(head: str, before: str = "", after: str = "", n: int = 6) -> bytes:
    """Rows of a random walk below a header; `{k}` counts the rows, `{ab}` alternates."""
    rows = [
        before.format(k=k, ab="ab"[k % 2]) + line + after.format(k=k, ab="ab"[k % 2])
        for k, line in enumerate(LINES[:n])
    ]
    return "\n".join([head, *rows, ""]).encode()


def reasons(data: bytes) -> str:
    return " ".join(read_series(data).layout["reasons"])


@pytest.mark.parametrize(
    "data",
    [
        "1.234,5;2,5;-12.345.678,25\n999,5;2,75;3,0\n",
        "1,234.5;2.5;-12,345,678.25\n999.5;2.75;3.0\n",
        "1.234,5\t2,5\t\u221212.345.678,25\n999,5\t2,75\t3,0\n",
        '"1,234.5","2.5","-12,345,678.25"\n"999.5","2.75","3.0"\n',
        'a,b,c\n"1,234.5",2.5,"-12,345,678.25"\n999.5,2.75,3.0\n',
    ],
)
def test_marks_for_thousands_beside_a_decimal_mark(data: str) -> None:
    series = read_series(data.encode(), orientation="rows")
    wanted = np.array([[[1234.5, 2.5, -12345678.25]], [[999.5, 2.75, 3.0]]], np.float32)
    np.testing.assert_array_equal(series.X, wanted)
    assert "Marks for thousands are left out: '1" in reasons(data.encode())


@pytest.mark.parametrize(
    "cell", ["1.234", "1.234.567", "1.2345,6", "1234.567,8", "1.23,4", "1,234,5"]
)
def test_marks_that_may_be_something_else_are_refused(cell: str) -> None:
    with pytest.raises(DataError, match=f"found '{cell}' where"):
        read_series(f"1,5;2,5;3,5\n{cell};2,5;3,0\n0,5;0,25;3,0\n".encode(), decimal=",")


POINTS = [str(i) for i in range(12)]
TIMES = [f"{i / 10:.1f}" for i in range(12)]


@pytest.mark.parametrize("names", [POINTS, TIMES])
@pytest.mark.parametrize("front", [True, False])
def test_a_header_of_numbers_with_the_label_in_front_or_at_the_back(
    names: list[str], front: bool
) -> None:
    head = ",".join(["label", *names] if front else [*names, "label"])
    series = read_series(table(head, "{ab}," if front else "", "" if front else ",{ab}"))
    assert series.labels == tuple("ababab")
    np.testing.assert_array_equal(series.X[:, 0], WALK.astype(np.float32))


def test_a_header_of_times_alone_is_no_series() -> None:
    series = read_series(table(",".join(TIMES)))
    np.testing.assert_array_equal(series.X[:, 0], WALK.astype(np.float32))
    ramps = "\n".join(",".join(f"{k * i / 10:.1f}" for i in range(12)) for k in (1, 2, 3))
    assert read_series(ramps.encode(), label_column=None).X.shape[0] in (3, 12)


@pytest.mark.parametrize("n", [2, 3, 6])
def test_an_index_written_by_pandas_is_no_point(n: int) -> None:
    head = "," + ",".join(f"t{i}" for i in range(12))
    series = read_series(table(head, "{k},", n=n))
    np.testing.assert_array_equal(series.X[:, 0], WALK[:n].astype(np.float32))


def test_columns_named_like_labels_and_cases_are_no_points() -> None:
    head = "subject,trial,label," + ",".join(f"t{i}" for i in range(12)) + ",class"
    data = table(head, "{k},7,{ab},", ",3")
    series = read_series(data)
    np.testing.assert_array_equal(series.X[:, 0], WALK.astype(np.float32))
    assert "Column 2 ('trial') holds no points" in reasons(data)
    assert "Column 16 ('class') holds no points" in reasons(data)


@pytest.mark.parametrize("mark", ["# ", "#", "% ", "%"])
@pytest.mark.parametrize("blank", [",", " "])
def test_a_header_in_a_comment(mark: str, blank: str) -> None:
    data = f"# made today\n{mark}time,x,y\n0,1.5,2\n1,1.7,2.5\n3,1.2,2.9\n".replace(",", blank)
    series = read_series(data.encode())
    assert series.layout["channel_names"] == ("x", "y")
    np.testing.assert_array_equal(series.X[0], np.array([[1.5, 1.7, 1.2], [2, 2.5, 2.9]], "f4"))
    again = read_series(data.encode(), **sniff(data.encode()).options())
    np.testing.assert_array_equal(again.X, series.X)


@pytest.mark.parametrize("trail", [",", ",,", ",,,"])
def test_empty_columns_of_a_wider_sheet(trail: str) -> None:
    rows = ("time,acc_x,acc_y", "0,1.5,2", "1,1.7,2.5", "3,1.2,2.9")
    series = read_series("\n".join(row + trail for row in rows).encode())
    assert series.X.shape == (1, 2, 3)
    assert series.layout["channel_names"] == ("acc_x", "acc_y")
    labelled = read_series(f"label,t0,t1{trail}\na,1,2{trail}\nb,3,4{trail}\n".encode())
    assert (labelled.X.shape, labelled.labels) == ((2, 1, 2), ("a", "b"))


def test_cells_in_quotes_that_hold_the_delimiter() -> None:
    rows = [f'{k},"1,23{k}.5","2,34{k}.5"' for k in range(3)]
    series = read_series("\n".join(["time,acc_x,acc_y", *rows]).encode())
    np.testing.assert_array_equal(
        series.X[0], np.array([[1230.5, 1231.5, 1232.5], [2340.5, 2341.5, 2342.5]], "f4")
    )
    quoted = read_series(table(",".join(["label", *POINTS]), '"{ab}, up",'))
    assert quoted.labels is not None
    assert set(quoted.labels) == {"a, up", "b, up"}


def test_labels_with_decimal_commas_are_whole_numbers_too() -> None:
    data = "class;t0;t1\n1,0;1,5;2,5\n2,0;1,7;2,9\n"
    assert read_series(data.encode()).labels == ("1", "2")


@pytest.mark.parametrize("mark", ["?", "nan", "NaN", ""])
@pytest.mark.parametrize("labels", ["aaab", "1112"])
def test_a_missing_label_is_refused(mark: str, labels: str) -> None:
    cells = [*labels[:2], mark, *labels[2:], labels[0]]
    rows = [f"{label},{line}" for label, line in zip(cells, LINES, strict=True)]
    with pytest.raises(DataError, match=r"row 3.*the label is empty"):
        read_series("\n".join(rows).encode())


def test_times_that_cannot_be_sorted_are_told() -> None:
    data = b"id,time,value\na,2/2/2024,1.5\na,1/3/2024,1.7\na,2/1/2024,1.2\n"
    assert read_series(data).X.tolist() == [[pytest.approx([1.5, 1.7, 1.2])]]
    assert "Times such as '2/2/2024' are neither numbers nor dates" in reasons(data)
    sortable = data.replace(b"2/2/2024", b"2024-02-02").replace(b"1/3/2024", b"2024-01-03")
    sortable = sortable.replace(b"2/1/2024", b"2024-02-01")
    assert read_series(sortable).X.tolist() == [[pytest.approx([1.7, 1.2, 1.5])]]


def test_a_case_without_a_name_among_others_is_refused() -> None:
    data = b"id,time,value\na,0,1.5\na,1,1.7\n,0,1.2\n,1,1.7\nb,0,2\nb,1,3\n"
    with pytest.raises(DataError, match="row 4, column 1: the name of the case is empty"):
        read_series(data)


@pytest.mark.parametrize("data", [b"[1, 2, 3, 5]", b"(1.5, 2)\n(3, 4)\n", b"[ -1 2 3]\n"])
def test_lists_in_brackets_are_no_table(data: bytes) -> None:
    with pytest.raises(DataError, match="a list in brackets"):
        read_series(data)


def test_a_mark_of_utf_8_within_a_file_is_no_letter_of_a_label() -> None:
    assert read_series("label,t0,t1\n\ufeffa,1,2\na,3,4\n".encode()).labels == ("a", "a")
