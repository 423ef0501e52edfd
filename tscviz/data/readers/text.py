"""From bytes to numbered lines of text."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass

from tscviz.data.errors import DataError
from tscviz.data.limits import MAX_ROWS

ENCODINGS = (
    "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "ascii", "latin-1", "iso-8859-15",
    "cp1250", "cp1251", "cp1252", "shift_jis", "gb18030", "big5", "euc_kr",
)  # fmt: skip
"""Encodings that can be asked for; the first four, Latin-1 and cp1252 are detected."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # starts like UTF-16's mark, so it is tried before it
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TEXT_BYTES = bytes([9, 10, 13, *range(32, 127), *range(128, 256)])
_NOT_C1 = bytes(set(range(256)) - set(range(128, 160)))
_CHUNK = 1 << 20


@dataclass(frozen=True, repr=False)
class Text:
    """Text whose lines can be read again and again without holding them all.

    Parameters
    ----------
    data : bytes
        In an encoding in which ASCII stays ASCII.
    codec : str
        Encoding of `data`.
    encoding : str
        Encoding of the file; differs from `codec` for UTF-16 and UTF-32.
    """

    data: bytes
    codec: str
    encoding: str

    def stripped(self) -> Iterator[tuple[int, str]]:
        """Yield ``(row, line)`` without blanks around the line, leaving out empty lines."""
        for row, line in self.lines():
            bare = line.strip()
            if bare:
                yield row, bare

    def data_lines(self, skip: int, keep_blank: bool = False) -> Iterator[tuple[int, str]]:
        """Yield ``(row, line)`` after the first `skip` lines, without blank lines.

        `keep_blank` keeps those that stand between others: a gap in a file of one column.
        """
        blank: list[int] = []
        for row, line in self.lines():
            if row <= skip:
                continue
            if not line or line.isspace():
                if keep_blank:
                    blank.append(row)
                continue
            for gap in blank:
                yield gap, ""
            blank.clear()
            yield row, line

    def lines(self) -> Iterator[tuple[int, str]]:
        """Yield ``(row, line)``: the row is 1-based, the line has no end-of-line."""
        stream = io.TextIOWrapper(io.BytesIO(self.data), encoding=self.codec, newline=None)
        row = 0
        try:
            for row, line in enumerate(stream, start=1):
                yield row, line.rstrip("\n")
        except UnicodeDecodeError as error:
            raise _undecodable(self.encoding, row + 1) from error


def decode(data: bytes, encoding: str | None = None) -> Text:
    """Find the encoding of `data`, unless given, and check that it is text.

    Raises
    ------
    DataError
        Not text (NUL or other control characters), or more lines than the limit.
    """
    found = encoding or guess_encoding(data)
    codec = "utf-8-sig" if found == "utf-8" else found
    if found.startswith(("utf-16", "utf-32")):
        data, codec = _to_utf8(data, found), "utf-8-sig"
    _refuse_control_characters(data)
    if data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n") > MAX_ROWS:
        raise DataError(
            f"the file has more than {MAX_ROWS:,} lines, the most that is read; send fewer rows."
        )
    return Text(data, codec, found)


def guess_encoding(data: bytes) -> str:
    """Name the encoding: by its mark, by UTF-16's zero bytes, UTF-8 if valid, else Latin-1."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return encoding
    head = data[:4096]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) > 0.8 * len(head[1::2]) and min(even, odd) < 0.05 * len(head):
        return "utf-16-le" if odd > even else "utf-16-be"
    if _is_utf8(data):
        return "utf-8"
    # Bytes 128 to 159 are control characters in Latin-1 and quotes, dashes or euro in cp1252.
    return "cp1252" if data.translate(None, _NOT_C1) else "latin-1"


def _is_utf8(data: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _CHUNK):
            decoder.decode(data[start : start + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _to_utf8(data: bytes, encoding: str) -> bytes:
    try:
        return data.decode(encoding).encode("utf-8")
    except UnicodeError as error:
        raise _undecodable(encoding, None) from error


def _undecodable(encoding: str, row: int | None) -> DataError:
    return DataError(
        f"the text is not valid {encoding}; choose another encoding or save the file as UTF-8.",
        row=row,
    )


def _refuse_control_characters(data: bytes) -> None:
    odd = data.translate(None, _TEXT_BYTES)
    if not odd:
        return
    at = data.index(odd[:1])
    before = data[:at].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    line = before.rpartition(b"\n")[2]
    what = "a NUL byte" if odd[0] == 0 else f"the control character 0x{odd[0]:02x}"
    raise DataError(
        f"found {what} at character {len(line) + 1} of the line; this is not a text file, or it is "
        "damaged. Give CSV, TSV, TXT, .ts, .arff, .npy, .npz or .parquet.",
        row=before.count(b"\n") + 1,
    )
