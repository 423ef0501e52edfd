"""Whatever the bytes: a DataError, or series that keep the contract."""

from __future__ import annotations

import gzip
import io
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tscviz.data.errors import DataError
from tscviz.data.readers import preview, read_series, sniff
from tscviz.types import SeriesSet

EXTENSIONS = ["", ".csv", ".tsv", ".txt", ".csv.gz", ".ts", ".arff", ".npy", ".npz", ".parquet"]
VALUES = np.random.default_rng(0).normal(size=(6, 8)).round(3)
LINES = [",".join(map(str, row)) for row in VALUES.tolist()]


def saved(write: Any, *args: Any, **kwargs: Any) -> bytes:
    out = io.BytesIO()
    write(out, *args, **kwargs)
    return out.getvalue()


def table(**columns: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


ROWS = "\n".join(f"{i % 2 + 1},{line}" for i, line in enumerate(LINES)).encode()
SEEDS: dict[str, bytes] = {
    "rows.csv": ROWS,
    "german.csv": ("label;" + ";".join(f"t{i}" for i in range(8)) + "\n" + "\n".join(
        f"c{i % 2};" + line.replace(",", ";").replace(".", ",") for i, line in enumerate(LINES)
    )).encode("utf-16"),
    "recording.tsv": ("time\tx\ty\tz\n" + "\n".join(
        f"{i / 10}\t{i * i}\t{-i}\t{i % 3}" for i in range(9))).encode(),
    "long.csv": ("id,time,channel,value,label\n" + "\n".join(
        f'{i // 8},{i // 2 % 4},{"ab"[i % 2]},{i * 0.3},{"uv"[i // 8]}' for i in range(16)
    )).encode(),
    "ucr2015.txt": "\n".join(f" {i % 2 + 1}.0000000e+00  " + line.replace(",", "  ")
                             for i, line in enumerate(LINES)).encode(),
    "toy.ts": b"#c\n@problemName a\n@univariate false\n@dimensions 2\n@equalLength false\n"
              b"@classLabel true u v\n@data\n1,2,3:4,5,6:u\n1,?,4,5:3,4,5,6:v\n",
    "stamped.ts": b"@timeStamps true\n@univariate true\n@classLabel true 1 2\n@data\n"
                  b"(2007-01-01 00:00:00,241.97),(2007-01-01 00:01:00,241.75):1\n",
    "flat.arff": b"@relation 'a b'\n@attribute 'x 1' numeric\n@attribute b real\n"
                 b"@attribute c real\n@attribute class {u,v}\n@data\n1,2,4,u\n2,?,3,'v'\n",
    "relational.arff": b"@relation m\n@attribute r relational\n@attribute a numeric\n@end r\n"
                       b"@attribute k {S,W}\n@data\n'1,2\\n3,4',S\n'2,2\\n3,5',W\n",
    "X.npy": saved(np.save, VALUES),
    "X.npz": saved(np.savez_compressed, X=VALUES, y=np.array(list("ababab")),
                   mask=np.ones((6, 8), bool)),
    "wide.parquet": table(label=list("ababab"), **{f"t{i}": VALUES[:, i] for i in range(8)}),
    "lists.parquet": table(label=list("ab"), x=[[1.0, 2], [3, 4, 5.0]]),
    "rows.csv.gz": gzip.compress(ROWS),
}  # fmt: skip
TOKENS = [b",", b";", b"\t", b" ", b"\n", b"\r", b'"', b"'", b"nan", b"inf", b"1e999", b"-", b"?",
          b"\0", b"@data", b":", b"(", b"),(", b"{", b"#", b"\xff", b"\xe2\x80\xae", b"1_0", b".",
          b"label", b"time", b"id", b"value", b"x.a,", b"0", b"\\n", b"\xef\xbb\xbf", b"9" * 30,
          b",,,,", b"\n\n\n"]  # fmt: skip
OPTIONS = st.one_of(
    st.just({}),
    st.sampled_from([
        {"orientation": "rows"}, {"orientation": "columns"}, {"orientation": "long"},
        {"ragged": True, "orientation": "rows", "channels": 2}, {"label_column": "first"},
        {"label_column": "last", "ragged": True}, {"channels": 2, "channel_order": "interleaved"},
        {"header": True}, {"header": False}, {"delimiter": " "}, {"decimal": ","},
        {"columns_are": "case.channel"}, {"columns_are": "channels"}, {"encoding": "utf-16"},
        {"encoding": "shift_jis"}, {"skip_rows": 2}, {"missing": ["0", "-9"]}, {"id_column": 1},
        {"drop_columns": [1]}, {"time_column": 1}, {"value_column": (2, 3)}, {"format": "csv"},
        {"format": "ts"}, {"format": "arff"}, {"format": "npy"}, {"format": "parquet"},
        {"label_column": None, "allow_constant": True}, {"trailing_delimiter": True},
    ]),
)  # fmt: skip
EDIT = st.tuples(
    st.sampled_from(["insert", "delete", "replace", "repeat"]),
    st.floats(0, 1),
    st.integers(1, 20),
    st.one_of(st.sampled_from(TOKENS), st.binary(min_size=1, max_size=4)),
)
QUICK = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def edited(data: bytes, edits: list[tuple[str, float, int, bytes]]) -> bytes:
    for kind, place, length, token in edits:
        start = int(place * len(data))
        end = min(len(data), start + length)
        middle = {
            "insert": token + data[start:end],
            "delete": b"",
            "replace": token,
            "repeat": data[start:end] * length,
        }[kind]
        data = data[:start] + middle + data[end:]
    return data


def check(series: SeriesSet) -> None:
    n_cases, n_channels, length = series.X.shape
    lengths = series.mask.sum(axis=1)
    assert series.X.dtype == np.float32
    assert series.mask.dtype == bool
    assert series.mask.shape == (n_cases, length)
    assert n_cases >= 1
    assert n_channels >= 1
    assert lengths.min() >= 2
    assert lengths.max() == length
    np.testing.assert_array_equal(series.mask, np.arange(length) < lengths[:, None])
    assert (series.X.transpose(1, 0, 2)[:, ~series.mask] == 0).all()
    assert not np.isinf(series.X).any()
    assert not np.isnan(series.X).all(axis=2).any()
    assert len(series.names) == n_cases
    assert series.labels is None or len(series.labels) == n_cases
    for text in (*series.names, *(series.labels or ())):
        assert 0 < len(text) <= 200
        assert "\0" not in text
        assert "\n" not in text


def read_and_check(data: bytes, filename: str, options: dict) -> None:
    """Only DataError may come out, or series that the layout gives again when asked for."""
    try:
        series = read_series(data, filename=filename, **options)
    except DataError:
        return
    check(series)
    layout = sniff(data, filename=filename, **options)
    assert all(len(row) <= 25 for row in preview(data, layout))
    again = read_series(data, filename=filename, **layout.options())
    np.testing.assert_array_equal(again.X, series.X)
    np.testing.assert_array_equal(again.mask, series.mask)
    assert again.labels == series.labels
    assert again.names == series.names


@settings(QUICK, max_examples=300)
@given(st.binary(max_size=400), st.sampled_from(EXTENSIONS), OPTIONS)
def test_any_bytes(data: bytes, extension: str, options: dict) -> None:
    read_and_check(data, "file" + extension, options)


@settings(QUICK, max_examples=300)
@given(
    st.text(alphabet="0123456789.,;-+eEnaNif?\t \n\r\"'@#:()", max_size=300),
    st.sampled_from(EXTENSIONS),
    OPTIONS,
)
def test_text_that_looks_like_data(text: str, extension: str, options: dict) -> None:
    read_and_check(text.encode(), "file" + extension, options)


@settings(QUICK, max_examples=600)
@given(st.sampled_from(sorted(SEEDS)), st.lists(EDIT, max_size=4), OPTIONS)
def test_damaged_files(name: str, edits: list, options: dict) -> None:
    read_and_check(edited(SEEDS[name], edits), name, options)


def test_the_files_are_good_before_they_are_damaged() -> None:
    for name, data in SEEDS.items():
        check(read_series(data, filename=name))


@settings(QUICK, max_examples=100)
@given(
    st.lists(
        st.lists(st.floats(-(2.0**100), 2.0**100, width=32), min_size=3, max_size=6),
        min_size=2,
        max_size=5,
    ).filter(lambda rows: all(min(row) < max(row) for row in rows)),
    st.sampled_from([(",", "."), (";", ","), ("\t", "."), (" ", ".")]),
)
def test_written_values_come_back(rows: list[list[float]], dialect: tuple[str, str]) -> None:
    delimiter, decimal = dialect
    width = max(map(len, rows))
    fill = "NA" if delimiter == " " else ""
    cells = [[repr(v).replace(".", decimal) for v in row] for row in rows]
    lines = [delimiter.join(row + [fill] * (width - len(row))) for row in cells]
    series = read_series(
        "\n".join(lines).encode(), orientation="rows", header=False, label_column=None,
        id_column=None, delimiter=delimiter, decimal=decimal, trailing_delimiter=False,
    )  # fmt: skip
    assert series.mask.sum(axis=1).tolist() == [len(row) for row in rows]
    for found, row in zip(series.X[:, 0], rows, strict=True):
        np.testing.assert_array_equal(found[: len(row)], np.array(row, dtype=np.float32))
