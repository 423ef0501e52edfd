"""What `sweep` and `results` do."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tscviz.cli.commands import Answer, pairs
from tscviz.cli.explaining import write_file
from tscviz.types import TscvizError

if TYPE_CHECKING:
    from tscviz.training.sweep import Cell, Progress
    from tscviz.training.sweep.summary import Comparison

_EVERY = 5.0
_INTERRUPTED = 130
_SHOWN = ("model", "options", "dataset", "seed", "preset", "accuracy", "train_seconds", "status")


def sweep(arguments: argparse.Namespace) -> Answer:
    """Run a sweep or go on with it, with progress on stderr."""
    from tscviz.training.sweep import SweepFolder, read_sweep, read_table, run_sweep
    from tscviz.training.sweep.naming import sweep_folder

    if arguments.address is not None and arguments.backend == "local":
        raise TscvizError("--address is that of a cluster; add --backend ray.")
    spec = read_sweep(arguments.file, archive=arguments.archive)
    out = Path(arguments.out) if arguments.out else sweep_folder(spec.name or arguments.file.stem)
    print(f"tscviz: the sweep is kept in {out}", file=sys.stderr)
    with redirect_stdout(sys.stderr):  # Ray tells of its nodes; stdout is for the result
        progress = run_sweep(
            spec,
            out,
            backend=arguments.backend,
            workers=arguments.workers,
            address=arguments.address,
            shard=arguments.shard,
            on_change=_Teller(out),
        )
    document = {
        "out": str(out),
        "cells": progress.total,
        "trained": progress.trained,
        "done": len(progress.done),
        "failed": progress.failed,
        "cancelled": sorted(progress.cancelled),
        "waiting": progress.waiting,
        "stopped": progress.stopped or None,
        "table": str(out / "results.csv"),
    }
    if arguments.json:
        document["rows"] = read_table(SweepFolder(out))
    if progress.interrupted:
        return document, _INTERRUPTED
    return document, 1 if progress.stopped or progress.failed or progress.cancelled else 0


def shard_of(text: str) -> tuple[int, int]:
    """Read "2/8": the second of eight parts."""
    number, _, parts = text.partition("/")
    try:
        return int(number), int(parts)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no shard; wanted I/N, as in 2/8") from None


class _Teller:
    """Says on stderr how far a sweep is: when something fails, and every few seconds."""

    def __init__(self, out: Path) -> None:
        from tscviz.training.sweep import SweepFolder

        self.folder = SweepFolder(out)
        self.next = 0.0
        self.told: tuple[int, ...] = ()

    def __call__(self, progress: Progress) -> None:
        ended = tuple(map(len, (progress.done, progress.failed, progress.cancelled)))
        now = time.monotonic()
        last = progress.waiting == 0 and not progress.running and not progress.elsewhere
        if ended == self.told and (last or now < self.next):
            return
        if now < self.next and ended[1:] == self.told[1:] and not last:
            return
        self.next, self.told = now + _EVERY, ended
        running = [self._running(cell) for cell in progress.running.values()]
        counts = [*zip(ended[1:], ("failed", "cancelled"), strict=True)]
        counts += [(len(running), "running"), (len(progress.elsewhere), "with another sweep")]
        parts = [f"{ended[0]}/{progress.total} done", *(f"{n} {what}" for n, what in counts if n)]
        print(f"{', '.join(parts)}  {'; '.join(running[:4])}".rstrip(), file=sys.stderr, flush=True)

    def _running(self, cell: Cell) -> str:
        state = self.folder.state(cell)
        left = "" if state.eta_seconds is None else f", {state.eta_seconds:.0f} s left"
        where = f"{state.epoch}/{state.epochs}{left}" if state.epochs else "starting"
        return f"{cell.job.model} {cell.job.dataset} seed {cell.job.seed} ({where})"


def swept(document: dict[str, Any]) -> None:
    """Print how a sweep ended."""
    print(
        f"{document['done']} of {document['cells']} cells done, {document['trained']} of them now; "
        f"table: {document['table']}"
    )
    for reason, number in Counter(document["failed"].values()).most_common():
        print(f"{number} failed: {reason}")
    if document["cancelled"]:
        print(f"{len(document['cancelled'])} cancelled; start it again to run them.")
    if document["stopped"]:
        print(document["stopped"])


def results(arguments: argparse.Namespace) -> Answer:
    """Read the table of a sweep or a file, filtered, and put it into the form asked for."""
    from tscviz.training.sweep.results import read_results
    from tscviz.training.sweep.table import repeated

    rows = read_results(
        arguments.folder,
        models=arguments.model,
        datasets=arguments.dataset,
        statuses=arguments.status,
        options=_wanted(arguments.option),
    )
    if not rows:
        raise TscvizError("no cell fits; leave out a filter, or see `tscviz results FOLDER`.")
    again = repeated(row for row in rows if row["status"] == "done")
    if again:
        print(
            f"tscviz: {again} of {len(rows)} rows repeat a model, dataset and seed with other "
            "code, data or threads; all count in means and medians.",
            file=sys.stderr,
        )
    if arguments.json:
        return {"rows": rows}, 0
    text = _FORMATS[arguments.format](rows, arguments)
    if arguments.out:
        write_file(arguments.out, text if isinstance(text, bytes) else text.encode())
        text = f"written to {arguments.out}\n"
    elif isinstance(text, bytes):
        raise TscvizError("Parquet does not go to a terminal; give a file with --out.")
    return {"text": text}, 0


def _wanted(texts: list[str]) -> dict[str, list[str]]:
    """Return the values that are wanted of each option."""
    found: dict[str, list[str]] = {}
    for text in texts:
        for name, value in pairs([text]).items():
            found.setdefault(name, []).append(value)
    return found


def resulted(document: dict[str, Any]) -> None:
    """Print the table."""
    print(document["text"], end="")


def _table(rows: list[dict[str, Any]], _arguments: argparse.Namespace) -> str:
    cells = [list(_SHOWN), *([_text(row[name]) for name in _SHOWN] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(_SHOWN))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) for line in cells]
    lines += [
        f"{row['model']} {row['dataset']} seed {row['seed']}: {row['reason']}"
        for row in rows
        if row["reason"]
    ]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _text(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _csv(rows: list[dict[str, Any]], _arguments: argparse.Namespace) -> str:
    from tscviz.training.sweep.table import csv_text

    return csv_text(rows)


def _parquet(rows: list[dict[str, Any]], _arguments: argparse.Namespace) -> bytes:
    from tscviz.training.sweep.table import parquet_table

    return parquet_table(rows)


def _markdown(rows: list[dict[str, Any]], arguments: argparse.Namespace) -> str:
    from tscviz.training.sweep.summary import markdown

    return markdown(_comparison(rows, arguments))


def _latex(rows: list[dict[str, Any]], arguments: argparse.Namespace) -> str:
    from tscviz.training.sweep.summary import latex

    return latex(_comparison(rows, arguments))


def _comparison(rows: list[dict[str, Any]], arguments: argparse.Namespace) -> Comparison:
    from tscviz.training.sweep.summary import compare, protocol_options

    if Path(arguments.folder).is_file():
        told = [(r["model"], r["preset"], r["dataset"], r["options"]) for r in rows]
        rows = [r | {"options": o} for r, o in zip(rows, protocol_options(told), strict=True)]
    return compare(rows, arguments.measure, arguments.over_seeds)


_FORMATS = {
    "table": _table,
    "csv": _csv,
    "markdown": _markdown,
    "latex": _latex,
    "parquet": _parquet,
}
FORMATS = tuple(_FORMATS)
