"""The training loop: one function, read from top to bottom."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from tscviz.models.base import SeriesModule, StepProgress
from tscviz.training.adam import Adam
from tscviz.training.checkpoints import RunState, load_checkpoint, save_checkpoint
from tscviz.training.course import advance, batch_size_of, learning_rate, planned_epochs
from tscviz.training.errors import Cancelled, TrainingError
from tscviz.training.recipes import Recipe
from tscviz.training.split import Split, class_weights, hold_out, steps_of
from tscviz.types import Array

CHECKPOINT_SECONDS = 10.0
_NO_MEMORY = (
    "out of memory", "can't allocate memory", "not enough memory",
    "storage size calculation overflowed", "overflow when unpacking long",
)  # fmt: skip


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
    val_loss, val_accuracy : float or None
        On the held-out cases, in evaluation mode; None where none are held out.
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
    val_loss: float | None = None
    val_accuracy: float | None = None


def fit(  # noqa: PLR0915 - the loop is easier to follow in one piece
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
    train, held = hold_out(train, recipe.validation, seed)
    module.class_weight = class_weights(train.y, module.n_classes, device, recipe)
    size = _batch_size(recipe, len(train.y))
    shuffle = torch.Generator().manual_seed(seed)
    moving = [p for p in module.parameters() if p.requires_grad]
    optimiser = Adam(moving, lr=recipe.lr, weight_decay=recipe.weight_decay)
    state = load_checkpoint(folder, identity, module, optimiser, shuffle) if resume else None
    if state is None:
        state = RunState()
        plain = train.batches(np.arange(len(train.y)), size, device)
        module.begin_training((x, mask) for x, _, mask in plain)
    saved = time.monotonic()
    epochs = planned_epochs(recipe)

    while not state.finished:
        started = time.monotonic()
        state.epoch += 1
        lr = _set_lr(optimiser, learning_rate(recipe, state))
        order = torch.randperm(len(train.y), generator=shuffle).numpy()
        batch = batch_size_of(size, state)
        losses, accuracy = _one_epoch(
            module, train, order, batch, optimiser, state.epoch, epochs, device
        )
        val_loss, val_accuracy = (None, None) if held is None else look_at(module, held, device)
        _keep_best(state, recipe, module, losses["class"], val_loss)
        new_round = advance(recipe, state, losses["class"] if val_loss is None else val_loss)
        looked = state.finished or state.epoch % recipe.test_every == 0
        tested = look_at(module, test, device)[1] if looked and len(test.y) else None
        if new_round:
            module.load_state_dict(state.best)
            optimiser.state.clear()
        state.seconds += time.monotonic() - started
        event = EpochEvent(
            state.epoch, epochs, losses, accuracy, tested, state.seconds, lr, val_loss, val_accuracy
        )
        state.history.append(asdict(event))

        due = state.finished or state.epoch % recipe.checkpoint_every == 0
        stopped = _told(on_epoch, event)
        late = time.monotonic() - saved > CHECKPOINT_SECONDS
        if folder is not None and (due or late or stopped is not None):
            save_checkpoint(folder, identity, state, module, optimiser, shuffle)
            saved = time.monotonic()
        if stopped is not None:
            raise stopped

    module.load_state_dict(state.best)
    module.class_weight = None
    module.eval()
    return state


def _told(on_epoch: Callable[[EpochEvent], None] | None, event: EpochEvent) -> Cancelled | None:
    try:
        if on_epoch is not None:
            on_epoch(event)
    except Cancelled as order:
        return order
    return None


def _set_lr(optimiser: torch.optim.Optimizer, lr: float) -> float:
    for group in optimiser.param_groups:
        group["lr"] = lr
    return lr


def _keep_best(
    state: RunState,
    recipe: Recipe,
    module: SeriesModule,
    class_loss: float,
    val_loss: float | None,
) -> None:
    loss = class_loss
    if recipe.select == "val_loss" and val_loss is not None:
        loss = val_loss
    if recipe.select == "last" or loss < state.best_loss:
        state.best_loss, state.best_epoch = loss, state.epoch
        state.best = {k: v.detach().clone() for k, v in module.state_dict().items()}


def _one_epoch(
    module: SeriesModule,
    train: Split,
    order: Array,
    size: int,
    optimiser: torch.optim.Optimizer,
    epoch: int,
    epochs: int,
    device: torch.device,
) -> tuple[dict[str, float], float]:
    module.train()
    sums: dict[str, float] = {}
    correct = 0
    steps = steps_of(len(order), size)
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
            module.after_step(StepProgress(epoch, epochs, step, steps, optimiser))
        for name, value in losses.items():
            sums[name] = sums.get(name, 0.0) + float(value.detach()) * len(y)
        correct += int((logits.argmax(1) == y).sum())
    return {name: value / len(order) for name, value in sums.items()}, correct / len(order)


def look_at(
    module: SeriesModule, split: Split, device: torch.device, batch_size: int = 64
) -> tuple[float, float]:
    """Return mean class loss (unweighted) and share classified correctly, in evaluation mode."""
    was_training = module.training
    module.eval()
    loss, correct = 0.0, 0
    with torch.no_grad():
        for x, y, mask in split.batches(np.arange(len(split.y)), batch_size, device):
            with memory_explained(x.shape):
                logits = module(x, mask)
            loss += float(F.cross_entropy(logits, y, reduction="sum"))
            correct += int((logits.argmax(1) == y).sum())
    module.train(was_training)
    return loss / max(len(split.y), 1), correct / max(len(split.y), 1)


@contextmanager
def memory_explained(shape: Sequence[int]) -> Iterator[None]:
    """Turn an allocation that failed over a batch of this shape into a `TrainingError`."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        raise TrainingError(
            f"there is not enough memory for a step over {shape[0]} series of {shape[2]} points; "
            "use a smaller batch_size, or resample the series to fewer points."
        ) from error


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error says that memory ran out: Python's own, or one of torch's.

    torch raises a plain `RuntimeError` on the CPU, and one as well for a size no memory can have.
    """
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(words in text for words in _NO_MEMORY)


def _device(wanted: str) -> torch.device:
    if wanted == "cuda" and not torch.cuda.is_available():
        raise TrainingError("device is 'cuda' and no CUDA device is here; use 'auto' or 'cpu'.")
    cuda = wanted != "cpu" and torch.cuda.is_available()
    return torch.device("cuda" if cuda else "cpu")


def _batch_size(recipe: Recipe, n_cases: int) -> int:
    size = recipe.batch_size or min(max(n_cases // 10, recipe.batch_least), recipe.batch_most)
    if size < 1:
        raise TrainingError(
            f"batch_size=0 means a tenth of the cases, and there are only {n_cases}; "
            "set batch_size, e.g. to 4."
        )
    return size
