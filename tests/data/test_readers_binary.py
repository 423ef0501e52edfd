"""NumPy, parquet, .ts and .arff files."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tscviz.data.errors import DataError
from tscviz.data.readers import preview, read_series, sniff

X = np.random.default_rng(3).normal(size=(4, 2, 10))
Y = np.array(["b", "a", "b", "a"])


def npy(array: Any) -> bytes:
    out = io.BytesIO()
    np.save(out, array, allow_pickle=True)
    return out.getvalue()


def npz(**arrays: Any) -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


def parquet(**columns: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (X[0, 0], X[:1, :1]),
        (X[:, 0], X[:, :1]),
        (X, X),
        (np.asfortranarray(X), X),
        (X.astype(">f4"), X.astype(np.float32)),
        (np.round(X * 100).astype(np.int16), np.round(X * 100)),
    ],
)
def test_npy(array: np.ndarray, expected: np.ndarray) -> None:
    series = read_series(npy(array), filename="X.npy")
    np.testing.assert_array_equal(series.X, expected.astype(np.float32))
    assert series.mask.all()
    assert series.labels is None


def test_npy_turned_and_with_labels_in_it() -> None:
    turned = read_series(npy(X.transpose(0, 2, 1)), orientation="columns")
    np.testing.assert_array_equal(turned.X, X.astype(np.float32))
    table = np.column_stack([[1, 2, 1, 2], X[:, 0]])
    series = read_series(npy(table), label_column="first")
    assert series.labels == ("1", "2", "1", "2")
    assert series.X.shape == (4, 1, 10)


def test_npy_trailing_nan_is_a_shorter_series() -> None:
    values = X.copy()
    values[1, :, 6:] = np.nan
    values[2, 0, 4] = np.nan
    series = read_series(npy(values))
    assert series.mask.sum(axis=1).tolist() == [10, 6, 10, 10]
    assert np.isnan(series.X[2, 0, 4])
    assert not np.isnan(series.X[1]).any()


def test_npz_with_labels_and_mask() -> None:
    mask = np.arange(10) < np.array([10, 7, 10, 3])[:, None]
    series = read_series(npz(X=X, y=Y, mask=mask))
    assert series.labels == ("b", "a", "b", "a")
    np.testing.assert_array_equal(series.mask, mask)
    assert (series.X[3, :, 3:] == 0).all()
    whole = read_series(npz(X=X, y=np.array([1.0, 2.0, 1.0, 2.0])))
    assert whole.labels == ("1", "2", "1", "2")
    chosen = read_series(npz(first=X, second=X[:2]), array="second")
    assert chosen.X.shape == (2, 2, 10)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (npy(np.array([1, None], dtype=object)), "need pickle and are never opened"),
        (npz(X=np.array([1, "a"], dtype=object)), "need pickle and are never opened"),
        (npy(X + 1j), "arrays of real numbers"),
        (npy(np.zeros((2, 0))), "is empty"),
        (npy(np.zeros((1, 2, 2, 2))), "4 dimensions"),
        (npy(X)[:-8], "damaged or cut short"),
        (npy(X)[:40], "damaged"),
        (npz(X=X, y=Y[:3]), r"shape \(3,\) for 4 cases"),
        (npz(X=X, mask=np.ones((4, 9), bool)), "the mask has the shape"),
        (npz(X=X, mask=np.arange(10)[None] >= np.ones((4, 1))), "False before the end"),
        (npz(a=X, b=X), "not clear which array"),
        (npz(X=X)[:200], "damaged"),
        (npy(np.where(X > 2, np.inf, X) * np.inf), "infinite"),
        (npy(np.ones((3, 5))), "constant"),
    ],
)
def test_bad_arrays(data: bytes, text: str) -> None:
    with pytest.raises(DataError, match=text):
        read_series(data)


def test_no_array_is_unpickled(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple:
            return (tmp_path.joinpath("sprung").touch, ())

    trap = np.array([Trap()], dtype=object)
    for data in (npy(trap), npz(X=trap)):
        with pytest.raises(DataError):
            read_series(data)
    assert not tmp_path.joinpath("sprung").exists()


def test_npy_header_that_claims_too_much() -> None:
    for shape in ((10**9,), (50_000, 1000, 1000), (2**40, 2**40)):
        header = str({"descr": "<f8", "fortran_order": False, "shape": shape}).encode()
        data = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
        with pytest.raises(DataError, match="at most 50,000,000"):
            read_series(data + b"\0" * 64)


def test_npz_member_that_unpacks_to_too_much() -> None:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("X.npy", "w", force_zip64=True) as member,
    ):
        for _ in range(201):
            member.write(b"\0" * 10**6)
    assert len(out.getvalue()) < 1e6
    with pytest.raises(DataError, match="unpacks to more than 200 MB"):
        read_series(out.getvalue())


def test_parquet_rows_columns_long_and_lists() -> None:
    points = {f"t{i}": X[:, 0, i] for i in range(10)}
    rows = read_series(parquet(label=Y, **points))
    np.testing.assert_array_equal(rows.X[:, 0], X[:, 0].astype(np.float32))
    assert rows.labels == tuple(Y)
    columns = read_series(parquet(time=np.arange(10) / 4, x=X[0, 0], y=X[0, 1]))
    np.testing.assert_array_equal(columns.X, X[:1].astype(np.float32))
    case, channel, t = np.meshgrid(range(4), range(2), range(10), indexing="ij")
    long = read_series(
        parquet(id=case.ravel(), channel=channel.ravel(), time=t.ravel(), value=X.ravel(),
                label=np.repeat(Y, 20))
    )  # fmt: skip
    np.testing.assert_array_equal(long.X, X.astype(np.float32))
    assert long.labels == tuple(Y)
    nested = read_series(
        parquet(label=["p", "q"], x=[[1.0, 2, 3], [4.0, 5]], y=[[1.0, None, 3], [4, 6.0]])
    )
    assert nested.labels == ("p", "q")
    assert nested.mask.sum(axis=1).tolist() == [3, 2]
    assert nested.layout["channel_names"] == ("x", "y")
    assert np.isnan(nested.X[0, 1, 1])


def test_parquet_errors_name_row_and_column() -> None:
    with pytest.raises(DataError, match="infinite") as caught:
        read_series(parquet(label=["a", "b"], t0=[1.0, 2], t1=[2.0, np.inf], t2=[3.0, 4]))
    assert (caught.value.row, caught.value.column) == (2, 3)
    with pytest.raises(DataError, match="unequal length") as caught:
        read_series(parquet(x=[[1.0, 2], [3.0, 4]], y=[[1.0, 2], [3.0]]))
    assert caught.value.row == 2
    data = bytearray(parquet(x=np.arange(99.0), y=np.arange(99.0) ** 2))
    data[40:90] = b"\xff" * 50
    with pytest.raises(DataError):
        read_series(bytes(data))


TS = """#a comment
@problemName Toy
@timeStamps false
@univariate false
@dimensions 2
@equalLength false
@classLabel true up down
@data
1,2,3:4,5,6:up
1,?,3,4:5,6,NaN,8:down
"""


def test_ts_with_channels_gaps_and_unequal_lengths() -> None:
    series = read_series(TS.encode(), filename="toy.ts")
    assert series.X.shape == (2, 2, 4)
    assert series.labels == ("up", "down")
    assert series.mask.sum(axis=1).tolist() == [3, 4]
    assert np.isnan(series.X[1, 0, 1])
    assert np.isnan(series.X[1, 1, 2])
    assert sniff(TS.encode()).format == "ts"
    assert preview(TS.encode(), sniff(TS.encode()))[0] == ["1", "2", "3 : 4", "5", "6 : up"]


def test_ts_with_time_stamps() -> None:
    text = (
        "@timeStamps true\n@univariate true\n@classLabel true 1 2\n@data\n"
        "(2007-01-01 00:00:00,241.5),(2007-01-01 00:01:00,240.5):1\n(0,1.5),(1,2.5),(2,3.5):2\n"
    )
    series = read_series(text.encode())
    assert series.labels == ("1", "2")
    assert series.X[0, 0].tolist() == [241.5, 240.5, 0.0]


@pytest.mark.parametrize(
    ("old", "new", "row", "column", "text"),
    [
        (":up\n", ":left\n", 9, None, "not one of those that @classLabel lists"),
        ("1,2,3:4", "1,2,3,4", 9, None, "1 channels where 2 were expected"),
        ("4,5,6:up", "4,5:up", 9, None, "2 to 3 points"),
        ("3,4:5", "3,x:5", 10, 4, "found 'x'"),
        ("5,6,NaN", "5,inf,NaN", 10, None, "infinite"),
        ("@data\n", "data\n", 8, None, "before @data"),
        ("@equalLength false", "@equalLength true", 10, None, "@equalLength is true"),
        ("1,2,3:4,5,6:up", "1:4:up", 9, None, "only one point"),
        ("1,2,3:4,5,6:up", "7,7:7,7:up", 9, None, "constant"),
    ],
)
def test_ts_errors_name_the_row(
    old: str, new: str, row: int, column: int | None, text: str
) -> None:
    with pytest.raises(DataError, match=text) as caught:
        read_series(TS.replace(old, new).encode(), filename="toy.ts")
    assert caught.value.row == row
    if column is not None:
        assert caught.value.column == column


def test_ts_without_data() -> None:
    with pytest.raises(DataError, match="no @data line"):
        read_series(TS.split("@data", maxsplit=1)[0].encode())
    with pytest.raises(DataError, match="no cases"):
        read_series((TS.split("@data", maxsplit=1)[0] + "@data\n").encode())


ARFF = """% made by hand
@relation 'two words'
@attribute 'point 1' numeric
@attribute b REAL
@attribute c integer
@attribute d numeric
@attribute class {'up hill',down}
@data
1,2,3,4,'up hill'
1,?,3,?,down
"""


def test_arff_flat() -> None:
    series = read_series(ARFF.encode(), filename="toy.arff")
    assert series.labels == ("up hill", "down")
    assert series.mask.sum(axis=1).tolist() == [4, 3]
    assert np.isnan(series.X[1, 0, 1])


def test_arff_relational() -> None:
    text = (
        "@relation toy\n@attribute rel relational\n@attribute a numeric\n@attribute b numeric\n"
        "@end rel\n@attribute activity {S,W}\n@data\n'1,2\\n30,40',S\n'2,3\\n30,50',W\n"
    )
    series = read_series(text.encode())
    assert series.labels == ("S", "W")
    np.testing.assert_array_equal(series.X, [[[1, 2], [30, 40]], [[2, 3], [30, 50]]])


@pytest.mark.parametrize(
    ("old", "new", "row", "text"),
    [
        ("1,?,3,?,down", "1,2,3,down", 10, "4 cells and the header 5 attributes"),
        ("1,?,3,?,down", "1,x,3,?,down", 10, "column 2: found 'x'"),
        ("'up hill'\n1", "'up hill\n1", 9, "quotes of the case"),
        ("1,2,3,4,'up hill'", "{0 1, 1 2}", 9, "sparse"),
        ("b REAL", "b date", 4, "the type 'date'"),
        ("b REAL", "b string", None, "neither numbers nor the class"),
    ],
)
def test_arff_errors_name_the_row(old: str, new: str, row: int | None, text: str) -> None:
    with pytest.raises(DataError, match=text) as caught:
        read_series(ARFF.replace(old, new).encode(), filename="toy.arff")
    assert caught.value.row == row
