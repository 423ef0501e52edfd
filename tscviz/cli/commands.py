"""What the commands on datasets and models do: each returns a document and an exit code."""

from __future__ import annotations

import argparse
import hashlib
import re
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tscviz.cli.reading import flag_of
from tscviz.resources import home_folder, resource
from tscviz.types import Dataset, TscvizError

if TYPE_CHECKING:
    from tscviz.models.classifier import Classifier

Answer = tuple[Any, int]
_LAST_PORT = 65_535
_LONGEST_NAME = 150
SHAPE = {"n_channels": 1, "n_classes": 2, "length": 150}
"""What `describe` counts for where neither a dataset nor an argument tells."""


def pairs(texts: list[str]) -> dict[str, str]:
    """Read NAME=VALUE arguments."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise TscvizError(f"{text!r} is not of the form NAME=VALUE.")
        found[name.strip().replace("-", "_")] = value
    return found


def dataset_for(classifier: Classifier, arguments: argparse.Namespace) -> Dataset:
    """Load the dataset that ``--dataset`` names, or else the model's card."""
    from tscviz.data import load_dataset

    name = arguments.dataset or (classifier.card.get("dataset") or {}).get("name")
    if not name:
        raise TscvizError("the model's card names no dataset; give one with --dataset.")
    return load_dataset(name, arguments.archive)


def datasets(arguments: argparse.Namespace) -> Answer:
    """List the datasets, or load and check each one."""
    from tscviz.data import check_datasets, list_datasets

    if not arguments.check:
        return {"datasets": [asdict(info) for info in list_datasets(arguments.archive)]}, 0
    rows = []
    for row in check_datasets(arguments.archive):
        print(f"{row['name']}: {row.get('error') or 'ok'}", file=sys.stderr)
        rows.append(row)
    failed = sum(bool(row.get("error")) for row in rows)
    return {"datasets": rows, "n": len(rows), "failed": failed}, 2 if failed else 0


def models(arguments: argparse.Namespace) -> Answer:  # noqa: ARG001
    """List the models with their options, presets and bundled weights."""
    from tscviz.models import list_pretrained, model_entry, model_names
    from tscviz.options import describe_options
    from tscviz.training import presets

    rows = []
    for name in model_names():
        entry = model_entry(name)
        options = [
            {"name": o.name, "default": o.default, "help": o.help, "choices": o.choices}
            for o in describe_options(entry.options)
        ]
        recipes = {key: asdict(p.recipe) | p.network for key, p in presets(name).items()}
        rows.append(
            {
                "name": name,
                "title": entry.title,
                "summary": entry.summary,
                "paper": entry.paper,
                "options": options,
                "presets": recipes,
            }
        )
    return {"models": rows, "pretrained": list_pretrained()}, 0


def describe(arguments: argparse.Namespace) -> Answer:
    """Count parameters, FLOPs and multiply-accumulates."""
    from tscviz.models import describe_model

    options: dict[str, Any] = pairs(arguments.set)
    shape: dict[str, Any] = dict(SHAPE)
    if arguments.dataset:
        from tscviz.data import load_dataset

        data = load_dataset(arguments.dataset, arguments.archive)
        shape = {name: getattr(data, name) for name in SHAPE}
    given = {name: getattr(arguments, name.removeprefix("n_")) for name in SHAPE}
    shape |= {name: value for name, value in given.items() if value is not None}
    try:
        cost = describe_model(arguments.model, **shape, **options)
    except (RuntimeError, MemoryError, TypeError) as error:  # TypeError: torch takes no such size
        raise _cannot_be_built(arguments.model, error) from error
    return {"model": arguments.model} | shape | asdict(cost), 0


def _cannot_be_built(model: str, error: Exception) -> TscvizError:
    """Return the error for a network of a shape that torch refuses, with torch's reason."""
    from tscviz.training.fit import is_out_of_memory

    if not is_out_of_memory(error):
        reason = str(error).partition("\n")[0]
        return TscvizError(f"{model} cannot be built in this shape: {reason}.")
    asked = re.search(r"allocate ([0-9]+) bytes", str(error))
    size = f": {int(asked[1]) / 1e9:,.1f} GB were asked for at once" if asked else ""
    return TscvizError(
        f"a {model} of this shape does not fit into memory{size}; give fewer channels or classes, "
        "shorter series, or a smaller network."
    )


