"""Counterfactuals where the answer is known, and what they say where there is none."""

import copy

import numpy as np
import pytest
import torch

from tscviz.data import load_dataset
from tscviz.explain.baselines import TrainingSeries, training_series
from tscviz.explain.counterfactual import counterfactual, counterfactual_methods
from tscviz.explain.counterfactual.minimal_change import MinimalChangeOptions
from tscviz.explain.counterfactual.proximal import Penalty
from tscviz.explain.counterfactual.result import closeness
from tscviz.explain.registry import ExplainError
from tscviz.models import load_model
from tscviz.models.base import SeriesModule
from tscviz.models.classifier import Classifier
from tscviz.options import describe_options
from tscviz.types import TscvizError

N = 20


class Linear(SeriesModule):
    """Logits are sums of weight times value over the points before the padding."""

    def __init__(self, weight, bias=None) -> None:
        weight = torch.as_tensor(np.asarray(weight, np.float32))  # (K, C, T)
        super().__init__(weight.shape[1], len(weight))
        self.weight = torch.nn.Parameter(weight)
        self.bias = torch.nn.Parameter(torch.as_tensor(bias or [0.0] * len(weight)))

    def forward(self, x, mask=None) -> torch.Tensor:
        if mask is not None:
            x = x * mask[:, None]
        return torch.einsum("bct,kct->bk", x, self.weight[..., : x.shape[2]]) + self.bias


def _linear(weight, bias=None) -> Classifier:
    return Classifier(Linear(weight, bias), tuple("abc"[: len(weight)]), {"name": "linear"})


@pytest.fixture
def slope() -> np.ndarray:
    """The gradient of class b over class a, with its largest entry at point 7."""
    slope = np.random.default_rng(0).uniform(-1, 1, (1, N))
    slope[0, 7] = 2.0
    return slope


def _training(X, y=None) -> TrainingSeries:
    y = np.zeros(len(X), np.int64) if y is None else np.asarray(y)
    return TrainingSeries(X.astype(np.float32), y, np.ones((len(X), X.shape[2]), bool))


def _some_training() -> TrainingSeries:
    return _training(np.random.default_rng(1).normal(size=(12, 1, N)))


def test_least_squares_change_of_a_linear_model(slope) -> None:
    model = _linear([slope * 0, slope], [3.0, 0.0])
    x = np.zeros((1, N), np.float32)
    got = counterfactual(
        model, x, "minimal_change", sparsity=0.0, margin=0.5, training=_some_training()
    )
    expected = 3.5 * slope / np.square(slope).sum()  # the projection on the hyperplane
    assert got.flipped
    np.testing.assert_allclose(got.x_new, expected, rtol=5e-3)
    assert got.l2 == pytest.approx(3.5 / np.linalg.norm(slope), rel=5e-3)
    assert got.l1 == pytest.approx(np.abs(expected).sum(), rel=5e-3)
    assert got.linf == pytest.approx(np.abs(expected).max(), rel=5e-3)


def test_sparse_change_of_a_linear_model_goes_along_the_largest_weight(slope) -> None:
    model = _linear([slope * 0, slope], [3.0, 0.0])
    x = np.zeros((1, N), np.float32)
    got = counterfactual(
        model, x, "minimal_change", sparsity=50.0, margin=0.5, training=_some_training()
    )
    assert np.flatnonzero(got.changed).tolist() == [7]
    assert got.x_new[0, 7] == pytest.approx(3.5 / 2, rel=5e-3)  # least L1: margin / max |w|
    assert got.n_changed == 1
    assert "1 of 20 points (5.0 %) turns a into b" in got.message


def test_smooth_change_of_a_linear_model_solves_its_normal_equations(slope) -> None:
    model = _linear([slope * 0, slope], [3.0, 0.0])
    got = counterfactual(
        model,
        np.zeros((1, N), np.float32),
        "minimal_change",
        sparsity=0.0,
        smoothness=4.0,
        margin=0.5,
        training=_some_training(),
    )
    bend = np.diff(np.eye(N), n=2, axis=0)
    aim = np.linalg.solve(np.eye(N) + 4.0 * bend.T @ bend, slope[0])
    aim *= 3.5 / (aim @ slope[0])
    np.testing.assert_allclose(got.x_new[0], aim, atol=0.01 * np.abs(aim).max())


