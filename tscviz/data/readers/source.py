"""From a path, bytes or an open file to bounded, unpacked bytes, and which format they have."""

from __future__ import annotations

import gzip
import io
import os
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from tscviz.data.errors import DataError
from tscviz.data.limits import MAX_FILE_BYTES, MAX_UNPACKED_BYTES

Source = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO
"""What can be read: a path, the bytes themselves, or an open binary file."""

_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 1 << 20
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
_MARKUP = (
    (b"<!doctype html", "a web page, perhaps the answer of a site that wanted a login"),
    (b"<html", "a web page, perhaps the answer of a site that wanted a login"),
    (b"<?xml", "an XML file"),
    (b'{"', "a JSON file"),
    (b"{\n", "a JSON file"),
    (b"{\r\n", "a JSON file"),
    (b"[[", "a JSON file"),
    (b"[{", "a JSON file"),
)
_LIST = re.compile(rb"[\[(]\s*[-+.0-9]")
_WANTED = "give CSV, TSV, TXT, .ts, .arff, .npy, .npz or .parquet, plain or packed with gzip."


@dataclass(frozen=True, repr=False)
class Payload:
    """Content of a file, unpacked.

    Parameters
    ----------
    data : bytes
    extension : str
        Lower case, with its dot and without ".gz"; "" where unknown.
    compression : str or None
        "gzip" or None.
    """

    data: bytes
    extension: str
    compression: str | None = None


def load(source: Source, filename: str | None = None) -> Payload:
    """Read `source` whole, unpack gzip, and keep both within the limits.

    An open file is put back to where it was, so that it can be read again.

    Raises
    ------
    DataError
        The file is missing, empty, too large or a damaged gzip.
    """
    data, own_name = _raw_bytes(source)
    name = filename if filename is not None else own_name
    compression = None
    if data.startswith(_GZIP_MAGIC):
        data, compression = _gunzip(data), "gzip"
    if not data.strip(b" \t\r\n"):
        raise DataError("the file is empty; it has no rows. Give a file with at least one series.")
    return Payload(data, _extension(name), compression)


def _raw_bytes(source: Any) -> tuple[bytes, str]:
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _within_limit(bytes(source)), ""
    if isinstance(source, (str, os.PathLike)):
        return _file_bytes(source)
    if hasattr(source, "read"):
        return _stream_bytes(source), str(getattr(source, "name", ""))
    raise DataError(
        f"a {type(source).__name__} cannot be read as a file; "
        "give a path, bytes or a file opened in binary mode."
    )


def _file_bytes(source: str | os.PathLike[str]) -> tuple[bytes, str]:
    path = Path(source)
    try:
        with path.open("rb") as stream:
            return _within_limit(stream.read(MAX_FILE_BYTES + 1)), path.name
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a usable path"
        raise DataError(
            f"the file {str(source)[:200]!r} cannot be opened ({reason}); check the path, "
            "or pass the content as bytes."
        ) from error


def _stream_bytes(stream: Any) -> bytes:
    try:
        start = stream.tell() if stream.seekable() else None
        data = stream.read(MAX_FILE_BYTES + 1)
        if start is not None:
            stream.seek(start)
    except (OSError, ValueError, AttributeError) as error:
        raise DataError("the open file cannot be read; open it again in binary mode.") from error
    if isinstance(data, str):
        data = data.encode("utf-8", errors="replace")
    return _within_limit(bytes(data))


def _within_limit(data: bytes) -> bytes:
    if len(data) > MAX_FILE_BYTES:
        raise DataError(
            f"the file is larger than {MAX_FILE_BYTES // 10**6} MB, the most that is read; "
            "split it or send fewer series."
        )
    return data


def _gunzip(data: bytes) -> bytes:
    """Unpack piece by piece: the size a gzip states about itself is not to be trusted."""
    out = io.BytesIO()
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            while chunk := packed.read(_CHUNK):
                if out.tell() + len(chunk) > MAX_UNPACKED_BYTES:
                    raise DataError(
                        f"the gzip file unpacks to more than {MAX_UNPACKED_BYTES // 10**6} MB, "
                        "the most that is read; split it or send fewer series."
                    )
                out.write(chunk)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"the gzip file is damaged or cut short ({error}); compress it again."
        ) from error
    return out.getvalue()


def _extension(name: str) -> str:
    path = Path(name.replace("\0", "").lower())
    if path.suffix == ".gz":
        path = path.with_suffix("")
    return path.suffix


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
    head = data[:1000].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if _LIST.match(head):
        raise DataError(f"this is a list in brackets, as JSON or Python writes it; {_WANTED}")
    for start, what in _MARKUP:
        if head.startswith(start):
            raise DataError(f"this is {what}; {_WANTED}")
    for line in data[:20_000].lower().splitlines()[:500]:
        word = line.strip(b" \t\xef\xbb\xbf\0").split(b" ")[0]
        if word.startswith((b"#", b"%")) or not word:
            continue
        if word in (b"@relation", b"@attribute"):
            return "arff"
        return "ts" if word.startswith(b"@") else "csv"
    return "csv"
