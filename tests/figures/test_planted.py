# pyright: reportAttributeAccessIssue=false
"""Figures of planted problems: the cue marked, methods ranked, maps under a known cue."""

from __future__ import annotations

import numpy as np
import pytest

from tests.figures.conftest import make_attribution, traces
from tscviz.data import make_planted
from tscviz.explain.localisation import Mean
from tscviz.figures import (
    ComparisonColumn,
    MapRow,
    RankRow,
    RecordCell,
    alt_text,
    plot_localisation,
    plot_planted,
    plot_planted_maps,
    plot_planted_record,
    to_csv,
)
from tscviz.figures.planted import cue_spans
from tscviz.figures.planted_ranks import AREA, POINTING


def test_the_stretches_of_a_truth() -> None:
    assert cue_spans(np.array([1, 1, 0, 0, 1, 0, 1], bool)) == [(0, 1), (4, 4), (6, 6)]
    assert cue_spans(np.zeros(4, bool)) == []


@pytest.mark.parametrize("dark", [False, True])
def test_three_cases_of_every_class_have_their_cue_marked(dark) -> None:
    made = make_planted(n_cases=12, length=40, position="free", seed=1)
    fig = plot_planted(made, dark=dark)
    spans = [
        span
        for k in range(2)
        for i in np.flatnonzero(made.dataset.y_train == k)[:3]
        for span in cue_spans(made.truth_train[i, 0])
    ]
    marked = sorted((shape.x0 + 0.5, shape.x1 - 0.5) for shape in fig.layout.shapes)
    assert marked == sorted(spans)
    bold = [t for t in traces(fig, kind="scatter") if t.line.width == 3]
    assert len(bold) == 6
    shown = np.isfinite(np.asarray(bold[0].y, float))
    assert shown.sum() == made.options.width
    first, last = spans[0]
    assert f"points {first}-{last}" in alt_text(fig)


def test_of_several_channels_one_case_is_drawn_and_only_carriers_are_marked() -> None:
    made = make_planted(n_cases=12, length=40, where="interacting", channels=4, classes=3, seed=2)
    fig = plot_planted(made)
    assert len(fig.layout.shapes) == 3 * 2  # classes x channels that carry the cue
    assert len([t for t in traces(fig, kind="scatter") if t.line.width < 3]) == 3 * 4


def test_what_is_not_drawn_is_noted() -> None:
    made = make_planted(n_cases=12, length=80, channels=8, classes=6, motif=8)
    assert plot_planted(made).layout.meta["notes"] == [
        "Classes 1-4 of 6 are drawn.",
        "6 of 8 channels are drawn.",
    ]


def ranks() -> list[RankRow]:
    return [
        RankRow("Occlusion", Mean(0.9, 0.8, 1.0, 20), Mean(1.0, 1.0, 1.0, 20)),
        RankRow("A <b>map</b>", Mean(0.3, 0.2, 0.4, 20), Mean(0.5, 0.3, 0.7, 20)),
        RankRow("Attention", reason="needs an attention over the series"),
    ]


def test_methods_stand_from_the_top_down_with_intervals_and_chance() -> None:
    fig = plot_localisation(ranks(), 0.12)
    area, pointing = (t for t in traces(fig, kind="scatter") if t.mode == "markers")
    assert (area.name, pointing.name) == (AREA, POINTING)
    assert list(area.x) == [0.9, 0.3]
    assert list(area.y) == [0, 1]
    np.testing.assert_allclose(area.error_x.array, [0.1, 0.1])
    np.testing.assert_allclose(pointing.error_x.arrayminus, [0, 0.2])
    assert [shape.x0 for shape in fig.layout.shapes] == [0.12, 0.12]
    words = [note.text for note in fig.layout.annotations]
    assert words.count("chance 0.12") == 2
    assert "A &lt;b&gt;map&lt;/b&gt;" in words
    assert "needs an attention over the series" in words
    assert "Occlusion 0.90 and 1.00" in alt_text(fig)
    assert "1 method without a score" in alt_text(fig)
    assert to_csv(fig).splitlines()[0].startswith("trace,method,low,high,cases")


def test_the_planted_stretch_is_marked_through_all_rows() -> None:
    made = make_planted(n_cases=6, length=40, channels=2, seed=4)
    x, truth = made.dataset.X_test[0], made.truth_test[0]
    column = ComparisonColumn(x, [MapRow("one", attribution=make_attribution(x))])
    fig = plot_planted_maps(column, truth)
    carrier = int(truth.any(1).argmax())
    ((first, last),) = cue_spans(truth[carrier])
    shades = [s for s in fig.layout.shapes if s.type == "rect" and "domain" in str(s.yref)]
    assert [s.yref for s in shades] == [("y domain", "y2 domain")[carrier]]
    assert [(s.x0, s.x1) for s in shades] == [(first - 0.5, last + 0.5)]
    edges = [s for s in fig.layout.shapes if s.type == "line" and s.yref == "paper"]
    assert [s.x0 for s in edges[1::2]] == [first - 0.5, last + 0.5]
    assert [s.x0 for s in edges[::2]] == [s.x0 for s in edges[1::2]]
    assert edges[0].line.width > edges[1].line.width  # a halo below each line
    assert alt_text(fig).endswith(f"Planted: points {first}-{last}.")


def test_a_carrier_beyond_the_channels_drawn_takes_anothers_place() -> None:
    x = np.zeros((20, 30), np.float32)
    truth = np.zeros((20, 30), bool)
    truth[17, 5:9] = True
    fig = plot_planted_maps(ComparisonColumn(x, []), truth)
    names = [note.text for note in fig.layout.annotations]
    assert "channel 18" in names
    assert "channel 12" not in names


def test_the_record_has_the_best_methods_on_top_and_blanks_where_none_applies() -> None:
    cells = [
        RecordCell("Saliency", "DSN", 0.2, 0.05, 0.3, 0.99, 5),
        RecordCell("Attention", "DSN", np.nan, np.nan, np.nan, 0.99, 5, "DSN has <b>none</b>"),
        RecordCell("Occlusion", "DSN", 0.9, 0.01, 1.0, 0.99, 5),
        RecordCell("Saliency", "ALSTM-FCN", 0.6, 0.05, 0.7, 1.0, 5),
        RecordCell("Occlusion", "ALSTM-FCN", 0.998, 0.001, 1.0, 1.0, 5),
    ]
    fig = plot_planted_record(cells, 0.12)
    (heat,) = traces(fig, kind="heatmap")
    assert list(fig.layout.yaxis.ticktext) == ["Occlusion", "Saliency", "Attention"]
    assert list(fig.layout.xaxis.ticktext) == ["DSN", "ALSTM-FCN"]
    np.testing.assert_array_equal(heat.z, [[0.9, 0.998], [0.2, 0.6], [np.nan, np.nan]])
    assert (heat.zmin, heat.zmax) == (0.12, 1.0)
    (texts,) = (t for t in traces(fig, kind="scatter") if t.mode == "text")
    assert list(texts.text) == [".90", "1", ".20", ".60"]
    lines = to_csv(fig).splitlines()
    assert any(line.endswith("DSN has <b>none</b>,") for line in lines)  # a file, no markup
    assert any("Attention,ALSTM-FCN" in line and "not run" in line for line in lines)
    assert "from 0.20 (Saliency on DSN) to 1.00 (Occlusion on ALSTM-FCN)" in alt_text(fig)
