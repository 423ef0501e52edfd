"""A pre-trained trunk on disk: `trunk.safetensors` and `trunk.json`.

It is no classifier and carries no card, so that `list_pretrained` passes it by.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import nn

from tscviz.atomic import write_bytes
from tscviz.models.base import ModelError
from tscviz.resources import resource

if TYPE_CHECKING:
    from tscviz.models.convtimenet import TrunkOptions

WEIGHTS = "trunk.safetensors"
CARD = "trunk.json"
FORMAT = 1
SHAPE = ("lengths", "filters", "blocks", "layers")


def trunk_folder() -> Path:
    """Return the folder of the bundled trunk; it may be missing."""
    return resource("pretrained") / "convtimenet" / "trunk"


def save_trunk(
    trunk: nn.Module, options: TrunkOptions, folder: str | Path, card: Mapping[str, Any]
) -> str:
    """Write a trunk and its card, replacing what is there.

    Parameters
    ----------
    trunk : Trunk
    options : TrunkOptions
        Its shape.
    folder : path
    card : mapping
        What is known of the pre-training, JSON-able; ``sources`` lists dicts with a ``name``.

    Returns
    -------
    str
        sha256 of the weights, hexadecimal.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {k: v.detach().cpu().clone().contiguous() for k, v in trunk.state_dict().items()}
    content = save(tensors)
    sha256 = hashlib.sha256(content).hexdigest()
    whole = {"format": FORMAT, "options": _shape(options), **card}
    whole["weights"] = {"file": WEIGHTS, "sha256": sha256}
    # Weights first: a reader between the two renames is refused by the sha256, not misled.
    write_bytes(folder / WEIGHTS, content)
    write_bytes(folder / CARD, (json.dumps(whole, indent=1) + "\n").encode())
    return sha256


def read_trunk_card(folder: str | Path) -> dict[str, Any]:
    """Return the card of the trunk in `folder`.

    Raises
    ------
    ModelError
        Where there is none, or it is damaged.
    """
    path = Path(folder) / CARD
    if not path.is_file():
        raise ModelError(
            f"there is no pretrained trunk in {Path(folder)}; run "
            "benchmarks/convtimenet_pretrain.py, or set trunk=random."
        )
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"the card of the trunk in {folder} cannot be read: {error}.") from None
    needed = ("format", "options", "sources", "weights")
    missing = [key for key in needed if not isinstance(card, dict) or key not in card]
    if missing or card["format"] != FORMAT:
        what = f"lacks {', '.join(missing)}" if missing else f"is not of format {FORMAT}"
        raise ModelError(f"the card of the trunk in {folder} {what}.")
    for key, good in (
        ("options", isinstance(card["options"], dict)),
        ("weights", isinstance(card["weights"], dict)),
        ("sources", isinstance(card["sources"], list) and all(map(_is_source, card["sources"]))),
    ):
        if not good:
            raise ModelError(f"the card of the trunk in {folder} is damaged: its {key}.")
    return card


def _is_source(source: Any) -> bool:
    return isinstance(source, dict) and isinstance(source.get("name"), str)


def load_trunk(trunk: nn.Module, options: TrunkOptions, folder: str | Path) -> dict[str, Any]:
    """Load the weights in `folder` into `trunk`, in place; return the card.

    Raises
    ------
    ModelError
        Where there is none, it has another shape, or its weights do not match their sha256.
    """
    card = read_trunk_card(folder)
    wanted = _shape(options)
    for name in SHAPE:
        if card["options"].get(name) != wanted[name]:
            raise ModelError(
                f"the pretrained trunk has {name}={card['options'].get(name)} and the network "
                f"{name}={wanted[name]}; use the trunk's value, or set trunk=random."
            )
    try:
        content = (Path(folder) / WEIGHTS).read_bytes()
        if hashlib.sha256(content).hexdigest() != card["weights"]["sha256"]:
            raise ModelError(f"the weights of the trunk in {folder} do not match their sha256.")
        trunk.load_state_dict(load(content))
    except (OSError, KeyError, RuntimeError, SafetensorError) as error:
        first = str(error).splitlines()[0]
        raise ModelError(f"the trunk in {folder} cannot be loaded: {first}") from None
    return card


def _shape(options: TrunkOptions) -> dict[str, Any]:
    values = {f.name: getattr(options, f.name) for f in fields(options) if f.name in SHAPE}
    return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}
