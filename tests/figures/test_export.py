# pyright: reportAttributeAccessIssue=false

import csv
import io
import json
import logging

import numpy as np
import plotly.io as pio
import pytest

from tests.figures.conftest import HOSTILE, make_attribution, make_segmentation
from tscviz.figures import (
    ExportError,
    alt_text,
    can_export_images,
    chart_config,
    plot_alignment,
    plot_cam,
    plot_confusion,
    plot_probabilities,
    to_csv,
    to_html,
    to_image,
    to_json,
)
from tscviz.figures.export import guard


def table(fig) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(fig))))


def test_csv_of_a_cam_has_one_row_a_time_point(x, attribution) -> None:
    rows = table(plot_cam(x, attribution))
    assert len(rows) == 20
    assert list(rows[0]) == ["trace", "time point", "value", "CAM"]
    assert np.allclose([float(r["CAM"]) for r in rows], attribution.values[0])
    assert np.allclose([float(r["value"]) for r in rows], x[0], atol=1e-6)


def test_csv_of_a_heat_map_has_one_row_a_cell(x, segmentation) -> None:
    rows = [r for r in table(plot_alignment(x, segmentation)) if r["cosine distance"]]
    assert len(rows) == 60
    cell = next(r for r in rows if r["segment"] == "2" and r["time point"] == "5")
    assert cell["cosine distance"] == "0.25"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_formulas_are_disarmed(text) -> None:
    assert guard(text) == "'" + text


def test_csv_writes_class_names_as_they_were_and_disarms_them() -> None:
    fig = plot_confusion(np.array([0, 1]), np.array([1, 0]), ("<b>bold</b>", "=1+1"))
    rows = table(fig)
    assert {r["true class"] for r in rows} == {"<b>bold</b>", "'=1+1"}
    negative = table(plot_cam(np.zeros((1, 3)), make_attribution([[-1, -2, -3]])))
    assert [r["CAM"] for r in negative] == ["-1", "-2", "-3"]


def test_html_is_self_contained_and_escaped(x, attribution) -> None:
    fig = plot_cam(x, attribution, class_names=("<script>alert(1)</script>",), probability=0.5)
    page = to_html(fig, title="</title><script>alert(2)</script>")
    assert "alert(2)</script>" not in page
    assert "<script>alert(1)" not in page
    assert "<html lang=" in page
    assert 'src="http' not in page
    assert len(page) > 1_000_000
    assert len(to_html(fig, inline=False)) < 100_000


def test_json_reads_back_as_the_same_figure(x, attribution) -> None:
    fig = plot_cam(x, attribution)
    again = pio.from_json(to_json(fig))
    assert alt_text(again) == alt_text(fig)
    assert json.loads(to_json(again)) == json.loads(to_json(fig))


def test_config_makes_a_safe_file_name() -> None:
    config = chart_config("../a b/<c>", "png")
    assert config["toImageButtonOptions"] == {"format": "png", "filename": "a-b--c", "scale": 2}


def test_unknown_form_and_missing_browser_are_clear(monkeypatch, x, attribution) -> None:
    fig = plot_cam(x, attribution)
    with pytest.raises(ExportError, match="choose svg, png or pdf"):
        to_image(fig, "bmp")
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("BROWSER_PATH", raising=False)
    assert not can_export_images()
    with pytest.raises(ExportError, match="install it"):
        to_image(fig)


def test_a_browser_that_cannot_start_is_one_error_and_no_log(monkeypatch, x, attribution) -> None:
    monkeypatch.setenv("BROWSER_PATH", "/bin/false")
    with pytest.raises(ExportError, match="could not draw"):
        to_image(plot_cam(x, attribution))
    assert not logging.getLogger("choreographer.channels.pipe").isEnabledFor(logging.ERROR)


def test_hostile_names_reach_no_figure_text_raw(segmentation) -> None:
    fig = plot_probabilities(np.array([0.9, 0.1]), HOSTILE)
    text = to_json(fig)
    assert "https://x.example'\\u003e" not in text
    assert fig.layout.yaxis.ticktext[0] == "<b>&lt;b&gt;bold&lt;/b&gt;</b>"
    assert make_segmentation([0, 2]).n_segments == 1
