"""Files that cannot be read: each is a DataError that names the place, and memory stays bounded."""

from __future__ import annotations

import gzip
import io
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tscviz.data.errors import DataError
from tscviz.data.readers import read_series


@pytest.mark.parametrize(
    ("data", "row", "column", "text"),
    [
        (b"", None, None, "empty"),
        (b" \n\t\n", None, None, "empty"),
        (b"label,t0,t1\n", None, None, "header and no rows"),
        (b"# only\n# comments\n", None, None, "no rows of data"),
        (b"t0,t1,t2\n1,2,3\n4,five,6\n7,8,8\n", 3, 2, "found 'five' where a number"),
        (b"1,2,3\n4,5\n6,7,8\n", 2, None, "2 cells where 3 were expected"),
        (b"1,2,3\n4,5,6,7\n6,7,8\n", 2, None, "4 cells where 3"),
        (b"a,b\n1,2,3\n4,5,7\n6,7,8\n4,4,4,\n", 5, None, "4 cells where 3"),
        (b"w,x,y,z,a,b\n1,2,3\n4,5,7\n", 1, None, "header has 6 cells and the rows have 3"),
        (b"1\n", None, 1, "only one point"),
        (b"label,t0\na,1\nb,2\n", 2, None, "only one point"),
        (b"label,t0,t1\na,1,2\nb,,\na,2,4\n", 3, None, "no value"),
        (b"label,t0,t1\na,1,2\nb,3,3\n", 3, None, "constant (3 at every point)"),
        (b"1.5,2.5,inf\n2,3.5,4\n", 1, 3, "infinite"),
        (b"1.5,2.5,-Infinity\n2,3.5,4\n", 1, 3, "infinite"),
        (b"1.5,1e39,1\n2,3.5,4\n", 1, 2, "the value 1e+39"),
        (b"1.5,1e999,1\n2,3.5,4\n", 1, 2, "infinite"),
        (b"1,2,3\n4,\x005,6\n", 2, None, "a NUL byte at character 3"),
        (b"1,2,3\r\n4,\x075,6\r\n", 2, None, "control character 0x07"),
        (bytes(range(1, 256)) * 20, 1, None, "control character"),
        (b'"1,2,3\n4,5,6\n', 1, None, "quotes of the line do not match"),
        (b'1,2,3\n4,"5"x,6\n', 2, None, "quotes of the line do not match"),
        (b"1.5;2.5;3.5\n4.5;1,5;6.5\n", 2, 2, "numbers have a decimal point"),
        (b"1,5;2,5;3\n1,5;2.5;3\n", 2, 2, "numbers have a decimal comma"),
        (b"1.234;2,5;3,1\n1,5;2,5;3,5\n", 1, 1, "without marks for thousands"),
        (b"12.34,5;2,5;3,1\n1,5;2,5;3,5\n", 1, 1, "without marks for thousands"),
        (b"1_000,2,3\n1,2,4\n", 1, 1, "found '1_000'"),
        (b"label,t0,t1\na,1,2\n,2,3\n", 3, None, "the label is empty"),
        (b"label,t0,t1\n" + b"a" * 201 + b",1,2\nb,2,3\n", 2, None, "201 characters; at most 200"),
        ("label,t0,t1\na\u202eb,1,2\nb,2,3\n".encode(), 2, None, "control character"),
        ("label,t0,t1\na\u0085b,1,2\nb,2,3\n".encode(), 2, None, "control character"),
        (b"\x89PNG\r\n\x1a\n....", None, None, "this is a picture"),
        (b"PK\x03\x04 xl/workbook", None, None, "Excel workbook; save it as CSV"),
        (b"\x80\x04\x95abc", None, None, "pickle, which is never opened"),
        (gzip.compress(gzip.compress(b"1,2,3\n3,4,6\n")), None, None, "gzip file inside"),
        (gzip.compress(b"1,2,3\n" * 500)[:-12], None, None, "damaged or cut short"),
        (b"\xff\xfe1,2\n3", None, None, "not valid utf-16"),
        (b"1," * 10_000_000, 1, None, "more than 1,000,000 columns"),
        (b"1 " * 2_000_000, 1, None, "more than 1,000,000 columns"),
        (b"1\n" * 5_000_001, None, None, "more than 5,000,000 lines"),
    ],
)  # fmt: skip
def test_bad_text(data: bytes, row: int | None, column: int | None, text: str) -> None:
    with pytest.raises(DataError, match=re.escape(text)) as caught:
        read_series(data, filename="mine.csv")
    if row is not None:
        assert caught.value.row == row
        assert f"row {row}" in str(caught.value)
    if column is not None:
        assert caught.value.column == column
        assert f"column {column}" in str(caught.value)


