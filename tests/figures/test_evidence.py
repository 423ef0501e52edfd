# pyright: reportAttributeAccessIssue=false
"""Figures of the evidence: curves, means, agreement, randomised layers."""

import csv
from dataclasses import replace

import numpy as np
import pytest

from tests.figures.conftest import traces
from tests.figures.evidence_tools import (
    FALL,
    RANDOM,
    SLOW,
    make_agreement,
    make_cases_evidence,
    make_curves,
    make_randomisation,
)
from tscviz.explain.evidence.curves import curve_of
from tscviz.figures import (
    alt_text,
    plot_agreement,
    plot_deletion_insertion,
    plot_mean_deletion_insertion,
    plot_randomisation,
    to_csv,
)
from tscviz.figures.palette import readable_ink, sample
from tscviz.types import TscvizError


def test_the_curves_stand_side_by_side() -> None:
    fig = plot_deletion_insertion(make_curves(), method="CAM", class_name="Gun")
    left, right = traces(fig, "CAM")
    assert (left.xaxis, right.xaxis) == ("x", "x2")
    np.testing.assert_allclose(left.y, FALL)
    np.testing.assert_allclose(right.y, SLOW[::-1])
    np.testing.assert_allclose(traces(fig, "the map reversed")[0].y, SLOW)
    random = traces(fig, "random maps")[0]
    np.testing.assert_allclose(random.y, RANDOM.mean(0))
    np.testing.assert_allclose(random.customdata[:, 0], np.quantile(RANDOM, 0.025, axis=0))
    band = next(t for t in fig.data if t.fill == "toself")
    np.testing.assert_allclose(band.y[:5], np.quantile(RANDOM, 0.975, axis=0))
    assert [t.name for t in fig.data if t.showlegend] == ["random maps", "the map reversed", "CAM"]
    assert fig.layout.yaxis.range == (-0.04, 1.04)
    assert fig.layout.yaxis.title.text == "probability of Gun"
    assert (fig.layout.xaxis.title.text, fig.layout.xaxis2.title.text) == (
        "share of points deleted", "share of points put back",
    )  # fmt: skip
    (mark,) = fig.layout.shapes
    assert (mark.x0, mark.x1) == (0.25, 0.25)


def test_headings_and_words_tell_areas_and_verdict() -> None:
    fig = plot_deletion_insertion(make_curves(), method="CAM", class_name="Gun")
    texts = [a.text for a in fig.layout.annotations]
    assert texts[0] == "deletion: better than random<br>area 0.275, random 0.502"
    assert texts[1].endswith("<br>area 0.7, random 0.502")
    assert alt_text(fig).startswith(
        "Without the top 5 of 20 points of CAM the probability of Gun goes from 0.9 to 0.3; "
        "without as many random points, to 0.7. Area under the deletion curve 0.275, of random "
        "maps 0.4"
    )
    assert alt_text(fig).count("better than random.") == 2


def test_scores_have_a_range_of_their_own() -> None:
    fig = plot_deletion_insertion(make_curves("logit"))
    low, high = fig.layout.yaxis.range
    assert -0.04 < low < 0.1
    assert 0.9 < high < 1.04
    assert fig.layout.yaxis.title.text == "score"


def test_the_bands_lie_within_the_axis() -> None:
    random = np.array([[2.0, 3.0, 0.0], [2.0, -3.0, 0.0]])
    made, share, falls = make_curves("logit"), np.array([0, 0.5, 1]), np.array([2, 1, 0.0])
    curves = [
        curve_of(one.kind, share, falls, falls, random) for one in (made.deletion, made.insertion)
    ]
    fig = plot_deletion_insertion(replace(made, deletion=curves[0], insertion=curves[1]))
    low, high = fig.layout.yaxis.range
    bands = [t for t in fig.data if t.fill == "toself"]
    np.testing.assert_allclose(
        [(t.y.min(), t.y.max()) for t in bands], [(-2.85, 2.85)] * 2, rtol=1e-6
    )
    assert (low < -2.85, high > 2.85) == (True, True)


def test_the_csv_tells_deletion_from_insertion() -> None:
    header, *rows = csv.reader(to_csv(plot_deletion_insertion(make_curves())).splitlines())
    assert header == ["trace", "share deleted", "score", "low", "high", "share put back"]
    own = [row for row in rows if row[0] == "map"]
    assert [row[1] for row in own] == ["0", "0.25", "0.5", "0.75", "1"] + [""] * 5
    assert [row[5] for row in own] == [""] * 5 + ["0", "0.25", "0.5", "0.75", "1"]
    np.testing.assert_allclose([float(row[2]) for row in own], [*FALL, *SLOW[::-1]])
    means = to_csv(plot_mean_deletion_insertion(make_cases_evidence())).splitlines()
    assert means[0] == "trace,share deleted,score,low,high,share put back"


