"""The page Attributions: texts of links, and words."""

from __future__ import annotations

import numpy as np
import pytest

from tscviz.explain.gradient.integrated_gradients import IntegratedGradientsOptions
from tscviz.explain.perturbation.lime import LimeOptions
from tscviz.types import Attribution, TscvizError
from tscviz.ui.attributions import tables
from tscviz.ui.attributions.captions import outshines
from tscviz.ui.attributions.texts import OptionText, Pinned, Several, short_name
from tscviz.ui.attributions.words import in_sentence, seconds
from tscviz.ui.library import ModelEntry
from tscviz.ui.selection import Selection


def test_several_names_as_text() -> None:
    names = Several(["a", "b", "c"])
    assert names.write(["c", "a"]) == "c.a"
    assert names.read("c.a") == ["a", "c"]
    assert names.write([]) == "none"
    assert names.read("none") == []
    assert "none" in names
    for bad in ("a.x", "", "a..b", 3):
        assert bad not in names


def test_a_pin_names_a_case_that_exists() -> None:
    entry = ModelEntry("dsn/Gun.Point", "dsn", "Gun.Point", "", "")
    pins = Pinned([entry], "Gun.Point", {"test": 5, "train": 2}, 2)
    chosen = Selection("Gun.Point", "dsn/Gun.Point", "train", 1, 0)
    text = pins.write(chosen, 1)
    assert text == "train.1.1.dsn.Gun.Point"
    assert pins.read(text) == Selection("Gun.Point", "dsn/Gun.Point", "train", 1, 1)
    for bad in (
        "train.2.1.dsn.Gun.Point", "train.1.2.dsn.Gun.Point", "train.1.1.dtp-fcn.Gun.Point",
        "dev.1.1.dsn.Gun.Point", "train.1.1.dsn.Other", "train.-1.1.dsn.Gun.Point", "x",
    ):  # fmt: skip
        assert bad not in pins
    assert short_name("job/0a") == "job-0a"


def test_options_as_text_are_checked() -> None:
    text = OptionText("lime", LimeOptions)
    changed = text.checked({"windows": 12, "edges": (0, 30, 70)})
    assert text.write(changed) == "windows:12~edges:0,30,70"
    assert text.read("windows:12~edges:0,30,70") == changed
    assert "windows:8" not in text  # the default is no change
    for bad in ("windows:0", "windows", "nonsense:1", "edges:a,b"):
        assert bad not in text
    with pytest.raises(TscvizError, match="steps"):
        OptionText("integrated_gradients", IntegratedGradientsOptions).read("steps:many")


def test_a_row_is_outshone_by_a_point_ten_times_above_the_rest() -> None:
    values = np.ones((1, 100), np.float32)
    for peak, wanted in ((9.0, False), (11.0, True)):
        values[0, 99] = -peak
        assert outshines(Attribution(values.copy(), "cam", 0, "none", True, {}), False) is wanted


def test_words() -> None:
    assert (seconds(0.0123), seconds(2.34)) == ("12 ms", "2.3 s")
    assert in_sentence("Class activation map") == "class activation map"
    assert in_sentence("LIME") == "LIME"
    assert tables.shown({"what it says": ["a"], "sum": [-0.25], "gap": [None]}) == {
        "sum": ["−0.25"], "gap": ["–"], "what it says": ["a"],
    }  # fmt: skip
    assert tables.shown({"gap": [1e-7]}) == {"gap": ["< 0.001"]}
