"""Which methods find what is known to matter: planted motifs, all models, all methods, seeds.

    python benchmarks/planted.py [--models gtp-fcn ...] [--methods cam ...] [--settings ...]
                                 [--seeds 0 1 2 3 4] [--cases 10] [--runs FOLDER]
    python benchmarks/planted.py --collect

For every setting and seed a problem is planted, the model trained on it in seconds, and every
method asked about test cases that are classified correctly, for their class. Relevance is the
absolute value for every method; options are the methods' defaults, baseline zero. A map is scored
point by point, and over time with its channels summed (columns ending in `_time`). ConvTimeNet
starts from the bundled trunk where there is one channel, and from random weights where there are
more.

One thread, CPU; times are CPU times, which other programs disturb little. An interrupted run goes
on where it stopped; several processes may share a folder. `--collect` writes `results/planted.csv`
(one line a model, setting, seed and method; methods that do not apply with their reason) and
`results/planted_means.csv` (mean and standard deviation over the seeds), and prints the mean area
over time of each method over the models it applies to.
"""

from __future__ import annotations

import argparse
import json
import re
import time
import traceback
from collections import defaultdict
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
import torch
from accuracy import write

from tscviz import train
from tscviz.atomic import FileLock
from tscviz.data import Planted, PlantedOptions, Preparation, make_planted, prepare
from tscviz.explain import explain, methods
from tscviz.explain.baselines import TrainingSeries
from tscviz.explain.localisation import SCORES, localisations
from tscviz.models import model_names
from tscviz.models.classifier import Classifier
from tscviz.types import Array, TscvizError

RESULTS = Path(__file__).parent / "results"
N_CASES = 300
SETTINGS: dict[str, dict[str, Any]] = {
    f"{where}-{cue}-{position}": {"where": where, "cue": cue, "position": position} | more
    for where, more in (("single", {"channels": 1}), ("interacting", {"channels": 3}))
    for cue in ("shape", "amplitude")
    for position in ("fixed", "free")
}
#: Unless asked for; interacting heights take more cases to learn than are planted here.
USUAL = tuple(name for name in SETTINGS if not name.startswith("interacting-amplitude"))
#: Of the quick preset, seconds each. Test accuracy is above 0.95 on the single settings, but for
#: DSN where a height stands anywhere (0.9).
EPOCHS = {"fcn": 15, "resnet": 9, "convtimenet": 7, "lstm-fcn": 30, "alstm-fcn": 20, "dsn": 30}
FIELDS = ("model", "setting", "seed", "method", "test_accuracy", "train_cpu_seconds", "cases",
          *SCORES, "chance", *(f"{score}_time" for score in SCORES), "chance_time",
          "cpu_ms_a_case", "reason")  # fmt: skip


def epochs_of(model: str) -> int:
    """Return how long a model is trained."""
    return EPOCHS[model] if model in EPOCHS else EPOCHS[model.split("-")[1]]


def run(folder: Path, model: str, setting: str, seed: int, wanted: list[str], cases: int) -> None:
    """Train one model and score the methods that have no line yet, unless another does."""
    out = folder / model / setting / f"seed-{seed}"
    out.mkdir(parents=True, exist_ok=True)
    lock = FileLock(out / "lock")
    if not lock.acquire():
        return
    try:
        left = [name for name in wanted if not (out / f"{name}.json").exists()]
        if not left:
            return
        planted = make_planted(PlantedOptions(n_cases=N_CASES, seed=seed, **SETTINGS[setting]))
        started = time.process_time()
        more: dict[str, Any] = {"epochs": epochs_of(model)}
        if model == "convtimenet" and planted.dataset.n_channels > 1:
            more["trunk"] = "random"  # the bundled trunk takes one channel
        trained = train(planted.dataset, model, preset="quick", seed=seed, **more)
        about = {
            "model": model,
            "setting": setting,
            "seed": seed,
            "test_accuracy": round(trained.card["metrics"]["test_accuracy"], 4),
            "train_cpu_seconds": round(time.process_time() - started, 1),
        }
        print(about, flush=True)
        for name in left:
            try:
                row = about | {"method": name} | score(trained, planted, name, cases)
            except (TscvizError, RuntimeError):  # a later call tries again
                print(f"{name} failed:", flush=True)
                traceback.print_exc()
                continue
            (out / f"{name}.json").write_text(json.dumps(row), encoding="utf-8")
    finally:
        lock.close()