def test_the_margin_is_over_all_others_or_over_the_class_the_case_had(slope) -> None:
    """Class b would win by far; asked for c, c has to lead b, too."""
    about = {one.name: one.help for one in describe_options(MinimalChangeOptions)}["margin"]
    assert "wanted is to lead every other one" in about
    assert "where any other class will do" in about
    model = _linear([slope * 0, slope, 0.9 * slope + 0.3], [1.0, 0.0, 0.0])
    x, training = np.zeros((1, N), np.float32), _some_training()
    options = {"sparsity": 0.0, "margin": 0.25, "training": training}
    free = counterfactual(model, x, "minimal_change", **options)
    asked = counterfactual(model, x, "minimal_change", target=2, **options)
    lead = []
    for got in (free, asked):
        logits = model.logits(got.x_new[None])[0]
        others = [k for k in range(3) if k != got.target]
        lead.append((logits[got.target] - logits[0], logits[got.target] - logits[others].max()))
    assert lead[0][0] == pytest.approx(0.25, abs=0.02)
    assert lead[0][1] < 0.2
    assert lead[1][1] >= 0.25


def test_the_nearer_of_two_other_classes_is_taken_unless_one_is_asked_for(slope) -> None:
    model = _linear([slope * 0, slope, -3 * slope], [3.0, 0.0, 0.0])
    x, training = np.zeros((1, N), np.float32), _some_training()
    free = counterfactual(model, x, "minimal_change", sparsity=0.0, margin=0.5, training=training)
    assert (free.source, free.target) == (0, 2)
    assert free.l2 == pytest.approx(3.5 / np.linalg.norm(3 * slope), rel=5e-3)
    asked = counterfactual(model, x, "minimal_change", target=1, training=training)
    assert (asked.flipped, asked.target, int(asked.proba_after.argmax())) == (True, 1, 1)


@pytest.mark.parametrize(("sparsity", "smoothness"), [(0.7, 0.0), (0.0, 3.0), (0.4, 3.0)])
def test_the_penalty_is_minimised(sparsity, smoothness) -> None:
    rng = np.random.default_rng(0)
    penalty, force = Penalty(sparsity, smoothness), rng.normal(size=(2, 15)) * 2

    def value(d) -> float:
        return penalty.cost(d) - (force * d).sum()

    answer = penalty.answer(force)
    for _ in range(200):
        assert value(answer + 0.03 * rng.normal(size=answer.shape)) > value(answer) - 1e-6
    assert (answer == 0).any() == (sparsity > 0)


def test_no_flip_is_said_plainly() -> None:
    flat = _linear(np.zeros((2, 1, N)), [1.0, 0.0])
    x = np.zeros((1, N), np.float32)
    got = counterfactual(flat, x, "minimal_change", training=_some_training())
    assert not got.flipped
    assert got.message.startswith("No flip found: the gradient vanishes")
    assert not got.changed.any()
    steep = _linear(np.stack([np.zeros((1, N)), np.eye(1, N)]), [9.0, 0.0])
    short = counterfactual(steep, x, "minimal_change", steps=3, training=_some_training())
    assert not short.flipped
    assert "after 3 steps its lead is -8." in short.message
    alone = counterfactual(flat, x, "native_guide", training=_some_training())
    assert not alone.flipped
    assert "no training case is predicted as another class" in alone.message
    asked = counterfactual(steep, x, "native_guide", target=1, training=_some_training())
    assert "predicted as b" in asked.message


def _planted_guide(n_channels=1) -> tuple[Classifier, np.ndarray, TrainingSeries]:
    """Class b: the sum over the points 8 to 11 of the first channel is above 2.5."""
    weight = np.zeros((2, n_channels, N))
    weight[1, 0, 8:12] = 1.0
    rng = np.random.default_rng(3)
    X = 0.1 * rng.normal(size=(9, n_channels, N))
    X[5:, 0, 8:12] += 1.0
    x = 0.1 * rng.normal(size=(n_channels, N))
    return _linear(weight, [2.5, 0.0]), x.astype(np.float32), _training(X, [0] * 5 + [1] * 4)


