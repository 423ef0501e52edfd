"""The record of masks: exact at every snapshot, counts of every move, and small."""

from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load, save

from tscviz.models import ModelError, build_model
from tscviz.models.base import StepProgress
from tscviz.models.dsn import DSN
from tscviz.models.sparse_record import new_record, note_move, read_masks, snapshot_moves
from tscviz.types import Array


def make(**options: Any) -> DSN:
    torch.manual_seed(0)
    built = build_model("dsn", n_channels=1, n_classes=2, **options)
    assert isinstance(built, DSN)
    return built


def small(**options: Any) -> DSN:
    return make(channels=9, kernel=10, layers=2, sparsity=0.5, **options)


def arrays(module: DSN) -> list[Array]:
    return [layer.mask.numpy().copy() for layer in module.sparse_layers()]


def shuffle_weights(module: DSN) -> None:
    """Make the weakest weights others than before: the most that a move can change."""
    with torch.no_grad():
        for layer in module.sparse_layers():
            layer.weight.copy_(torch.randn(layer.weight.shape) * layer.mask)


def moved(module: DSN, n_moves: int) -> tuple[dict[str, torch.Tensor], list[list[Array]]]:
    """Move `n_moves` times; return the record and all masks, the first ones first."""
    record, seen = new_record(module.sparse_layers()), [arrays(module)]
    for move in range(1, n_moves + 1):
        shuffle_weights(module)
        before = [layer.explore(0.3) for layer in module.sparse_layers()]
        note_move(record, module.sparse_layers(), before, 5 * move, n_moves)
        seen.append(arrays(module))
    return record, seen


def test_counts_and_snapshots_equal_the_masks_that_were() -> None:
    module = small()
    record, seen = moved(module, 30)
    history = read_masks(load(save(record)), module)  # as from a file
    assert history.update_epochs.tolist() == list(range(5, 151, 5))
    assert history.epochs[0] == 0
    assert history.epochs[-1] == 150
    for i, epoch in enumerate(history.epochs):
        for found, wanted in zip(history.masks(i), seen[epoch // 5], strict=True):
            np.testing.assert_array_equal(found, wanted)

    ever = [m.copy() for m in seen[0]]
    for move in range(30):
        for i, layer in enumerate(module.sparse_layers()):
            old, new = seen[move][i], seen[move + 1][i]
            changes = (old & ~new, new & ~old, new & ~old & ever[i])
            for j, group in enumerate(layer.groups):
                wanted = [int(c[group.start : group.stop].sum()) for c in changes]
                assert history.counts[move, i, j].tolist() == wanted
            ever[i] |= new
    assert (history.counts[..., 0] == history.counts[..., 1]).all()
    assert history.counts[0, :, :, 2].sum() == 0
    assert history.counts[-1, :, :, 2].sum() > 0


def test_a_thousand_epochs_of_the_papers_network_fit_into_a_megabyte() -> None:
    """199 moves, each of them over other weights: what compresses least."""
    module = make()
    optimiser = torch.optim.Adam(module.parameters())
    module.begin_training([])
    for epoch in range(1, 1001):
        if epoch % 5 == 1:
            shuffle_weights(module)
        module.after_step(StepProgress(epoch, 1000, 1, 10, optimiser))
    assert len(save(module.record)) < 1_000_000
    history = read_masks(module.record, module)
    assert history.counts.shape == (199, 4, 3, 3)
    assert 15 <= len(history.epochs) <= 40
    assert history.epochs[-1] == history.update_epochs[-1] == 995
    assert np.diff(history.epochs)[0] < np.diff(history.epochs)[-1]
    for found, wanted in zip(history.masks(-1), arrays(module), strict=True):
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize(
    "options",
    [{"explore_until": 0.8}, {"explore_until": 0.33}, {"explore_until": 0.8, "death_end": 0.01}],
)
def test_the_last_mask_is_that_after_the_last_move(options: dict[str, Any]) -> None:
    """Moves end with the cosine, which may be long before the run does."""
    module = small(**options)
    optimiser = torch.optim.Adam(module.parameters())
    module.begin_training([])
    for epoch in range(1, 701):
        shuffle_weights(module)
        module.after_step(StepProgress(epoch, 700, 1, 10, optimiser))
    history = read_masks(module.record, module)
    last = 695 if "death_end" in options else {0.8: 555, 0.33: 230}[options["explore_until"]]
    assert history.epochs[-1] == history.update_epochs[-1] == last
    for found, wanted in zip(history.masks(-1), arrays(module), strict=True):
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("every", [1, 5, 7])
def test_by_default_every_move_that_is_due_is_made(every: int) -> None:
    for epochs in (1, 2, every, every + 1, 100, 1000):
        assert small(update_every=every)._n_moves(epochs) == (epochs - 1) // every


def test_a_small_network_keeps_forty_masks() -> None:
    record, _ = moved(small(), 80)
    assert len(record["epochs"]) == 40


@pytest.mark.parametrize(("n_moves", "most"), [(0, 40), (1, 40), (7, 40), (199, 15), (199, 40)])
def test_snapshots_include_the_last_move_and_stay_within_bounds(n_moves: int, most: int) -> None:
    chosen = sorted(snapshot_moves(n_moves, most))
    assert len(chosen) == min(n_moves, most - 1)
    if n_moves:
        assert chosen[-1] == n_moves
        gaps = np.diff([0, *chosen])
        assert gaps[0] == gaps.min()


def test_a_record_of_nothing_or_of_another_network_is_named() -> None:
    with pytest.raises(ModelError, match="recorded no masks"):
        read_masks({}, small())
    record, _ = moved(small(), 2)
    with pytest.raises(ModelError, match="another shape"):
        read_masks(record, make(channels=9, kernel=10, layers=3, sparsity=0.5))
    with pytest.raises(ModelError, match="another shape"):
        read_masks(record, make(channels=9, kernel=20, layers=2, sparsity=0.5))


@pytest.mark.parametrize("damage", ["zeros", "short", "none", "scalar", "numbers"])
@pytest.mark.parametrize("part", ["data", "ends", "deltas", "counts", "epochs", "update_epochs"])
def test_a_damaged_record_is_refused(part: str, damage: str) -> None:
    record, _ = moved(small(), 6)
    whole = record[part]
    record[part] = {
        "zeros": whole * 0,
        "short": whole[:-1],
        "none": whole[:0],
        "scalar": whole.flatten()[:1].reshape(()),
        "numbers": whole.to(torch.bfloat16),
    }[damage]
    whole_still = ("counts", "epochs", "update_epochs") if damage == "zeros" else ()
    if part in whole_still or (part == "deltas" and damage in ("zeros", "numbers")):
        read_masks(record, small())  # other numbers, of the right shape
        return
    with pytest.raises(ModelError, match="the record of masks"):
        read_masks(record, small())
