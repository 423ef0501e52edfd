"""The whole state of a run in one safetensors file, so that a resumed run is the same run."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from tscviz.training.errors import CheckpointError, TrainingError

CURRENT = "checkpoint.safetensors"
PREVIOUS = "checkpoint.previous.safetensors"


@dataclass
class RunState:
    """What the loop knows beside weights, optimiser and random generators."""

    epoch: int = 0
    best_epoch: int = 0
    best_loss: float = float("inf")
    seconds: float = 0.0
    finished: bool = False
    round: int = 0  # of refinement; see `tscviz.training.course`
    round_epoch: int = 0  # epochs done in this round
    drops: int = 0  # times the plateau schedule lowered the learning rate in this round
    plateau_best: float = float("inf")
    plateau_waited: int = 0
    stop_best: float = float("inf")
    stop_waited: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)
    best: dict[str, Tensor] = field(default_factory=dict)


def save_checkpoint(
    folder: Path,
    identity: str,
    state: RunState,
    module: nn.Module,
    optimiser: torch.optim.Optimizer,
    shuffle: torch.Generator,
) -> None:
    """Write a checkpoint into `folder` by rename, keeping the one before it.

    Parameters
    ----------
    folder : Path
    identity : str
        Text that tells this run from any other; a checkpoint of another run is refused.
    state, module, optimiser, shuffle
        What is saved, with the state of torch's global generators.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plain = asdict(state) | {"best": None, "identity": identity}
    tensors = {f"module/{k}": v for k, v in module.state_dict().items()}
    tensors |= {f"best/{k}": v for k, v in state.best.items()}
    tensors |= {f"record/{k}": v for k, v in getattr(module, "record", {}).items()}
    tensors |= {"rng/shuffle": shuffle.get_state(), "rng/torch": torch.get_rng_state()}
    if torch.cuda.is_available():
        tensors["rng/cuda"] = torch.cuda.get_rng_state()
    dumped = optimiser.state_dict()
    for index, slots in dumped["state"].items():
        tensors |= {f"optimiser/{index}/{key}": value for key, value in slots.items()}
    plain["param_groups"] = dumped["param_groups"]
    # Clones: safetensors refuses tensors that share memory.
    tensors = {k: v.detach().cpu().clone().contiguous() for k, v in tensors.items()}
    temporary = folder / f".{CURRENT}.{os.getpid()}"
    try:
        save_file(tensors, temporary, metadata={"state": json.dumps(plain)})
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        if (folder / CURRENT).exists():
            (folder / CURRENT).replace(folder / PREVIOUS)
        temporary.replace(folder / CURRENT)
    except (OSError, SafetensorError) as error:
        raise TrainingError(
            f"the checkpoint cannot be written to {folder}: {error}. Free some space and resume."
        ) from None
    finally:
        temporary.unlink(missing_ok=True)


def load_checkpoint(
    folder: Path | None,
    identity: str,
    module: nn.Module,
    optimiser: torch.optim.Optimizer,
    shuffle: torch.Generator,
) -> RunState | None:
    """Restore the newest readable checkpoint of `folder` in place; None where there is none.

    Raises
    ------
    CheckpointError
        Where checkpoints are there and none can be read.
    TrainingError
        Where they belong to another run.
    """
    if folder is None:
        return None
    files = [folder / name for name in (CURRENT, PREVIOUS) if (folder / name).exists()]
    problems = []
    for file in files:
        try:
            plain, tensors = _read(file)
            if plain.get("identity", identity) == identity:
                return _restore(plain, tensors, module, optimiser, shuffle)
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            problems.append(f"{file.name}: {str(error).splitlines()[0]}")
            continue
        raise TrainingError(
            f"{folder} holds the checkpoint of another run (other data, model, options or "
            "seed); choose another folder, or train without resuming."
        )
    if problems:
        raise CheckpointError(
            f"no checkpoint in {folder} can be read ({'; '.join(problems)}); train without "
            "resuming to start over."
        )
    return None


def _read(file: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    with safe_open(file, framework="pt") as stored:
        plain = json.loads((stored.metadata() or {}).get("state", "{}"))
        return plain, {key: stored.get_tensor(key) for key in stored.keys()}  # noqa: SIM118


def _restore(
    plain: dict[str, Any],
    tensors: dict[str, Tensor],
    module: nn.Module,
    optimiser: torch.optim.Optimizer,
    shuffle: torch.Generator,
) -> RunState:
    module.load_state_dict(_below(tensors, "module/"))
    slots: dict[int, dict[str, Tensor]] = {}
    for key, value in _below(tensors, "optimiser/").items():
        index, name = key.split("/", 1)
        slots.setdefault(int(index), {})[name] = value
    optimiser.load_state_dict({"state": slots, "param_groups": plain["param_groups"]})
    shuffle.set_state(tensors["rng/shuffle"])
    torch.set_rng_state(tensors["rng/torch"])
    if "rng/cuda" in tensors and torch.cuda.is_available():
        torch.cuda.set_rng_state(tensors["rng/cuda"])
    if hasattr(module, "record"):
        module.record = _below(tensors, "record/")  # type: ignore[assignment]
    plain = {f.name: plain[f.name] for f in fields(RunState) if f.name != "best"}
    return RunState(**plain, best=_below(tensors, "best/"))


def _below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k[len(prefix) :]: v for k, v in tensors.items() if k.startswith(prefix)}
