"""A sweep as a TOML file: what the form would write, and what a visitor uploads."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tscviz.training.sweep import SweepError, SweepSpec, sweep_from_mapping
from tscviz.training.sweep.spec import ALL, Line
from tscviz.training.sweep.toml import read_toml
from tscviz.ui.escape import plain_text

MAX_BYTES = 1 << 20
MAX_CELLS = 100_000
_NAMELESS = 10**15
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_text(spec: SweepSpec) -> str:
    """Return a sweep as the text of a TOML file that `read_sweep` understands.

    The archive's folder is this machine's affair and left out.
    """
    kept = {"keep": "model", "threads": 1, "retries": 2, "code_version": None, "name": ""}
    top = {key: getattr(spec, key) for key in kept if getattr(spec, key) != kept[key]}
    lines = spec.lines
    for key in ("preset", "seeds", "datasets"):
        values = {getattr(line, key) for line in lines}
        if len(values) == 1:
            top[key] = _plain(key, values.pop())
    parts = ["\n".join(_pairs(top))]
    parts += ["[[models]]\n" + "\n".join(_pairs(_own(line, top))) for line in lines]
    return "\n\n".join(part for part in parts if part) + "\n"


def _own(line: Line, top: Mapping[str, Any]) -> dict[str, Any]:
    own: dict[str, Any] = {"model": line.model}
    keys = (key for key in ("preset", "seeds", "datasets") if key not in top)
    own |= {key: _plain(key, getattr(line, key)) for key in keys}
    return own | ({"options": dict(line.options)} if line.options else {})


def _plain(key: str, value: Any) -> Any:
    if key == "datasets" and value == (ALL,):
        return ALL
    if key == "seeds" and value == tuple(range(len(value))):
        return len(value)
    return value


def _pairs(values: Mapping[str, Any]) -> Iterator[str]:
    for key, value in values.items():
        yield f"{_key(key)} = {_value(value)}"


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _text(value: str) -> str:
    # JSON's escapes are TOML's, but for DEL, which TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_pairs(value)) + " }" if value else "{}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(_value, value)) + "]"
    return repr(value)


def read_upload(data: bytes, datasets: Sequence[str], archive: str | None) -> SweepSpec:
    """Return the sweep in an uploaded file.

    Parameters
    ----------
    data : bytes
    datasets : sequence of str
        Those of the catalogue; a visitor's file makes the server neither download others nor
        read other folders.
    archive : str or None
        The server's own; takes the place of the file's.

    Raises
    ------
    SweepError
        Where the file cannot be read or asks for what is not here.
    """
    if len(data) > MAX_BYTES:
        raise SweepError(f"The file has {len(data):,} bytes; a sweep has at most {MAX_BYTES:,}.")
    value = read_toml(data, "The file")
    _measure(value, datasets)
    value["archive"] = archive
    value = {key: item for key, item in value.items() if item is not None}
    spec = sweep_from_mapping(value)
    check(spec, datasets)
    return spec


def _measure(value: Mapping[str, Any], datasets: Sequence[str]) -> None:
    """Refuse what would grow beyond all measure before it is spelt out.

    What is of another type than it should be counts once; reading it says what is wrong.
    """
    models = value.get("models")
    cells = sum(_size(model, value, datasets) for model in _list(models))
    if cells > MAX_CELLS:
        raise _too_many(cells)


def _size(model: Any, top: Mapping[str, Any], datasets: Sequence[str]) -> int:
    own = model if isinstance(model, Mapping) else {}
    both = {key: top.get(key) for key in ("seeds", "datasets")} | dict(own)
    grid, seeds, names = both.get("grid"), both["seeds"], both["datasets"]
    lists = map(_list, grid.values() if isinstance(grid, Mapping) else [])
    n_seeds = seeds if isinstance(seeds, int) else len(_list(seeds))
    n_datasets = len(datasets) if names == ALL else len(set(map(str, _list(names))))
    return math.prod(max(1, n) for n in (*map(len, lists), n_seeds, n_datasets))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _too_many(cells: int) -> SweepError:
    number = f"{cells:,}" if cells < _NAMELESS else "far too many"
    return SweepError(f"These are {number} cells; a sweep has at most {MAX_CELLS:,} cells.")


def check(spec: SweepSpec, datasets: Sequence[str]) -> None:
    """Refuse datasets that are not in the catalogue, and sweeps beyond all measure.

    Raises
    ------
    SweepError
        With the name, or the number of cells.
    """
    known = {ALL, *datasets}
    for line in spec.lines:
        for name in line.datasets:
            if name not in known:
                raise SweepError(
                    f"There is no dataset {plain_text(name, max_length=60)!r} here; download it "
                    "on the page Datasets, or take it out."
                )
    if (cells := count_cells(spec, datasets)) > MAX_CELLS:
        raise _too_many(cells)


def count_cells(spec: SweepSpec, datasets: Sequence[str]) -> int:
    """Return the number of cells, lines that say the same counted once."""
    found = set()
    for line in spec.lines:
        names = frozenset(spelt(line, datasets))
        key = json.dumps([line.model, line.preset, dict(line.options)], sort_keys=True, default=str)
        found |= {(key, name, seed) for name in names for seed in line.seeds}
    return len(found)


def spelt(line: Line, datasets: Sequence[str]) -> tuple[str, ...]:
    """Return the names of a line's datasets, "all" spelt out."""
    return tuple(datasets) if line.datasets == (ALL,) else line.datasets
