"""The training loop: one function, read from top to bottom."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tscviz.models.base import SeriesModule
from tscviz.models.classifier import to_tensors
from tscviz.training.checkpoints import RunState, load_checkpoint, save_checkpoint
from tscviz.training.errors import Cancelled, TrainingError
from tscviz.training.recipes import Recipe
from tscviz.types import Array

CHECKPOINT_SECONDS = 10.0
_NO_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")


@dataclass(frozen=True)
class EpochEvent:
    """What is told after each epoch.

    Parameters
    ----------
    epoch, epochs : int
        The epoch that ended, from 1, and how many there will be.
    losses : dict of str to float
        Mean over the cases of each loss, in training mode, before each step.
    train_accuracy : float
        Of the same forward passes.
    test_accuracy : float or None
        In evaluation mode; looked at every `Recipe.test_every` epochs and after the last.
    seconds : float
        Since the start of the run, without the time it lay interrupted.
    lr : float
    """

    epoch: int
    epochs: int
    losses: dict[str, float]
    train_accuracy: float
    test_accuracy: float | None
    seconds: float
    lr: float


@dataclass(frozen=True, eq=False)
class Split:
    """Prepared series with their labels."""

    X: Array
    y: Array
    mask: Array

    def batches(
        self, order: Array, size: int, device: torch.device
    ) -> Iterator[tuple[Tensor, Tensor, Tensor | None]]:
        """Yield ``(x, y, mask)`` in the given order."""
        for start in range(0, len(order), size):
            idx = order[start : start + size]
            x, mask = to_tensors(self.X[idx], self.mask[idx], device)
            yield x, torch.from_numpy(self.y[idx]).to(device), mask


def fit(
    module: SeriesModule,
    train: Split,
    test: Split,
    recipe: Recipe,
    *,
    seed: int,
    folder: Path | None = None,
    identity: str = "",
    resume: bool = False,
    on_epoch: Callable[[EpochEvent], None] | None = None,
) -> RunState:
    """Train `module` in place and leave it with the selected weights.

    Parameters
    ----------
    module : SeriesModule
    train, test : Split
        The test split is looked at, never used.
    recipe : Recipe
    seed : int
        Of the order of the cases; the caller seeds torch before building the network.
    folder : Path, optional
        Where checkpoints go.
    identity : str
        Tells this run from any other; see `save_checkpoint`.
    resume : bool
        Go on from the checkpoint in `folder`, if there is one.
    on_epoch : callable, optional
        Called with an `EpochEvent`; may raise `Cancelled`.

    Returns
    -------
    RunState

    Raises
    ------
    TrainingError
        On a loss that is not finite, or too little memory.
    Cancelled
        As raised by `on_epoch`, after a checkpoint was written.
    """
    device = _device(recipe.device)
    module.to(device)
    size = _batch_size(recipe, len(train.y))
    shuffle = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.Adam(
        module.parameters(), lr=recipe.lr, weight_decay=recipe.weight_decay
    )
    state: RunState | None = None
    if resume and folder is not None:
        state = load_checkpoint(folder, identity, module, optimiser, shuffle)
    if state is None:
        state = RunState()
        plain = train.batches(np.arange(len(train.y)), size, device)
        module.begin_training((x, mask) for x, _, mask in plain)
    saved = time.monotonic()

    for epoch in range(state.epoch + 1, recipe.epochs + 1):
        started = time.monotonic()
        order = torch.randperm(len(train.y), generator=shuffle).numpy()
        losses, accuracy = _one_epoch(module, train, order, size, optimiser, epoch, device)
        _keep_best(state, recipe, module, epoch, losses["class"])
        last = epoch == recipe.epochs
        looked = last or epoch % recipe.test_every == 0
        tested = accuracy_of(module, test, device) if looked else None
        state.epoch = epoch
        state.seconds += time.monotonic() - started
        lr = float(optimiser.param_groups[0]["lr"])
        event = EpochEvent(epoch, recipe.epochs, losses, accuracy, tested, state.seconds, lr)
        state.history.append(asdict(event))

        due = last or epoch % recipe.checkpoint_every == 0
        due = due or time.monotonic() - saved > CHECKPOINT_SECONDS
        stopped = _told(on_epoch, event)
        if folder is not None and (due or stopped is not None):
            save_checkpoint(folder, identity, state, module, optimiser, shuffle)
            saved = time.monotonic()
        if stopped is not None:
            raise stopped

    module.load_state_dict(state.best)
    module.eval()
    return state


def _told(on_epoch: Callable[[EpochEvent], None] | None, event: EpochEvent) -> Cancelled | None:
    try:
        if on_epoch is not None:
            on_epoch(event)
    except Cancelled as order:
        return order
    return None


def _keep_best(
    state: RunState, recipe: Recipe, module: SeriesModule, epoch: int, loss: float
) -> None:
    if recipe.select == "last" or loss < state.best_loss:
        state.best_loss, state.best_epoch = loss, epoch
        state.best = {k: v.detach().clone() for k, v in module.state_dict().items()}


def _one_epoch(
    module: SeriesModule,
    train: Split,
    order: Array,
    size: int,
    optimiser: torch.optim.Optimizer,
    epoch: int,
    device: torch.device,
) -> tuple[dict[str, float], float]:
    module.train()
    sums: dict[str, float] = {}
    correct = 0
    for step, (x, y, mask) in enumerate(train.batches(order, size, device), start=1):
        with memory_explained(x.shape):
            logits, losses = module.losses(x, y, mask)
            total = torch.stack(list(losses.values())).sum()
            if not torch.isfinite(total):
                raise TrainingError(
                    f"the loss became {float(total.detach())} in epoch {epoch}, step {step}; lower "
                    "the learning rate, or check the series for extreme values."
                )
            optimiser.zero_grad(set_to_none=True)
            total.backward()
            optimiser.step()
        for name, value in losses.items():
            sums[name] = sums.get(name, 0.0) + float(value.detach()) * len(y)
        correct += int((logits.argmax(1) == y).sum())
    return {name: value / len(order) for name, value in sums.items()}, correct / len(order)


def accuracy_of(
    module: SeriesModule, split: Split, device: torch.device, batch_size: int = 64
) -> float:
    """Return the share of cases classified correctly, in evaluation mode."""
    was_training = module.training
    module.eval()
    correct = 0
    with torch.no_grad():
        for x, y, mask in split.batches(np.arange(len(split.y)), batch_size, device):
            with memory_explained(x.shape):
                correct += int((module(x, mask).argmax(1) == y).sum())
    module.train(was_training)
    return correct / max(len(split.y), 1)


@contextmanager
def memory_explained(shape: Sequence[int]) -> Iterator[None]:
    """Turn an allocation that failed over a batch of this shape into a `TrainingError`."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        text = str(error).lower()
        if not isinstance(error, MemoryError) and not any(words in text for words in _NO_MEMORY):
            raise
        raise TrainingError(
            f"there is not enough memory for a step over {shape[0]} series of {shape[2]} points; "
            "use a smaller batch_size, or resample the series to fewer points."
        ) from error


def _device(wanted: str) -> torch.device:
    if wanted == "cuda" and not torch.cuda.is_available():
        raise TrainingError("device is 'cuda' and no CUDA device is here; use 'auto' or 'cpu'.")
    cuda = wanted != "cpu" and torch.cuda.is_available()
    return torch.device("cuda" if cuda else "cpu")


def _batch_size(recipe: Recipe, n_cases: int) -> int:
    if recipe.batch_size:
        return recipe.batch_size
    if n_cases < 10:
        raise TrainingError(
            f"batch_size=0 means a tenth of the cases, and there are only {n_cases}; "
            "set batch_size, e.g. to 4."
        )
    return min(n_cases // 10, 64)