@pytest.mark.parametrize("grow", ["anew", "nested"])
def test_native_guide_swaps_in_the_planted_stretch_and_no_more(grow) -> None:
    model, x, training = _planted_guide()
    got = counterfactual(
        model, x, "native_guide", attribution="occlusion", grow=grow, training=training
    )
    assert got.flipped
    distance = np.square(training.X[5:] - x).sum((1, 2))
    assert got.details["guide"] == 5 + distance.argmin()  # the nearest of the other class
    start, stop = got.details["start"], got.details["stop"]
    # Three points of about 1 pass the threshold of 2.5, and two do not.
    assert np.flatnonzero(got.changed[0]).tolist() == list(range(start, stop))
    assert 3 <= got.n_changed <= 4
    assert set(range(start, stop)) <= set(range(8, 12))
    guide = training.X[got.details["guide"]]
    np.testing.assert_array_equal(got.x_new[:, start:stop], guide[:, start:stop])
    np.testing.assert_array_equal(got.x_new[~got.changed], x[~got.changed])


def test_native_guide_gives_back_channels_that_are_not_needed() -> None:
    model, x, training = _planted_guide(n_channels=3)
    pruned = counterfactual(model, x, "native_guide", training=training)
    assert pruned.changed.any(1).tolist() == [True, False, False]
    whole = counterfactual(model, x, "native_guide", training=training, prune=False)
    assert whole.changed.any(1).tolist() == [True, True, True]
    assert pruned.n_changed * 3 == whole.n_changed


def test_native_guide_grows_until_the_probability_asked_for() -> None:
    model, x, training = _planted_guide()
    flip = counterfactual(model, x, "native_guide", training=training)
    options = {"criterion": "probability", "training": training}
    more = counterfactual(model, x, "native_guide", probability=0.7, **options)
    assert more.proba_after[1] >= 0.7 > flip.proba_after[1]
    assert more.n_changed > flip.n_changed
    case = counterfactual(model, x, "native_guide", explained="case", training=training)
    assert case.flipped


def test_closeness_by_hand() -> None:
    X = np.zeros((4, 1, 2))
    X[:, 0, 0] = [0, 3, 4, 10]
    near = closeness(_training(X), X[0], np.array([[6.0, 0.0]]))
    # Case 0 is the series as it was, and no other case to be near to.
    assert (near.distance, near.before, near.nearest) == (2.0, 3.0, 2)
    back = closeness(_training(X), X[0], np.array([[0.5, 0.0]]))
    assert (back.distance, back.nearest) == (2.5, 1)
    alone = closeness(_training(X[:1]), X[0], np.array([[6.0, 0.0]]))
    assert (alone.distance, alone.before, alone.nearest) == (6.0, 0.0, 0)
    assert near.typical == pytest.approx(2.0)  # 3, 1, 1, 6: median 2
    assert near.quantile == 0.5
    far = closeness(_training(X), X[0], np.array([[0.0, 50.0]]))
    assert far.quantile == 1.0


def test_a_training_case_is_not_near_to_itself() -> None:
    model, data = load_model("dtp-fcn/GunPoint"), load_dataset("GunPoint")
    got = counterfactual(model, data.X_train[3], "minimal_change")
    flat = data.X_train.reshape(len(data.X_train), -1).astype(np.float64)
    away = np.sqrt(np.square(flat - flat[3]).sum(1))
    assert got.closeness is not None
    assert got.closeness.before == pytest.approx(np.delete(away, 3).min())
    assert got.closeness.nearest != 3
    assert got.l2 < got.closeness.distance  # by far the nearest would be the case itself


