"""Pre-train the trunk of ConvTimeNet into `pretrained/convtimenet/trunk/`, resumable.

    TSCVIZ_ARCHIVE=FOLDER python benchmarks/convtimenet_pretrain.py [--runs FOLDER] [...]

The 24 problems of `tscviz.training.sources`, seed 0, one thread. Interrupted (also by SIGTERM,
after the epoch), it goes on where it stopped. RUNS/trunk holds a usable trunk after every
checkpoint; the bundled one is replaced at the end only.
"""

from __future__ import annotations

import argparse
import signal
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch

from tscviz.atomic import write_bytes
from tscviz.data import load_dataset
from tscviz.models.convtimenet import TrunkOptions
from tscviz.models.trunk_store import CARD, WEIGHTS
from tscviz.options import make_options
from tscviz.training import Cancelled
from tscviz.training.pretrain import PretrainRecipe, Source, pretrain, source_of
from tscviz.training.sources import SOURCES

TARGET = Path(__file__).parents[1] / "pretrained" / "convtimenet" / "trunk"
LONGEST = 512


def load_sources() -> list[Source]:
    """Load the source problems and check that they are what they were chosen for."""
    sources = []
    for name in SOURCES:
        dataset = load_dataset(name)
        lengths = {*dataset.mask_train.sum(1).tolist(), *dataset.mask_test.sum(1).tolist()}
        if len(lengths) > 1 or max(lengths) > LONGEST:
            raise SystemExit(f"{name} has lengths {sorted(lengths)[:5]}; wanted one, at most 512.")
        sources.append(source_of(dataset))
    return sources


def main() -> None:
    """Pre-train, or go on with it, and put the trunk in place."""
    parser = argparse.ArgumentParser(description="Pre-train the trunk of ConvTimeNet.")
    parser.add_argument("--runs", default="runs/ctn", type=Path)
    parser.add_argument("--seed", default=0, type=int)
    for field in fields(PretrainRecipe):
        parser.add_argument(f"--{field.name.replace('_', '-')}", help=field.metadata["help"])
    arguments = vars(parser.parse_args())
    given = {f.name: arguments[f.name] for f in fields(PretrainRecipe) if arguments[f.name]}
    recipe = make_options(PretrainRecipe, given, of="the pre-training recipe")
    torch.set_num_threads(1)
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda got, _frame: stopping.append(got))

    def on_epoch(line: dict[str, Any]) -> None:
        rows = line["datasets"].values()
        loss, accuracy = (sum(row[k] for row in rows) / len(rows) for k in ("loss", "accuracy"))
        done = f"epoch {line['epoch']}/{line['epochs']}, {line['seconds']:.0f} s"
        print(f"{done}: mean loss {loss:.4f}, mean accuracy {accuracy:.4f}", flush=True)
        if stopping:
            raise Cancelled

    runs = arguments["runs"]
    try:
        pretrain(
            load_sources(),
            TrunkOptions(),
            recipe,
            seed=arguments["seed"],
            folder=runs / "checkpoint",
            export=runs / "trunk",
            resume=True,
            on_epoch=on_epoch,
        )
    except Cancelled:
        raise SystemExit("stopped after a checkpoint; run again to go on.") from None
    TARGET.mkdir(parents=True, exist_ok=True)
    for name in (WEIGHTS, CARD):
        write_bytes(TARGET / name, (runs / "trunk" / name).read_bytes())
    print(f"the trunk is in {TARGET}", flush=True)


if __name__ == "__main__":
    main()
