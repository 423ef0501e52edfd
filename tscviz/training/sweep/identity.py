"""What makes a cell this cell and no other: its specification, its data, and the code.

The specification is a `JobSpec`; its `dataset_digest` stands for the data and its `code_version`
for the code. Where the data lie is no part of it, nor is anything of the machine.
"""

from __future__ import annotations

import ast
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import tscviz
from tscviz.atomic import read_object, write_json
from tscviz.resources import resource
from tscviz.types import TscvizError

_LAYERS = ("data", "kernels", "models", "training")
_SINGLE = ("options.py", "types.py")
#: How jobs are stored, started and told about; none of it touches a number. A new file counts
#: until it is named here.
MACHINERY = frozenset(
    f"training/{name}.py"
    for name in (
        *("attempt", "backends", "errors", "jobdir", "jobs", "jobspec", "jobstore"),
        *("processes", "versions", "worker"),
    )
)


@cache
def code_version() -> str:
    """Return the package's version and a hash of the sources that decide a result.

    Those are `tscviz.data`, `kernels`, `models` and `training` without its machinery of jobs and
    sweeps, and the card of the bundled trunk that ConvTimeNet starts from. Comments, docstrings
    and layout do not count: the hash is over the syntax tree.
    """
    return f"{tscviz.__version__}+{source_hash(Path(tscviz.__path__[0]), _trunk())}"


@cache
def readers_version() -> str:
    """Return a hash of the sources that decide what a dataset holds: `tscviz.data`."""
    return source_hash(Path(tscviz.__path__[0]), layers=("data",))


def source_hash(root: Path, extra: bytes = b"", layers: Sequence[str] = _LAYERS) -> str:
    """Return twelve hexadecimal digits of the sources below the package folder `root`.

    Parameters
    ----------
    root : Path
    extra : bytes
        Hashed with them.
    layers : sequence of str
        Folders in `root`; the files that all layers use always count.
    """
    sha = hashlib.sha256()
    for path in _sources(root, layers):
        sha.update(path.relative_to(root).as_posix().encode() + b"\0")
        sha.update(_bare(path.read_text(encoding="utf-8")).encode() + b"\0")
    sha.update(extra)
    return sha.hexdigest()[:12]


def _sources(root: Path, layers: Sequence[str]) -> Iterator[Path]:
    paths = [root / name for name in _SINGLE]
    paths += [path for layer in layers for path in (root / layer).rglob("*.py")]
    for path in sorted(paths):
        name = path.relative_to(root).as_posix()
        if name not in MACHINERY and not name.startswith("training/sweep/"):
            yield path


def _bare(source: str) -> str:
    """Return the code without comments, docstrings and layout."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_text(body[0]):
            node.body = body[1:] or [ast.Pass()]  # type: ignore[attr-defined]
    return ast.unparse(tree)


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _trunk() -> bytes:
    try:
        return (resource("pretrained") / "convtimenet" / "trunk" / "trunk.json").read_bytes()
    except (OSError, TscvizError):
        return b"none"  # ConvTimeNet itself then says that it is missing


class Digests:
    """`Dataset.digest` by name, remembered by the files it came from and what reads them.

    Parsing an archive takes minutes and hashing its files a second. No time of a file is asked.

    Parameters
    ----------
    memory : Path
        A JSON file; it may be missing, damaged or not writable.
    archive : str, optional
        As in `tscviz.load_dataset`.
    readers : str, optional
        Version of what reads them; default: `readers_version`. What others read is not believed.
    """

    def __init__(self, memory: Path, archive: str | None, readers: str | None = None) -> None:
        self.memory, self.archive = memory, archive
        self.readers = readers_version() if readers is None else readers
        self._known: dict[str, Any] = read_object(memory, 1 << 26) or {}
        self._found: dict[str, str | TscvizError] = {}

    def of(self, name: str) -> str:
        """Return the digest of a dataset.

        Raises
        ------
        DataError
            Where it cannot be loaded; tried once, and again by the next of these.
        """
        if name not in self._found:
            try:
                self._found[name] = self._look(name)
            except TscvizError as error:
                self._found[name] = error
        found = self._found[name]
        if isinstance(found, TscvizError):
            raise found.with_traceback(None)  # each raising would make it longer
        return found

    def _look(self, name: str) -> str:
        from tscviz.data import load_dataset
        from tscviz.data.archive import dataset_files

        files = dataset_files(name, self.archive)
        key = None if files is None else f"{self.readers}:{name}:{_content(files)}"
        known = self._known.get(key) if key else None
        if isinstance(known, str):
            return known
        digest = load_dataset(name, self.archive).digest
        if key:
            self._known[key] = digest
        return digest

    def save(self) -> None:
        """Store what was learnt; a folder that cannot be written only costs the next time."""
        with suppress(OSError):
            self.memory.parent.mkdir(parents=True, exist_ok=True)
            write_json(self.memory, self._known)


def _content(files: tuple[Path, ...]) -> str:
    sha = hashlib.sha256()
    for path in files:
        sha.update(os.fsencode(path.suffix) + b"\0")
        try:
            sha.update(hashlib.sha256(path.read_bytes()).digest())
        except OSError:
            sha.update(b"unreadable")  # loading says why
    return sha.hexdigest()