def score(classifier: Classifier, planted: Planted, method: str, cases: int) -> dict[str, Any]:
    """Return the mean scores of a method, or the reason why there are none."""
    obstacle = methods()[method].obstacle(classifier)
    if obstacle is not None:
        return {"reason": obstacle}
    data = planted.dataset
    # The recipe's own preparation, as the network saw the series.
    X, mask = prepared(classifier, data.X_test, data.mask_test)
    training = TrainingSeries(
        prepared(classifier, data.X_train, data.mask_train)[0], data.y_train, data.mask_train
    )
    right = np.flatnonzero(classifier.predict(X, mask) == data.y_test)[:cases]
    targets = data.y_test
    started = time.process_time()
    maps = [
        explain(classifier, X[i], method, target=int(targets[i]), mask=mask[i], training=training)
        for i in right
    ]
    seconds = time.process_time() - started
    row: dict[str, Any] = {
        "cases": len(right),
        "cpu_ms_a_case": round(1000 * seconds / max(len(right), 1), 1),
    }
    values = np.stack([found.values for found in maps])
    for over, ending in (("points", ""), ("time", "_time")):
        found = localisations(values, planted.truth_test[right], mask[right], over=over)
        for name in (*SCORES, "chance"):
            row[name + ending] = round(found.mean(name, draws=1).mean, 4)
    return row


def prepared(classifier: Classifier, X: Array, mask: Array) -> tuple[Array, Array]:
    """Return series as training prepared them."""
    done = prepare(X, mask, Preparation(**classifier.card["training_preparation"]))
    return done.X, done.mask


def collect(folder: Path) -> None:
    """Write the tables from the lines of the runs."""
    rows = [json.loads(p.read_text(encoding="utf-8")) for p in folder.glob("*/*/seed-*/*.json")]
    for row in rows:
        if "reason" in row:  # it names this one network
            row["reason"] = re.sub(r"\S+/planted:\S+", row["model"], row["reason"])
    order = {name: i for i, name in enumerate(methods())}
    rows.sort(key=lambda r: (r["model"], r["setting"], order.get(r["method"], 99), r["seed"]))
    write(
        RESULTS / "planted.csv", FIELDS, [tuple(r.get(name, "") for name in FIELDS) for r in rows]
    )
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["model"], row["setting"], row["method"]].append(row)
    measured = ("test_accuracy", *SCORES, *(f"{s}_time" for s in SCORES), "cpu_ms_a_case")
    means = []
    for key, group in groups.items():
        cells: list[Any] = [len(group)]
        for name in measured:
            values = [row[name] for row in group if name in row]
            cells += [f"{mean(values):.3f}" if values else "", spread(values)]
        told = (group[0].get(name, "") for name in ("chance", "chance_time", "reason"))
        means.append((*key, *cells, *told))
    head = ("model", "setting", "method", "seeds")
    pairs = tuple(part for name in measured for part in (name, f"{name}_sd"))
    write(RESULTS / "planted_means.csv", (*head, *pairs, "chance", "chance_time", "reason"), means)
    print(summary(rows))


def summary(rows: list[dict[str, Any]]) -> str:
    """Return a Markdown table: methods, the best first, by setting; mean over models and seeds."""
    settings = sorted({row["setting"] for row in rows}, key=list(SETTINGS).index)
    areas: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if "average_precision_time" in row:
            areas[row["method"]][row["setting"]].append(row["average_precision_time"])
    means = {name: [mean(found[s]) for s in settings] for name, found in areas.items()}
    lines = [f"| method | {' | '.join(settings)} | mean |", "|-" * (len(settings) + 2) + "|"]
    for name, values in sorted(means.items(), key=lambda item: -mean(item[1])):
        lines.append(f"| {name} | {' | '.join(f'{v:.2f}' for v in (*values, mean(values)))} |")
    return "\n".join(lines)


def spread(values: list[float]) -> str:
    """Return the standard deviation over the seeds, empty where there are fewer than two."""
    return f"{stdev(values):.3f}" if len(values) > 1 else ""


def main() -> None:
    """Train and score what is asked for, or collect what was scored."""
    parser = argparse.ArgumentParser(description="Localisation of planted motifs.")
    parser.add_argument("--runs", default="runs/planted", type=Path)
    parser.add_argument("--models", nargs="*", default=list(model_names()))
    parser.add_argument("--methods", nargs="*", default=list(methods()))
    parser.add_argument("--settings", nargs="*", default=list(USUAL), choices=SETTINGS)
    parser.add_argument("--seeds", nargs="*", type=int, default=[0, 1, 2, 3, 4])
    parser.add_argument("--cases", type=int, default=10, help="test cases explained")
    parser.add_argument("--collect", action="store_true")
    arguments = parser.parse_args()
    if arguments.collect:
        collect(arguments.runs)
        return
    torch.set_num_threads(1)
    for seed in arguments.seeds:
        for setting in arguments.settings:
            for model in arguments.models:
                run(arguments.runs, model, setting, seed, arguments.methods, arguments.cases)


if __name__ == "__main__":
    main()
