"""Stretches drawn by hand: as text, as features of the methods, in the link and in spec.json."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import tscviz
from tests.ui.test_attributions_page import figure, strips
from tscviz.explain.replay import replay
from tscviz.explain.segmentation import segment
from tscviz.explain.spec import DatasetCase, spec_of
from tscviz.ui.attributions.stretches import CutText, takers, with_edges

OpenApp = Callable[..., AppTest]
CUTS = CutText(150)
HERE = {"dataset": "GunPoint", "model": "dtp-fcn/GunPoint", "case": "3"}


@pytest.mark.parametrize("text", ["40", "40_70", "1_149"])
def test_cuts_as_text(text: str) -> None:
    cuts = CUTS.read(text)
    assert text in CUTS
    assert cuts == [int(part) for part in text.split("_")]
    assert CUTS.write(cuts or []) == text


@pytest.mark.parametrize("text", ["", "0_40", "150", "70_40", "40_40", "-3", "4.5", "a", "40_", 40])
def test_other_texts_are_no_cuts(text: object) -> None:
    assert text not in CUTS


@pytest.mark.parametrize("sent", [None, "40", [40.5], [True], [0], [150], [70, 40], {}, [1] * 300])
def test_what_a_browser_sends_is_checked(sent: object) -> None:
    assert CUTS.checked(sent) is None


def test_methods_over_features_take_them_unless_they_choose_their_own() -> None:
    methods = takers(["saliency", "lime", "kernel_shap", "feature_ablation", "shapley_sampling"])
    assert methods == ["lime", "kernel_shap", "feature_ablation", "shapley_sampling"]
    options = {"lime": {"windows": 12, "samples": 300}, "kernel_shap": {"segments": "model"}}
    found = with_edges(options, methods[:3], [40, 70])
    assert found == {
        "lime": {"samples": 300, "edges": (40, 70)},
        "kernel_shap": {"segments": "model"},
        "feature_ablation": {"edges": (40, 70)},
    }
    assert options["lime"] == {"windows": 12, "samples": 300}
    assert with_edges(options, methods, []) == options


def test_a_link_with_stretches_brings_their_map_and_bands(open_app: OpenApp) -> None:
    app = open_app("attributions", **HERE, methods="feature_ablation", stretches="40_70")
    assert not app.exception
    model, x = tscviz.load_model("dtp-fcn/GunPoint"), tscviz.load_dataset("GunPoint").X_test[3]
    wanted = tscviz.explain(model, x, "feature_ablation", edges=(40, 70))
    np.testing.assert_allclose(strips(app)["Feature ablation"], wanted.values, rtol=1e-3)
    assert len(np.unique(wanted.values)) == 3
    bands = [s for s in figure(app)["layout"]["shapes"] if s.get("name") == "stretch drawn by hand"]
    assert [(band["x0"], band["x1"]) for band in bands] == [(39.5, 69.5)]
    assert any("Stretches: 3 drawn by hand" in part.label for part in app.expander)
    app.button(key="stretches_own").click().run()
    text = "".join(app.query_params["stretches"])
    assert CUTS.read(text) == segment(model, x).boundaries[1:-1].tolist()
    app.button(key="stretches_clear").click().run()
    assert "stretches" not in app.query_params


def test_stretches_stand_in_the_specification() -> None:
    model, x = tscviz.load_model("dtp-fcn/GunPoint"), tscviz.load_dataset("GunPoint").X_test[3]
    options = with_edges({}, ["lime"], [40, 70])["lime"]
    found = tscviz.explain(model, x, "lime", **options)
    spec = spec_of(model, x, found, options=options, case=DatasetCase("GunPoint", "test", 3))
    assert json.loads(spec.to_json())["options"]["edges"] == [40, 70]
    assert replay(spec).identical
