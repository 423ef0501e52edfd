"""What led to a map, as a value and as the file spec.json: enough to make the same numbers again.

A specification names a dataset's case or holds the series, and names a model; digests tell whether
what is found under those names is still the same. It holds no path and no code, and
`tscviz.explain.replay` opens no file that it names.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from tscviz._version import __version__
from tscviz.explain.registry import methods
from tscviz.explain.request import ExplainError
from tscviz.models.classifier import Classifier
from tscviz.options import make_options
from tscviz.tables import plain
from tscviz.types import Array, Attribution

FORMAT = "tscviz spec 1"
SPLITS = ("train", "test")
_PACKAGES = ("torch", "numpy", "captum")


@dataclass(frozen=True)
class DatasetCase:
    """Where a case comes from: a dataset by name.

    Parameters
    ----------
    dataset : str
        A name that `tscviz.load_dataset` knows.
    split : {"train", "test"}
    number : int
        From 0.
    preparation : mapping
        The `tscviz.data.Preparation` that made it fit for the model, as a dict.
    """

    dataset: str
    split: str
    number: int
    preparation: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class SeriesCase:
    """A case of no dataset, such as a file or an edited series: its own points.

    Parameters
    ----------
    series : float32 array, shape (n_channels, n_points)
        As the model takes it, without padding.
    """

    series: Array


@dataclass(frozen=True, eq=False)
class Spec:
    """What led to a map.

    Parameters
    ----------
    case : DatasetCase or SeriesCase
    padding : int
        Padded points behind the case; most models give the same with and without, but not always
        to the last bit.
    case_digest : str
        `case_digest` of the case.
    model, model_digest : str
        Name, and `Classifier.digest`.
    method : str
    target : str
        Name of the class explained.
    against : str or None
        Name of the class whose score was subtracted.
    baseline : str
        "none" where the method uses none.
    options : mapping
        Every option of the method but its seed.
    seed : int or None
        None where the method draws nothing.
    versions : mapping
        Of tscviz, torch, numpy and captum.
    result_digest : str
        `values_digest` of the map.
    """

    case: DatasetCase | SeriesCase
    padding: int
    case_digest: str
    model: str
    model_digest: str
    method: str
    target: str
    against: str | None
    baseline: str
    options: Mapping[str, Any]
    seed: int | None
    versions: Mapping[str, str]
    result_digest: str

    def to_dict(self) -> dict[str, Any]:
        """Return the specification as it stands in the file."""
        case = asdict(self.case) | {"padding": self.padding, "digest": self.case_digest}
        document = {
            "format": FORMAT,
            "case": case,
            "model": {"name": self.model, "digest": self.model_digest},
            "method": self.method,
            "target": self.target,
            "against": self.against,
            "baseline": self.baseline,
            "options": self.options,
            "seed": self.seed,
            "versions": self.versions,
            "result": {"digest": self.result_digest},
        }
        return plain(document)

    def to_json(self) -> str:
        """Return the text of the file."""
        return json.dumps(self.to_dict(), indent=1, allow_nan=False, ensure_ascii=False) + "\n"

    def all_options(self) -> dict[str, Any]:
        """Return the options with the seed where there is one, as `tscviz.explain` takes them."""
        return dict(self.options) | ({} if self.seed is None else {"seed": self.seed})


def spec_of(
    classifier: Classifier,
    x: Array,
    attribution: Attribution,
    *,
    mask: Array | None = None,
    options: Mapping[str, Any] | None = None,
    case: DatasetCase | None = None,
    model: str | None = None,
) -> Spec:
    """Return the specification of a map that was just made.

    A baseline that takes training cases takes the model's own, so a map made with other ones
    (``explain(..., training=...)``) is not replayed to the same numbers.

    Parameters
    ----------
    classifier : Classifier
    x : float32 array, shape (n_channels, n_timepoints)
        As given to `tscviz.explain`.
    attribution : Attribution
        What it returned.
    mask : bool array, shape (n_timepoints,), optional
    options : mapping, optional
        The options given to it.
    case : DatasetCase, optional
        Where the case comes from; without it the series goes into the specification. Only
        `tscviz.explain.replay` loads the dataset, and says so where `x` is another case.
    model : str, optional
        Name of the model; the card's by default.

    Returns
    -------
    Spec

    Raises
    ------
    ExplainError
        Where the map and `x` differ in shape.
    TscvizError
        On options that the method does not have.
    """
    if attribution.values.shape != x.shape:
        raise ExplainError(
            f"x has shape {x.shape} and the map {attribution.values.shape}; give the case that was "
            "explained, of shape (n_channels, n_timepoints)."
        )
    n_points = x.shape[1] if mask is None else int(np.asarray(mask, bool).sum())
    made = make_options(
        methods()[attribution.method].options,
        options or {},
        of=f"method {attribution.method}",
    )
    chosen: dict[str, Any] = plain(asdict(made))
    seed = chosen.pop("seed", None)
    own = SeriesCase(np.asarray(x, np.float32)[:, :n_points].copy())
    names, against = classifier.classes, attribution.against
    return Spec(
        case=case or own,
        padding=x.shape[1] - n_points,
        case_digest=case_digest(x, mask),
        model=model or classifier.name,
        model_digest=classifier.digest,
        method=attribution.method,
        target=names[attribution.target],
        against=None if against is None else names[against],
        baseline=attribution.baseline,
        options=chosen,
        seed=seed,
        versions=versions(),
        result_digest=values_digest(attribution.values),
    )


def write_spec(spec: Spec, file: str | Path) -> Path:
    """Write spec.json and return where it lies.

    Raises
    ------
    ExplainError
        Where the file cannot be written.
    """
    path = Path(file)
    try:
        path.write_text(spec.to_json(), encoding="utf-8")
    except OSError as error:
        raise ExplainError(f"{path} cannot be written: {error.strerror}.") from None
    return path


def case_digest(x: Array, mask: Array | None = None) -> str:
    """Return the sha256 (hex) over a case's mask and the values of its own points.

    The same on every machine; whatever stands on padding is left out.

    Parameters
    ----------
    x : array, shape (n_channels, n_timepoints)
    mask : bool array, shape (n_timepoints,), optional
    """
    inside = np.ones(x.shape[1], bool) if mask is None else np.asarray(mask, bool)
    sha = hashlib.sha256(b"tscviz case 1" + repr(x.shape).encode())
    sha.update(inside.tobytes())
    sha.update(np.ascontiguousarray(x[:, inside], dtype="<f4").tobytes())
    return sha.hexdigest()


def values_digest(values: Array) -> str:
    """Return the sha256 (hex) over a map, shape (n_channels, n_timepoints), float32."""
    sha = hashlib.sha256(b"tscviz map 1" + repr(values.shape).encode())
    sha.update(np.ascontiguousarray(values, dtype="<f4").tobytes())
    return sha.hexdigest()


def versions() -> dict[str, str]:
    """Return the versions of tscviz, torch, numpy and captum; "none" where one is missing."""
    found = {"tscviz": __version__}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    return found