def train(arguments: argparse.Namespace) -> Answer:
    """Train a model, with progress on stderr; an interrupt keeps a checkpoint."""
    import torch

    from tscviz import training
    from tscviz.data import DataError, load_dataset
    from tscviz.training.jobspec import MOST_THREADS
    from tscviz.training.seeds import check_seed

    check_seed(arguments.seed, "--seed")
    if arguments.threads is not None:
        if not 1 <= arguments.threads <= MOST_THREADS:
            raise TscvizError(f"--threads is {arguments.threads}; it must be 1 to {MOST_THREADS}.")
        torch.set_num_threads(arguments.threads)
    dataset = load_dataset(arguments.dataset, arguments.archive)
    options: dict[str, Any] = pairs(arguments.set)
    out = Path(arguments.out) if arguments.out else _run_folder(arguments, options)
    if not (arguments.resume or arguments.overwrite) and _holds_a_run(out):
        raise TscvizError(
            f"{out} holds a run already; --resume goes on with it, --overwrite starts anew in its "
            "place, another --out keeps it."
        )
    stop: list[int] = []
    previous = signal.signal(signal.SIGINT, lambda number, _: stop.append(number))

    def on_epoch(event: training.EpochEvent) -> None:
        _progress(event)
        if stop:
            raise training.Cancelled

    try:
        classifier = training.train(
            dataset,
            arguments.model,
            preset=arguments.preset,
            seed=arguments.seed,
            out=out,
            resume=arguments.resume,
            on_epoch=on_epoch,
            **options,
        )
    except training.Cancelled:
        print(f"\ntscviz: stopped; --resume --out {out} goes on from here.", file=sys.stderr)
        return {"state": "cancelled", "out": str(out)}, 130
    except DataError as error:
        raise TscvizError(error.worded(flag_of("--set"))) from error
    except OSError as error:
        raise TscvizError(
            f"the folder {out} cannot be written: {error.strerror or error}; give another --out."
        ) from None
    finally:
        signal.signal(signal.SIGINT, previous)
    print(file=sys.stderr)
    card = {key: value for key, value in classifier.card.items() if key != "weights"}
    document = {"state": "done", "out": str(out), "path": str(out / "model")}
    return document | card["metrics"] | {"digest": classifier.digest, "card": card}, 0


def _holds_a_run(out: Path) -> bool:
    return (out / "model").exists() or any((out / "checkpoint").glob("*.safetensors"))


def _run_folder(arguments: argparse.Namespace, options: dict[str, Any]) -> Path:
    """Return a folder of its own for every run; where the name does not tell, a hash does."""
    extra = "".join(f"-{name}={value}" for name, value in sorted(options.items()))
    parts = (arguments.model, arguments.dataset, arguments.preset, f"seed{arguments.seed}{extra}")
    whole = "-".join(parts)
    name = re.sub(r"[^A-Za-z0-9_.,=-]", "_", whole)
    if name != whole or len(name) > _LONGEST_NAME or arguments.archive:
        told = f"{whole}\0{Path(arguments.archive).resolve() if arguments.archive else ''}"
        name = f"{name[:_LONGEST_NAME]}-{hashlib.sha256(told.encode()).hexdigest()[:8]}"
    return home_folder() / "runs" / name


def _progress(event: Any) -> None:
    tested = "" if event.test_accuracy is None else f"  test {event.test_accuracy:.4f}"
    losses = "  ".join(f"{name} {value:.4f}" for name, value in event.losses.items())
    left = event.seconds / event.epoch * (event.epochs - event.epoch)
    line = f"epoch {event.epoch}/{event.epochs}  {losses}  train {event.train_accuracy:.4f}{tested}"
    end = "\r" if sys.stderr.isatty() else "\n"
    shown = sys.stderr.isatty() or event.test_accuracy is not None
    if shown:
        print(f"{line}  {left:.0f} s left   ", end=end, file=sys.stderr, flush=True)


def app(arguments: argparse.Namespace) -> Answer:
    """Start the app on localhost and wait for it to end."""
    if not 1 <= arguments.port <= _LAST_PORT:
        raise TscvizError(f"--port is {arguments.port}; it must be 1 to {_LAST_PORT}.")
    script = resource("app.py")
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += ["--server.port", str(arguments.port)]
    return {}, subprocess.run(command, cwd=script.parent, check=False).returncode
