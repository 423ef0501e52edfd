"""A specification replays to the same numbers, and a bad one is refused in one sentence."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tscviz import load_dataset, load_model
from tscviz.data import Preparation
from tscviz.explain import ExplainError, explain, methods
from tscviz.explain.replay import replay
from tscviz.explain.spec import DatasetCase, Spec, case_digest, spec_of, versions, write_spec
from tscviz.explain.spec_reading import parse_spec, read_spec
from tscviz.models import Classifier, build_model
from tscviz.types import Array

MODEL = load_model("dtp-fcn/GunPoint")
X = load_dataset("GunPoint").X_test
PLACE = DatasetCase("GunPoint", "test", 7, Preparation().to_dict())


def made(method: str, *, case: DatasetCase | None = PLACE, **options: Any) -> tuple[Spec, Array]:
    named = {k: options.pop(k) for k in ("target", "against", "baseline") if k in options}
    found = explain(MODEL, X[7], method, **named, **options)
    return spec_of(MODEL, X[7], found, options=options, case=case), found.values


@pytest.mark.parametrize(
    ("method", "asked"),
    [
        ("cam", {}),
        ("saliency", {"target": 0, "against": 1}),
        ("occlusion", {"window": 30, "stride": 15, "fill": "noise", "seed": 5}),
        ("feature_ablation", {"edges": (0, 40, 90), "baseline": "nearest"}),
        ("lime", {"target": 1, "baseline": "class_mean", "samples": 40, "exact": "never"}),
        ("kernel_shap", {"baseline": "noise", "windows": 12, "seed": 11}),
        ("smooth_grad", {"seed": 3}),
    ],
)
def test_a_replay_gives_the_same_numbers_to_the_bit(
    method: str, asked: dict[str, Any], tmp_path: Path
) -> None:
    spec, values = made(method, **asked)
    again = replay(read_spec(write_spec(spec, tmp_path / "spec.json")))
    assert again.attribution.values.tobytes() == values.tobytes()
    assert again.identical
    assert again.notes == ()
    assert again.attribution.target == spec_class(spec.target)
    assert again.attribution.against == (None if spec.against is None else spec_class(spec.against))


#: Of each method that draws many samples, few: what is tested is the way there and back.
FEW: dict[str, dict[str, Any]] = {
    "integrated_gradients": {"steps": 16, "max_steps": 40},
    "gradient_shap": {"samples": 8, "references": 4},
    "deep_lift_shap": {"references": 3},
    "smooth_grad": {"samples": 4},
}


@pytest.mark.parametrize("method", sorted(methods()))
def test_every_method_replays_to_the_bit(method: str, tmp_path: Path) -> None:
    """By the first bundled model that it applies to, with seed, baseline and class chosen."""
    data = load_dataset("ItalyPowerDemand")
    models = (load_model(f"{name}/ItalyPowerDemand") for name in ("dtp-fcn", "dsn", "alstm-fcn"))
    about = methods()[method]
    model = next(one for one in models if about.obstacle(one) is None)
    options = dict(FEW.get(method, {}))
    if "seed" in about.options.__dataclass_fields__:
        options["seed"] = 13
    named: dict[str, Any] = {"target": 0, "baseline": "nearest"}
    if about.contrasts:
        named["against"] = 1
    found = explain(model, data.X_test[5], method, **named, **options)
    place = DatasetCase("ItalyPowerDemand", "test", 5, Preparation().to_dict())
    spec = spec_of(model, data.X_test[5], found, options=options, case=place)
    again = replay(read_spec(write_spec(spec, tmp_path / "spec.json")))
    assert again.identical
    assert again.attribution.values.tobytes() == found.values.tobytes()
    assert again.attribution.against == found.against
    assert np.abs(found.values).max() > 0


def spec_class(name: str) -> int:
    return MODEL.classes.index(name)


def test_the_seed_stands_apart_and_every_option_is_written() -> None:
    spec, _ = made("lime", seed=9, samples=30)
    assert spec.seed == 9
    names = set(methods()["lime"].options.__dataclass_fields__)
    assert set(spec.options) == names - {"seed"}
    assert spec.options["samples"] == 30
    assert made("cam")[0].seed is None


def test_a_case_of_another_shape_than_the_map_is_refused() -> None:
    found = explain(MODEL, X[7], "cam")
    for x in (X[7][:, :149], X[7][0], X[7:9]):
        with pytest.raises(ExplainError, match=r"and the map \(1, 150\); give the case that was"):
            spec_of(MODEL, x, found, case=PLACE)


def test_an_embedded_series_and_its_padding_replay_exactly() -> None:
    x = np.zeros((1, 150), np.float32)
    x[:, :120] = X[3, :, :120] * np.float32(1.1)
    mask = np.arange(150) < 120
    found = explain(MODEL, x, "cam", mask=mask)
    spec = parse_spec(spec_of(MODEL, x, found, mask=mask).to_json())
    again = replay(spec)
    assert spec.padding == 30
    assert again.identical
    assert again.mask is not None
    np.testing.assert_array_equal(again.mask, mask)
    np.testing.assert_array_equal(again.x, x)
    np.testing.assert_array_equal(again.attribution.values, found.values)


def test_a_case_digest_depends_on_values_and_mask_but_not_on_what_stands_on_padding() -> None:
    x, mask = X[0].copy(), np.arange(150) < 100
    digest = case_digest(x, mask)
    x[:, 140] = 7
    assert case_digest(x, mask) == digest
    assert case_digest(x, np.arange(150) < 101) != digest
    assert case_digest(x[:, :100]) != digest
    x[:, 20] = np.nextafter(x[:, 20], 9)
    assert case_digest(x, mask) != digest


def test_a_model_that_is_not_bundled_must_be_given(tmp_path: Path) -> None:
    module = build_model("gtp-fcn", n_channels=1, n_classes=2, length=150)
    own = Classifier(module, ("1", "2"), {"name": "mine", "model": "gtp-fcn"})
    found = explain(own, X[7], "cam")
    spec = spec_of(own, X[7], found, case=PLACE)
    with pytest.raises(ExplainError, match="'mine' is not a bundled one"):
        replay(spec)
    assert replay(spec, own).identical
    with pytest.raises(ExplainError, match="these are other weights"):
        replay(spec, MODEL)


def test_a_name_is_never_used_as_a_path(tmp_path: Path) -> None:
    from tscviz.models import save_model

    folder = save_model(MODEL, tmp_path / "model")
    document = made("cam")[0].to_dict()
    document["model"]["name"] = str(folder)
    with pytest.raises(ExplainError, match="not a bundled one"):
        replay(parse_spec(json.dumps(document)))
    document = made("cam")[0].to_dict()
    document["case"]["dataset"] = "../GunPoint"
    with pytest.raises(ValueError, match="GunPoint"):
        replay(parse_spec(json.dumps(document)))


def test_other_data_another_model_and_another_result_are_told_apart() -> None:
    good = made("cam")[0].to_dict()

    def changed(part: str, key: str, value: Any) -> Spec:
        document = copy.deepcopy(good)
        document[part][key] = value
        return parse_spec(json.dumps(document))

    with pytest.raises(ExplainError, match="these are other values"):
        replay(changed("case", "number", 8))
    with pytest.raises(ExplainError, match="has the cases 0 to 149"):
        replay(changed("case", "number", 150))
    with pytest.raises(ExplainError, match="these are other weights"):
        replay(changed("model", "digest", "0" * 64))
    assert not replay(changed("result", "digest", "0" * 64)).identical
    told = replay(changed("versions", "torch", "1.0")).notes
    assert told == (f"torch is {versions()['torch']} here and was 1.0",)


def _set(*path: Any, to: Any) -> Any:
    def edit(document: dict[str, Any]) -> str:
        part: Any = document
        for key in path[:-1]:
            part = part[key]
        part[path[-1]] = to
        return json.dumps(document)

    return edit


def _drop(*path: str) -> Any:
    def edit(document: dict[str, Any]) -> str:
        part = document
        for key in path[:-1]:
            part = part[key]
        del part[path[-1]]
        return json.dumps(document)

    return edit


BAD = {
    "no JSON": (lambda _: "{", "no JSON"),
    "deep": (lambda _: "[" * 100_000, "no JSON"),
    "list": (lambda _: "[1]", "wanted a JSON object"),
    "NaN": (lambda d: json.dumps(d).replace('"seed": 0', '"seed": NaN'), "NaN"),
    "twice": (lambda d: json.dumps(d)[:-1] + ', "seed": 1}', "'seed' twice"),
    "format": (_set("format", to="tscviz spec 2"), "wanted 'tscviz spec 1'"),
    "unknown": (_set("run", to="import os"), "unknown key 'run'"),
    "unknown in the case": (_set("case", "path", to="/etc/passwd"), "unknown key 'path'"),
    "lacks": (_drop("model", "digest"), "lacks 'digest'"),
    "lacks an option": (_drop("options", "samples"), "lacks 'samples'"),
    "digest": (_set("model", "digest", to="abc"), "wanted a sha256"),
    "split": (_set("case", "split", to="valid"), "wanted train or test"),
    "number": (_set("case", "number", to=-1), "whole number from 0"),
    "number as text": (_set("case", "number", to="7"), "whole number from 0"),
    "true as number": (_set("case", "number", to=True), "whole number from 0"),
    "preparation": (_set("case", "preparation", "gaps", to="eval"), "gaps is 'eval'"),
    "both": (_set("case", "series", to=[[1.0]]), "either 'dataset' or 'series'"),
    "method": (_set("method", to="os.system"), "the methods are"),
    "baseline": (_set("baseline", to="black"), "baseline is 'black'"),
    "option": (_set("options", "shell", to="x"), "unknown key 'shell'"),
    "option as text": (_set("options", "samples", to="30"), "wanted int"),
    "option of one": (_set("options", "per_channel", to=1), "wanted bool"),
    "option out of range": (_set("options", "samples", to=-3), "must be at least 0"),
    "seed": (_set("seed", to=None), "wanted a whole number"),
    "seed of a float": (_set("seed", to=1.5), "wanted a whole number|whole number from 0"),
    "class": (_set("target", to=3), "wanted a text"),
}


@cache
def lime() -> dict[str, Any]:
    return made("lime", samples=30)[0].to_dict()


@pytest.mark.parametrize("name", BAD)
def test_a_bad_specification_is_one_clear_sentence(name: str) -> None:
    edit, words = BAD[name]
    with pytest.raises(ExplainError, match=words) as caught:
        parse_spec(edit(copy.deepcopy(lime())))
    assert len(str(caught.value)) < 700
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "series", [[], [[]], [1, 2], [["1"]], [[1, 2], [1]], [[True]], [[1e40]], [[10**400]], "x"]
)
def test_a_bad_series_is_one_clear_sentence(series: Any) -> None:
    document = made("cam", case=None)[0].to_dict()
    document["case"]["series"] = series
    with pytest.raises(ExplainError, match="series"):
        parse_spec(json.dumps(document))


def test_an_unknown_class_and_an_unreadable_file_are_told(tmp_path: Path) -> None:
    document = made("cam")[0].to_dict() | {"target": "Gun"}
    with pytest.raises(ExplainError, match="the classes of dtp-fcn/GunPoint are: 1, 2"):
        replay(parse_spec(json.dumps(document)))
    with pytest.raises(ExplainError, match="cannot be read"):
        read_spec(tmp_path / "absent.json")
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ExplainError, match="UTF-8"):
        read_spec(tmp_path / "binary.json")
    with pytest.raises(ExplainError, match="cannot be written"):
        write_spec(made("cam")[0], tmp_path)
