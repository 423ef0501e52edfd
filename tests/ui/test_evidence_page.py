"""The page Evidence: curves, sentences, settings, parts on demand, and links."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

import tscviz
from tests.ui.evidence_tools import QUICK, SETTINGS, dtp, model_of, opened
from tests.ui.read_page import OpenApp, assert_clean, by_kind, texts
from tscviz.explain.evidence import EvidenceOptions, judge
from tscviz.ui.evidence import data, tables


def alt(app: AppTest, kind: str) -> str:
    return str(by_kind(app)[kind]["layout"]["meta"]["alt"])


def test_the_first_visit_judges_the_cam_of_a_bundled_network(open_app: OpenApp) -> None:
    app = open_app("evidence", dataset="GunPoint")
    assert_clean(app)
    model, x = tscviz.load_model("dtp-fcn/GunPoint"), tscviz.load_dataset("GunPoint").X_test[0]
    found = judge(model, x, "cam", parts=["curves"]).curves
    assert found is not None
    said = texts(app)
    assert "How far can this map be trusted?" in said
    assert f"from {found.whole:.2f} to {found.without_top:.2f}" in said
    assert f"random points: {found.without_random:.2f}" in said
    assert list(by_kind(app)) == ["deletion-insertion", "comparison"]
    assert f"area {found.deletion.area:.3g}"[:9] in str(by_kind(app)["deletion-insertion"])


def test_options_reach_the_curves_and_the_link(open_app: OpenApp, home: Path) -> None:
    app = opened(open_app, home, case="3", target="1", against="0", method="deep_lift")
    app.selectbox(key="option_replaced").set_value("linear").run()
    app.selectbox(key="option_held").set_value("moved").run()
    app.selectbox(key="option_baseline").set_value("case_mean").run()
    assert_clean(app)
    expected = judge(
        model_of(home), tscviz.load_dataset("UnitTest").X_test[3], "deep_lift", target=1, against=0,
        baseline="case_mean", parts=["curves"],
        settings=SETTINGS | {"fill": "linear", "control": "moved"},
    ).curves  # fmt: skip
    assert expected is not None
    assert f"{expected.without_top:.2f}; the map moved at random: " in texts(app)
    assert f"{expected.without_random:.2f}" in texts(app)
    assert "less that of class" in texts(app) or "less that of" in texts(app)
    link = {name: str(app.query_params[name]) for name in ("replaced", "held", "baseline")}
    assert [v.strip("[]'") for v in link.values()] == ["linear", "moved", "case_mean"]
    app.selectbox(key="option_replaced").set_value("case_mean").run()
    assert "replaced" not in app.query_params


def test_settings_are_a_form_and_stay_in_the_link(open_app: OpenApp, home: Path) -> None:
    app = opened(open_app, home)
    assert app.number_input(key="evidence_setting_n_random").value == 4
    app.number_input(key="evidence_setting_share").set_value(0.25).run()
    app.selectbox(key="evidence_setting_local").set_value("a slope").run()
    assert_clean(app)
    assert "share:0.25" in str(app.query_params["evidence"])
    assert "local:True" in str(app.query_params["evidence"])
    assert "Deleting the top 25 % of points" in texts(app)
    app.selectbox(key="evidence_setting_local").set_value("as the method is known").run()
    assert "local" not in str(app.query_params["evidence"])


@pytest.mark.parametrize("seed", [{}, {"seed": "2"}])
def test_every_part_when_its_tab_is_opened(
    open_app: OpenApp, home: Path, seed: dict[str, str]
) -> None:
    text = QUICK + "".join(f"~{k}:{v}" for k, v in seed.items())
    params = {"evidence": text, "method": "smooth_grad", "case": "2"}
    model, x = None, tscviz.load_dataset("UnitTest").X_test[2]
    told = {}
    for view in ("measures", "weights", "stability", "agreement"):
        app = opened(open_app, home, view=view, **params)
        told[view] = texts(app)
        if view == "agreement":
            assert alt(app, "agreement").startswith("Agreement of")
        if view == "weights":
            drawn = by_kind(app)["randomisation"]["data"]
            bars = {trace["name"] for trace in drawn if trace["type"] == "bar"}
            assert bars == {"rank correlation", "of absolute values"}
            assert "Bars: mean of " in told[view]
    model = model_of(home)
    number = {k: int(v) for k, v in seed.items()}
    found = judge(model, x, "smooth_grad", settings=SETTINGS | number)
    assert found.infidelity is not None
    assert found.sensitivity is not None
    assert found.randomisation is not None
    assert found.stability is not None
    assert f"foretells {_how(1 - found.infidelity.relative)}" in told["measures"]
    assert f"at most {100 * found.sensitivity.value:.0f} % of its own size" in told["measures"]
    assert f"{found.randomisation.left:.2f}" in told["weights"]
    assert f"rank correlation {found.stability.noise_correlation.mean():.2f}" in told["stability"]
    assert "With other seeds" in told["stability"]
    assert "With the model's own view, class activation map" in told["agreement"]


def _how(share: float) -> str:
    return "most" if share >= 0.8 else "a part" if share >= 0.2 else "next to nothing"


def test_a_part_is_gathered_once_and_anew_where_its_settings_change(
    open_app: OpenApp, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tscviz.explain.evidence as package

    calls: list[tuple[str, ...]] = []
    real = package.gather

    def counted(*args: Any, **kwargs: Any) -> Any:
        calls.append(tuple(kwargs["parts"]))
        return real(*args, **kwargs)

    monkeypatch.setattr(package, "gather", counted)
    app = opened(open_app, home)
    assert calls == [("curves",)]
    app.number_input(key="evidence_setting_n_draws").set_value(2).run()
    assert calls == [("curves",)]
    app.number_input(key="evidence_setting_seed").set_value(5).run()
    assert calls == [("curves",)] * 2


def test_what_the_curves_say_under_other_choices(open_app: OpenApp, home: Path) -> None:
    app = opened(open_app, home, view="choices")
    table = app.dataframe[0].value
    assert list(table["held against"]) == ["Random points", "The map, moved"] * 7
    x = tscviz.load_dataset("UnitTest").X_test[0]
    wanted = judge(
        model_of(home), x, "cam", parts=["curves"], settings=SETTINGS | {"fill": "zero"}
    ).curves
    assert wanted is not None
    row = table[table["deleted points become"] == "Zero"].iloc[0]
    assert float(str(row["deletion gain"]).replace("−", "-").replace("< ", "")) == pytest.approx(
        wanted.deletion.gain, abs=2e-3, rel=1e-2
    )
    assert f"of {len(table)} choices" in texts(app)


def test_a_method_that_does_not_apply_says_why(open_app: OpenApp, home: Path) -> None:
    app = opened(open_app, home, method="attention")
    assert "No map to judge" in texts(app)
    assert "needs an attention over the series" in texts(app)
    assert "Methods that do not apply to this model" in texts(app)
    assert any("does not apply" in o for o in app.selectbox(key="option_method").options)
    assert not by_kind(app)
    app.button(key="judge_native").click().run()
    assert_clean(app)
    assert app.selectbox(key="option_method").value == "cam"
    assert "Deleting the top" in texts(app)


def test_padding_is_in_no_score(open_app: OpenApp, home: Path) -> None:
    source = tscviz.load_dataset("JapaneseVowels")
    case = int(source.mask_test.sum(1).argmin())
    name = dtp(home, "JapaneseVowels")
    app = open_app(
        "evidence", dataset="JapaneseVowels", model=name, case=str(case), evidence=QUICK,
    )  # fmt: skip
    assert_clean(app)
    n = int(source.mask_test[case].sum())
    assert f"of {n} time points" in texts(app)


def test_values_of_a_link_that_do_not_exist_give_way(open_app: OpenApp, home: Path) -> None:
    app = open_app(
        "evidence", dataset="UnitTest", model=dtp(home), method="x", replaced="y", held="z",
        evidence="steps:0", view="nowhere", against="9",
    )  # fmt: skip
    assert_clean(app)
    for name in ("method", "replaced", "held", "evidence", "view", "against"):
        assert name not in app.query_params


def test_without_a_model_the_page_says_how_to_get_one(open_app: OpenApp) -> None:
    app = open_app("evidence", dataset="UnitTest")
    assert_clean(app)
    assert "No model for UnitTest yet" in texts(app)


def test_a_document_says_what_led_to_it(open_app: OpenApp, home: Path) -> None:
    name = dtp(home)
    app = open_app("evidence", dataset="UnitTest", model=name, evidence=QUICK)
    selection = app.session_state["_tscviz_selection"]
    asked = data.Asked(selection, "cam")
    told = tables.document(asked, None, curves=None)
    assert told["settings"] == asdict(EvidenceOptions())
    assert told["model_digest"] == model_of(home).digest
    assert told["dataset_digest"] == tscviz.load_dataset("UnitTest").digest


def test_links_lead_to_the_same_maps_and_back(open_app: OpenApp, home: Path) -> None:
    app = opened(open_app, home, view="agreement", method="saliency", against="1", target="0")
    (link,) = _links(app, "attributions")
    assert link["methods"].split(".")[0] == "cam"
    assert {"saliency", "cam"} <= set(link["methods"].split("."))
    assert (link["against"], link["target"], link["baseline"]) == ("1", "0", "zero")
    back = open_app("attributions", **link, view="methods")
    assert_clean(back)
    assert back.query_params["against"] == "1"
    links = {one["method"]: one for one in _links(back, "evidence")}
    assert {"saliency", "cam"} <= set(links)
    for name in ("dataset", "model", "split", "case", "target", "against", "baseline"):
        assert links["saliency"][name] == link[name]
    again = open_app("evidence", **links["saliency"], evidence=QUICK)
    assert_clean(again)
    assert again.query_params["method"] == "saliency"
    assert again.selectbox(key="option_method").value == "saliency"


def _links(app: AppTest, page: str) -> list[dict[str, str]]:
    """Return the queries of the links to a page in the body of the page."""
    found = [link.proto for link in app.main.get("page_link")]
    return [dict(parse_qsl(one.query_string)) for one in found if one.page == page]
