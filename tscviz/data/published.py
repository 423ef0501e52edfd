"""Published accuracies, as facts with their sources: `published.csv` beside this file.

One row a figure: source, dataset by the name of the 2018 archive, accuracy and standard deviation
in per cent as printed. ``split`` is "archive" where the source used the train and test split of
the archive's ``.ts`` files, "2015" where the 2018 release swapped or redrew it since, "own" for
data that are in no archive.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("published.csv")


@dataclass(frozen=True)
class Source:
    """Where figures come from.

    Parameters
    ----------
    title : str
        Short name of the model for a column.
    model : str
        Our name of the architecture; empty where we have none.
    where : str
        Paper and table, or repository, commit and file.
    protocol : str
        What the figure is.
    fair : bool
        False where the test split chose the model.
    """

    title: str
    model: str
    where: str
    protocol: str
    fair: bool = True


_DSN = "Xiao et al., NeurIPS 2022, Tables 8 and 9"
_KARIM = "LSTM-FCN repository, Results/train_loss_old_datasets.csv"
_BEST = "Karim et al., IEEE Access 2018, Table 1"
_REPORT = "LSTM-FCN replication report, Fig. 6"
_DL = "dl-4-tsc at e0233ef, results/results-ucr-128.csv"
_ONE, _FIVE = "one run, weights of least training loss", "mean of 5 runs"
_CHOSEN = "weights chosen by test accuracy"

SOURCES: Mapping[str, Source] = {
    "dsn": Source("DSN", "dsn", _DSN, f"{_FIVE}; UCR 141 channels, sparsity 0.8, UEA 177, 0.9"),
    "lstm-fcn": Source("LSTM-FCN", "lstm-fcn", _KARIM, _ONE),
    "alstm-fcn": Source("ALSTM-FCN", "alstm-fcn", _KARIM, _ONE),
    "fcn": Source("FCN", "gtp-fcn", _DL, _FIVE),
    "resnet": Source("ResNet", "gtp-resnet", _DL, _FIVE),
    "inceptiontime": Source(
        "InceptionTime", "", "tsml-eval at b716654, Univariate accuracies", "resample 0"
    ),
    "os-cnn": Source("OS-CNN", "", _DSN, "as printed there"),
    "mlstm-fcn": Source("MLSTM-FCN", "", _DSN, "as printed there"),
    "tapnet": Source("TapNet", "", _DSN, "as printed there"),
    "lstm-fcn-report": Source("LSTM-FCN, report", "lstm-fcn", _REPORT, "replication, not tuned"),
    "alstm-fcn-report": Source("ALSTM-FCN, report", "alstm-fcn", _REPORT, "replication, not tuned"),
    "new-report": Source("New model, report", "", _REPORT, "modified model, not tuned"),
    "lstm-fcn-best": Source("LSTM-FCN, best on test", "lstm-fcn", _BEST, _CHOSEN, fair=False),
    "alstm-fcn-best": Source("ALSTM-FCN, best on test", "alstm-fcn", _BEST, _CHOSEN, fair=False),
    "dsn-sparsity": Source(
        "DSN by sparsity", "dsn", "Xiao et al., NeurIPS 2022, Table 3", _FIVE
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Published:
    """One published figure.

    Parameters
    ----------
    key : str
        Of `SOURCES`.
    dataset : str
    accuracy : float
        Between 0 and 1.
    sd : float or None
        Standard deviation over runs.
    split : {"archive", "2015", "own"}
    n_train, n_test : int or None
        Cases of the archive's split, where they are known.
    parameters, flops, sparsity : float or None
        As the DSN paper counts them.
    """

    key: str
    dataset: str
    accuracy: float
    sd: float | None
    split: str
    n_train: int | None
    n_test: int | None
    parameters: float | None
    flops: float | None
    sparsity: float | None

    def agrees(self, n_train: float | None = None, n_test: float | None = None) -> bool:
        """Return whether the figure was measured on the split of the archive's ``.ts`` files.

        Parameters
        ----------
        n_train, n_test : float, optional
            Cases of the split that it shall be held against; other numbers are another split.
        """
        same = all(
            own is None or other is None or own == other
            for own, other in ((self.n_train, n_train), (self.n_test, n_test))
        )
        return self.split == "archive" and same


@cache
def published_figures() -> tuple[Published, ...]:
    """Return every published figure, in the order of the file."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return tuple(_figure(row) for row in csv.DictReader(file))


def published_accuracy(key: str, dataset: str) -> Published | None:
    """Return the figure of one source for one dataset, whatever its split; None if there is none.

    Parameters
    ----------
    key : str
        Of `SOURCES`.
    dataset : str
    """
    return _by_name().get((key, dataset))


@cache
def _by_name() -> dict[tuple[str, str], Published]:
    return {(one.key, one.dataset): one for one in published_figures()}


def _figure(row: Mapping[str, str]) -> Published:
    def number(name: str, unit: float) -> float | None:
        # 1e-12: 91.3 % shall be 0.913
        return round(float(row[name]) * unit, 12) if row[name] else None

    return Published(
        key=row["key"],
        dataset=row["dataset"],
        accuracy=round(float(row["accuracy"]) / 100, 12),
        sd=number("sd", 0.01),
        split=row["split"],
        n_train=int(row["n_train"]) if row["n_train"] else None,
        n_test=int(row["n_test"]) if row["n_test"] else None,
        parameters=number("parameters_k", 1e3),
        flops=number("flops_m", 1e6),
        sparsity=number("sparsity", 1.0),
    )
