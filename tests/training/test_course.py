"""Schedules, held-out cases, rounds of refinement, class weights, the record of a run."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.training.test_fit import QUICK, stop_after
from tscviz.data import Preparation, make_bumps
from tscviz.models import ModelError, build_model, load_record, save_model
from tscviz.training import Cancelled, EpochEvent, TrainingError, evaluate, presets, train
from tscviz.training.checkpoints import RunState
from tscviz.training.course import advance, batch_size_of, learning_rate, planned_epochs
from tscviz.training.fit import fit
from tscviz.training.recipes import Recipe
from tscviz.training.run import prepared_splits
from tscviz.training.split import Split, class_weights, few_labels, hold_out, steps_of
from tscviz.types import Dataset


@pytest.fixture(scope="module")
def bumps() -> Dataset:
    return make_bumps(20, 30, 2, seed=1)


COURSES: list[dict[str, Any]] = [
    {"schedule": "cosine", "lr_min": 1e-4},
    {"schedule": "plateau", "plateau_patience": 1, "plateau_factor": 0.5, "lr_min": 1e-4},
    {"validation": 0.25, "select": "val_loss", "class_weights": True},
    {"refine_rounds": 2, "refine_epochs": 2, "validation": 0.25, "stop_patience": 2},
]


@pytest.mark.parametrize("course", COURSES)
def test_a_resumed_course_is_the_uninterrupted_course(
    bumps: Dataset, tmp_path: Path, course: dict[str, Any]
) -> None:
    whole = train(bumps, "gtp-fcn", epochs=4, **QUICK, **course)
    for epoch in (1, 3, 5):
        with suppress(Cancelled):
            train(
                bumps,
                "gtp-fcn",
                epochs=4,
                out=tmp_path,
                resume=True,
                on_epoch=stop_after(epoch),
                **QUICK,
                **course,
            )
    parts = train(bumps, "gtp-fcn", epochs=4, out=tmp_path, resume=True, **QUICK, **course)
    assert parts.digest == whole.digest
    drop = {"train_seconds", "predict_seconds"}
    assert {k: v for k, v in parts.card["metrics"].items() if k not in drop} == {
        k: v for k, v in whole.card["metrics"].items() if k not in drop
    }


def test_the_cosine_is_torchs(bumps: Dataset) -> None:
    events: list[EpochEvent] = []
    options: dict[str, Any] = QUICK | {"schedule": "cosine", "lr": 3e-4, "lr_min": 1e-4}
    train(bumps, "gtp-fcn", epochs=7, on_epoch=events.append, **options)
    optimiser = torch.optim.SGD([torch.zeros(1)], lr=3e-4)
    peer = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 7, eta_min=1e-4)
    wanted = []
    for _ in range(7):
        wanted.append(peer.get_last_lr()[0])
        optimiser.step()
        peer.step()
    assert [e.lr for e in events] == pytest.approx(wanted, rel=1e-9)


def course_of(recipe: Recipe, losses: list[float]) -> tuple[list[float], RunState, list[int]]:
    state, rates, rounds = RunState(), [], []
    for loss in losses:
        rates.append(learning_rate(recipe, state))
        advance(recipe, state, loss)
        rounds.append(state.round)
        if state.finished:
            break
    return rates, state, rounds


def test_a_plateau_lowers_the_rate_until_its_least() -> None:
    recipe = Recipe(
        epochs=20, lr=1e-3, lr_min=2e-4, schedule="plateau", plateau_patience=2, plateau_factor=0.5
    )
    rates, _, _ = course_of(recipe, [1.0, 0.5, *[0.5] * 8])
    # Two epochs without a fall, then half; a fall below the threshold is none.
    assert rates == pytest.approx([1e-3] * 4 + [5e-4] * 2 + [2.5e-4] * 2 + [2e-4] * 2)


def test_rounds_start_at_the_reports_rates_and_end_early() -> None:
    recipe = Recipe(epochs=6, lr=1e-3, stop_patience=2, refine_rounds=2, refine_epochs=3)
    rates, state, rounds = course_of(recipe, [1.0, 0.9, 0.9, 0.9, *[0.5, 0.4, 0.3], 0.2, 0.2, 0.2])
    assert rounds == [0, 0, 0, 1, 1, 1, 2, 2, 2, 2]
    factor = 2 ** (-1 / 3)
    assert rates == pytest.approx([1e-3] * 4 + [1e-3 * factor] * 3 + [1e-3 * factor**2] * 3)
    assert state.finished
    assert [batch_size_of(16, RunState(round=k)) for k in range(5)] == [16, 8, 4, 2, 2]
    assert planned_epochs(recipe) == 12


def test_a_round_of_refinement_starts_from_the_best_weights(bumps: Dataset) -> None:
    """The erratic rate makes an epoch before the last the best; the round begins at its weights."""
    splits = prepared_splits(bumps, Preparation())
    torch.manual_seed(0)
    module = build_model("gtp-fcn", n_channels=2, n_classes=2)
    losses: list[float] = []
    weights: list[dict[str, torch.Tensor]] = []

    def on_epoch(event: EpochEvent) -> None:
        losses.append(event.losses["class"])
        weights.append({k: v.clone() for k, v in module.state_dict().items()})

    recipe = Recipe(epochs=6, batch_size=8, lr=0.3, refine_rounds=1, refine_epochs=2)
    fit(module, splits["train"], splits["test"], recipe, seed=0, on_epoch=on_epoch)
    best = int(np.argmin(losses[:6]))
    assert best < 5
    assert all(torch.equal(value, weights[best][name]) for name, value in weights[5].items())
    assert not all(torch.equal(value, weights[5][name]) for name, value in weights[6].items())


def test_the_protocols_of_lstm_fcn() -> None:
    """The original on its training loss, and the report's; see docs/lstm-fcn.md."""
    known = presets("alstm-fcn")
    paper, report = known["paper"].recipe, known["report"].recipe
    both = {"epochs": 2000, "batch_size": 128, "lr": 1e-3, "lr_min": 1e-4, "schedule": "plateau"}
    for recipe in (paper, report):
        assert {name: getattr(recipe, name) for name in both} == both
    assert paper.plateau_factor == pytest.approx(0.7937, abs=1e-4)
    assert (paper.plateau_patience, paper.select, paper.validation) == (100, "train_loss", 0.0)
    assert (paper.class_weights, paper.stop_patience, paper.refine_rounds) == (False, 0, 0)
    assert (report.plateau_factor, report.plateau_patience, report.validation) == (0.5, 10, 0.2)
    assert (report.select, report.stop_patience, report.class_weights) == ("val_loss", 15, True)
    assert (report.refine_rounds, report.refine_factor) == (5, pytest.approx(2 ** (-1 / 3)))
    assert [batch_size_of(128, RunState(round=k)) for k in range(6)] == [128, 64, 32, 16, 8, 4]
    assert known["report"].network == {"variant": "report"}