def test_rows_are_counted_as_in_the_file() -> None:
    data = b"# note\n\nlabel,t0,t1\n\na,1,2\n\nb,1,two\n"
    with pytest.raises(DataError, match="row 7, column 3"):
        read_series(data)


def test_constant_series_can_be_allowed() -> None:
    series = read_series(b"label,t0,t1\na,1,2\nb,3,3\n", allow_constant=True)
    assert series.X[1, 0].tolist() == [3.0, 3.0]


@pytest.mark.parametrize("name", ["a.npy", "a.npz", "a.parquet"])
def test_a_name_that_the_content_belies(name: str) -> None:
    with pytest.raises(DataError, match="is not one"):
        read_series(b"1,2,3\n3,4,6\n", filename=name)


def test_sources_that_are_no_files(tmp_path: Path) -> None:
    closed = io.BytesIO(b"1,2\n")
    closed.close()
    for source in (tmp_path, tmp_path / "none.csv", "a\0b", "1,2,3\n4,5,6", closed, 3, None):
        with pytest.raises(DataError):
            read_series(source)  # type: ignore[arg-type]


BOUNDED = """
    import gzip, resource
    from tscviz.data.errors import DataError
    from tscviz.data.readers import read_series
    from tscviz.data.readers import binary, delimited, ts_arff

    used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 900_000_000,) * 2)

    claim = {"descr": "<f8", "fortran_order": False, "shape": (50_000_000,)}
    header = str(claim).encode()
    line = b",".join([b"1.5"] * 400_000) + b"\\n"
    files = {
        "bomb": gzip.compress(b"1,2,3\\n" * 8_000_000) * 42,  # 2 GB
        "columns": b"1," * 10_000_000,
        "claim": b"\\x93NUMPY\\x01\\x00" + len(header).to_bytes(2, "little") + header,
        "ragged": line + b"1.5,2.5\\n" * 20_000,
        "wide": line * 12,
        "channels": b"@univariate false\\n@data\\n" + b"1:" * 3_000_000 + b"1\\n",
        "ids": b"id,time,value\\n" + b"".join(b"%d,%d,1.5\\n" % (i, i % 2) for i in range(50_000)),
        "text": b"a" * 30_000_000,
    }
    for name, data in files.items():
        try:
            read_series(data, **({"ragged": True} if name == "ragged" else {}))
        except DataError as error:
            print(name, str(error)[:200])
        else:
            print(name, "read")
"""


def test_memory_stays_bounded() -> None:
    """Within 900 MB more than the imports take, every one of these is refused by a DataError."""
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(BOUNDED)],
        capture_output=True, text=True, timeout=150, check=False,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    lines = dict(line.split(" ", 1) for line in run.stdout.splitlines())
    assert run.returncode == 0, run.stderr[-2000:]
    assert "unpacks to more than 200 MB" in lines["bomb"]
    assert "1,000,000 columns" in lines["columns"]
    assert "cut short" in lines["claim"]
    assert "at most 50,000,000" in lines["ragged"]
    assert "1,000,000 channels" in lines["channels"]
    assert "only one point" in lines["ids"]
    assert set(lines) == {"bomb", "columns", "claim", "ragged", "wide", "channels", "ids", "text"}
    assert not any("not enough memory" in line for line in lines.values())
