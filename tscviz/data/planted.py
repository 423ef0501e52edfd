"""Problems whose answer lies at known points: planted motifs and where they are.

The series are noise. A motif, the cue, tells the class; distractors appear in every class alike.
What an explanation should point at is therefore known, point by point.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

import numpy as np

from tscviz.data.dataset import dataset_from_arrays
from tscviz.data.errors import DataError
from tscviz.data.motifs import (
    MAX_CLASSES,
    N_DISTRACTORS,
    bump,
    class_shapes,
    distractor,
    place,
)
from tscviz.options import make_options, option
from tscviz.types import Array, Dataset


@dataclass(frozen=True)
class PlantedOptions:
    """What is planted."""

    n_cases: int = option(60, "Cases in each of the two splits.", minimum=2, maximum=10_000)
    length: int = option(100, "Time points of the longest series.", minimum=12, maximum=10_000)
    shortest: int = option(0, "Time points of the shortest series; 0: all alike.", minimum=0)
    channels: int = option(1, "Channels.", minimum=1, maximum=64)
    classes: int = option(2, "Classes.", minimum=2, maximum=MAX_CLASSES)
    position: str = option(
        "fixed",
        "The cue begins at one time point in all cases, or at a random one in each.",
        choices=("fixed", "free"),
    )
    where: str = option(
        "single",
        "The cue is in one channel; or in two at the same time, and only both together tell the "
        "class (for two classes: exclusive or).",
        choices=("single", "interacting"),
    )
    cue: str = option(
        "shape",
        "Classes differ in the height of one motif, or in its shape at equal mean and energy.",
        choices=("amplitude", "shape"),
    )
    motif: int = option(0, "Time points of a motif; 0: an eighth of the length.", minimum=0)
    distractors: int = option(1, "Motifs of no meaning in each channel.", minimum=0, maximum=20)
    noise: float = option(0.3, "Standard deviation of the noise; the cue's height is 1 to 2.",
                          minimum=0.0, maximum=100.0)  # fmt: skip
    seed: int = option(0, "Of everything random.", minimum=0, maximum=2**31 - 1)

    @property
    def width(self) -> int:
        """Time points of a motif."""
        return self.motif or max(4, round(self.length / 8))

    @property
    def least(self) -> int:
        """Time points of the shortest series."""
        return self.shortest or self.length


@dataclass(frozen=True, eq=False)
class Planted:
    """A dataset and where its cues are.

    Parameters
    ----------
    dataset : Dataset
        Source "synthetic"; classes "1", "2", ...; named so that `load_dataset` makes it again.
    truth_train, truth_test : bool arrays, shape (n_cases, n_channels, n_timepoints)
        True on the points of the cue, in the channels that carry it.
    options : PlantedOptions
    """

    dataset: Dataset
    truth_train: Array
    truth_test: Array
    options: PlantedOptions

    def truth(self, which: str) -> Array:
        """Return the truth of the split "train" or "test"."""
        self.dataset.split(which)  # refuses other names
        return self.truth_train if which == "train" else self.truth_test


def make_planted(options: PlantedOptions | None = None, **changes: object) -> Planted:
    """Make a problem with a known answer; the same options give the same dataset and digest.

    Parameters
    ----------
    options : PlantedOptions, optional
    **changes
        Fields of `PlantedOptions` to change: ``make_planted(cue="amplitude")``.

    Raises
    ------
    DataError
        Where motifs do not fit into the shortest series, or the channels into the cue.
    TscvizError
        On an unknown option, or one out of bounds.
    """
    given = ({} if options is None else asdict(options)) | changes
    options = make_options(PlantedOptions, given, of="make_planted")
    _check(options)
    from tscviz.data.planted_names import planted_name

    rng = np.random.default_rng(options.seed)
    channels = rng.permutation(options.channels)[: 2 if options.where == "interacting" else 1]
    start = int(rng.integers(options.least - options.width + 1))
    labels = np.arange(options.n_cases) % options.classes
    splits = [_split(rng, options, labels, channels, start) for _ in range(2)]
    names = [str(label + 1) for label in labels]
    cases = [[x for x, _ in split] for split in splits]
    dataset = dataset_from_arrays(
        planted_name(options),
        cases[0],
        names,
        cases[1],
        names,
        class_names=[str(i + 1) for i in range(options.classes)],
        source="synthetic",
    )
    truths = [np.zeros(dataset.split(which)[0].shape, bool) for which in ("train", "test")]
    for truth, split in zip(truths, splits, strict=True):
        for row, (_, own) in zip(truth, split, strict=True):
            row[:, : own.shape[1]] = own
    return Planted(dataset, truths[0], truths[1], options)


def _check(options: PlantedOptions) -> None:
    if options.where == "interacting" and options.channels < 2:
        raise DataError("two interacting channels are asked for; set channels to 2 or more.")
    if options.shortest > options.length:
        raise DataError(
            f"the shortest series has {options.shortest} points and the longest {options.length}."
        )
    if options.n_cases < options.classes:
        raise DataError(f"{options.n_cases} cases are too few for {options.classes} classes.")
    # A motif keeps at most 2 width - 1 places from the next one.
    most = options.distractors * (2 * options.width - 1) + options.width
    if options.width < 4 or most > options.least:
        raise DataError(
            f"a cue and {options.distractors} distractors of {options.width} points may not fit "
            f"into {options.least} points: take motifs of 4 points or more, and fewer, or series "
            f"of at least {most} points."
        )


def _split(
    rng: np.random.Generator,
    options: PlantedOptions,
    labels: Array,
    channels: Array,
    start: int,
) -> list[tuple[Array, Array]]:
    """Return cases (n_channels, n_points) with their truth."""
    made = []
    for i, label in enumerate(labels):
        n = int(rng.integers(options.least, options.length + 1))
        x = options.noise * rng.standard_normal((options.channels, n))
        truth = np.zeros(x.shape, bool)
        free = options.position == "free"
        at = int(rng.integers(n - options.width + 1)) if free else start
        cue = slice(at, at + options.width)
        for channel, variant in zip(channels, _variants(options, i, int(label)), strict=True):
            x[channel, cue] += _CUES[options.cue](options.width, variant)
            truth[channel, cue] = True
        _distract(rng, options, x, [at])
        made.append((x.astype(np.float32), truth))
    return made


def _variants(options: PlantedOptions, case: int, label: int) -> tuple[int, ...]:
    """Return which of the cue's variants stands in each channel that carries it.

    Of two channels the first is balanced within each class and so says nothing by itself, nor
    does the second: the class is their sum modulo the number of classes.
    """
    if options.where == "single":
        return (label,)
    first = (case // options.classes) % options.classes
    return first, (label - first) % options.classes


def _distract(rng: np.random.Generator, options: PlantedOptions, x: Array, cue: list[int]) -> None:
    """Add to every channel what appears in all classes, beside the cue and of like heights."""
    for row in x:
        taken = list(cue)
        for _ in range(options.distractors):
            at = place(rng, len(row), options.width, taken)
            taken.append(at)
            height = rng.uniform(1, 2) * rng.choice([-1, 1])
            shape = distractor(options.width, int(rng.integers(N_DISTRACTORS)))
            row[at : at + options.width] += height * shape


def _amplitude(n: int, variant: int) -> Array:
    return (1 + variant) * bump(n)


def _shape(n: int, variant: int) -> Array:
    return 1.5 * class_shapes(n)[variant]


_CUES: Mapping[str, Callable[[int, int], Array]] = {"amplitude": _amplitude, "shape": _shape}
