"""The table as papers print it: datasets down, models across, mean rank below."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tscviz.training.sweep.errors import SweepError
from tscviz.training.sweep.table import RUN

MEASURES: Mapping[str, bool] = {
    "accuracy": True,
    "balanced_accuracy": True,
    "macro_f1": True,
    "auc": True,
    "log_loss": False,
}
"""What can be compared, and whether more is better."""

#: Options of a recipe that change no weight.
SILENT = ("test_every", "checkpoint_every")

OVER_SEEDS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "mean": statistics.fmean,
    "median": statistics.median,
}


@dataclass(frozen=True)
class Comparison:
    """Models beside each other.

    Parameters
    ----------
    measure, over_seeds : str
    models : tuple of str
        With preset and options where these tell them apart.
    datasets : tuple of str
    values : dict of (dataset, model) to float
        Over the seeds that are done; absent where none is.
    seeds : dict of (dataset, model) to int
        How many those are.
    ranks : dict of model to float
        Mean rank, 1 the best, ties shared, over the `ranked` datasets.
    ranked : int
        Datasets on which every model has a value.
    """

    measure: str
    over_seeds: str
    models: tuple[str, ...]
    datasets: tuple[str, ...]
    values: dict[tuple[str, str], float]
    seeds: dict[tuple[str, str], int]
    ranks: dict[str, float]
    ranked: int


def compare(
    rows: Sequence[Mapping[str, Any]], measure: str = "accuracy", over_seeds: str = "mean"
) -> Comparison:
    """Compare the models of a tidy table.

    Of runs that differ in options that change no weight alone the last that is done counts.

    Parameters
    ----------
    rows : sequence of mapping
        As `read_table` gives them; those that are not done are left out.
    measure : str
        One of `MEASURES`.
    over_seeds : {"mean", "median"}

    Raises
    ------
    SweepError
        On an unknown measure, or where nothing is done.
    """
    if measure not in MEASURES or over_seeds not in OVER_SEEDS:
        raise SweepError(
            f"cannot compare the {over_seeds} of {measure!r}; there are the {_or(OVER_SEEDS)} of "
            f"{_or(MEASURES)}."
        )
    rows = _without_silent(rows)
    names = labels(rows)
    found: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        value = row.get(measure)
        if row["status"] == "done" and value is not None:
            found.setdefault((row["dataset"], names[_identity(row)]), []).append(float(value))
    if not found:
        a = "an" if measure.startswith("a") else "a"
        raise SweepError(
            f"no cell of these is done with {a} {measure}; there is nothing to compare."
        )
    values = {key: OVER_SEEDS[over_seeds](numbers) for key, numbers in found.items()}
    models = tuple(dict.fromkeys(names.values()))
    datasets = tuple(dict.fromkeys(row["dataset"] for row in rows))
    ranks, ranked = _ranks(values, models, datasets, best_is_high=MEASURES[measure])
    seeds = {key: len(numbers) for key, numbers in found.items()}
    return Comparison(measure, over_seeds, models, datasets, values, seeds, ranks, ranked)


def labels(
    rows: Sequence[Mapping[str, Any]], title: Callable[[str], str] = str
) -> dict[tuple[str, str, str], str]:
    """Name each (model, preset, options) of a table, by what is not the same in all rows.

    Options that change no weight are named only where two would have one name without.

    Parameters
    ----------
    rows : sequence of mapping
        With ``model``, ``preset`` and ``options``.
    title : callable
        What to write for the name of an architecture, such as `tscviz.titles.title_of`. Where it
        would give two of them one name, the names stay.
    """
    models = {row["model"] for row in rows}
    written = {model: title(model) for model in models}
    if len(set(written.values())) < len(models):
        written = {model: model for model in models}
    options = [json.loads(row["options"]) for row in rows]
    keys = dict.fromkeys(key for given in options for key in given)
    telling = [key for key in keys if len({_text(given.get(key)) for given in options}) > 1]
    several = len({row["preset"] for row in rows if row["preset"]}) > 1

    def named(said: Sequence[str]) -> dict[tuple[str, str, str], str]:
        names: dict[tuple[str, str, str], str] = {}
        for row, given in zip(rows, options, strict=True):
            parts = [written[row["model"]], *([row["preset"]] if several and row["preset"] else [])]
            parts += [f"{key}={_text(given[key])}" for key in said if key in given]
            names.setdefault(_identity(row), " ".join(parts))
        return names

    short = named([key for key in telling if key not in SILENT])
    return short if len(set(short.values())) == len(short) else named(telling)


def protocol_options(runs: Sequence[tuple[str, str, str, str]]) -> list[str]:
    """Take options that a protocol sets by dataset for no difference between models.

    They are one where no dataset has two of them. Only for a table to which no cell is to come.
    Options that change no weight do not count, and stay.

    Parameters
    ----------
    runs : sequence of (model, preset, dataset, options)

    Returns
    -------
    list of str, the options of each, without those of a protocol: ``"{}"`` where none is left.
    """
    kinds: dict[tuple[str, str, str], set[str]] = {}
    for model, preset, dataset, options in runs:
        kinds.setdefault((model, preset, dataset), set()).add(telling_options(options))
    several = {key[:2] for key, found in kinds.items() if len(found) > 1}
    return [run[3] if run[:2] in several else _part(run[3], silent=True) for run in runs]


def telling_options(options: str) -> str:
    """Return options, as JSON, without those that change no weight."""
    return _part(options, silent=False)


@lru_cache(maxsize=4096)
def _part(options: str, *, silent: bool) -> str:
    given = json.loads(options)
    kept = {key: value for key, value in given.items() if (key in SILENT) == silent}
    return options if len(kept) == len(given) else json.dumps(kept)


def _without_silent(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    told = [{**row, "options": telling_options(row["options"])} for row in rows]
    runs = [(*(row[name] for name in RUN), row["status"] == "done") for row in told]
    last = {run: row["options"] for run, row in zip(runs, rows, strict=True)}
    every = zip(told, runs, rows, strict=True)
    return [one for one, run, row in every if last[run] == row["options"]]


def _identity(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return row["model"], row["preset"], row["options"]


def _ranks(
    values: Mapping[tuple[str, str], float],
    models: Sequence[str],
    datasets: Sequence[str],
    *,
    best_is_high: bool,
) -> tuple[dict[str, float], int]:
    sums, ranked = dict.fromkeys(models, 0.0), 0
    for dataset in datasets:
        own = [values.get((dataset, model)) for model in models]
        # Means over seeds that are equal may differ in the last bit.
        known = [round(value, 12) for value in own if value is not None]
        if len(known) < len(models):
            continue
        ranked += 1
        for model, value in zip(models, known, strict=True):
            better = sum(v > value if best_is_high else v < value for v in known)
            sums[model] += 1 + better + (known.count(value) - 1) / 2
    return ({m: s / ranked for m, s in sums.items()} if ranked else {}), ranked


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _or(names: Mapping[str, Any]) -> str:
    return ", ".join(names)


def comparison_rows(found: Comparison) -> list[list[str]]:
    """Return head, one line a dataset, and the mean ranks, as text; shares in per cent."""
    rows = [["dataset", *found.models]]
    for dataset in found.datasets:
        known = [found.values.get((dataset, model)) for model in found.models]
        rows.append([dataset, *(_number(found, value) for value in known)])
    if found.ranks:
        ranks = [f"{found.ranks[model]:.2f}" for model in found.models]
        rows.append([f"mean rank ({found.ranked})", *ranks])
    return rows


def _number(found: Comparison, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.4f}" if found.measure in ("log_loss", "auc") else f"{100 * value:.2f}"


def markdown(found: Comparison) -> str:
    """Return the comparison as a Markdown table."""
    head, *rows = [[_markdown(cell) for cell in row] for row in comparison_rows(found)]
    rule = [":--", *["--:"] * len(found.models)]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, rule, *rows]) + "\n"


def latex(found: Comparison) -> str:
    """Return the comparison as a LaTeX tabular for booktabs; the best of a line in bold."""
    head, *rows = comparison_rows(found)
    lines = [f"\\begin{{tabular}}{{l{'r' * len(found.models)}}}", "\\toprule"]
    lines += [" & ".join(map(_latex, head)) + r" \\", "\\midrule"]
    for row in rows:
        if row[0].startswith("mean rank ("):
            lines.append("\\midrule")
        best = _best(found, row)
        cells = [rf"\textbf{{{cell}}}" if cell in best else _latex(cell) for cell in row[1:]]
        lines.append(" & ".join([_latex(row[0]), *cells]) + r" \\")
    return "\n".join([*lines, "\\bottomrule", "\\end{tabular}"]) + "\n"


def _best(found: Comparison, row: Sequence[str]) -> set[str]:
    """Return the best cell of a line as printed, so that what looks equal is treated as equal."""
    numbers = [float(cell) for cell in row[1:] if cell != "–"]
    if not numbers:
        return set()
    high = MEASURES[found.measure] and not row[0].startswith("mean rank (")
    best = max(numbers) if high else min(numbers)
    return {cell for cell in row[1:] if cell != "–" and float(cell) == best}


_MARKDOWN = str.maketrans({c: "\\" + c for c in "\\`*_[]<>|"})
_LATEX = str.maketrans(
    {c: "\\" + c for c in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    | {"–": "--", "<": r"\textless{}", ">": r"\textgreater{}", "\n": " ", "\r": " "}
)


def _markdown(text: str) -> str:
    return " ".join(text.split()).translate(_MARKDOWN)


def _latex(text: str) -> str:
    return text.translate(_LATEX)
