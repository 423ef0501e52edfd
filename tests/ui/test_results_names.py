"""Names on the page Results: as people write them where people read, ids where programs do."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.ui.read_page import OpenApp, assert_clean, by_kind, link, texts
from tests.ui.test_results_page import DATASETS, row, some_rows, store
from tscviz.figures.results_stats import critical_difference
from tscviz.training.sweep.summary import compare, labels, latex, markdown, protocol_options
from tscviz.ui.results import option, table, tables, words
from tscviz.ui.results.controls import Chosen, identity
from tscviz.ui.results.sources import Results, Source


def chosen_of(rows: list[dict[str, Any]]) -> Chosen:
    """Return what the page shows of these runs, with the DSN paper beside."""
    frame = table.labelled(pd.DataFrame(rows).astype({"n_train": float, "n_test": float}))
    models = [str(name) for name in frame["label"].unique()]
    scores, seeds = table.scores_of(frame, "accuracy", "mean", models)
    beside = table.with_published(scores, ["dsn"], frame)
    return Chosen(
        Source("sweep/x", Path("x")), Results(frame, {"done": len(frame)}, ""), frame, "accuracy",
        "mean", tuple(models), ("dsn",), beside.scores, seeds, beside.other_split,
    )  # fmt: skip


def two_models() -> list[dict[str, Any]]:
    return [
        row(model, dataset, 0, round(0.9 + 0.01 * i + 0.003 * j, 3), flops=1e6, parameters=1e3)
        for i, model in enumerate(("dsn", "convtimenet")) for j, dataset in enumerate(DATASETS)
    ]  # fmt: skip


def test_figures_name_our_models_like_the_papers(open_app: OpenApp, home: Path) -> None:
    store(home, two_models())
    app = open_app("results", show="cost")
    assert_clean(app)
    drawn = by_kind(app)
    notes = [note["text"] for note in drawn["critical-difference"]["layout"]["annotations"]]
    said = " ".join(notes).replace("<br>", " ")
    assert "DSN (published)" in said
    assert "ConvTimeNet" in said
    assert "convtimenet" not in json.dumps(drawn) + texts(app)
    assert "dsn" not in said
    assert "ConvTimeNet" in json.dumps(drawn["cost"]["data"])


def test_tables_for_people_have_titles_and_those_for_programs_ids() -> None:
    chosen = chosen_of(two_models())
    cells = tables.compared_table(chosen)
    assert list(cells) == ["dataset", "DSN", "ConvTimeNet", "DSN (published)"]
    assert list(tables.named(cells, chosen)) == [
        "dataset", "dsn", "convtimenet", "DSN (published)",
    ]  # fmt: skip
    told = table.comparison_of(chosen.scores, "accuracy", "mean", chosen.seeds)
    assert markdown(told).startswith("| dataset | DSN | ConvTimeNet | DSN (published) |")
    assert "dataset & DSN & ConvTimeNet & DSN (published)" in latex(told)
    found = critical_difference(chosen.scores, "wilcoxon", 0.05)
    assert set(chosen.keys(found.models)) == {"dsn", "convtimenet", "DSN (published)"}


def test_links_hold_the_ids_of_models(open_app: OpenApp, home: Path) -> None:
    """Links that were made while the page still wrote "dsn" open what they did."""
    store(home, some_rows())
    picked = identity("dsn sparsity=0.5"), identity("dsn sparsity=0.8")
    app = open_app("results", models=".".join(picked), show="pairs", x=picked[1])
    assert_clean(app)
    assert app.multiselect(key="option_models").value == list(picked)
    assert app.selectbox(key="option_x").value == picked[1]
    assert app.selectbox(key="option_x").options[:2] == ["DSN sparsity=0.5", "DSN sparsity=0.8"]
    assert link(app, "models") == ".".join(picked)
    app.query_params["show"] = "option"
    app.run()
    assert app.selectbox(key="option_option").options == ["DSN: sparsity"]


@pytest.mark.parametrize(("other", "names"), [("DSN", ["dsn", "DSN"]), ("x", ["DSN", "x"])])
def test_two_models_never_share_a_name(other: str, names: list[str]) -> None:
    frame = table.labelled(pd.DataFrame([row(m, "CBF", 0, 0.5) for m in ("dsn", other)]))
    assert frame["label"].tolist() == names
    assert frame["key"].tolist() == ["dsn", other]
    assert list(labels([{"model": "dsn", "preset": "", "options": "{}"}]).values()) == ["dsn"]


def test_an_option_that_changes_no_weight_makes_no_second_model() -> None:
    """A was run again with the test split looked at more often; B only so."""
    runs = [("A", 50, 0, 0.9), ("A", 50, 1, 0.7), ("A", 10, 0, 0.9), ("B", 10, 0, 0.6)]
    rows = [row("dsn", dataset, seed, value, options=json.dumps({"test_every": n}))
            for dataset, n, seed, value in runs]  # fmt: skip
    rows += [row("x", dataset, 0, 0.5) for dataset in "AB"]
    waiting = row("dsn", "A", 1, 0.0, options='{"test_every": 10}', status="waiting")
    found = compare([*rows, waiting])
    assert found.models == ("dsn", "x")
    assert (found.ranked, found.ranks) == (2, {"dsn": 1.0, "x": 2.0})
    assert (found.values["A", "dsn"], found.seeds["A", "dsn"]) == (pytest.approx(0.8), 2)
    told = [(r["model"], r["preset"], r["dataset"], r["options"]) for r in rows]
    shared = [r | {"options": o} for r, o in zip(rows, protocol_options(told), strict=True)]
    assert compare(shared).seeds == found.seeds
    chosen = chosen_of(rows)
    assert chosen.models == ("DSN", "x")
    assert chosen.seeds.at["A", "DSN"] == 2
    assert option.groups_of(chosen.frame) == {}
    every = replace(chosen, results=Results(pd.DataFrame(rows), {"done": len(rows)}, ""))
    assert "1 run differs from a later one in options that" in words.coverage(every)
    assert "from a later one" not in words.coverage(chosen)