def test_means_have_confidence_bands() -> None:
    fig = plot_mean_deletion_insertion(make_cases_evidence())
    own = traces(fig, "cam")[0]
    np.testing.assert_allclose(own.customdata, np.column_stack([FALL - 0.05, FALL + 0.05]))
    assert len([t for t in fig.data if t.fill == "toself"]) == 4
    assert fig.layout.annotations[0].text == (
        "deletion: gain over random maps<br>0.2 (95 %: 0.1 to 0.3)"
    )
    assert "over 3 cases" in alt_text(fig)
    one = plot_mean_deletion_insertion(make_cases_evidence(1))
    assert not [t for t in one.data if t.fill == "toself"]
    assert "nan" not in alt_text(one)


def test_a_run_without_curves_has_no_figure() -> None:
    found = make_cases_evidence()
    object.__setattr__(found, "deletion", None)
    with pytest.raises(TscvizError, match="gather the part 'curves'"):
        plot_mean_deletion_insertion(found)


def test_agreement_is_two_matrices() -> None:
    found = make_agreement(("cam", "saliency", "lime"))
    fig = plot_agreement(found, titles={"cam": "Class activation map"})
    left, _, right, _ = fig.data  # a matrix and what stands in its cells, twice
    np.testing.assert_allclose(left.z, found.correlation)
    np.testing.assert_allclose(right.z, found.overlap)
    assert (left.zmin, left.zmax, right.zmin, right.zmax) == (-1, 1, 0, 1)
    assert fig.layout.yaxis.ticktext[0] == "Class activation map<br>(the model's own)"
    assert fig.layout.annotations[1].text == "<b>overlap of top 2 points; chance 10%</b>"
    assert alt_text(fig) == (
        "Agreement of 3 maps: most alike are Class activation map and saliency (rank correlation "
        "0.333, overlap 67%); least alike are Class activation map and lime (rank correlation "
        "-0.333, overlap 33%)."
    )
    rows = to_csv(fig).splitlines()
    assert rows[0] == "trace,map,other map,rank correlation,overlap"
    assert len(rows) == 1 + 2 * 9


@pytest.mark.parametrize("dark", [False, True])
def test_the_numbers_of_the_agreement_can_be_read_on_their_colours(dark) -> None:
    matrix, cells = plot_agreement(
        make_agreement(tuple("abcd")), show="correlation", dark=dark
    ).data
    assert len(cells.text) == matrix.z.size
    np.testing.assert_allclose(
        [float(text.replace("−", "-")) for text in cells.text], matrix.z.ravel(), atol=0.005
    )
    share = (matrix.z.ravel() + 1) / 2
    colours = sample([tuple(stop) for stop in matrix.colorscale], share)
    assert list(cells.textfont.color) == [readable_ink(colour) for colour in colours]


def test_narrow_cells_leave_the_zero_out() -> None:
    _, cells = plot_agreement(make_agreement(tuple("abcdefghij")), show="correlation").data
    assert cells.text[:8].tolist() == ["1", ".80", ".60", ".40", ".20", ".00", "−.20", "−.40"]


def test_agreement_can_be_one_matrix() -> None:
    found = make_agreement(("cam", "saliency", "lime"))
    one, _ = plot_agreement(found, show="correlation").data
    np.testing.assert_allclose(one.z, found.correlation)
    one, _ = plot_agreement(found, show="overlap").data
    np.testing.assert_allclose(one.z, found.overlap)
    with pytest.raises(TscvizError, match="both, correlation, overlap"):
        plot_agreement(found, show="all")


def test_flat_maps_leave_empty_cells() -> None:
    found = make_agreement(("cam", "flat"))
    found.correlation[0, 1] = found.correlation[1, 0] = np.nan
    fig = plot_agreement(found)
    assert np.isnan(fig.data[0].z[0, 1])
    assert sorted(fig.data[1].text) == ["1.00", "1.00"]
    assert alt_text(fig) == "Agreement of 2 maps: all but one are flat."


@pytest.mark.parametrize("order", ["cascading", "independent"])
def test_layers_are_bars_of_means_with_their_draws(order) -> None:
    found = make_randomisation(("fc", "pool", "conv"), order)
    fig = plot_randomisation(found, method="CAM")
    correlation, dots, magnitude, _ = fig.data
    np.testing.assert_allclose(correlation.y, [0.7, 0.4, 0.2])  # of the last only one draw
    np.testing.assert_allclose(magnitude.y, [-0.7, -0.4, -0.2])
    assert len(dots.y) == 6
    assert list(fig.layout.xaxis.ticktext) == ["fc", "pool", "conv"]
    assert ("from the head down" in fig.layout.xaxis.title.text) == (order == "cascading")
    assert "0.25 of the likeness" in alt_text(fig)
    assert to_csv(fig).splitlines()[1].startswith("rank correlation,fc,1,")
