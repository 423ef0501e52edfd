"""The estimators: aeon's own checks, scikit-learn's tools, and what they add to `train`."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from aeon.testing.estimator_checking import parametrize_with_checks
from aeon.testing.testing_config import EXCLUDE_ESTIMATORS, EXCLUDED_TESTS
from aeon.transformations.collection import Normalizer
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline

import tscviz
from tests.test_structure import run_python
from tscviz import estimators
from tscviz.data import Preparation, make_bumps, prepare
from tscviz.estimators import (
    ALSTMFCNClassifier,
    BaseSeriesClassifier,
    ConvTimeNetClassifier,
    DSNClassifier,
    DTPClassifier,
    GTPClassifier,
    LSTMFCNClassifier,
    STPClassifier,
)
from tscviz.models import convtimenet, load_model, model_entry, save_model
from tscviz.models.trunk_store import save_trunk
from tscviz.options import make_options
from tscviz.training import Recipe, TrainingWarning
from tscviz.types import Array, Dataset, TscvizError

ALL: list[type[BaseSeriesClassifier]] = [
    getattr(estimators, name) for name in estimators.__all__ if name != "BaseSeriesClassifier"
]
DOCS = Path(__file__).parents[1] / "docs" / "estimators.md"


def params_of(cls: type[BaseSeriesClassifier]) -> dict[str, Any]:
    return cls._get_test_params()[0]


def quick(cls: type[BaseSeriesClassifier], **params: Any) -> BaseSeriesClassifier:
    """An estimator that is trained within a second."""
    chosen: dict[str, Any] = {**params_of(cls), "random_state": 0, **params}
    return cls(**chosen)


def fitted(
    cls: type[BaseSeriesClassifier], X: Any, y: Array, **params: Any
) -> BaseSeriesClassifier:
    estimator = quick(cls, **params)
    assert estimator.fit(X, y) is estimator
    return estimator


INSTANCES = [cls(**params) for cls in ALL for params in cls._get_test_params()]
UNEQUAL = [one for one in INSTANCES if one.get_tag("capability:unequal_length")]


@pytest.fixture(scope="module")
def bumps() -> Dataset:
    return make_bumps(20, 30, 2, seed=1)


@pytest.fixture(scope="module")
def y(bumps: Dataset) -> Array:
    return np.array(bumps.class_names)[bumps.y_train]


@parametrize_with_checks([*ALL])
def test_check_of_aeon(check: Callable[[], object]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # constant channels in aeon's random data
        check()


@pytest.mark.parametrize("cls", ALL)
def test_aeon_leaves_out_no_check(cls: type[BaseSeriesClassifier]) -> None:
    assert cls.__name__ not in {*EXCLUDE_ESTIMATORS, *EXCLUDED_TESTS}


@pytest.mark.parametrize("cls", ALL)
def test_defaults_are_those_of_the_network(cls: type[BaseSeriesClassifier]) -> None:
    estimator = cls()
    entry = model_entry(estimator._model())
    declared = make_options(entry.options, {}, of=entry.name)
    network = {f.name for f in fields(entry.options)}
    for name, value in estimator.get_params().items():
        if name in network:
            assert value in (None, getattr(declared, name)), name
        else:
            own = {"preset", "backbone", "random_state", "n_jobs", "options"}
            assert name in own | {f.name for f in fields(Recipe)}, name


@pytest.mark.parametrize("cls", ALL)
def test_fit_is_train_with_the_same_seed(
    cls: type[BaseSeriesClassifier], bumps: Dataset, y: Array
) -> None:
    estimator = fitted(cls, bumps.X_train, y)
    params: dict[str, Any] = {**params_of(cls), "device": "cpu"}
    twin = tscviz.train(bumps, estimator._model(), seed=0, **params)
    assert_same_weights(estimator.classifier_.module, twin.module)
    proba = estimator.predict_proba(bumps.X_test)
    ready = prepare(bumps.X_test, None, Preparation(**twin.card["training_preparation"]))
    np.testing.assert_array_equal(proba, twin.predict_proba(ready.X))
    assert list(estimator.classes_) == ["one", "two"]
    np.testing.assert_array_equal(
        estimator.predict(bumps.X_test), estimator.classes_[proba.argmax(1)]
    )
    assert estimator.classifier_.card["metrics"]["test_accuracy"] is None


def test_options_reach_what_has_no_parameter(bumps: Dataset, y: Array) -> None:
    given: dict[str, Any] = {"regrow_pruned": True, "death_end": 0.001, "select": "last"}
    one = fitted(DSNClassifier, bumps.X_train, y, options=given)
    card = one.classifier_.card
    assert card["options"]["regrow_pruned"] is True
    assert card["recipe"]["select"] == "last"
    again: Any = clone(one)
    assert again.get_params()["options"] == given
    for bad, words in (({"channels": 3}, "parameter of its own"), ({"colour": 1}, "colour")):
        with pytest.raises(TscvizError, match=words):
            quick(DSNClassifier, options=bad).fit(bumps.X_train, y)


def assert_same_weights(one: torch.nn.Module, other: torch.nn.Module) -> None:
    for (name, a), b in zip(one.state_dict().items(), other.state_dict().values(), strict=True):
        assert torch.equal(a, b), name


def test_random_state(bumps: Dataset, y: Array) -> None:
    def proba(random_state: Any) -> Array:
        return fitted(GTPClassifier, X, y, random_state=random_state).predict_proba(X)

    X = bumps.X_train
    zero, generator = proba(0), np.random.RandomState(0)
    first, second = proba(generator), proba(generator)
    np.testing.assert_array_equal(proba(0), zero)
    np.testing.assert_array_equal(proba(np.random.RandomState(0)), first)
    for other in (proba(1), first, proba(None)):
        assert np.abs(other - zero).max() > 1e-3
    assert np.abs(second - first).max() > 1e-3


def test_the_global_random_numbers_stay_as_they_were(bumps: Dataset, y: Array) -> None:
    before = torch.get_rng_state()
    fitted(DTPClassifier, bumps.X_train, y)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("cls", ALL)
def test_it_learns(cls: type[BaseSeriesClassifier]) -> None:
    rng = np.random.default_rng(0)
    y = np.array(["falls", "rises"])[np.arange(48) % 2]
    X = rng.standard_normal((48, 1, 24)) + np.where(y == "rises", 1, -1)[
        :, None, None
    ] * np.linspace(-1.5, 1.5, 24)
    estimator = fitted(cls, X[:24], y[:24], epochs=12, batch_size=4)
    assert estimator.score(X[24:], y[24:]) > 0.9


@pytest.mark.parametrize(
    "labels", [np.array([3, -7]), np.array([1.0, 2.0]), np.array(["b", "a "]), [True, False]]
)
def test_labels_come_back_as_they_went_in(bumps: Dataset, labels: Any) -> None:
    y = np.asarray(labels)[bumps.y_train]
    estimator = fitted(GTPClassifier, bumps.X_train, y)
    predicted = estimator.predict(bumps.X_test)
    assert predicted.dtype == y.dtype
    assert set(predicted) <= set(y)
    assert estimator.classifier_.classes == tuple(str(label) for label in np.unique(y))


@pytest.mark.parametrize("estimator", UNEQUAL)
def test_padding_changes_no_prediction(
    estimator: BaseSeriesClassifier, bumps: Dataset, y: Array
) -> None:
    X = [x[:, : 30 - i] for i, x in enumerate(bumps.X_train)]
    estimator.set_params(random_state=0).fit(X, y)
    together = estimator.predict_proba(X)
    alone = [estimator.predict_proba(x[np.newaxis]) for x in X]
    np.testing.assert_allclose(together, np.concatenate(alone), atol=1e-5)
    assert estimator.classifier_.card["lengths"] == [11, 30]


@pytest.mark.parametrize(
    ("cls", "params", "unequal"),
    [
        (LSTMFCNClassifier, {}, False),
        (LSTMFCNClassifier, {"variant": "time"}, True),
        (LSTMFCNClassifier, {"preset": "report"}, True),
        (LSTMFCNClassifier, {"preset": "report", "variant": "paper"}, False),
        (ALSTMFCNClassifier, {"preset": "fast"}, False),
        (ALSTMFCNClassifier, {"variant": "self"}, True),
    ],
)
def test_the_dimension_shuffle_fixes_the_length(
    cls: type[BaseSeriesClassifier], params: dict[str, Any], unequal: bool, y: Array
) -> None:
    estimator = cls().set_params(**params)
    assert estimator.get_tag("capability:unequal_length") is unequal
    if not unequal:
        X = [np.zeros((1, 9 + i % 2)) + np.arange(9 + i % 2) for i in range(len(y))]
        with pytest.raises(ValueError, match="has unequal length series"):
            estimator.fit(X, y)


def test_convtimenet_takes_the_bundled_trunk_for_one_channel_only(
    bumps: Dataset, y: Array, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shape: dict[str, Any] = {"lengths": (4, 8), "filters": 3}
    options = convtimenet.TrunkOptions(**shape)
    sources = {"sources": [{"name": "Coffee"}]}
    sha256 = save_trunk(convtimenet.Trunk(1, options), options, tmp_path, sources)
    monkeypatch.setattr(convtimenet, "trunk_folder", lambda: tmp_path)
    one = fitted(ConvTimeNetClassifier, bumps.X_train[:, :1], y, trunk=None, **shape)
    assert one.classifier_.card["notes"]["trunk"]["sha256"] == sha256
    two = fitted(ConvTimeNetClassifier, bumps.X_train, y, trunk=None, **shape)
    assert two.classifier_.card["options"]["trunk"] == "random"
    with pytest.raises(TscvizError, match="the pretrained trunk of convtimenet takes one"):
        fitted(ConvTimeNetClassifier, bumps.X_train, y, trunk="pretrained", **shape)


def test_one_length_in_a_list_is_the_array(bumps: Dataset, y: Array) -> None:
    array = fitted(STPClassifier, bumps.X_train, y)
    listed = fitted(STPClassifier, list(bumps.X_train), y)
    assert_same_weights(array.classifier_.module, listed.classifier_.module)


def test_missing_values_are_interpolated(bumps: Dataset, y: Array) -> None:
    holed, whole = bumps.X_train.copy(), bumps.X_train.copy()
    holed[:, 0, 5] = np.nan
    whole[:, 0, 5] = (whole[:, 0, 4] + whole[:, 0, 6]) / 2
    a, b = fitted(GTPClassifier, holed, y), fitted(GTPClassifier, whole, y)
    np.testing.assert_allclose(a.predict_proba(holed), b.predict_proba(whole), atol=1e-4)


@pytest.mark.parametrize("cls", ALL)
def test_scikit_learn_clones_pipes_and_validates(
    cls: type[BaseSeriesClassifier], bumps: Dataset, y: Array
) -> None:
    estimator = quick(cls)
    twin = clone(estimator)
    assert isinstance(twin, cls)
    assert twin is not estimator
    assert twin.get_params() == estimator.get_params()
    pipe = make_pipeline(Normalizer(), estimator)
    scores = cross_val_score(pipe, bumps.X_train, y, cv=2)
    assert scores.shape == (2,)
    assert ((scores >= 0) & (scores <= 1)).all()
    assert not estimator.is_fitted


def test_a_pipeline_prepares_before_it_fits(bumps: Dataset, y: Array) -> None:
    pipe = make_pipeline(Normalizer(), quick(GTPClassifier)).fit(bumps.X_train * 50 + 7, y)
    plain = fitted(GTPClassifier, Normalizer().fit_transform(bumps.X_train), y)
    proba = pipe.predict_proba(bumps.X_test * 50 + 7)
    normal = Normalizer().fit_transform(bumps.X_test)
    np.testing.assert_allclose(proba, plain.predict_proba(normal), atol=1e-3)


def test_grid_search_over_the_segments(bumps: Dataset, y: Array) -> None:
    search = GridSearchCV(quick(STPClassifier), {"segments": [2, 5]}, cv=2)
    search.fit(bumps.X_train, y)
    widths = 128 * search.best_params_["segments"]
    assert search.best_estimator_.classifier_.module.fc.in_features == widths
    assert len(search.cv_results_["mean_test_score"]) == 2


@pytest.fixture
def three_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("three_threads")
def test_n_jobs_sets_the_threads_and_sets_them_back(bumps: Dataset, y: Array) -> None:
    seen: list[int] = []
    estimator = fitted(GTPClassifier, bumps.X_train, y, n_jobs=2)
    assert estimator.classifier_.card["threads"] == 2
    assert torch.get_num_threads() == 3
    estimator.classifier_.module.register_forward_hook(
        lambda *_: seen.append(torch.get_num_threads())
    )
    estimator.predict(bumps.X_test)
    assert seen == [2]
    assert torch.get_num_threads() == 3
    with pytest.raises(TscvizError):
        fitted(GTPClassifier, bumps.X_train, y, n_jobs=2, lr=-1.0)
    assert torch.get_num_threads() == 3


def test_the_number_of_threads_changes_no_label(bumps: Dataset, y: Array) -> None:
    one = fitted(DTPClassifier, bumps.X_train, y, n_jobs=1).predict_proba(bumps.X_test)
    two = fitted(DTPClassifier, bumps.X_train, y, n_jobs=2).predict_proba(bumps.X_test)
    np.testing.assert_allclose(one, two, atol=1e-3)


def test_the_network_goes_on_to_the_rest_of_tscviz(
    bumps: Dataset, y: Array, tmp_path: Path
) -> None:
    estimator = fitted(DTPClassifier, bumps.X_train, y, segments=3)
    parts = tscviz.segment(estimator.classifier_, bumps.X_test[0])
    assert parts.n_segments == 3
    back = load_model(save_model(estimator.classifier_, tmp_path / "model"))
    np.testing.assert_array_equal(
        back.predict_proba(bumps.X_test), estimator.predict_proba(bumps.X_test)
    )


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"backbone": "lstm"}, "backbone is 'lstm'; it must be one of: fcn, resnet"),
        ({"pooling": "median"}, "must be one of: avg, sum, max"),
        ({"preset": "fast"}, "no preset 'fast'"),
        ({"epochs": 0}, "at least 1"),
        ({"segments": 31}, "at least 31 time points"),
        ({"random_state": "zero"}, "cannot be used to seed"),
        ({"options": {"seed": 1}}, "seed cannot be among the options; use random_state"),
        ({"options": {"dataset": "GunPoint"}}, "it is what fit is given"),
        ({"options": {"model": "dsn"}}, "each class of estimators has its own"),
    ],
)
def test_bad_parameters_are_told_by_fit(
    bumps: Dataset, y: Array, params: dict[str, Any], words: str
) -> None:
    estimator = quick(DTPClassifier, **params)  # scikit-learn: the constructor checks nothing
    with pytest.raises(ValueError, match=re.escape(words)):
        estimator.fit(bumps.X_train, y)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")  # aeon looks at the variance
def test_bad_series_are_refused(bumps: Dataset, y: Array) -> None:
    endless = bumps.X_train.copy()
    endless[2, 1, 3] = np.inf
    with pytest.raises(TscvizError, match="infinite"):
        fitted(GTPClassifier, endless, y)
    with pytest.raises(ValueError, match="at least 2 unique labels"):
        fitted(GTPClassifier, bumps.X_train, np.zeros(len(y), int))
    estimator = fitted(DTPClassifier, bumps.X_train, y)
    with pytest.raises(TscvizError, match="at least 4;"):
        estimator.predict(bumps.X_test[:, :, :3])
    with pytest.raises(ValueError, match="number of channels"):
        estimator.predict(bumps.X_test[:, :1])
    for none in (bumps.X_test[:0], []):
        with pytest.raises(TscvizError, match="X holds no series; give one or more"):
            estimator.predict(none)
        with pytest.raises(TscvizError, match="X holds no series"):
            estimator.predict_proba(none)


def test_few_cases_are_warned_of(bumps: Dataset, y: Array) -> None:
    with pytest.warns(TrainingWarning, match="X has only 6 training cases"):
        fitted(GTPClassifier, bumps.X_train[:6], y[:6])


def test_importing_them_brings_no_page_and_no_figure() -> None:
    code = "import sys, tscviz.estimators; print(*sorted(sys.modules))"
    assert not set(run_python(code).split()) & {"streamlit", "plotly", "captum"}


def test_the_example_of_the_docs_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, str(DOCS), "exec"), names)  # noqa: S102
    assert names["accuracy"] > 0.9
    assert names["scores"].shape == (3,)
