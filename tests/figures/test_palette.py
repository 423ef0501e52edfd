# pyright: reportAttributeAccessIssue=false

import numpy as np
import plotly.graph_objects as go
import pytest

from tscviz.figures.palette import (
    DARK,
    LIGHT,
    OKABE_ITO,
    class_style,
    readable_ink,
    sample,
    signed_scale,
    symmetric_limit,
    theme,
    unsigned_scale,
    with_alpha,
)


def luminance(colour) -> float:
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(a, b) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scale", [signed_scale(), signed_scale(dark=True), unsigned_scale()])
def test_a_number_can_be_read_on_every_colour_of_a_map(scale) -> None:
    colours = sample(scale, np.linspace(0, 1, 101))
    assert min(contrast(readable_ink(colour), colour) for colour in colours) >= 4.5


@pytest.mark.parametrize("dark", [False, True])
def test_48_classes_differ_in_colour_and_dash_together(dark) -> None:
    styles = [class_style(k, dark) for k in range(48)]
    assert len({(s.colour, s.dash) for s in styles}) == 48
    assert len({(s.colour, s.symbol) for s in styles}) == 48
    assert len({s.colour for s in styles[:8]}) == 8


def test_the_first_classes_take_the_published_colours() -> None:
    assert [class_style(k).colour for k in range(4)] == list(OKABE_ITO[:4])


@pytest.mark.parametrize(("dark", "tones"), [(False, LIGHT), (True, DARK)])
def test_text_and_class_colours_stand_out_from_the_page(dark, tones) -> None:
    assert contrast(tones.text, tones.surface) >= 7
    assert contrast(tones.muted, tones.surface) >= 4.5
    assert contrast(tones.accent_text, tones.surface) >= 4.5  # WCAG 2, AA, for letters of 11 px
    assert min(contrast(class_style(k, dark).colour, tones.surface) for k in range(8)) >= 2.2


@pytest.mark.parametrize("dark", [False, True])
def test_signed_map_is_centred_on_the_grey_of_the_look(dark) -> None:
    scale = signed_scale(dark)
    assert scale[3] == (0.5, (DARK if dark else LIGHT).centre)
    assert scale[0][0] == 0
    assert scale[-1][0] == 1


def test_the_unsigned_map_is_cividis_and_gets_brighter_all_the_way() -> None:
    colours = [colour for _, colour in unsigned_scale()]
    assert colours[0] == "#00224e"
    assert colours[-1] == "#fee838"
    assert np.all(np.diff([luminance(c) for c in colours]) > 0)
    assert unsigned_scale(reverse=True)[0][1] == "#fee838"


def test_sampling_interpolates_between_stops() -> None:
    scale = [(0.0, "#000000"), (1.0, "#ffffff")]
    assert sample(scale, np.array([0.0, 0.5, 1.0])) == ["#000000", "#808080", "#ffffff"]


def test_symmetric_limit_ignores_gaps_and_never_is_zero() -> None:
    assert symmetric_limit(np.array([-3.0, 2.0, np.nan])) == 3.0
    assert symmetric_limit(np.zeros(4)) == 1.0
    assert symmetric_limit(np.array([np.nan])) == 1.0


def test_alpha() -> None:
    assert with_alpha("#0072B2", 0.5) == "rgba(0,114,178,0.5)"


def test_theme_changes_colours_and_leaves_sizes_and_ranges_alone() -> None:
    fig = go.Figure(go.Scatter(y=[1, 2]), layout={"height": 123, "xaxis": {"range": [0, 9]}})
    theme(fig, dark=True)
    assert fig.layout.paper_bgcolor == "rgba(0,0,0,0)"
    assert fig.layout.font.color == DARK.text
    assert fig.layout.template.layout.xaxis.gridcolor == DARK.grid
    assert fig.layout.height == 123
    assert fig.layout.xaxis.range == (0, 9)
