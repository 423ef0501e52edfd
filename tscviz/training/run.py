"""`train`: from a dataset and a model name to a classifier with its card."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tscviz.data import Preparation, detect_normalisation, load_dataset, prepare
from tscviz.models.card import check_class_names
from tscviz.models.classifier import Classifier
from tscviz.models.registry import build_model, model_entry
from tscviz.models.store import check_free, save_model
from tscviz.options import make_options
from tscviz.training.course import planned_epochs
from tscviz.training.errors import TrainingError, TrainingWarning
from tscviz.training.fit import EpochEvent, fit
from tscviz.training.folder import writable_folder
from tscviz.training.metrics import evaluate
from tscviz.training.recipes import Recipe, get_recipe, split_options
from tscviz.training.seeds import check_seed
from tscviz.training.split import Split, few_labels
from tscviz.training.versions import package_versions
from tscviz.types import Dataset

_TEST_FIGURES = ("balanced_accuracy", "macro_f1", "log_loss", "auc")


def train(
    dataset: Dataset | str,
    model: str,
    *,
    preset: str = "paper",
    seed: int = 0,
    out: str | Path | None = None,
    resume: bool = False,
    on_epoch: Callable[[EpochEvent], None] | None = None,
    **options: Any,
) -> Classifier:
    """Train a model on a dataset's training split.

    Parameters
    ----------
    dataset : Dataset or str
        A name is given to `tscviz.load_dataset`.
    model : str
        A name of `tscviz.models.model_names`, e.g. "dtp-fcn".
    preset : str
        "paper": the paper's protocol; "quick": one that ends within a minute or so; some models
        have more, see `tscviz.training.presets`.
    seed : int
        From 0; of the initial weights, the order of the cases and dropout. On one machine, with
        one number of threads, the same seed gives the same weights.
    out : path, optional
        Folder for checkpoints and, at the end, for the model (``out/model``); made and tried before
        the training.
    resume : bool
        Go on from the checkpoint in `out`; on the CPU the result is bit-identical to a run that
        was never interrupted. Without a checkpoint the run starts anew.
    on_epoch : callable, optional
        Called with an `EpochEvent` after each epoch; raising `Cancelled` ends the run after a
        checkpoint.
    **options
        Options of the network (``segments=8``) and of the recipe (``epochs=100``).

    Returns
    -------
    Classifier
        With a card of data, recipe, seed, versions, and accuracy on both splits.

    Raises
    ------
    ModelError
        Where ``out/model`` holds what is no model and would be replaced, or no card could hold
        the name of a class.
    TrainingError
        On data that cannot be trained on, a seed that is none, a loss that is not finite, too
        little memory.
    OSError
        Where nothing can be written to `out`.
    TscvizError
        On bad names or options.
    """
    dataset = load_dataset(dataset) if isinstance(dataset, str) else dataset
    if not isinstance(dataset, Dataset):
        raise TrainingError(
            f"a {type(dataset).__name__} stands where a dataset belongs; give a name, or what "
            "tscviz.data.dataset_from_arrays returns."
        )
    seed = check_seed(seed)
    check_class_names(dataset.class_names)
    if out is not None:
        check_free(Path(out) / "model")
    network, overrides = split_options(model, options, preset)
    recipe = get_recipe(model, preset, **overrides)
    for note in training_notes(dataset):
        warnings.warn(note, TrainingWarning, stacklevel=2)
    splits = prepared_splits(dataset, Preparation(gaps=recipe.gaps, normalise=recipe.normalise))
    lengths = np.concatenate([split.mask.sum(1) for split in splits.values()])
    card = _card(dataset, model, network, preset, recipe, seed)
    labelled = few_labels(splits["train"], recipe.labelled, seed)
    card["dataset"]["n_labelled"] = len(labelled.y)
    folder = None if out is None else Path(out)
    with writable_folder(folder), torch.random.fork_rng():
        torch.manual_seed(seed)
        module = build_model(
            model,
            n_channels=dataset.n_channels,
            n_classes=dataset.n_classes,
            length=int(lengths.max()),
            shortest=int(lengths.min()),
            **network,
        )
        state = fit(
            module,
            labelled,
            splits["test"],
            recipe,
            seed=seed,
            folder=None if folder is None else folder / "checkpoint",
            identity=run_identity(dataset, model, network, recipe, seed),
            resume=resume,
            on_epoch=on_epoch,
        )
    module.cpu()
    card |= {"length": module.max_length, "notes": module.notes()}
    if module.max_length is not None:
        # A network of one input length: other series are brought to it, as the training series
        # were where their lengths differ, else by resampling.
        by = "pad" if lengths.min() < lengths.max() else "resample"
        card["preparation"] |= {"length": module.max_length, "length_by": by}
    classifier = Classifier(module, dataset.class_names, card)
    best = state.history[state.best_epoch - 1]
    tested = evaluate(classifier, dataset) if len(dataset.y_test) else {}
    classifier.card["metrics"] = {
        "test_accuracy": tested.get("accuracy"),
        "train_accuracy": evaluate(classifier, dataset, split="train")["accuracy"],
        "train_loss": best["losses"]["class"],
        "val_loss": best["val_loss"],
        "best_epoch": state.best_epoch,
        "epochs": state.epoch,
        "train_seconds": round(state.seconds, 2),
        "stopped_early": state.epoch < planned_epochs(recipe),
        **{f"test_{name}": tested.get(name) for name in _TEST_FIGURES},
        "predict_seconds": tested.get("predict_seconds"),
    }
    if folder is not None:
        save_model(classifier, folder / "model")
    return classifier


def training_notes(dataset: Dataset) -> tuple[str, ...]:
    """Check that a dataset can be trained on; return what makes its result doubtful.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    tuple of str
        A sentence for each doubt; empty where there is none.

    Raises
    ------
    TrainingError
        With fewer than two training cases or two classes among them.
    """
    counts = np.bincount(dataset.y_train, minlength=dataset.n_classes)
    if len(dataset.y_train) < 2 or (counts > 0).sum() < 2:
        raise TrainingError(
            f"{dataset.name} has {len(dataset.y_train)} training case(s) of "
            f"{int((counts > 0).sum())} class(es); training needs at least two of each."
        )
    notes = []
    if len(dataset.y_train) < 10:
        notes.append(
            f"{dataset.name} has only {len(dataset.y_train)} training cases; "
            "the result will depend on the seed."
        )
    single = [dataset.class_names[i] for i in np.flatnonzero(counts == 1)]
    if single:
        notes.append(f"one training case only in class {_some(single)} of {dataset.name}.")
    absent = [dataset.class_names[i] for i in np.flatnonzero(counts == 0)]
    if absent:
        notes.append(f"no training case of class {_some(absent)} in {dataset.name}.")
    return tuple(notes)


def prepared_splits(dataset: Dataset, preparation: Preparation) -> dict[str, Split]:
    """Return both splits of a dataset, prepared for a network."""
    splits = {}
    for which in ("train", "test"):
        X, y, mask = dataset.split(which)
        if len(y):  # a test split may be empty: estimators have none
            done = prepare(X, mask, preparation)
            X, mask = done.X, done.mask
        splits[which] = Split(X, y, mask)
    return splits


def run_identity(
    dataset: Dataset, model: str, network: dict[str, Any], recipe: Recipe, seed: int
) -> str:
    """sha256 of everything that decides the weights a run ends with."""
    protocol = asdict(recipe)
    if recipe.labelled == 1:  # runs from before this field go on
        del protocol["labelled"]
    parts = [dataset.digest, model, network, protocol, seed]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=_plain).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Return a number of NumPy as Python's, which JSON writes, and any sequence as a list."""
    return value.item() if isinstance(value, np.generic) else list(value)


