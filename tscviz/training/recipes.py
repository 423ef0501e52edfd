"""Each paper's training protocol, and quick ones for the browser."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from tscviz.models.registry import model_entry
from tscviz.options import make_options, option
from tscviz.training.errors import TrainingError


@dataclass(frozen=True)
class Recipe:
    """How a network is trained."""

    epochs: int = option(500, "Passes over the training set.", minimum=1, maximum=100_000)
    batch_size: int = option(
        16, "Cases a step; 0: a tenth of the cases, at most 64 (authors' code).", minimum=0
    )
    lr: float = option(1e-4, "Learning rate of Adam.", above=0.0, maximum=10.0)
    weight_decay: float = option(0.0, "L2 penalty of Adam (DTP authors' code: 1e-4).", minimum=0.0)
    select: str = option(
        "train_loss",
        "Weights kept: those of the first epoch of least training class loss, or the last ones.",
        choices=("train_loss", "last"),
    )
    gaps: str = option(
        "interpolate",
        "Missing values: linear interpolation, or zero (authors' code).",
        choices=("interpolate", "zero"),
    )
    normalise: str = option(
        "none", "Per case and channel: none, or z (mean 0, sd 1).", choices=("none", "z")
    )
    test_every: int = option(10, "Epochs between two looks at the test set; never used.", minimum=1)
    checkpoint_every: int = option(10, "Most epochs between two checkpoints.", minimum=1)
    device: str = option("auto", "Where to train.", choices=("auto", "cpu", "cuda"))


def _temporal_pooling(name: str) -> dict[str, Recipe]:
    # DTP paper, Table 1: Adam, 1e-4, 500 epochs, batches of 16 (FCN) and 64 (ResNet).
    batch = 64 if name.endswith("resnet") else 16
    return {
        "paper": Recipe(batch_size=batch),
        "quick": Recipe(epochs=60, batch_size=16, lr=1e-3, test_every=2, checkpoint_every=5),
    }


_FAMILIES = {"dtp": _temporal_pooling}


def presets(model: str) -> dict[str, Recipe]:
    """Return the recipes of a model by preset name; "paper" and "quick" are always there."""
    return _FAMILIES[model_entry(model).family](model)


def get_recipe(model: str, preset: str = "paper", **overrides: Any) -> Recipe:
    """Return a recipe with some of its fields replaced.

    Raises
    ------
    TrainingError
        On an unknown preset.
    TscvizError
        On an unknown field or a bad value.
    """
    known = presets(model)
    if preset not in known:
        raise TrainingError(f"{model} has no preset {preset!r}; it has: {', '.join(known)}.")
    base = {f.name: getattr(known[preset], f.name) for f in fields(Recipe)}
    return make_options(Recipe, base | overrides, of=f"the recipe of {model}")


def split_options(model: str, options: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Divide options into those of the network and those of the recipe.

    Raises
    ------
    TrainingError
        On a name that is neither.
    """
    network = {f.name for f in fields(model_entry(model).options)}
    training = {f.name for f in fields(Recipe)}
    for name in options:
        if name not in network | training:
            raise TrainingError(
                f"{model} has no option {name!r}; the network's are: {', '.join(sorted(network))}; "
                f"the recipe's are: {', '.join(sorted(training))}."
            )
    return (
        {name: value for name, value in options.items() if name in network},
        {name: value for name, value in options.items() if name in training},
    )
