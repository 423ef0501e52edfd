"""Multi-head pre-training: one trunk, one softmax head for each of several datasets."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tscviz.atomic import append_json_line, write_bytes
from tscviz.data import Preparation, prepare
from tscviz.models.convtimenet import Trunk, TrunkOptions, average_over_time
from tscviz.models.trunk_store import save_trunk
from tscviz.options import option
from tscviz.training.adam import Adam
from tscviz.training.checkpoints import RunState, load_checkpoint, save_checkpoint
from tscviz.training.errors import Cancelled, TrainingError
from tscviz.training.seeds import check_seed
from tscviz.training.split import Split
from tscviz.training.versions import package_versions
from tscviz.types import Array, Dataset

EVENTS = "events.jsonl"
PREPARATION = Preparation(gaps="interpolate", normalise="z")


@dataclass(frozen=True)
class PretrainRecipe:
    """How a trunk is pre-trained: Adam, learning rate falling to zero by half a cosine."""

    epochs: int = option(150, "Rounds over the datasets.", minimum=1, maximum=100_000)
    batch_size: int = option(32, "Most cases a step, all of one dataset.", minimum=1)
    batches: int = option(
        4, "Most steps a dataset gets in an epoch, so that large ones do not rule.", minimum=1
    )
    lr: float = option(1e-3, "Learning rate of Adam in the first epoch.", above=0.0, maximum=10.0)
    checkpoint_every: int = option(5, "Epochs between two checkpoints.", minimum=1)
    device: str = option("auto", "Where to train.", choices=("auto", "cpu", "cuda"))


@dataclass(frozen=True, eq=False)
class Source:
    """The training split of one dataset, univariate and z-normalised case by case."""

    name: str
    digest: str
    n_classes: int
    split: Split


def source_of(dataset: Dataset) -> Source:
    """Prepare the training split of a dataset; its test split is not touched.

    Raises
    ------
    TrainingError
        Where the series have more than one channel.
    """
    if dataset.n_channels != 1:
        raise TrainingError(
            f"{dataset.name} has {dataset.n_channels} channels; pre-training takes one."
        )
    X, y, mask = dataset.split("train")
    done = prepare(X, mask, PREPARATION)
    return Source(dataset.name, dataset.digest, dataset.n_classes, Split(done.X, y, done.mask))


class MultiHeadNet(nn.Module):
    """A trunk, global average pooling and one dense layer for each dataset."""

    def __init__(self, options: TrunkOptions, n_classes: Sequence[int]) -> None:
        super().__init__()
        self.trunk = Trunk(1, options)
        self.heads = nn.ModuleList(nn.Linear(self.trunk.width, n) for n in n_classes)

    def forward(self, x: Tensor, mask: Tensor | None, which: int) -> Tensor:
        """Map series (B, 1, T) of dataset number `which` to its logits (B, n_classes)."""
        return self.heads[which](average_over_time(self.trunk(x, mask), mask))


def pretrain(
    sources: Sequence[Source],
    options: TrunkOptions,
    recipe: PretrainRecipe,
    *,
    seed: int,
    folder: Path,
    export: Path | None = None,
    resume: bool = False,
    on_epoch: Callable[[dict[str, Any]], None] | None = None,
) -> MultiHeadNet:
    """Train a trunk on several datasets at once.

    Every batch is of one dataset; the batches of an epoch come in random order. A head learns
    from its own dataset's batches only, the trunk from all.

    Parameters
    ----------
    sources : sequence of Source
    options : TrunkOptions
    recipe : PretrainRecipe
    seed : int
        Of the initial weights and the order of batches and cases.
    folder : Path
        Of the checkpoints and of `EVENTS`, one JSON line an epoch: loss and accuracy by dataset,
        in training mode, before each step.
    export : Path, optional
        Folder that gets the trunk, usable, with every checkpoint.
    resume : bool
        Go on from the checkpoint in `folder`, if there is one; on the CPU the result is
        bit-identical to a run that was never interrupted.
    on_epoch : callable, optional
        Called with the line of each epoch; raising `Cancelled` ends the run after a checkpoint.

    Returns
    -------
    MultiHeadNet
        In evaluation mode, on the CPU.

    Raises
    ------
    TrainingError
        Without sources, on a seed that is none, a loss that is not finite, or a checkpoint of
        another run.
    Cancelled
        As raised by `on_epoch`.
    """
    if not sources:
        raise TrainingError("pre-training needs at least one dataset.")
    device, seed = _device(recipe.device), check_seed(seed)
    identity = _identity(sources, options, recipe, seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        net = MultiHeadNet(options, [source.n_classes for source in sources]).to(device)
        optimiser = Adam(net.parameters(), lr=recipe.lr)
        order = torch.Generator().manual_seed(seed)
        state: RunState | None = None
        if resume:
            state = load_checkpoint(folder, identity, net, optimiser, order)
        state = state or RunState()
        _rewrite_events(folder, state)
        while state.epoch < recipe.epochs:
            line = _one_epoch(net, sources, recipe, optimiser, order, state, device)
            stopped = _told(on_epoch, line)
            append_json_line(folder / EVENTS, line)
            due = state.epoch == recipe.epochs or state.epoch % recipe.checkpoint_every == 0
            if due or stopped is not None:
                save_checkpoint(folder, identity, state, net, optimiser, order)
                if export is not None:
                    save_trunk(net.trunk, options, export, _card(sources, recipe, seed, state))
            if stopped is not None:
                raise stopped
    return net.cpu().eval()


def epoch_plan(
    sources: Sequence[Source], recipe: PretrainRecipe, order: torch.Generator
) -> list[tuple[int, Array]]:
    """Draw the batches of an epoch: pairs of a dataset's number and case indices, shuffled.

    A dataset gives at most `recipe.batches` batches of nearly equal size, of cases drawn anew.
    """
    plan: list[tuple[int, Array]] = []
    for which, source in enumerate(sources):
        cases = torch.randperm(len(source.split.y), generator=order).numpy()
        cases = cases[: recipe.batches * recipe.batch_size]
        n_batches = -(-len(cases) // recipe.batch_size)
        plan += [(which, part) for part in np.array_split(cases, n_batches)]
    return [plan[i] for i in torch.randperm(len(plan), generator=order).tolist()]


def _one_epoch(
    net: MultiHeadNet,
    sources: Sequence[Source],
    recipe: PretrainRecipe,
    optimiser: torch.optim.Optimizer,
    order: torch.Generator,
    state: RunState,
    device: torch.device,
) -> dict[str, Any]:
    started = time.monotonic()
    net.train()
    lr = recipe.lr * 0.5 * (1.0 + math.cos(math.pi * state.epoch / recipe.epochs))
    for group in optimiser.param_groups:
        group["lr"] = lr
    sums = np.zeros((len(sources), 3))  # loss, hits, cases
    for which, cases in epoch_plan(sources, recipe, order):
        # One batch, so that a lone case is not joined to another.
        ((x, y, mask),) = (
            sources[which].split.take(cases).batches(np.arange(len(cases)), len(cases), device)
        )
        logits = net(x, mask, which)
        loss = F.cross_entropy(logits, y)
        if not torch.isfinite(loss):
            raise TrainingError(
                f"the loss on {sources[which].name} became {float(loss.detach())} in epoch "
                f"{state.epoch + 1}; lower the learning rate."
            )
        # Heads of other datasets get no gradient at all, and Adam leaves them alone.
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        hits = int((logits.argmax(1) == y).sum())
        sums[which] += (float(loss.detach()) * len(y), hits, len(y))
    state.epoch += 1
    state.seconds += time.monotonic() - started
    state.history.append(_line(sources, sums, state, recipe, lr))
    return state.history[-1]


def _line(
    sources: Sequence[Source], sums: Array, state: RunState, recipe: PretrainRecipe, lr: float
) -> dict[str, Any]:
    datasets = {
        source.name: {"loss": loss / n, "accuracy": hits / n, "cases": int(n)}
        for source, (loss, hits, n) in zip(sources, sums.tolist(), strict=True)
    }
    return {
        "epoch": state.epoch,
        "epochs": recipe.epochs,
        "lr": lr,
        "seconds": round(state.seconds, 3),
        "datasets": datasets,
    }


def _told(on_epoch: Callable[[dict[str, Any]], None] | None, line: dict[str, Any]) -> Any:
    try:
        if on_epoch is not None:
            on_epoch(line)
    except Cancelled as order:
        return order
    return None


def _rewrite_events(folder: Path, state: RunState) -> None:
    # Epochs after the last checkpoint are run again: their lines would stand twice.
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(line) + "\n" for line in state.history]
    write_bytes(folder / EVENTS, "".join(lines).encode())


def _device(wanted: str) -> torch.device:
    if wanted == "cuda" and not torch.cuda.is_available():
        raise TrainingError("device is 'cuda' and no CUDA device is here; use 'auto' or 'cpu'.")
    return torch.device("cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu")


def _identity(
    sources: Sequence[Source], options: TrunkOptions, recipe: PretrainRecipe, seed: int
) -> str:
    digests = [source.digest for source in sources]
    # How often to save decides nothing about the weights.
    how = asdict(recipe) | {"checkpoint_every": None}
    parts = [digests, asdict(options), how, seed]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _card(
    sources: Sequence[Source], recipe: PretrainRecipe, seed: int, state: RunState
) -> dict[str, Any]:
    last = state.history[-1]["datasets"]
    return {
        "name": "convtimenet/trunk",
        "model": "convtimenet",
        "sources": [
            {
                "name": source.name,
                "digest": source.digest,
                "n_train": len(source.split.y),
                "length": int(source.split.X.shape[2]),
                "n_classes": source.n_classes,
                "train_loss": last[source.name]["loss"],
                "train_accuracy": last[source.name]["accuracy"],
            }
            for source in sources
        ],
        "preparation": asdict(PREPARATION),
        "recipe": asdict(recipe),
        "seed": seed,
        "epoch": state.epoch,
        "finished": state.epoch == recipe.epochs,
        "train_seconds": round(state.seconds, 1),
        "threads": torch.get_num_threads(),
        "versions": package_versions(),
    }