def test_every_class_keeps_a_case_and_gives_its_share() -> None:
    y = np.array([0] * 10 + [1] * 5 + [2])
    whole = Split(np.arange(16.0)[:, None, None], y, np.ones((16, 1), bool))
    kept, held = hold_out(whole, 0.2, seed=0)
    assert held is not None
    assert np.bincount(held.y, minlength=3).tolist() == [2, 1, 0]
    assert sorted([*kept.X.ravel(), *held.X.ravel()]) == list(range(16))
    assert hold_out(whole, 0.0, seed=0)[1] is None
    with pytest.raises(TrainingError, match="hold one out of 2"):
        hold_out(whole.take(np.array([0, 10])), 0.2, seed=0)


def test_class_weights_are_n_over_k_nc() -> None:
    y = np.array([0, 0, 0, 1, 3, 3])
    weights = class_weights(y, 4, torch.device("cpu"), Recipe(class_weights=True))
    assert weights is not None
    assert weights.tolist() == pytest.approx([6 / 9, 2.0, 0.0, 1.0])
    assert class_weights(y, 4, torch.device("cpu"), Recipe()) is None


def test_a_lone_last_case_joins_the_batch_before() -> None:
    split = Split(np.zeros((9, 1, 3)), np.arange(9), np.ones((9, 3), bool))
    sizes = [len(y) for _, y, _ in split.batches(np.arange(9), 4, torch.device("cpu"))]
    assert sizes == [4, 5]
    assert [steps_of(n, 4) for n in (1, 4, 5, 6, 9)] == [1, 1, 1, 2, 2]
    assert steps_of(3, 1) == 3


