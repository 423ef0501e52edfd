"""From rows to scores: models named by what tells them apart, seeds brought together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tscviz.data.published import SOURCES, published_accuracy
from tscviz.figures.results_stats import Scores
from tscviz.titles import title_of
from tscviz.training.sweep.summary import MEASURES, Comparison, labels, telling_options

#: What tells models apart; ``settings`` are the options that change weights.
IDENTITY = ["model", "preset", "settings"]
PUBLISHED = " (published)"
OTHER_SPLIT = "†"
MEASURE_WORDS = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "macro_f1": "macro F1",
    "auc": "AUC",
    "log_loss": "log loss",
}


def labelled(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with two columns that name the model as this table must: for people and not.

    ``label`` is for people ("DSN sparsity=0.8"); ``key`` keeps the architecture's own name ("dsn
    sparsity=0.8") for tables that programs read, and for addresses. Of runs that differ in options
    that change no weight alone the last one stays.
    """
    frame = _once(frame.assign(settings=frame["options"].map(telling_options)))
    keys = list(zip(*(frame[name] for name in IDENTITY), strict=True))
    rows = [{"model": m, "preset": p, "options": o} for m, p, o in dict.fromkeys(keys)]
    named, titled = labels(rows), labels(rows, title_of)
    return frame.assign(label=[titled[key] for key in keys], key=[named[key] for key in keys])


def _once(frame: pd.DataFrame) -> pd.DataFrame:
    if frame["settings"].nunique() == frame["options"].nunique():
        return frame
    runs = frame.groupby([*IDENTITY, "dataset", "seed"], sort=False, dropna=False)["options"]
    return frame.loc[frame["options"] == runs.transform("last")].reset_index(drop=True)


def scores_of(
    frame: pd.DataFrame, measure: str, over_seeds: str, models: Sequence[str]
) -> tuple[Scores, pd.DataFrame]:
    """Bring the seeds of each model and dataset together.

    Parameters
    ----------
    frame : pandas.DataFrame
        From `labelled`.
    measure : str
        One of `MEASURES`.
    over_seeds : {"mean", "median"}
    models : sequence of str
        Labels, in the order wanted.

    Returns
    -------
    Scores, and a frame of the numbers of seeds with the same rows and columns.
    """
    wanted = frame[frame["label"].isin(list(models)) & frame[measure].notna()]
    groups = wanted.groupby(["dataset", "label"], sort=False)[measure]
    columns = pd.Index(list(models))
    values = _wide(groups.agg(over_seeds), columns)
    seeds = _wide(groups.count(), columns).fillna(0).astype(int)
    found = Scores(
        tuple(models),
        tuple(map(str, values.index)),
        values.to_numpy(float),
        MEASURE_WORDS[measure],
        MEASURES[measure],
    )
    return found, seeds


def _wide(found: Any, columns: pd.Index) -> pd.DataFrame:
    return pd.DataFrame(found.unstack("label")).reindex(columns=columns).sort_index()


def default_models(frame: pd.DataFrame, least: int = 3, most: int = 12) -> list[str]:
    """Return the models shown at first: as many as share at least `least` datasets.

    Parameters
    ----------
    frame : pandas.DataFrame
        From `labelled`.
    least, most : int
        Datasets; models.
    """
    sets = {str(k): set(v) for k, v in frame.groupby("label", sort=False)["dataset"]}
    order = list(sets)
    kept = sorted(order, key=lambda name: -len(sets[name]))[:most]
    fewer = list(kept)
    while len(fewer) > 2 and len(set.intersection(*(sets[name] for name in fewer))) < least:
        fewer.pop()
    if len(set.intersection(*(sets[name] for name in fewer))) >= least:
        kept = fewer
    return [name for name in order if name in kept]


@dataclass(frozen=True, eq=False)
class Beside:
    """Scores with published columns.

    Parameters
    ----------
    scores : Scores
        The published models last; NaN where there is no figure on the same split.
    other_split : dict of (dataset, model) to float
        Figures on another split: shown with a mark, never compared.
    """

    scores: Scores
    other_split: dict[tuple[str, str], float]


def published_title(key: str) -> str:
    """Return the name of a published column."""
    return SOURCES[key].title + PUBLISHED


def with_published(scores: Scores, keys: Sequence[str], frame: pd.DataFrame) -> Beside:
    """Put published accuracies beside, where dataset and split agree.

    Parameters
    ----------
    scores : Scores
        Of accuracies.
    keys : sequence of str
        Of `SOURCES`.
    frame : pandas.DataFrame
        For the numbers of cases of the splits.
    """
    sizes = frame.groupby("dataset")[["n_train", "n_test"]].first()
    columns, other = [], {}
    for key in keys:
        column = np.full(len(scores.datasets), np.nan)
        for i, dataset in enumerate(scores.datasets):
            known = published_accuracy(key, dataset)
            if known is None:
                continue
            n = [None if np.isnan(v) else float(v) for v in sizes.loc[dataset].to_numpy(float)]
            if known.agrees(*n):
                column[i] = known.accuracy
            else:
                other[dataset, published_title(key)] = known.accuracy
        columns.append(column)
    titles = tuple(published_title(key) for key in keys)
    values = np.column_stack([scores.values, *columns]) if columns else scores.values
    return Beside(
        Scores(scores.models + titles, scores.datasets, values, scores.measure,
               scores.higher_better),
        other,
    )  # fmt: skip


def available_published(datasets: Sequence[str]) -> list[str]:
    """Return the sources that have a figure, on whatever split, for one of the datasets."""
    return [
        key
        for key in SOURCES
        if key != "dsn-sparsity" and any(published_accuracy(key, name) for name in datasets)
    ]


def default_published(keys: Sequence[str], architectures: Sequence[str]) -> list[str]:
    """Return the sources shown at first: the papers' own figures for the models of the table."""
    return [key for key in keys if SOURCES[key].model == key and key in architectures]


def comparison_of(scores: Scores, measure: str, over_seeds: str, seeds: pd.DataFrame) -> Comparison:
    """Return scores as `tscviz results` prints them, for LaTeX and Markdown."""
    values = {
        (dataset, model): float(scores.values[i, j])
        for i, dataset in enumerate(scores.datasets)
        for j, model in enumerate(scores.models)
        if not np.isnan(scores.values[i, j])
    }
    whole = scores.complete()
    ranks: dict[str, float] = {}
    if whole.datasets:
        sign = -1 if scores.higher_better else 1
        ranked = pd.DataFrame(np.round(sign * whole.values, 12)).rank(axis=1).mean().to_numpy()
        ranks = {model: float(rank) for model, rank in zip(whole.models, ranked, strict=True)}
    counts = {
        (str(dataset), str(model)): int(seeds.at[dataset, model])
        for dataset in seeds.index
        for model in seeds.columns
    }
    return Comparison(
        measure, over_seeds, scores.models, scores.datasets, values, counts, ranks,
        len(whole.datasets),
    )  # fmt: skip
