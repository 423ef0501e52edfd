"""Multi-head pre-training: what a batch reaches, resuming to the bit, the choice of sources."""

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tscviz.atomic import read_json_lines
from tscviz.data import dataset_from_arrays
from tscviz.models.convtimenet import Trunk, TrunkOptions
from tscviz.models.trunk_store import WEIGHTS, load_trunk, read_trunk_card
from tscviz.training import Cancelled, TrainingError
from tscviz.training.pretrain import (
    EVENTS,
    MultiHeadNet,
    PretrainRecipe,
    Source,
    epoch_plan,
    pretrain,
    source_of,
)
from tscviz.training.sources import CANDIDATES, RELATIVES, SOURCES, TARGETS, choose_sources
from tscviz.types import Dataset

SMALL = TrunkOptions(lengths=(3, 16), filters=8, blocks=2, layers=2)
RECIPE = PretrainRecipe(
    epochs=5, batch_size=6, batches=2, lr=3e-3, checkpoint_every=2, device="cpu"
)


def waves(name: str, n_cases: int, length: int, n_classes: int, n_channels: int = 1) -> Dataset:
    """Noisy sines; class c has c + 1 periods."""
    rng = np.random.default_rng(len(name))
    y = np.arange(n_cases) % n_classes
    t = np.linspace(0, 2 * np.pi, length)
    X = np.sin((y[:, None, None] + 1) * t + rng.uniform(0, 6, (n_cases, n_channels, 1)))
    X = 3 * X + rng.normal(0, 0.2, X.shape) + 5
    labels = [str(label) for label in y]
    return dataset_from_arrays(name, X, labels, X, labels)


@pytest.fixture(scope="module")
def sources() -> list[Source]:
    """Three problems of 20, 8 and 30 cases, of different lengths and numbers of classes."""
    sizes = {"A": (20, 30, 2), "BB": (8, 45, 3), "CCC": (30, 21, 4)}
    return [source_of(waves(name, *size)) for name, size in sizes.items()]


def run(sources: list[Source], folder: Path, **changed: Any) -> MultiHeadNet:
    return pretrain(sources, SMALL, RECIPE, seed=1, folder=folder, **changed)


def stop_after(epoch: int) -> Any:
    def on_epoch(line: dict[str, Any]) -> None:
        if line["epoch"] == epoch:
            raise Cancelled

    return on_epoch


def test_a_resumed_run_is_the_uninterrupted_run_to_the_bit(
    sources: list[Source], tmp_path: Path
) -> None:
    whole = run(sources, tmp_path / "whole").state_dict()
    folder = tmp_path / "parts"
    for epoch in (1, 4):
        with pytest.raises(Cancelled):
            run(sources, folder, resume=True, on_epoch=stop_after(epoch))
    parts = run(sources, folder, resume=True).state_dict()
    assert whole.keys() == parts.keys()
    assert all(torch.equal(whole[key], parts[key]) for key in whole)
    seen = [
        [line["datasets"] for line in read_json_lines(f / EVENTS)]
        for f in (tmp_path / "whole", folder)
    ]
    assert seen[0] == seen[1]
    assert len(seen[0]) == RECIPE.epochs


def test_a_killed_run_goes_on_from_its_last_checkpoint(
    sources: list[Source], tmp_path: Path
) -> None:
    """Epoch 3 is lost with the process; its line must not stand twice afterwards."""

    class KilledError(Exception):
        pass

    def on_epoch(line: dict[str, Any]) -> None:
        if line["epoch"] == 4:
            raise KilledError

    whole = run(sources, tmp_path / "whole").state_dict()
    folder = tmp_path / "killed"
    with pytest.raises(KilledError):
        run(sources, folder, on_epoch=on_epoch)
    assert [line["epoch"] for line in read_json_lines(folder / EVENTS)] == [1, 2, 3]
    again = run(sources, folder, resume=True).state_dict()
    assert all(torch.equal(whole[key], again[key]) for key in whole)
    assert [line["epoch"] for line in read_json_lines(folder / EVENTS)] == [1, 2, 3, 4, 5]


def test_the_seed_decides_and_another_runs_checkpoint_is_refused(
    sources: list[Source], tmp_path: Path
) -> None:
    first = run(sources, tmp_path / "a").state_dict()
    other = pretrain(sources, SMALL, RECIPE, seed=2, folder=tmp_path / "b").state_dict()
    key = "trunk.blocks.0.layers.0.conv.convs.0.weight"
    assert not torch.equal(first[key], other[key])
    with pytest.raises(TrainingError, match="another run"):
        pretrain(sources, SMALL, RECIPE, seed=2, folder=tmp_path / "a", resume=True)
    with pytest.raises(TrainingError, match="at least one"):
        pretrain([], SMALL, RECIPE, seed=2, folder=tmp_path / "c")


