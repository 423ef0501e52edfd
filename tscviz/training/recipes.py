"""Each paper's training protocol, and quick ones for the browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from tscviz.models.registry import model_entry
from tscviz.options import did_you_mean, make_options, option
from tscviz.training.errors import TrainingError


@dataclass(frozen=True)
class Recipe:
    """How a network is trained: Adam, and what follows."""

    epochs: int = option(500, "Passes over the training set.", minimum=1, maximum=100_000)
    batch_size: int = option(
        16,
        "Cases a step; 0: a tenth of the cases, between batch_least and batch_most.",
        minimum=0,
    )
    batch_least: int = option(0, "Least cases a step where batch_size is 0.", minimum=0)
    batch_most: int = option(64, "Most cases a step where batch_size is 0.", minimum=1)
    lr: float = option(1e-4, "Learning rate of Adam.", above=0.0, maximum=10.0)
    schedule: str = option(
        "constant",
        "Learning rate: constant; cosine, down to lr_min; plateau, lowered where the loss stalls.",
        choices=("constant", "cosine", "plateau"),
    )
    lr_min: float = option(0.0, "Least learning rate of a schedule.", minimum=0.0, maximum=10.0)
    plateau_factor: float = option(0.5, "Plateau: factor.", above=0.0, maximum=1.0)
    plateau_patience: int = option(10, "Plateau: epochs without a fall of the loss.", minimum=1)
    weight_decay: float = option(
        0.0, "L2 penalty of Adam (DTP authors' code: 1e-4).", minimum=0.0, maximum=100.0
    )
    class_weights: bool = option(
        False, "Weigh the class loss by n / (number of classes x cases of the class)."
    )
    labelled: float = option(
        1.0,
        "Share of the training cases that is trained on, class by class, drawn by the seed; at "
        "least one case of each.",
        above=0.0,
        maximum=1.0,
    )
    validation: float = option(
        0.0,
        "Share of the training cases held out, class by class; their loss is then what schedule, "
        "stopping and selection look at.",
        minimum=0.0,
        maximum=0.5,
    )
    stop_patience: int = option(
        0, "Stop after so many epochs without a fall of the loss; 0: never.", minimum=0
    )
    select: str = option(
        "train_loss",
        "Weights kept: those of the first epoch of least training class loss, of least loss on "
        "the held-out cases, or the last ones.",
        choices=("train_loss", "val_loss", "last"),
    )
    refine_rounds: int = option(
        0,
        "Rounds of refinement: from the best weights on, learning rate times refine_factor and "
        "half the batch in every round.",
        minimum=0,
        maximum=20,
    )
    refine_epochs: int = option(500, "Epochs of a round of refinement.", minimum=1)
    refine_factor: float = option(
        2.0 ** (-1 / 3),
        "Learning rate of a round over that of the one before.",
        above=0.0,
        maximum=10.0,
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


@dataclass(frozen=True)
class Preset:
    """A recipe under a name, with the options of the network that belong to it.

    Parameters
    ----------
    recipe : Recipe
    network : dict
        Options of the network that differ from its defaults.
    """

    recipe: Recipe
    network: dict[str, Any] = field(default_factory=dict)


def _temporal_pooling(name: str) -> dict[str, Preset]:
    # DTP paper, Table 1: Adam, 1e-4, 500 epochs, batches of 16 (FCN) and 64 (ResNet).
    batch = 64 if name.endswith("resnet") else 16
    return {
        "paper": Preset(Recipe(batch_size=batch)),
        "quick": Preset(
            Recipe(epochs=60, batch_size=16, lr=1e-3, test_every=2, checkpoint_every=5)
        ),
    }


def _dsn(_name: str) -> dict[str, Preset]:
    # DSN paper, section 4.2: Adam 3e-4 to 1e-4 by cosine, 1000 epochs, batches of 16. The fields
    # beside batch_size are those of the authors' code, for who sets it to 0.
    paper = Recipe(
        epochs=1000,
        batch_size=16,
        batch_least=2,
        batch_most=16,
        lr=3e-4,
        schedule="cosine",
        lr_min=1e-4,
        test_every=20,
    )
    quick = replace(paper, epochs=100, lr=1e-3, test_every=5, checkpoint_every=5)
    return {"paper": Preset(paper), "quick": Preset(quick)}


def _lstm_fcn(_name: str) -> dict[str, Preset]:
    # Karim et al.'s code, with the checkpoint and the plateau on the training loss (their
    # correction), and the report's protocol; see docs/lstm-fcn.md.
    paper = Recipe(
        epochs=2000,
        batch_size=128,
        lr=1e-3,
        schedule="plateau",
        lr_min=1e-4,
        plateau_factor=2.0 ** (-1 / 3),
        plateau_patience=100,
        test_every=50,
        checkpoint_every=50,
    )
    report = replace(
        paper,
        plateau_factor=0.5,
        plateau_patience=10,
        validation=0.2,
        stop_patience=15,
        select="val_loss",
        class_weights=True,
        refine_rounds=5,
        refine_epochs=2000,
        test_every=10,
    )
    quick = replace(paper, epochs=150, batch_size=16, test_every=5, checkpoint_every=10)
    return {
        "paper": Preset(paper),
        "report": Preset(report, {"variant": "report"}),
        "quick": Preset(quick),
    }


def _convtimenet(_name: str) -> dict[str, Preset]:
    # Our reading, see docs/convtimenet.md: only the abstract of the paper is public to us.
    paper = Recipe(
        epochs=100, batch_size=16, lr=1e-3, schedule="cosine", normalise="z", test_every=10
    )
    quick = replace(paper, epochs=15, test_every=3, checkpoint_every=5)
    return {
        "paper": Preset(paper),
        "scratch": Preset(paper, {"trunk": "random"}),
        "quick": Preset(quick),
    }


_FAMILIES: dict[str, Callable[[str], dict[str, Preset]]] = {
    "dtp": _temporal_pooling,
    "dsn": _dsn,
    "lstm-fcn": _lstm_fcn,
    "convtimenet": _convtimenet,
}


def presets(model: str) -> dict[str, Preset]:
    """Return the presets of a model by name; "paper" and "quick" are always there."""
    return _FAMILIES[model_entry(model).family](model)


def get_preset(model: str, preset: str) -> Preset:
    """Return one preset of a model.

    Raises
    ------
    TrainingError
        On an unknown preset.
    """
    known = presets(model)
    if preset not in known:
        raise TrainingError(
            f"{model} has no preset {preset!r}; it has: {', '.join(known)}."
            f"{did_you_mean(preset, known)}"
        )
    return known[preset]


def get_recipe(model: str, preset: str = "paper", **overrides: Any) -> Recipe:
    """Return a recipe with some of its fields replaced.

    Parameters
    ----------
    model : str
        A name of `tscviz.models.model_names`.
    preset : str
        A name of `presets`.
    **overrides
        Fields of `Recipe`, as values or their text.

    Raises
    ------
    TrainingError
        On an unknown preset, or fields that contradict each other.
    TscvizError
        On an unknown field or a bad value.
    """
    base = asdict(get_preset(model, preset).recipe)
    made = make_options(Recipe, base | overrides, of=f"the recipe of {model}")
    if made.select == "val_loss" and made.validation == 0:
        raise TrainingError(
            "select is 'val_loss' and no cases are held out; set validation, e.g. to 0.2."
        )
    return made


def split_options(
    model: str, options: dict[str, Any], preset: str = "paper"
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Divide options into those of the network, with the preset's own, and those of the recipe.

    Parameters
    ----------
    model : str
        A name of `tscviz.models.model_names`.
    options : dict
        Of either kind, by name.
    preset : str
        A name of `presets`.

    Returns
    -------
    network, recipe : dict
        Of the recipe only what is in `options`.

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
                f"{did_you_mean(name, network | training)}"
            )
    own = get_preset(model, preset).network
    return (
        own | {name: value for name, value in options.items() if name in network},
        {name: value for name, value in options.items() if name in training},
    )
