"""What the visitor looks at, as a value: checked against the catalogue, changed as a whole.

Everything here works without a browser; `tscviz.ui.state` ties it to the session and the URL.
Values from a URL are compared with the catalogue and never become part of a path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from tscviz.ui.escape import plain_text

DEFAULT_DATASET = "GunPoint"
DEFAULT_MODEL = "dtp-fcn"
SPLITS = ("test", "train")
FIELDS = ("dataset", "model", "split", "case", "target")


@dataclass(frozen=True)
class Selection:
    """What the visitor looks at.

    Parameters
    ----------
    dataset : str
        A name from the catalogue.
    model : str or None
        A name from the catalogue, such as "dtp-fcn/GunPoint"; None where nothing is trained yet.
    split : str
        "test" or "train".
    case : int
        Index into the split, from 0.
    target : int or None
        Index of the class to explain; None means the predicted one.
    """

    dataset: str
    model: str | None
    split: str = "test"
    case: int = 0
    target: int | None = None

    def to_params(self) -> dict[str, str]:
        """Return the selection as URL query parameters; None is left out."""
        return {key: str(value) for key, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class Shape:
    """What the selection must know of a dataset: cases per split and class names."""

    n_train: int
    n_test: int
    class_names: tuple[str, ...]

    def n_cases(self, split: str) -> int:
        """Return the number of cases in the split."""
        return self.n_train if split == "train" else self.n_test


@dataclass(frozen=True)
class Catalogue:
    """Everything that can be selected.

    Parameters
    ----------
    datasets : tuple of str
    models : mapping
        Model name -> name of the dataset it was trained on.
    shape_of : callable
        Dataset name -> `Shape`; loads the dataset.
    architectures : mapping, optional
        Model name -> its architecture, such as "dsn".
    """

    datasets: tuple[str, ...]
    models: Mapping[str, str]
    shape_of: Callable[[str], Shape]
    architectures: Mapping[str, str] = field(default_factory=dict)

    def models_for(self, dataset: str, prefer: Sequence[str] = ()) -> tuple[str, ...]:
        """Return the models trained on the dataset: preferred architectures, the default, others.

        Parameters
        ----------
        dataset : str
        prefer : sequence of str
            Architectures, the most wanted first.
        """

        def rank(name: str) -> tuple[int, bool, str]:
            kind = self.architectures.get(name, "")
            wanted = prefer.index(kind) if kind in prefer else len(prefer)
            return wanted, not name.startswith(DEFAULT_MODEL), name

        return tuple(sorted((n for n, on in self.models.items() if on == dataset), key=rank))


def resolve(
    params: Mapping[str, str], catalogue: Catalogue, prefer: Sequence[str] = ()
) -> tuple[Selection, tuple[str, ...]]:
    """Turn URL parameters into a selection that exists.

    Parameters
    ----------
    params : mapping
        Query parameters; unknown keys are ignored, missing ones take their default.
    catalogue : Catalogue
    prefer : sequence of str
        Architectures to fall back on, the most wanted first.

    Returns
    -------
    selection : Selection
    notices : tuple of str
        One plain sentence for each value that could not be used. They quote the value; escape
        them before they are shown.
    """
    notices: list[str] = []
    dataset = _resolve_dataset(params, catalogue, notices)
    model = _resolve_model(params, catalogue.models_for(dataset, prefer), dataset, notices)
    shape = catalogue.shape_of(dataset)
    split = params.get("split", "test")
    if split not in SPLITS:
        notices.append(f"There is no split called '{plain_text(split)}'; showing the test split.")
        split = "test"
    n_cases = shape.n_cases(split)
    case = _resolve_index(params.get("case"), n_cases, "case", notices)
    target = _resolve_index(params.get("target"), len(shape.class_names), "target", notices)
    return Selection(dataset, model, split, case or 0, target), tuple(notices)


def _resolve_dataset(params: Mapping[str, str], catalogue: Catalogue, notices: list[str]) -> str:
    wanted = params.get("dataset")
    if wanted in catalogue.datasets:
        return str(wanted)
    fallback = catalogue.models.get(params.get("model", ""), DEFAULT_DATASET)
    if fallback not in catalogue.datasets:
        fallback = catalogue.datasets[0]
    if wanted is not None:
        notices.append(f"No dataset is called '{plain_text(wanted)}'; showing {fallback}.")
    return fallback


def _resolve_model(
    params: Mapping[str, str], choices: Sequence[str], dataset: str, notices: list[str]
) -> str | None:
    wanted = params.get("model")
    if wanted in choices:
        return wanted
    fallback = choices[0] if choices else None
    if wanted is not None:
        instead = f"showing {fallback}" if fallback else "train one on the Train page"
        notices.append(
            f"No model trained on {dataset} is called '{plain_text(wanted)}'; {instead}."
        )
    return fallback


def _resolve_index(text: str | None, count: int, name: str, notices: list[str]) -> int | None:
    if text is None:
        return None
    if text.isascii() and text.isdigit() and len(text) < 10 and int(text) < count:
        return int(text)
    instead = "showing case 0" if name == "case" else "explaining the predicted class"
    notices.append(
        f"The {name} is '{plain_text(text)}'; it must be a whole number from 0 to {count - 1}; "
        f"{instead}."
    )
    return None


def change(selection: Selection, catalogue: Catalogue, **changes: Any) -> Selection:
    """Return the selection with some fields changed and those that depend on them made fit.

    A new dataset brings its own default model, case 0 and no target; a new split case 0.
    """
    new = replace(selection, **changes)
    if new.dataset != selection.dataset:
        dependent = {"model": None, "case": 0, "target": None} | changes
        new = replace(new, **{k: v for k, v in dependent.items() if k != "dataset"})
        if new.model is None:
            new = replace(new, model=next(iter(catalogue.models_for(new.dataset)), None))
    elif new.split != selection.split and "case" not in changes:
        new = replace(new, case=0)
    return new
