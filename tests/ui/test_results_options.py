"""The tab of one option: which runs differ in it alone, what is best, and what it costs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.ui.read_page import OpenApp, assert_clean, by_kind, link, numbers, texts
from tests.ui.test_results_page import row, store
from tscviz.figures.palette import sample, unsigned_scale
from tscviz.ui.results import option, table

LABELLED = (0.05, 0.2, 1.0)


def runs(datasets: tuple[str, ...] = ("A", "B")) -> list[dict[str, Any]]:
    """Three levels of one option, from a pre-trained trunk and, with more seeds, a random one."""
    return [
        row("convtimenet", dataset, seed, round(start + 0.1 * i + 0.01 * k, 3),
            options=json.dumps({"trunk": trunk, "labelled": labelled}))
        for trunk, start, seeds in (("pretrained", 0.6, 1), ("random", 0.2, 2))
        for i, labelled in enumerate(LABELLED)
        for k, dataset in enumerate(datasets)
        for seed in range(seeds)
    ]  # fmt: skip


def grouped(rows: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, option.Group]]:
    return option.groups_of(table.labelled(pd.DataFrame(rows)))


def lines(app: Any) -> dict[str, list[float]]:
    traces = by_kind(app)["option"]["data"]
    return {t["name"]: np.round(numbers(t["y"]), 4).tolist() for t in traces}


def test_runs_of_another_trunk_are_another_line(open_app: OpenApp, home: Path) -> None:
    store(home, runs())
    app = open_app("results", show="option")
    assert_clean(app)
    box = app.selectbox(key="option_rest")
    assert box.options == ["trunk=random (12 runs)", "trunk=pretrained (6 runs)"]
    assert lines(app)["A"] == [0.2, 0.3, 0.4]
    assert "Runs of ConvTimeNet: trunk=random." in texts(app)
    (other,) = [name for name in option_ids(runs()) if name != box.value]
    box.set_value(other).run()
    assert_clean(app)
    assert lines(app)["A"] == [0.6, 0.7, 0.8]
    assert link(app, "rest") == other
    again = open_app("results", show="option", rest=other)
    assert lines(again)["B"] == [0.61, 0.71, 0.81]


def option_ids(rows: list[dict[str, Any]]) -> list[str]:
    (groups,) = grouped(rows).values()
    return list(groups)


def test_presets_booleans_and_other_numbers_part_runs_as_well() -> None:
    kinds = [("paper", {"bias": True}), ("paper", {"bias": False}), ("quick", {"bias": True}),
             ("paper", {"width": 8}), ("paper", {})]  # fmt: skip
    rows = [
        row("dsn", "A", 0, 0.5, preset=preset, options=json.dumps({"sparsity": s, **more}))
        for preset, more in kinds
        for s in (0.5, 0.8)
    ]
    (groups,) = grouped(rows).values()
    assert [one.n_runs for one in groups.values()] == [2] * 5
    assert sorted(option.titles_of(groups).values()) == [
        "preset paper", "preset paper, bias=false", "preset paper, bias=true",
        "preset paper, width=8", "preset quick, bias=true",
    ]  # fmt: skip
    frame = table.labelled(pd.DataFrame(rows))
    for one in groups.values():
        own = one.of(frame)
        assert own["level"].tolist() == [0.5, 0.8]
        assert set(own["preset"]) == {one.preset}


def test_one_level_written_in_two_ways_is_one() -> None:
    rows = [row("dsn", "A", i, 0.5, options=text) for i, text in enumerate(
        ('{"s": 1, "w": 2}', '{"s": 1.0, "w": 2.0}', '{"s": 2, "w": 2}'))]  # fmt: skip
    (group,) = grouped(rows)["dsn", "s"].values()
    assert (sorted(group.levels.values()), group.n_runs) == ([1.0, 1.0, 2.0], 3)
    assert ("dsn", "w") not in grouped(rows)
    strange = [row("dsn", "A", 0, 0.5, options=f'{{"s": {v}}}') for v in ("NaN", "1e999", "true")]
    assert grouped(strange) == {}


def test_the_only_group_says_what_it_is(open_app: OpenApp, home: Path) -> None:
    store(home, [one for one in runs() if "random" in one["options"]])
    app = open_app("results", show="option")
    assert_clean(app)
    assert not [box for box in app.selectbox if box.key == "option_rest"]
    assert "Runs of ConvTimeNet: preset paper, trunk=random." in texts(app)


def test_log_loss_is_best_where_it_is_least(open_app: OpenApp, home: Path) -> None:
    losses = {2: 0.9, 8: 0.3}
    store(home, [row("gtp-fcn", d, 0, s / 10, options=json.dumps({"segments": s}), log_loss=v)
                 for d in ("A", "B") for s, v in losses.items()])  # fmt: skip
    least, most = sample(unsigned_scale(), np.linspace(0.15, 0.9, 2))
    app = open_app("results", show="option", measure="log_loss")
    assert_clean(app)
    (first, *_) = by_kind(app)["option"]["data"]
    assert (first["name"], first["marker"]["color"]) == ("A", most)
    assert least != most


def test_costs_are_means_over_the_datasets_of_every_level(open_app: OpenApp, home: Path) -> None:
    flops = {"A": 10.0, "B": 30.0, "Long": 5000.0}
    rows = [
        row("gtp-fcn", d, 0, 0.5, options=json.dumps({"segments": s}), flops=cost / s)
        for d, cost in flops.items()
        for s in (1, 2)
        if (d, s) != ("Long", 1)
    ]
    store(home, rows)
    app = open_app("results", show="option")
    assert_clean(app)
    assert lines(app)["mean FLOPs of one case"] == [20.0, 10.0]
    assert "Long" in lines(app)


def test_runs_without_the_measure_say_so(open_app: OpenApp, home: Path) -> None:
    rows = [row("dsn", d, 0, 0.5, options=f'{{"sparsity": {s}}}', log_loss=None)
            for d in ("A", "B") for s in (0.5, 0.8)]  # fmt: skip
    store(home, [*rows, row("x", "A", 0, 0.5), row("x", "B", 0, 0.5)])
    app = open_app("results", show="option", measure="log_loss")
    assert_clean(app)
    assert "These runs have no log loss." in texts(app)


@pytest.mark.parametrize("bad", ["![x](http://evil/)<img src=x>", "a_b*c"])
def test_hostile_options_stay_text(open_app: OpenApp, home: Path, bad: str) -> None:
    rows = [
        row("dsn", d, 0, 0.5, preset=bad, options=json.dumps({bad: level, "t": bad + t}))
        for d in ("A", "B") for level in (1, 2) for t in ("1", "2")
    ]  # fmt: skip
    store(home, rows)
    app = open_app("results", show="option")
    assert_clean(app)
    for element in [*app.markdown, *app.caption]:
        assert "![x]" not in element.value
        assert "<img" not in element.value.replace("\\<", "")
    layout = json.dumps(by_kind(app)["option"]["layout"]["xaxis"]["title"])
    assert "<img" not in layout
    assert "\\_" not in layout  # an axis is no Markdown
