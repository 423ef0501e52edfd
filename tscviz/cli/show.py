"""How documents look to a person on a terminal."""

from __future__ import annotations

from typing import Any


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
    """Print the figures of merit."""
    names = ("accuracy", "balanced_accuracy", "macro_f1", "log_loss", "card_accuracy")
    chosen = {name: document[name] for name in names if document[name] is not None}
    for name, value in chosen.items():
        print(f"{name:<18} {value:.4f}")


def predicted(document: dict[str, Any]) -> None:
    """Print a class and its probability for each case."""
    for note in document["preparation"]:
        print(f"note: {note}")
    rows = [[c["name"], c["class"], f"{c['probability']:.4f}"] for c in document["cases"]]
    table([["case", "class", "probability"], *rows])


def explained(document: dict[str, Any]) -> None:
    """Print class, segments and the strongest time points."""
    best = max(document["probabilities"].items(), key=lambda item: item[1])
    less = "" if document["against"] is None else f" less {document['against']}"
    print(
        f"{document['case']}: class {best[0]} ({best[1]:.4f}); {document['method']} for class "
        f"{document['target']}{less}"
    )
    if "replay" in document:
        same = document["replay"]["identical"]
        print("the same numbers to the bit" if same else "not the same numbers to the bit")
        for note in document["replay"]["notes"]:
            print(f"note: {note}")
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