def test_every_head_learns_its_problem(sources: list[Source], tmp_path: Path) -> None:
    recipe = PretrainRecipe(epochs=25, batch_size=8, lr=3e-3, device="cpu")
    lines: list[dict[str, Any]] = []
    pretrain(sources, SMALL, recipe, seed=0, folder=tmp_path, on_epoch=lines.append)
    first, last = lines[0]["datasets"], lines[-1]["datasets"]
    for source in sources:
        assert last[source.name]["loss"] < 0.5 * first[source.name]["loss"]
        assert last[source.name]["accuracy"] > 0.9
    assert lines[0]["lr"] == pytest.approx(3e-3)
    assert 0 < lines[-1]["lr"] < 3e-5


def test_a_step_moves_its_own_head_and_the_trunk(sources: list[Source]) -> None:
    net = MultiHeadNet(SMALL, [s.n_classes for s in sources])
    logits = net(torch.from_numpy(sources[1].split.X), None, 1)
    assert logits.shape == (8, 3)
    logits.sum().backward()
    assert net.heads[0].weight.grad is None
    assert net.heads[2].weight.grad is None
    assert all(p.grad is not None for p in net.trunk.parameters())


def test_an_epoch_gives_every_dataset_its_share(sources: list[Source]) -> None:
    plan = epoch_plan(sources, RECIPE, torch.Generator().manual_seed(0))
    for which, (cases, batches) in enumerate(((12, 2), (8, 2), (12, 2))):
        parts = [part for number, part in plan if number == which]
        assert len(parts) == batches
        assert len({*np.concatenate(parts).tolist()}) == cases  # none twice
        assert max(map(len, parts)) - min(map(len, parts)) <= 1
    orders = {
        tuple(n for n, _ in epoch_plan(sources, RECIPE, torch.Generator().manual_seed(seed)))
        for seed in range(8)
    }
    assert len(orders) > 4  # datasets come mixed, in an order of its own each time


def test_series_are_z_normalised_and_univariate(sources: list[Source]) -> None:
    for source in sources:
        np.testing.assert_allclose(source.split.X.mean(2), 0, atol=1e-5)
        np.testing.assert_allclose(source.split.X.std(2), 1, atol=1e-4)
    with pytest.raises(TrainingError, match="2 channels"):
        source_of(waves("D", 8, 20, 2, n_channels=2))


def test_every_checkpoint_exports_a_trunk_that_loads(sources: list[Source], tmp_path: Path) -> None:
    export = tmp_path / "trunk"
    with pytest.raises(Cancelled):
        run(sources, tmp_path / "run", export=export, on_epoch=stop_after(3))
    card = read_trunk_card(export)
    assert (card["epoch"], card["finished"]) == (3, False)
    net = run(sources, tmp_path / "run", export=export, resume=True)
    card = read_trunk_card(export)
    assert (card["epoch"], card["finished"], card["seed"]) == (5, True, 1)
    assert [s["name"] for s in card["sources"]] == [s.name for s in sources]
    assert [s["digest"] for s in card["sources"]] == [s.digest for s in sources]
    trunk = Trunk(1, SMALL)
    load_trunk(trunk, SMALL, export)
    wanted, found = net.trunk.state_dict(), trunk.state_dict()
    assert all(torch.equal(wanted[key], found[key]) for key in wanted)
    assert load_file(export / WEIGHTS).keys() == wanted.keys()
    assert json.loads((export / "trunk.json").read_text())["options"]["lengths"] == [3, 16]


def test_a_loss_that_explodes_is_said(sources: list[Source], tmp_path: Path) -> None:
    broken = Source("broken", "0", 2, sources[0].split.take(np.arange(4)))
    broken.split.X[:] = np.inf
    with pytest.raises(TrainingError, match="loss on broken became nan"):
        pretrain([broken], SMALL, RECIPE, seed=0, folder=tmp_path)


def test_the_sources_are_what_the_seed_draws() -> None:
    assert choose_sources() == SOURCES
    assert len(set(SOURCES)) == 24
    shuffled = list(CANDIDATES)
    random.Random(5).shuffle(shuffled)
    assert choose_sources(shuffled) == SOURCES
    assert set(SOURCES) <= set(CANDIDATES)
    assert not set(CANDIDATES) & {*TARGETS, *RELATIVES}
