"""Models on disk: a folder of `model.safetensors` and `card.json`, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, load_file, save_file
from torch import Tensor

from tscviz.models.base import ModelError
from tscviz.models.card import CARD, FORMAT, check_card, locate, read_card
from tscviz.models.classifier import Classifier
from tscviz.models.registry import build_model

WEIGHTS = "model.safetensors"
RECORD = "record.safetensors"


def load_model(name_or_folder: str | Path) -> Classifier:
    """Load a bundled model by name, or any model from its folder.

    Parameters
    ----------
    name_or_folder : str or path
        "dtp-fcn/GunPoint", or a folder with ``card.json`` and ``model.safetensors``.

    Returns
    -------
    Classifier
        On the CPU, in evaluation mode.

    Raises
    ------
    ModelError
        Where there is none, its weights do not match the card's sha256, or do not fit the network.
    """
    card, folder = read_card(name_or_folder), locate(name_or_folder)
    try:
        weights = folder / WEIGHTS
        if hashlib.sha256(weights.read_bytes()).hexdigest() != card["weights"]["sha256"]:
            raise ModelError(
                f"the weights of {name_or_folder} do not match the card's sha256; copy the model "
                "anew, or train it again."
            )
        with torch.random.fork_rng(devices=[]):  # first weights are drawn, then replaced
            module = build_model(
                card["model"],
                n_channels=int(card["n_channels"]),
                n_classes=int(card["n_classes"]),
                length=card.get("length"),
                **card["options"],
            )
        module.load_state_dict(load_file(weights))
    except ModelError:
        raise
    except (
        OSError, KeyError, TypeError, ValueError, OverflowError, RuntimeError, SafetensorError
    ) as error:  # fmt: skip
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(f"the model {name_or_folder} cannot be loaded: {first}") from None
    return Classifier(module, tuple(map(str, card["classes"])), card)


def load_record(name_or_folder: str | Path) -> dict[str, Tensor]:
    """Return what the training of a stored model noted for its views, e.g. how masks moved.

    Parameters
    ----------
    name_or_folder : str or path
        As `load_model` takes it.

    Returns
    -------
    dict of str to Tensor
        Empty where it noted nothing.

    Raises
    ------
    ModelError
        Where there is no such model, or its record does not match the card's sha256.
    """
    card, folder = read_card(name_or_folder), locate(name_or_folder)
    if "record" not in card:
        return {}
    try:
        data = (folder / RECORD).read_bytes()
        if hashlib.sha256(data).hexdigest() != card["record"]["sha256"]:
            raise ModelError(f"the record of {name_or_folder} does not match the card's sha256.")
        return load(data)
    except (OSError, KeyError, TypeError, SafetensorError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(f"the record of {name_or_folder} cannot be read: {first}") from None


def save_model(classifier: Classifier, folder: str | Path) -> Path:
    """Write weights and card into `folder`, in place of the model that is there.

    Nothing is half written: the old model is there until the new one is whole beside it.

    Parameters
    ----------
    classifier : Classifier
    folder : str or path
        New, empty or a stored model's; its parents are made.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ModelError
        Where `folder` holds anything that is no part of a stored model, or the card is one that
        `load_model` would refuse.
    """
    folder = Path(folder)
    check_free(folder)
    plain = {"format": FORMAT} | classifier.card | {"weights": {}}
    check_card(json.loads(json.dumps(plain)), f"the card of {classifier.name}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        temporary.chmod(0o755)
        state = classifier.module.state_dict()
        tensors = {k: v.detach().cpu().contiguous() for k, v in state.items()}
        save_file(tensors, temporary / WEIGHTS)
        sha256 = hashlib.sha256((temporary / WEIGHTS).read_bytes()).hexdigest()
        card = {"format": FORMAT} | classifier.card
        card["weights"] = {"file": WEIGHTS, "sha256": sha256}
        card.pop("record", None)
        if classifier.module.record:
            record = {k: v.detach().cpu().contiguous() for k, v in classifier.module.record.items()}
            save_file(record, temporary / RECORD)
            sha256 = hashlib.sha256((temporary / RECORD).read_bytes()).hexdigest()
            card["record"] = {"file": RECORD, "sha256": sha256}
        (temporary / CARD).write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
        for file in temporary.iterdir():
            file.chmod(0o644)
            _sync(file)
        _replace(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


def check_free(folder: Path) -> None:
    """Raise `ModelError` where a model stored in `folder` would replace what is no model."""
    if not os.path.lexists(folder):
        return
    files = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else [""]
    others = [name for name in files if name not in (CARD, WEIGHTS, RECORD)]
    if others or folder.is_symlink():
        raise ModelError(
            f"{folder / (others or [''])[0]} is no part of a stored model and would be lost; "
            "choose another folder."
        )


def _replace(temporary: Path, folder: Path) -> None:
    if folder.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
        folder.rename(old / "model")
        try:
            temporary.rename(folder)
        except OSError:
            (old / "model").rename(folder)
            raise
        finally:
            if folder.exists():
                shutil.rmtree(old, ignore_errors=True)
    else:
        temporary.rename(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
