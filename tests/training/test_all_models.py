"""What holds of every registered model: it trains, resumes to the bit, and is found again."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.test_fit import stop_after
from tscviz.data import make_bumps, prepare
from tscviz.models import load_model, load_record, model_names
from tscviz.training import Cancelled, presets, train
from tscviz.types import Dataset

#: Options that keep a model small and reach all of its training.
SMALL: dict[str, dict[str, Any]] = {
    "dsn": {"channels": 12, "kernel": 9, "update_every": 1},
    "convtimenet": {"trunk": "random", "filters": 4, "lengths": (4, 8)},
}
QUICK: dict[str, Any] = {"preset": "quick", "checkpoint_every": 2, "batch_size": 8}


@pytest.fixture(scope="module")
def bumps() -> Dataset:
    return make_bumps(20, 30, 2, seed=1)


@pytest.mark.parametrize("model", model_names())
def test_every_model_resumes_to_the_bit(bumps: Dataset, tmp_path: Path, model: str) -> None:
    options: dict[str, Any] = QUICK | SMALL.get(model, {}) | {"epochs": 5}
    whole = train(bumps, model, out=tmp_path / "whole", **options)
    for epoch in (1, 3):
        with pytest.raises(Cancelled):
            train(
                bumps,
                model,
                out=tmp_path / "parts",
                resume=True,
                on_epoch=stop_after(epoch),
                **options,
            )
    parts = train(bumps, model, out=tmp_path / "parts", resume=True, **options)
    assert parts.digest == whole.digest
    records = [load_record(tmp_path / run / "model") for run in ("whole", "parts")]
    assert records[0].keys() == records[1].keys()
    assert all(bool((records[0][key] == records[1][key]).all()) for key in records[0])


@pytest.mark.parametrize("model", model_names())
def test_every_stored_model_predicts_the_same(bumps: Dataset, tmp_path: Path, model: str) -> None:
    options: dict[str, Any] = QUICK | SMALL.get(model, {}) | {"epochs": 1}
    trained = train(bumps, model, out=tmp_path, **options)
    loaded = load_model(tmp_path / "model")
    assert loaded.digest == trained.digest
    np.testing.assert_array_equal(
        loaded.predict_proba(bumps.X_test), trained.predict_proba(bumps.X_test)
    )


@pytest.mark.parametrize("model", ["gtp-fcn", "gtp-resnet", "dsn", "lstm-fcn", "convtimenet"])
def test_one_case_of_one_point_is_a_batch(bumps: Dataset, model: str) -> None:
    parts = ("X_train", "X_test", "mask_train", "mask_test")
    points = replace(bumps, **{name: getattr(bumps, name)[..., :1] for name in parts})
    options = SMALL.get(model, {}) | {"preset": "quick", "epochs": 2, "batch_size": 1}
    assert np.isfinite(train(points, model, **options).logits(points.X_test)).all()


def test_every_model_has_the_two_presets() -> None:
    for model in model_names():
        assert {"paper", "quick"} <= presets(model).keys()


def test_series_are_brought_to_the_one_length_a_network_takes(bumps: Dataset) -> None:
    classifier = train(bumps, "lstm-fcn", epochs=1, **QUICK)
    assert classifier.preparation.length == bumps.X_train.shape[2]
    longer = np.repeat(bumps.X_test, 2, axis=2)
    done = prepare(longer, None, classifier.preparation)
    assert done.X.shape[2] == bumps.X_train.shape[2]
    assert "resampled" in " ".join(done.notes)
    assert len(classifier.predict(done.X)) == len(longer)