def _card(
    dataset: Dataset, model: str, network: dict[str, Any], preset: str, recipe: Recipe, seed: int
) -> dict[str, Any]:
    options = make_options(model_entry(model).options, network, of=f"model {model}")
    lengths = dataset.mask_train.sum(1)
    inside = np.where(dataset.mask_train[:, None, :], dataset.X_train.astype(np.float64), np.nan)
    found = detect_normalisation(dataset.X_train, dataset.mask_train)
    trained = Preparation(gaps=recipe.gaps, normalise=recipe.normalise)
    kind, ddof = ("z", 0) if recipe.normalise == "z" else found
    foreign = Preparation(gaps=recipe.gaps, normalise=kind, ddof=ddof)
    return {
        "name": f"{model}/{dataset.name}",
        "model": model,
        "options": asdict(options),
        "n_channels": dataset.n_channels,
        "n_classes": dataset.n_classes,
        "classes": list(dataset.class_names),
        "lengths": [int(lengths.min()), int(lengths.max())],
        "input": {
            "mean": [float(v) for v in np.nanmean(inside, axis=(0, 2))],
            "sd": [float(v) for v in np.nanstd(inside, axis=(0, 2))],
        },
        "dataset": {
            "name": dataset.name,
            "digest": dataset.digest,
            "n_train": len(dataset.y_train),
            "n_test": len(dataset.y_test),
        },
        "preparation": asdict(foreign),
        "training_preparation": asdict(trained),
        "preset": preset,
        "recipe": asdict(recipe),
        "seed": seed,
        "threads": torch.get_num_threads(),
        "versions": package_versions(),
    }


def _some(names: list[str], most: int = 5) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