def test_few_labels_are_drawn_by_class_and_nested() -> None:
    y = np.repeat([0, 1, 2], [40, 20, 3])
    split = Split(np.arange(63.0)[:, None, None], y, np.ones((63, 1), bool))
    few, more = few_labels(split, 0.05, seed=3), few_labels(split, 0.2, seed=3)
    assert np.bincount(few.y).tolist() == [2, 1, 1]  # at least one a class
    assert np.bincount(more.y).tolist() == [8, 4, 1]
    assert set(few.X.ravel()) < set(more.X.ravel())
    assert (few.y == y[few.X.ravel().astype(int)]).all()
    assert set(few_labels(split, 0.2, seed=4).X.ravel()) != set(more.X.ravel())
    assert few_labels(split, 1.0, seed=3) is split


def test_a_run_with_few_labels_sees_them_alone(bumps: Dataset) -> None:
    split = Split(bumps.X_train, bumps.y_train, bumps.mask_train)
    kept = few_labels(split, 0.5, seed=0).y
    few = train(bumps, "gtp-fcn", epochs=2, labelled=0.5, **QUICK)
    assert few.card["dataset"]["n_labelled"] == len(kept) < len(bumps.y_train)
    whole = train(bumps, "gtp-fcn", epochs=2, **QUICK)
    assert whole.card["dataset"]["n_labelled"] == len(bumps.y_train)
    assert not torch.equal(next(few.module.parameters()), next(whole.module.parameters()))


def test_held_out_loss_selects_and_is_told(bumps: Dataset) -> None:
    events: list[EpochEvent] = []
    kept = train(
        bumps,
        "gtp-fcn",
        epochs=6,
        validation=0.25,
        select="val_loss",
        on_epoch=events.append,
        **QUICK,
    )
    losses = [e.val_loss for e in events if e.val_loss is not None]
    assert kept.card["metrics"]["best_epoch"] == int(np.argmin(losses)) + 1
    assert kept.card["metrics"]["val_loss"] == min(losses)
    with pytest.raises(TrainingError, match="no cases are held out"):
        train(bumps, "gtp-fcn", epochs=1, select="val_loss", **QUICK)


def test_a_record_of_training_is_kept_beside_the_weights(bumps: Dataset, tmp_path: Path) -> None:
    classifier = train(bumps, "gtp-fcn", epochs=1, **QUICK)
    assert load_record(save_model(classifier, tmp_path / "plain")) == {}
    classifier.module.record = {"steps": torch.arange(5, dtype=torch.int32)}
    folder = save_model(classifier, tmp_path / "noted")
    assert load_record(folder)["steps"].tolist() == [0, 1, 2, 3, 4]
    (folder / "record.safetensors").write_bytes(b"other")
    with pytest.raises(ModelError, match="does not match"):
        load_record(folder)


def test_without_test_cases_a_run_trains_and_says_none(bumps: Dataset) -> None:
    alone = replace(
        bumps, X_test=bumps.X_test[:0], y_test=bumps.y_test[:0], mask_test=bumps.mask_test[:0]
    )
    events: list[EpochEvent] = []
    classifier = train(alone, "gtp-fcn", epochs=2, on_epoch=events.append, **QUICK)
    assert [e.test_accuracy for e in events] == [None, None]
    assert classifier.card["metrics"]["test_accuracy"] is None
    whole = train(bumps, "gtp-fcn", epochs=2, **QUICK)
    assert torch.equal(next(classifier.module.parameters()), next(whole.module.parameters()))
    with pytest.raises(TrainingError, match="no cases to evaluate"):
        evaluate(classifier, alone)
