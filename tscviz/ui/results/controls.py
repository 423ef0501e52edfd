"""What of which table is compared."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from tscviz.data.published import SOURCES
from tscviz.figures.results_stats import TESTS, Scores
from tscviz.figures.text import count, listing
from tscviz.training.sweep.summary import MEASURES, OVER_SEEDS
from tscviz.ui import page_options
from tscviz.ui.attributions.chooser import several
from tscviz.ui.attributions.texts import Several
from tscviz.ui.escape import escape_markdown, plain_text
from tscviz.ui.results import sources, table
from tscviz.ui.results.sources import Results, Source

LEVELS = ("0.01", "0.05", "0.1")


@dataclass(frozen=True, eq=False)
class Chosen:
    """The table and what of it is looked at.

    Parameters
    ----------
    source : Source
    results : Results
    frame : pandas.DataFrame
        Runs that are done, with their ``label`` and ``key``.
    measure, over_seeds : str
    models : tuple of str
        Labels.
    published : tuple of str
        Keys of `tscviz.data.published.SOURCES`.
    scores : Scores
        Of the models, then of the published ones.
    seeds : pandas.DataFrame
        Runs behind each value.
    other_split : dict of (dataset, model) to float
    """

    source: Source
    results: Results
    frame: pd.DataFrame
    measure: str
    over_seeds: str
    models: tuple[str, ...]
    published: tuple[str, ...]
    scores: Scores
    seeds: pd.DataFrame
    other_split: dict[tuple[str, str], float]

    def keys(self, labels: Iterable[str]) -> tuple[str, ...]:
        """Return the models of these labels as programs name them; a paper's by its title."""
        known = keys_of(self.frame)
        return tuple(known.get(label, label) for label in labels)

    def ids(self, labels: Sequence[str]) -> dict[str, str]:
        """Return these models by the short names that they have in the address."""
        return dict(zip(map(identity, self.keys(labels)), labels, strict=True))


def draw() -> Chosen | None:
    """Draw the choices and return what they give; None where there is no result at all."""
    known = sources.list_sources()
    if not known:
        return None
    grid = st.grid(3, min_column_width=180)
    with grid.container():
        source = known[_source(known)]
    results = sources.read(source)
    measures = [name for name in MEASURES if results.frame[name].count() > 0]
    if not measures:
        st.info(_nothing_to_compare(source, results))
        return None
    with grid.container():
        measure = page_options.select(
            "measure", "Measure", measures, measures[0], table.MEASURE_WORDS.__getitem__
        )
    with grid.container():
        over = page_options.segmented("over", "Over the seeds", tuple(OVER_SEEDS), "mean")
    frame = table.labelled(results.frame)
    models, published = _models(frame, measure)
    scores, seeds = table.scores_of(frame, measure, over, models)
    beside = table.with_published(scores, published, frame)
    return Chosen(
        source, results, frame, measure, over, tuple(models), tuple(published), beside.scores,
        seeds, beside.other_split,
    )  # fmt: skip


def _nothing_to_compare(source: Source, results: Results) -> str:
    """Say why a table holds no figure: what has become of its cells, or what its runs lack."""
    name = escape_markdown(source.label)
    if len(results.frame):
        runs, words = count(len(results.frame), "finished run"), table.MEASURE_WORDS.values()
        return f"{name} has {runs}, none with a figure to compare: {', '.join(words)}."
    states = [(state, n) for state, n in results.states.items() if n]
    if not states:
        return f"{name} has no finished run."
    told = [f"{count(n, 'cell')} {escape_markdown(state)}" for state, n in states]
    yet = " yet" if any(state != "failed" for state, _ in states) else ""
    return f"{name} has no finished run{yet}: {listing(told)}."


def _source(known: Mapping[str, Source]) -> str:
    names = tuple(known)
    return page_options.select(
        "table", "Results of", names, names[0], lambda name: known[name].label
    )


def _models(frame: pd.DataFrame, measure: str) -> tuple[list[str], list[str]]:
    own = keys_of(frame)
    ids = {identity(key): name for name, key in own.items()}
    default = [identity(own[name]) for name in table.default_models(frame)]
    keys: list[str] = []
    if measure == "accuracy":
        keys = table.available_published([str(name) for name in frame["dataset"].unique()])
    beside = table.default_published(keys, [str(name) for name in frame["model"].unique()])
    texts = Several(list(ids))
    n = len(texts.read(page_options.value("models", texts, texts.write(default))))
    with st.expander(f"Models: {n} of {len(own)} chosen", icon=":material/checklist:"):
        picked = several(
            "models", "Models of this table", texts, default, st.multiselect,
            format_func=lambda name: plain_text(ids[name]),
        )  # fmt: skip
        published: list[str] = []
        if keys:
            published = several(
                "beside", "Published figures beside them", Several(keys), beside, st.multiselect,
                format_func=lambda key: SOURCES[key].title,
            )  # fmt: skip
            _sources_told(published)
        elif measure == "accuracy":
            st.caption("No paper at hand has figures for these datasets.")
    return [ids[name] for name in picked], published


def keys_of(frame: pd.DataFrame) -> dict[str, str]:
    """Return the models of a table: label -> key."""
    pairs = frame[["label", "key"]].drop_duplicates().itertuples(index=False)
    return {str(label): str(key) for label, key in pairs}


def identity(key: str) -> str:
    """Return a short name of a model's key for the address."""
    return hashlib.sha256(key.encode()).hexdigest()[:6]


def _sources_told(keys: Sequence[str]) -> None:
    lines = []
    for key in keys:
        one = SOURCES[key]
        unfair = "" if one.fair else " **Not comparable: the test split chose the weights.**"
        lines.append(f"**{one.title}**: {escape_markdown(one.where)}; {one.protocol}.{unfair}")
    if lines:
        st.caption("  \n".join(lines))


def test_and_level() -> tuple[str, float]:
    """Draw the choice of the test and its level."""
    grid = st.grid(2, min_column_width=300)
    with grid.container():
        test = page_options.segmented(
            "test", "Differences tested by", tuple(TESTS), "wilcoxon", TESTS.__getitem__
        )
    with grid.container():
        level = page_options.segmented("level", "Level", LEVELS, "0.05")
    return test, float(level)
