"""The commands and their arguments."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, TypeAlias

import tscviz
from tscviz.cli import commands, explaining, show

_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
_Run = Callable[[argparse.Namespace], tuple[Any, int]]


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; each command sets `run` (gives a document) and `show` (prints it)."""
    parser = argparse.ArgumentParser(
        prog="tscviz", description="Shows what a time-series classifier sees."
    )
    parser.add_argument("--version", action="version", version=f"tscviz {tscviz.__version__}")
    parser.set_defaults(json=False)
    sub = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _data_commands(sub)
    _model_commands(sub)
    _series_commands(sub)
    app = _command(sub, "app", commands.app, show.nothing, "start the app in the browser")
    app.add_argument("--port", type=int, default=8501, help="port on localhost (default 8501)")
    return parser


def _command(
    sub: _Commands, name: str, run: _Run, shower: Callable[[Any], None], text: str
) -> argparse.ArgumentParser:
    command = sub.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    command.add_argument("--json", action="store_true", help="print one JSON document")
    command.set_defaults(run=run, show=shower)
    return command


def _archive(command: argparse.ArgumentParser) -> None:
    command.add_argument("--archive", help="archive folder (default: TSCVIZ_ARCHIVE)")


def _options(command: argparse.ArgumentParser, what: str) -> None:
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"{what}; may be given several times",
    )


def _data_commands(sub: _Commands) -> None:
    datasets = _command(sub, "datasets", commands.datasets, show.datasets, "list the datasets")
    datasets.add_argument("--check", action="store_true", help="load each one")
    _archive(datasets)


def _model_commands(sub: _Commands) -> None:
    _command(
        sub, "models", commands.models, show.models, "list the models, their options and presets"
    )
    describe = _command(
        sub, "describe", commands.describe, show.pairs, "count parameters and operations"
    )
    describe.add_argument("model", help="model name, e.g. dtp-fcn")
    describe.add_argument("--dataset", help="take channels, classes and length from it")
    describe.add_argument("--channels", type=int, default=1)
    describe.add_argument("--classes", type=int, default=2)
    describe.add_argument("--length", type=int, default=150)
    _archive(describe)
    _options(describe, "option of the network")

    train = _command(sub, "train", commands.train, show.trained, "train a model")
    train.add_argument("--model", required=True, help="model name, e.g. dtp-fcn")
    train.add_argument("--dataset", required=True)
    train.add_argument("--preset", default="paper", help="paper (default) or quick")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--out", help="folder of checkpoint and model (default: TSCVIZ_HOME/runs)")
    train.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    train.add_argument("--threads", type=int, help="threads of torch (default: all cores)")
    _archive(train)
    _options(train, "option of the network or the recipe")

    evaluate = _command(
        sub, "evaluate", commands.evaluate, show.evaluated, "classify a dataset's split"
    )
    evaluate.add_argument("model", help="bundled name, e.g. dtp-fcn/GunPoint, or a folder")
    evaluate.add_argument("--dataset", help="default: the one it was trained on")
    evaluate.add_argument("--split", choices=("train", "test"), default="test")
    _archive(evaluate)


def _series_commands(sub: _Commands) -> None:
    predict = _command(sub, "predict", explaining.predict, show.predicted, "classify a file")
    predict.add_argument("model", help="bundled name, e.g. dtp-fcn/GunPoint, or a folder")
    predict.add_argument("file", help="series: CSV, .ts, .npy, ...")
    _options(predict, "how to read the file, e.g. delimiter=;")

    explain = _command(
        sub, "explain", explaining.explain, show.explained, "explain a case of a dataset or a file"
    )
    explain.add_argument("model", help="bundled name, e.g. dtp-fcn/GunPoint, or a folder")
    explain.add_argument("file", nargs="?", help="series; default: the model's dataset")
    explain.add_argument("--dataset", help="take the case from this dataset instead")
    explain.add_argument("--split", choices=("train", "test"), default="test")
    explain.add_argument("--case", type=int, default=0, help="number of the case, from 0")
    explain.add_argument("--method", default="cam")
    explain.add_argument("--target", help="class name (default: the predicted class)")
    _archive(explain)
    _options(explain, "option of the method")
    explain.add_argument(
        "--read", action="append", default=[], metavar="NAME=VALUE", help="how to read the file"
    )
