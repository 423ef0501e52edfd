"""Read spec.json strictly: every key known, every value of its type, one sentence an error."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tscviz.data import DataError, Preparation
from tscviz.explain.baselines import BASELINES
from tscviz.explain.registry import Explainer, methods
from tscviz.explain.request import ExplainError
from tscviz.explain.spec import FORMAT, SPLITS, DatasetCase, SeriesCase, Spec
from tscviz.options import describe_options, make_options
from tscviz.tables import plain
from tscviz.types import Array, TscvizError

#: A file above this many characters is not read: no case that a model takes needs more.
MOST_CHARACTERS = 64_000_000
_DIGEST = re.compile(r"[0-9a-f]{64}")
_VERSIONS = ("tscviz", "torch", "numpy", "captum")
_MOST_PADDING = 10_000_000


def read_spec(file: str | Path) -> Spec:
    """Read a specification from a file; see `parse_spec`."""
    path = Path(file)
    try:
        if path.stat().st_size > MOST_CHARACTERS:
            raise ExplainError(f"{path} is larger than {MOST_CHARACTERS} bytes: no specification.")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ExplainError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ExplainError(f"{path} is not text in UTF-8, so no specification.") from None
    return parse_spec(text)


def parse_spec(text: str) -> Spec:
    """Read the text of spec.json.

    Raises
    ------
    ExplainError
        On text that is no JSON, a key that is missing, unknown or given twice, a value of the
        wrong type or out of range, an unknown method, baseline or option. Digests are compared
        by `tscviz.explain.replay.replay`.
    """
    return spec_from_dict(_json(text))


def spec_from_dict(document: Any) -> Spec:
    """Read a specification from what `Spec.to_dict` gives; raises as `parse_spec`."""
    top = _Fields(document, "the specification")
    top.only("format", "case", "model", "method", "target", "against", "baseline", "options",
             "seed", "versions", "result")  # fmt: skip
    if top.text("format") != FORMAT:
        raise ExplainError(f"the specification's format is {top['format']!r}; wanted {FORMAT!r}.")
    case = _Fields(top["case"], "the specification's case")
    place, padding = _case(case), case.count("padding", _MOST_PADDING)
    model = _Fields(top["model"], "the specification's model")
    model.only("name", "digest")
    result = _Fields(top["result"], "the specification's result")
    result.only("digest")
    explainer = _explainer(top.text("method"))
    given = _Fields(top["versions"], "the specification's versions")
    given.only(*_VERSIONS)
    seed = None if top["seed"] is None else top.count("seed", 2**63 - 1)
    return Spec(
        case=place,
        padding=padding,
        case_digest=case.digest("digest"),
        model=model.text("name"),
        model_digest=model.digest("digest"),
        method=explainer.name,
        target=top.text("target"),
        against=None if top["against"] is None else top.text("against"),
        baseline=_baseline(top.text("baseline"), explainer),
        options=_options(top["options"], seed, explainer),
        seed=seed,
        versions={name: given.text(name) for name in _VERSIONS},
        result_digest=result.digest("digest"),
    )


@dataclass(frozen=True)
class _Fields:
    """One JSON object, read field by field."""

    values: Any
    where: str

    def __post_init__(self) -> None:
        if not isinstance(self.values, dict):
            raise ExplainError(f"{self.where} is {_short(self.values)}; wanted a JSON object.")

    def __getitem__(self, name: str) -> Any:
        if name not in self.values:
            raise ExplainError(f"{self.where} lacks {name!r}.")
        return self.values[name]

    def only(self, *names: str) -> None:
        """Refuse keys beside `names`."""
        for name in self.values:
            if name not in names:
                raise ExplainError(
                    f"{self.where} has the unknown key {_short(name)}; known: {', '.join(names)}."
                )

    def text(self, name: str) -> str:
        """Return a text that is not empty."""
        if not isinstance(self[name], str) or not self[name]:
            raise ExplainError(f"{name!r} of {self.where} is {_short(self[name])}; wanted a text.")
        return self[name]

    def digest(self, name: str) -> str:
        """Return a sha256."""
        if not _DIGEST.fullmatch(self.text(name)):
            raise ExplainError(
                f"{name!r} of {self.where} is {_short(self[name])}; wanted a sha256: 64 of 0-9a-f."
            )
        return self[name]

    def count(self, name: str, most: int) -> int:
        """Return a whole number from 0 to `most`."""
        if type(self[name]) is not int or not 0 <= self[name] <= most:
            raise ExplainError(
                f"{name!r} of {self.where} is {_short(self[name])}; wanted a whole number from 0 "
                f"to {most}."
            )
        return self[name]


def _json(text: str) -> Any:
    def once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise ExplainError(f"the specification has the key {_short(twice)} twice.")
        return found

    def refuse(constant: str) -> Any:
        raise ExplainError(f"the specification holds {constant}, which is no number of JSON.")

    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=refuse)
    except ExplainError:
        raise
    except (ValueError, RecursionError) as error:
        first = str(error).splitlines()[0]
        raise ExplainError(f"the specification is no JSON: {first}.") from None


def _case(case: _Fields) -> DatasetCase | SeriesCase:
    if ("dataset" in case.values) == ("series" in case.values):
        raise ExplainError(f"{case.where} must have either 'dataset' or 'series'.")
    if "series" in case.values:
        case.only("series", "padding", "digest")
        return SeriesCase(_series(case["series"]))
    case.only("dataset", "split", "number", "preparation", "padding", "digest")
    if case.text("split") not in SPLITS:
        raise ExplainError(f"'split' of {case.where} is {case['split']!r}; wanted train or test.")
    preparation = _Fields(case["preparation"], "the specification's preparation").values
    try:
        Preparation.from_dict(preparation)
    except DataError as error:
        raise ExplainError(f"the specification's {error}") from None
    number = case.count("number", 2**31)
    return DatasetCase(case.text("dataset"), case["split"], number, preparation)


def _series(rows: Any) -> Array:
    wanted = "wanted one list of numbers for each channel, all equally long"
    if not isinstance(rows, list) or not rows or not all(isinstance(r, list) and r for r in rows):
        raise ExplainError(f"the specification's series is {_short(rows)}; {wanted}.")
    if len({len(row) for row in rows}) > 1:
        raise ExplainError(f"the specification's series has channels of unequal length; {wanted}.")
    for row in rows:
        for value in row:
            if type(value) not in (int, float):
                raise ExplainError(f"the specification's series holds {_short(value)}; {wanted}.")
    try:
        with np.errstate(over="ignore"):
            series = np.array([[float(v) for v in row] for row in rows]).astype(np.float32)
    except OverflowError:
        series = np.full(1, np.inf)
    if not np.isfinite(series).all():
        raise ExplainError("the specification's series holds a number beyond single precision.")
    return series


def _explainer(name: str) -> Explainer:
    known = methods()
    if name not in known:
        raise ExplainError(
            f"the specification's method is {_short(name)}; the methods are: {', '.join(known)}."
        )
    return known[name]


def _baseline(name: str, explainer: Explainer) -> str:
    wanted = tuple(BASELINES) if explainer.uses_baseline else ("none",)
    if name not in wanted:
        raise ExplainError(
            f"the specification's baseline is {_short(name)}; for {explainer.name} it is one of: "
            f"{', '.join(wanted)}."
        )
    return name


def _options(given: Any, seed: int | None, explainer: Explainer) -> dict[str, Any]:
    """Check that every option but the seed is there, and of exactly its own type."""
    fields = _Fields(given, "the specification's options")
    names = [option.name for option in describe_options(explainer.options)]
    seeded = "seed" in names
    if (seed is not None) != seeded:
        wanted = "a whole number" if seeded else "null: the method draws nothing"
        raise ExplainError(f"the specification's seed is {seed}; wanted {wanted}.")
    fields.only(*(name for name in names if name != "seed"))
    for name in names:
        if name != "seed":
            fields[name]
    try:
        made = make_options(explainer.options, given, of=f"method {explainer.name}")
    except TscvizError as error:
        raise ExplainError(f"the specification's {error}") from None
    _check_types(given, plain(asdict(made)))
    return dict(given)


def _check_types(given: Mapping[str, Any], read: Mapping[str, Any]) -> None:
    """Refuse values that had to be converted, such as the text "5" for a number."""
    for name, value in given.items():
        if json.dumps(value) != json.dumps(read[name]) and not _same_number(value, read[name]):
            raise ExplainError(
                f"the specification's option {name!r} is {_short(value)}; wanted "
                f"{type(read[name]).__name__}."
            )


def _same_number(given: Any, read: Any) -> bool:
    return type(given) is int and type(read) is float and given == read


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
