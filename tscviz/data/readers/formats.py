"""Which format a file has: its content decides, its name only helps."""

from __future__ import annotations

from tscviz.data.errors import DataError
from tscviz.data.readers.source import Payload

_BY_EXTENSION = {".ts": "ts", ".arff": "arff", ".npy": "npy", ".npz": "npz",
                 ".parquet": "parquet", ".pq": "parquet"}  # fmt: skip
_UNREADABLE = (
    (b"\x89HDF", "an HDF5 or MATLAB file"),
    (b"MATLAB 5.0", "a MATLAB file"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"\x80\x04\x95", "a pickle, which is never opened because it can run code"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a rar archive"),
    (b"\x1f\x8b", "a gzip file inside a gzip file"),
)
_WANTED = "give CSV, TSV, TXT, .ts, .arff, .npy, .npz or .parquet, plain or packed with gzip."


def guess_format(payload: Payload) -> str:
    """Name the format of a file: "csv", "ts", "arff", "npy", "npz" or "parquet".

    Raises
    ------
    DataError
        A known format that is not read, or an extension that the content belies.
    """
    data = payload.data
    if data.startswith(b"\x93NUMPY"):
        return "npy"
    if data.startswith(b"PAR1"):
        return "parquet"
    if data.startswith(b"PK\x03\x04"):
        return _zip_format(data)
    for magic, what in _UNREADABLE:
        if data.startswith(magic):
            raise DataError(f"this is {what}; {_WANTED}")
    named = _BY_EXTENSION.get(payload.extension)
    if named in ("npy", "npz", "parquet"):
        raise DataError(f"the file is named {payload.extension} but is not one; {_WANTED}")
    return named or _text_format(data)


def _zip_format(data: bytes) -> str:
    if b".npy" in data[:200] or b".npy" in data[-4096:]:
        return "npz"
    what = "an Excel workbook; save it as CSV" if b"xl/" in data[-100_000:] else "a zip archive"
    raise DataError(f"this is {what}; {_WANTED}")


def _text_format(data: bytes) -> str:
    """Tell .ts and .arff by their first word, whatever the file is called."""
    for line in data[:20_000].lower().splitlines()[:500]:
        word = line.strip(b" \t\xef\xbb\xbf\0").split(b" ")[0]
        if word.startswith((b"#", b"%")) or not word:
            continue
        if word in (b"@relation", b"@attribute"):
            return "arff"
        return "ts" if word.startswith(b"@") else "csv"
    return "csv"
