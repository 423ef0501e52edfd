"""The tidy table with its filters and exports, and the table as papers print it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from tscviz.tables import Table, to_csv
from tscviz.training.sweep.summary import latex, markdown
from tscviz.training.sweep.table import COLUMNS
from tscviz.ui.escape import plain_text, safe_file_name
from tscviz.ui.results import table
from tscviz.ui.results.controls import Chosen

SHOWN = ("label", "dataset", "seed", "accuracy", "balanced_accuracy", "macro_f1", "log_loss",
         "auc", "train_seconds", "predict_seconds", "parameters", "flops", "epochs", "best_epoch",
         "stopped_early", "preset", "options", "versions", "cell")  # fmt: skip


def draw(chosen: Chosen) -> None:
    """Draw both tables."""
    compared(chosen)
    runs(chosen)


def compared(chosen: Chosen) -> None:
    """Draw datasets down and models across, published columns among them."""
    st.markdown("##### Datasets by models", anchors=False)
    cells = compared_table(chosen)
    st.dataframe(
        {plain_text(k): v for k, v in cells.items()}, hide_index=True, key="results_compared"
    )
    told = table.comparison_of(chosen.scores, chosen.measure, chosen.over_seeds, chosen.seeds)
    stem = f"results-{safe_file_name(chosen.source.name.rpartition('/')[2])}"
    _downloads(stem, {
        "CSV": (lambda: to_csv(named(cells, chosen)), "text/csv", "csv"),
        "LaTeX": (lambda: latex(told).encode(), "text/x-tex", "tex"),
        "Markdown": (lambda: markdown(told).encode(), "text/markdown", "md"),
    })  # fmt: skip
    if chosen.other_split:
        st.caption(
            f"{table.OTHER_SPLIT} measured on another split of the data (the 2015 release): not "
            "compared, and not in the LaTeX and Markdown tables."
        )


def compared_table(chosen: Chosen) -> Table:
    """Return the comparison as columns; shares in per cent, as text where a mark is needed."""
    scores = chosen.scores
    share = chosen.measure in ("accuracy", "balanced_accuracy", "macro_f1")
    columns: dict[str, list[str]] = {"dataset": [plain_text(d) for d in scores.datasets]}
    for j, model in enumerate(scores.models):
        column = []
        for i, dataset in enumerate(scores.datasets):
            value, mark = scores.values[i, j], ""
            if np.isnan(value) and (dataset, model) in chosen.other_split:
                value, mark = chosen.other_split[dataset, model], f" {table.OTHER_SPLIT}"
            text = f"{100 * value:.2f}" if share else f"{value:.4f}"
            column.append("" if np.isnan(value) else text + mark)
        columns[model] = column
    return columns


def named(cells: Table, chosen: Chosen) -> Table:
    """Return the table with the names that programs know: "dsn" for "DSN"."""
    return dict(zip(chosen.keys(cells), cells.values(), strict=True))


def runs(chosen: Chosen) -> None:
    """Draw one row a run, filtered by dataset and model."""
    st.markdown("##### Every run", anchors=False)
    frame = chosen.frame
    left, right = st.columns(2)
    with left:
        datasets = st.multiselect(
            "Datasets", sorted(frame["dataset"].unique()), format_func=plain_text,
            placeholder="All", key="results_datasets",
        )  # fmt: skip
    with right:
        models = st.multiselect(
            "Models", list(frame["label"].unique()), format_func=plain_text, placeholder="All",
            key="results_models",
        )  # fmt: skip
    kept = filtered(frame, datasets, models)
    st.dataframe(shown_runs(kept), hide_index=True, key="results_runs", placeholder="–")
    st.caption(f"{len(kept)} of {len(frame)} runs. Shares between 0 and 1, of the test split.")
    stem = f"runs-{safe_file_name(chosen.source.name.rpartition('/')[2])}"
    _downloads(stem, {
        "CSV": (lambda: to_csv({name: kept[name].tolist() for name in COLUMNS}), "text/csv", "csv"),
    })  # fmt: skip


def shown_runs(kept: pd.DataFrame) -> pd.DataFrame:
    """Return the runs as they are shown, without columns in which nothing stands.

    Each text goes to the browser once, however many runs repeat it.
    """
    known = [name for name in SHOWN if not kept[name].isna().to_numpy(bool).all()]
    return pd.DataFrame(
        {"model" if name == "label" else name: _column(pd.Series(kept[name])) for name in known}
    )


def _column(values: pd.Series) -> pd.Series:
    told = {v: plain_text(v) for v in values.dropna().unique() if isinstance(v, str)}
    if not told:
        return values
    texts = values.map(lambda v: told.get(v, v))
    return texts.astype("category") if 2 * len(told) <= len(values) else texts


def filtered(frame: pd.DataFrame, datasets: list[str], models: list[str]) -> pd.DataFrame:
    """Return the runs of these datasets and models; an empty list takes all."""
    keep = np.ones(len(frame), bool)
    if datasets:
        keep &= frame["dataset"].isin(datasets).to_numpy(bool)
    if models:
        keep &= frame["label"].isin(models).to_numpy(bool)
    return frame.loc[keep]


def _downloads(stem: str, kinds: dict[str, tuple]) -> None:
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        for label, (make, mime, ending) in kinds.items():
            st.download_button(
                label, make, f"{stem}.{ending}", mime, key=f"download_{stem}_{label}",
                help=f"Download the table as {label}", on_click="ignore", type="tertiary",
                icon=":material/download:",
            )  # fmt: skip