def test_padding_is_left_alone_and_unequal_lengths_are_stretched() -> None:
    model, x, training = _planted_guide()
    padded = np.pad(x, ((0, 0), (0, 5)))
    longer = np.concatenate(
        [model.module.state_dict()["weight"].numpy(), np.ones((2, 1, 5))], axis=2
    )
    model = _linear(longer, [2.5, 0.0])
    mask = np.arange(N + 5) < N
    for method in counterfactual_methods():
        got = counterfactual(model, padded, method, mask=mask, training=training)
        plain = counterfactual(model, x, method, training=training)
        assert got.flipped
        assert not got.changed[:, N:].any()
        assert (got.x_new[:, N:] == 0).all()
        np.testing.assert_allclose(got.x_new[:, :N], plain.x_new, atol=1e-6)
        assert got.closeness == plain.closeness


@pytest.mark.parametrize("method", ["native_guide", "minimal_change"])
@pytest.mark.parametrize("name", ["dtp-fcn/GunPoint", "lstm-fcn/ItalyPowerDemand"])
def test_bundled_models_flip_and_are_not_touched(name, method) -> None:
    model = load_model(name)
    data = load_dataset(name.split("/")[1])
    before = copy.deepcopy(model.module.state_dict())
    state = torch.random.get_rng_state()
    for i in range(3):
        x = data.X_test[i]
        got = counterfactual(model, x, method)
        assert got.flipped
        assert int(model.predict(got.x_new[None])[0]) == got.target != got.source
        np.testing.assert_array_equal(got.changed, got.x_new != x)
        np.testing.assert_allclose(
            got.proba_after, model.predict_proba(got.x_new[None])[0], atol=1e-5
        )
        assert got.l2 == pytest.approx(np.linalg.norm(got.x_new - x), rel=1e-4)
        assert got.closeness is not None
        assert got.closeness.distance > 0
        again = counterfactual(model, x, method)
        np.testing.assert_array_equal(again.x_new, got.x_new)
    assert torch.equal(torch.random.get_rng_state(), state)
    for key, value in model.module.state_dict().items():
        assert torch.equal(value, before[key])
    assert all(p.requires_grad and p.grad is None for p in model.module.parameters())


def test_sparsity_and_smoothness_do_what_they_say() -> None:
    model, data = load_model("dtp-fcn/GunPoint"), load_dataset("GunPoint")
    training = training_series(model)

    def change(**options) -> np.ndarray:
        got = counterfactual(model, data.X_test[0], "minimal_change", training=training, **options)
        assert got.flipped
        return got.x_new - data.X_test[0]

    dense, sparse = change(sparsity=0.0), change(sparsity=5.0)
    smooth = change(sparsity=0.0, smoothness=10.0)
    assert np.count_nonzero(sparse) < 15 < np.count_nonzero(dense)
    assert np.abs(sparse).sum() < np.abs(dense).sum()
    assert np.linalg.norm(dense) < np.linalg.norm(sparse)
    assert np.linalg.norm(np.diff(smooth, 2)) < 0.5 * np.linalg.norm(np.diff(dense, 2))


def test_without_training_cases_the_reason_is_given(slope) -> None:
    model = _linear([slope * 0, slope], [3.0, 0.0])
    x = np.zeros((1, N), np.float32)
    got = counterfactual(model, x, "minimal_change")
    assert got.flipped
    assert got.closeness is None
    assert "Not compared with the training data: linear does not say" in got.message
    with pytest.raises(TscvizError, match="does not say what it was trained on"):
        counterfactual(model, x, "native_guide")


@pytest.mark.parametrize(
    ("method", "options", "text"),
    [
        ("guess", {}, "native_guide, minimal_change"),
        ("minimal_change", {"target": 0}, "predicted as a already"),
        ("minimal_change", {"target": 2}, "numbered 0 to 1"),
        ("minimal_change", {"sparsity": -1.0}, "at least 0"),
        ("native_guide", {"attribution": "cam"}, "needs a hidden series"),
        ("native_guide", {"criterion": "luck"}, "flip, probability"),
    ],
)
def test_wrong_requests_are_refused(method, options, text) -> None:
    model, x, training = _planted_guide()
    with pytest.raises(TscvizError, match=text):
        counterfactual(model, x, method, training=training, **options)
    with pytest.raises(ExplainError, match="one case has shape"):
        counterfactual(model, x[0], "minimal_change", training=training)
