"""The commands and their arguments."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

import tscviz
from tscviz.cli import (
    commands,
    evaluating,
    evidence,
    explaining,
    predicting,
    reporting,
    show,
    sweeping,
)
from tscviz.options import did_you_mean

_Commands: TypeAlias = "argparse._SubParsersAction[Any]"
_MEASURES = (
    "of latex and markdown: accuracy (default), balanced_accuracy, macro_f1, auc or log_loss"
)
_Run = Callable[[argparse.Namespace], tuple[Any, int]]


class _Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, with the nearest choice, and end."""
        wrong = re.search(r"invalid choice: '([^']*)' \(choose from (.*)\)", message)
        near = did_you_mean(wrong[1], re.findall(r"[\w-]+", wrong[2])) if wrong else ""
        line = " ".join(f"{self.prog}: {message}.{near} See `{self.prog} --help`.".split())
        self.exit(2, line + "\n")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; each command sets `run` (gives a document) and `show` (prints it)."""
    parser = _Parser(prog="tscviz", description="Shows what a time-series classifier sees.")
    parser.add_argument("--version", action="version", version=f"tscviz {tscviz.__version__}")
    parser.set_defaults(json=False)
    sub = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _data_commands(sub)
    _model_commands(sub)
    _series_commands(sub)
    _sweep_commands(sub)
    app = _command(
        sub, "app", commands.app, show.nothing, "start the app in the browser", has_document=False
    )
    app.add_argument("--port", type=int, default=8501, help="port on localhost (default 8501)")
    return parser


def _command(
    sub: _Commands,
    name: str,
    run: _Run,
    shower: Callable[[Any], None],
    text: str,
    *,
    has_document: bool = True,
) -> argparse.ArgumentParser:
    command = sub.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    if has_document:
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


def _case(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", nargs="?", help="series; default: the model's dataset")
    command.add_argument("--dataset", help="take the case from this dataset instead")
    command.add_argument("--split", choices=("train", "test"), help="default: test")
    command.add_argument("--case", type=int, help="number of the case, from 0 (default: 0)")
    command.add_argument(
        "--read", action="append", default=[], metavar="NAME=VALUE", help="how to read the file"
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
    for name, default in commands.SHAPE.items():
        text = f"default: the dataset's, without one {default}"
        describe.add_argument(f"--{name.removeprefix('n_')}", type=int, help=text)
    _archive(describe)
    _options(describe, "option of the network")

    train = _command(sub, "train", commands.train, show.trained, "train a model")
    train.add_argument("--model", required=True, help="model name, e.g. dtp-fcn")
    train.add_argument("--dataset", required=True)
    train.add_argument(
        "--preset", default="paper", help="paper (default), quick, or another of `models --json`"
    )
    train.add_argument("--seed", type=int, default=0, help="from 0 (default: 0)")
    train.add_argument("--out", help="folder of checkpoint and model (default: TSCVIZ_HOME/runs)")
    train.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    train.add_argument(
        "--overwrite", action="store_true", help="start anew where --out holds a run already"
    )
    train.add_argument("--threads", type=int, help="threads of torch (default: all cores)")
    _archive(train)
    _options(train, "option of the network or the recipe")

    evaluate = _command(
        sub, "evaluate", evaluating.evaluate, show.evaluated, "classify a dataset's split"
    )
    evaluate.add_argument("model", help="bundled name, e.g. dtp-fcn/GunPoint, or a folder")
    evaluate.add_argument("--dataset", help="default: the one it was trained on")
    evaluate.add_argument("--split", choices=("train", "test"), default="test")
    _archive(evaluate)


def _series_commands(sub: _Commands) -> None:
    predict = _command(sub, "predict", predicting.predict, show.predicted, "classify a file")
    predict.add_argument("model", help="bundled name, e.g. dtp-fcn/GunPoint, or a folder")
    predict.add_argument("file", help="series: CSV, .ts, .npy, ...")
    _options(predict, "how to read the file, e.g. header=false")

    explain = _command(
        sub, "explain", explaining.explain, show.explained, "explain a case of a dataset or a file"
    )
    explain.add_argument(
        "model", nargs="?", help="bundled name, e.g. dtp-fcn/GunPoint, or a folder"
    )
    _case(explain)
    explain.add_argument("--method", help="default: cam")
    explain.add_argument("--target", help=evidence.TARGET)
    explain.add_argument("--against", help="class name whose score is subtracted")
    explain.add_argument("--baseline", help="reference input, e.g. class_mean (default: zero)")
    explain.add_argument(
        "--spec", help="make the map of this spec.json again; see docs/taking-away.md"
    )
    explain.add_argument("--write-spec", metavar="FILE", help="write what led to the map")
    explain.add_argument("--csv", metavar="FILE", help="write series and map as a table")
    _archive(explain)
    _options(explain, "option of the method")

    judge = _command(
        sub, "evidence", evidence.evidence, evidence.shown, "measure how far maps can be trusted"
    )
    judge.add_argument("model", help="bundled name, e.g. dtp-fcn/GunPoint, or a folder")
    _case(judge)
    evidence.add_arguments(judge)
    _archive(judge)
    _options(judge, "option of the method")

    report = _command(
        sub, "report", reporting.report, reporting.reported, "write one case as an HTML page"
    )
    report.add_argument("model", help="bundled name, e.g. dtp-fcn/GunPoint, or a folder")
    _case(report)
    report.add_argument(
        "--methods",
        nargs="*",
        metavar="METHOD",
        help="default: integrated_gradients occlusion kernel_shap",
    )
    report.add_argument("--target", help=evidence.TARGET)
    report.add_argument("--against", help="class name whose score is subtracted")
    report.add_argument("--baseline", help="reference input, e.g. class_mean (default: zero)")
    report.add_argument("--evidence", action="store_true", help="judge every map by deletion")
    report.add_argument("--out", required=True, metavar="FILE.html")
    _archive(report)


def _sweep_commands(sub: _Commands) -> None:
    sweep = _command(
        sub, "sweep", sweeping.sweep, sweeping.swept, "train many models, or go on with it"
    )
    sweep.add_argument("file", type=Path, help="sweep.toml; see docs/sweeps.md")
    sweep.add_argument("--backend", default="local", help="local (default), or ray for a cluster")
    sweep.add_argument(
        "--address", metavar="HOST:PORT", help="of a Ray cluster (default: Ray on this machine)"
    )
    sweep.add_argument(
        "--shard",
        metavar="I/N",
        type=sweeping.shard_of,
        default=(1, 1),
        help="only part I of N, for a batch system's arrays",
    )
    sweep.add_argument("--workers", type=int, help="cells at a time (default: cores and memory)")
    sweep.add_argument("--out", help="folder of the sweep (default: TSCVIZ_HOME/sweeps/NAME)")
    _archive(sweep)

    results = _command(
        sub, "results", sweeping.results, sweeping.resulted, "print the table of a sweep"
    )
    results.add_argument("folder", help="folder of the sweep, or a table as CSV")
    for name in ("model", "dataset", "status"):
        results.add_argument(f"--{name}", nargs="+", default=[], help=f"only this {name}, or these")
    results.add_argument(
        "--option",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=VALUE",
        help="only rows with this option; several values of one: any; NAME=default: not set",
    )
    results.add_argument(
        "--format",
        choices=sweeping.FORMATS,
        default="table",
        help="latex and markdown: datasets down, models across",
    )
    results.add_argument("--measure", default="accuracy", metavar="NAME", help=_MEASURES)
    results.add_argument("--over-seeds", default="mean", help="mean or median")
    results.add_argument("--out", help="write to this file")
