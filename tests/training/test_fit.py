"""The training loop: selection, resuming to the bit, and how runs end."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from tscviz.data import dataset_from_arrays, make_bumps
from tscviz.models import (
    SeriesModule,
    build_model,
    load_model,
)
from tscviz.training import (
    Cancelled,
    EpochEvent,
    TrainingError,
    TrainingWarning,
    evaluate,
    get_recipe,
    presets,
    train,
)
from tscviz.training.checkpoints import CURRENT, PREVIOUS
from tscviz.training.fit import fit, look_at, memory_explained
from tscviz.training.metrics import summary_of
from tscviz.training.recipes import Recipe
from tscviz.training.split import Split
from tscviz.types import Dataset, TscvizError

QUICK: dict[str, Any] = {"preset": "quick", "checkpoint_every": 2, "batch_size": 8}


@pytest.fixture(scope="module")
def bumps() -> Dataset:
    return make_bumps(20, 30, 2, seed=1)


def stop_after(epoch: int) -> Any:
    def on_epoch(event: EpochEvent) -> None:
        if event.epoch == epoch:
            raise Cancelled

    return on_epoch


@pytest.mark.parametrize("model", ["gtp-fcn", "dtp-fcn", "dtp-resnet"])
def test_a_resumed_run_is_the_uninterrupted_run_to_the_bit(
    bumps: Dataset, tmp_path: Path, model: str
) -> None:
    whole = train(bumps, model, epochs=6, out=tmp_path / "whole", **QUICK)
    for epoch in (1, 3, 4):  # off and on the checkpoint's own rhythm
        with pytest.raises(Cancelled):
            train(
                bumps,
                model,
                epochs=6,
                out=tmp_path / "parts",
                resume=True,
                on_epoch=stop_after(epoch),
                **QUICK,
            )
    parts = train(bumps, model, epochs=6, out=tmp_path / "parts", resume=True, **QUICK)
    assert parts.digest == whole.digest
    files = [tmp_path / run / "model" / "model.safetensors" for run in ("whole", "parts")]
    assert files[0].read_bytes() == files[1].read_bytes()
    for key in ("train_loss", "best_epoch", "epochs", "test_accuracy", "train_accuracy"):
        assert parts.card["metrics"][key] == whole.card["metrics"][key]


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(bumps: Dataset) -> None:
    digests = [train(bumps, "dtp-fcn", seed=s, epochs=2, preset="quick").digest for s in (0, 0, 1)]
    assert digests[0] == digests[1] != digests[2]


def test_training_leaves_torchs_global_generator_alone(bumps: Dataset) -> None:
    torch.manual_seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    train(bumps, "gtp-fcn", epochs=1, preset="quick")
    assert torch.equal(torch.rand(3), wanted)


def test_training_learns_what_alignment_can_see() -> None:
    data = make_bumps(40, 48, seed=0)
    classifier = train(data, "dtp-fcn", preset="quick", epochs=40)
    assert evaluate(classifier, data)["accuracy"] >= 0.9


def test_the_weights_kept_are_those_of_the_first_least_loss(bumps: Dataset) -> None:
    events: list[EpochEvent] = []
    kept = train(bumps, "gtp-fcn", epochs=8, on_epoch=events.append, **QUICK)
    losses = [e.losses["class"] for e in events]
    assert kept.card["metrics"]["best_epoch"] == int(np.argmin(losses)) + 1
    assert kept.card["metrics"]["train_loss"] == min(losses)
    last = train(bumps, "gtp-fcn", epochs=8, select="last", **QUICK)
    assert last.card["metrics"]["best_epoch"] == 8


def test_events_tell_epochs_losses_and_accuracies(bumps: Dataset) -> None:
    events: list[EpochEvent] = []
    train(bumps, "dtp-fcn", epochs=3, test_every=2, on_epoch=events.append, **QUICK)
    assert [e.epoch for e in events] == [1, 2, 3]
    assert [e.test_accuracy is None for e in events] == [True, False, False]
    assert all(set(e.losses) == {"class", "prototype"} for e in events)
    assert all(0 <= e.train_accuracy <= 1 and e.epochs == 3 and e.lr == 1e-3 for e in events)
    assert events[0].seconds < events[2].seconds


def test_a_damaged_checkpoint_falls_back_to_the_one_before(bumps: Dataset, tmp_path: Path) -> None:
    whole = train(bumps, "dtp-fcn", epochs=6, **QUICK)
    with pytest.raises(Cancelled):
        train(bumps, "dtp-fcn", epochs=6, out=tmp_path, on_epoch=stop_after(5), **QUICK)
    folder = tmp_path / "checkpoint"
    (folder / CURRENT).write_bytes((folder / CURRENT).read_bytes()[:1000])
    resumed = train(bumps, "dtp-fcn", epochs=6, out=tmp_path, resume=True, **QUICK)
    assert resumed.digest == whole.digest


@pytest.mark.parametrize("damage", [b"", b"garbage", b"\x08\x00\x00\x00\x00\x00\x00\x00{}"])
def test_no_readable_checkpoint_is_a_clear_error(
    bumps: Dataset, tmp_path: Path, damage: bytes
) -> None:
    (tmp_path / "checkpoint").mkdir()
    for name in (CURRENT, PREVIOUS):
        (tmp_path / "checkpoint" / name).write_bytes(damage)
    with pytest.raises(TrainingError, match=r"no checkpoint in .* can be read"):
        train(bumps, "dtp-fcn", epochs=2, out=tmp_path, resume=True, **QUICK)


def test_a_checkpoint_with_missing_parts_is_a_clear_error(bumps: Dataset, tmp_path: Path) -> None:
    train(bumps, "dtp-fcn", epochs=2, out=tmp_path, **QUICK)
    for file in (tmp_path / "checkpoint").glob("*.safetensors"):
        with_state = {k: v for k, v in load_file(file).items() if not k.startswith("module/")}
        save_file(with_state, file, metadata=_metadata(file))
    with pytest.raises(TrainingError, match=r"no checkpoint in .* can be read"):
        train(bumps, "dtp-fcn", epochs=2, out=tmp_path, resume=True, **QUICK)


def _metadata(file: Path) -> dict[str, str]:
    from safetensors import safe_open

    with safe_open(file, framework="pt") as stored:
        return dict(stored.metadata())


@pytest.mark.parametrize(
    "change", [{"seed": 1}, {"lr": 0.5}, {"segments": 5}, {"batch_size": 4}, {"epochs": 9}]
)
def test_another_runs_checkpoint_is_refused(
    bumps: Dataset, tmp_path: Path, change: dict[str, Any]
) -> None:
    train(bumps, "dtp-fcn", epochs=2, out=tmp_path, **QUICK)
    changed: dict[str, Any] = {"epochs": 2} | QUICK | change
    with pytest.raises(TrainingError, match="checkpoint of another run"):
        train(bumps, "dtp-fcn", out=tmp_path, resume=True, **changed)


def test_a_finished_run_resumed_is_finished(bumps: Dataset, tmp_path: Path) -> None:
    events: list[EpochEvent] = []
    first = train(bumps, "dtp-fcn", epochs=2, out=tmp_path, **QUICK)
    again = train(
        bumps, "dtp-fcn", epochs=2, out=tmp_path, resume=True, on_epoch=events.append, **QUICK
    )
    assert again.digest == first.digest
    assert events == []
    assert load_model(tmp_path / "model").digest == first.digest


def test_a_loss_that_is_not_finite_names_epoch_and_step(bumps: Dataset) -> None:
    module = build_model("gtp-fcn", n_channels=2, n_classes=2)
    with torch.no_grad():
        next(module.get_submodule("fc").parameters()).fill_(1e38)  # a network that has diverged
    split = Split(bumps.X_train, bumps.y_train, bumps.mask_train)
    with pytest.raises(TrainingError, match=r"the loss became (nan|inf) in epoch 1, step 1"):
        fit(module, split, split, Recipe(epochs=1, batch_size=8), seed=0)


def test_too_little_memory_is_a_clear_error(bumps: Dataset) -> None:
    """A layer that really asks for more memory than any machine has."""
    module = build_model("gtp-fcn", n_channels=2, n_classes=2)
    module.get_submodule("backbone").register_forward_pre_hook(lambda *_: torch.empty(2**60))
    split = Split(bumps.X_train, bumps.y_train, bumps.mask_train)
    with pytest.raises(TrainingError, match="not enough memory for a step over 8 series of 30"):
        fit(module, split, split, Recipe(epochs=1, batch_size=8), seed=0)
    with pytest.raises(RuntimeError, match="shapes"), memory_explained((1, 1, 1)):
        raise RuntimeError("shapes do not match")


def small(labels: list[str]) -> Dataset:
    X = np.random.default_rng(0).standard_normal((len(labels), 1, 20)).astype(np.float32)
    return dataset_from_arrays("Small", X, labels, X, labels, source="synthetic")


def test_doubtful_data_is_trained_on_and_said() -> None:
    with pytest.warns(TrainingWarning) as caught:
        train(small(["a", "a", "b"]), "gtp-fcn", preset="quick", epochs=1)
    texts = [str(w.message) for w in caught]
    assert any("only 3 training cases" in text for text in texts)
    assert any("one training case only in class b" in text for text in texts)


@pytest.mark.parametrize("labels", [["a"], ["a", "a", "a"]])
def test_data_that_cannot_be_trained_on_is_refused(labels: list[str]) -> None:
    with pytest.raises(TrainingError, match="training needs at least two of each"):
        train(small(labels), "gtp-fcn", preset="quick", epochs=1)


def test_a_tenth_of_too_few_cases_is_refused() -> None:
    with (
        pytest.warns(TrainingWarning),
        pytest.raises(TrainingError, match="a tenth of the cases, and there are only 4"),
    ):
        train(small(["a", "b", "a", "b"]), "gtp-fcn", epochs=1, batch_size=0)


def test_series_shorter_than_the_segments_are_refused() -> None:
    with pytest.raises(TscvizError, match="at least 21 time points, and the shortest has 20"):
        train(small(["a", "b"] * 6), "dtp-fcn", epochs=1, segments=21)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: get_recipe("dtp-fcn", "slow"), "no preset 'slow'"),
        (lambda: get_recipe("dtp-fcn", epochs=0), "at least 1"),
        (lambda: get_recipe("dtp-fcn", lr=0), "greater than 0"),
        (lambda: train(small(["a", "b"] * 6), "dtp-fcn", nonsense=1), "no option 'nonsense'"),
    ],
)
def test_bad_recipes_are_named(call: Any, text: str) -> None:
    with pytest.raises(TscvizError, match=text):
        call()


def test_the_papers_protocol() -> None:
    """DTP paper, Table 1."""
    for name, batch in (("dtp-fcn", 16), ("dtp-resnet", 64)):
        paper = presets(name)["paper"].recipe
        assert (paper.epochs, paper.batch_size, paper.lr) == (500, batch, 1e-4)
        assert paper.weight_decay == 0


def test_summary_equals_a_count_by_hand() -> None:
    found = summary_of(np.array([[3, 1, 0], [2, 4, 0], [0, 0, 0]]))
    assert found["accuracy"] == pytest.approx(7 / 10)
    assert found["balanced_accuracy"] == pytest.approx((3 / 4 + 4 / 6) / 2)
    assert found["macro_f1"] == pytest.approx((6 / 9 + 8 / 11) / 2)


def test_looking_leaves_the_mode_as_it_was(bumps: Dataset) -> None:
    module: SeriesModule = build_model("gtp-fcn", n_channels=2, n_classes=2).train()
    split = Split(bumps.X_train, bumps.y_train, bumps.mask_train)
    look_at(module, split, torch.device("cpu"))
    assert module.training


def test_unequal_lengths_and_gaps_train() -> None:
    rng = np.random.default_rng(0)
    X, mask = np.zeros((24, 2, 40), np.float32), np.zeros((24, 40), bool)
    for i, n in enumerate(rng.integers(12, 41, 24)):
        X[i, :, :n], mask[i, :n] = rng.standard_normal((2, n)), True
    X[3, 1, 4:6] = np.nan
    labels = ["a", "b"] * 12
    data = dataset_from_arrays(
        "Gaps", X, labels, X, labels, mask_train=mask, mask_test=mask, source="synthetic"
    )
    classifier = train(data, "dtp-fcn", epochs=25, preset="quick")
    assert evaluate(classifier, data, split="train")["accuracy"] >= 0.9
