"""How documents look to a person on a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tscviz.cli.reading import DIRECTIONS, channels
from tscviz.data.misfit import span


def nothing(document: Any) -> None:
    """Print nothing."""


def pairs(document: dict[str, Any]) -> None:
    """Print one name and value a line."""
    width = max(map(len, document))
    for name, value in document.items():
        text = f"{value:,.0f}" if isinstance(value, float) else value
        print(f"{name:<{width}}  {text}")


def datasets(document: dict[str, Any]) -> None:
    """Print a table of datasets."""
    names = ("name", "source", "n_train", "n_test", "length", "n_channels", "n_classes")
    columns = [n for n in names if any(row.get(n) is not None for row in document["datasets"])]
    rows = [[_cell(row.get(column)) for column in columns] for row in document["datasets"]]
    table([list(columns), *rows])
    for row in document["datasets"]:
        if row.get("error"):
            print(f"{row['name']}: {row['error']}")


def models(document: dict[str, Any]) -> None:
    """Print the models and the bundled weights."""
    table([["name", "what it does"], *([m["name"], m["summary"]] for m in document["models"])])
    print("\nbundled weights: " + (", ".join(document["pretrained"]) or "none"))
    print("options and presets: tscviz models --json")


def trained(document: dict[str, Any]) -> None:
    """Print how a run ended."""
    if document["state"] != "done":
        return
    print(
        f"test accuracy {document['test_accuracy']:.4f}, train {document['train_accuracy']:.4f}, "
        f"weights of epoch {document['best_epoch']} of {document['epochs']}, "
        f"{document['train_seconds']:.0f} s; model in {document['path']}"
    )


def evaluated(document: dict[str, Any]) -> None:
    """Print the figures of merit, and what to know of the data."""
    notes(document["notes"])
    names = ("accuracy", "balanced_accuracy", "macro_f1", "log_loss", "card_accuracy")
    chosen = {name: document[name] for name in names if document[name] is not None}
    for name, value in chosen.items():
        print(f"{name:<18} {value:.4f}")


def predicted(document: dict[str, Any]) -> None:
    """Print how the file was read, and a class and its probability for each case."""
    print(_read(document))
    notes([*document["layout"]["notes"], *document["preparation"], *document["notes"]])
    cases = document["cases"]
    labelled = any(case["label"] is not None for case in cases)
    wanted = {"name": document["named"], "class": True, "label": labelled, "probability": True}
    columns = ["case", *(name for name, is_there in wanted.items() if is_there)]
    rows = [[share(c[k]) if k == "probability" else str(c[k]) for k in columns] for c in cases]
    table([columns, *rows])


def notes(said: Iterable[str]) -> None:
    """Print what is to be known beside the answer."""
    for note in said:
        print(f"note: {note}")


def _read(document: dict[str, Any]) -> str:
    """Say in one line what a file holds and how it was read."""
    layout, (n, n_channels, _), (low, high) = (document[k] for k in ("layout", "shape", "lengths"))
    parts = [f"{n:,} series of {span(low, high)} points, {channels(n_channels)}", layout["format"]]
    if layout["format"] == "csv":
        mark = _MARKS.get(layout["delimiter"], repr(layout["delimiter"]))
        parts[-1] = f"text with {mark} between cells"
        parts.append(f"decimal {'comma' if layout['decimal'] == ',' else 'point'}")
        parts.append("a header" if layout["header"] else "no header")
    if layout["format"] not in ("ts", "arff"):
        parts.append(DIRECTIONS[layout["orientation"]])
    parts.append(_labels(layout["label_column"], document["cases"]))
    return f"{document['file']}: " + ", ".join(parts)


def _labels(column: Any, cases: list[dict[str, Any]]) -> str:
    if all(case["label"] is None for case in cases):
        return "no labels"
    if column is None:
        return "with labels"
    named = f"column {column}" if isinstance(column, int) else f"the column {column!r}"
    return "labels in " + (f"the {column} column" if column in ("first", "last") else named)


_MARKS = {",": "comma", ";": "semicolon", "\t": "tab", " ": "blanks", "|": "bar"}


def share(p: float) -> str:
    """Return a probability with four decimals, never 0 or 1: no softmax gives all or nothing."""
    if p < _LEAST:
        return f"<{_LEAST:.4f}"
    return f">{1 - _LEAST:.4f}" if p > 1 - _LEAST else f"{p:.4f}"


_LEAST = 0.0001


def explained(document: dict[str, Any]) -> None:
    """Print class, segments and the strongest time points."""
    best = max(document["probabilities"].items(), key=lambda item: item[1])
    less = "" if document["against"] is None else f" less {document['against']}"
    print(
        f"{document['case']}: class {best[0]} ({share(best[1])}); {document['method']} for class "
        f"{document['target']}{less}"
    )
    notes([*document["preparation"], *document["notes"]])
    if "replay" in document:
        same = document["replay"]["identical"]
        print("the same numbers to the bit" if same else "not the same numbers to the bit")
        notes(document["replay"]["notes"])
    if "segments" in document:
        print("segment boundaries: " + ", ".join(map(str, document["segments"]["boundaries"])))
    totals = [sum(column) for column in zip(*document["values"], strict=True)]
    top = sorted(range(len(totals)), key=lambda t: -abs(totals[t]))[:5]
    print("strongest time points: " + ", ".join(f"{t} ({totals[t]:+.3f})" for t in sorted(top)))


def table(rows: list[list[str]]) -> None:
    """Print rows in aligned columns."""
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(f"{cell!s:<{w}}" for cell, w in zip(row, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    return "" if value is None else str(value)
