"""How states, times and settings of a training are said."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tscviz.training.jobs import JobSpec, JobStatus

Colour = Literal["blue", "gray", "green", "orange", "red"]


@dataclass(frozen=True)
class Look:
    """How a state looks: word, colour name of the theme, icon."""

    word: str
    colour: Colour
    icon: str


LOOKS = {
    "waiting": Look("waiting", "gray", ":material/hourglass_top:"),
    "running": Look("running", "blue", ":material/play_arrow:"),
    "cancelling": Look("cancelling …", "orange", ":material/pending:"),
    "done": Look("done", "green", ":material/check:"),
    "cancelled": Look("cancelled", "orange", ":material/stop:"),
    "failed": Look("failed", "red", ":material/error:"),
    "dead": Look("interrupted", "red", ":material/power_off:"),
}


def look_of(status: JobStatus) -> Look:
    """Return how the state of a job looks; a worker that was asked to stop has its own word."""
    return LOOKS["cancelling" if status.cancelling else status.state]


def duration(seconds: float | None) -> str:
    """Return a time span in at most two units, whole hours from ten on; None is a dash.

    >>> duration(75)
    '1 min 15 s'
    """
    if seconds is None or not math.isfinite(seconds):
        return "–"
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    if whole < 36_000:
        hours, rest = divmod(round(whole / 60), 60)
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    days, hours = divmod(round(whole / 3600), 24)
    if days < 2:
        return f"{24 * days + hours} h"
    return f"{days} d {hours} h" if hours else f"{days} d"


def roughly(seconds: float) -> str:
    """Return an estimate without more digits than it deserves.

    >>> roughly(47.3)
    'about 45 s'
    """
    if seconds < 10:
        return "under 10 s"
    step = 5 if seconds < 60 else 30 if seconds < 600 else 300
    return f"about {duration(step * round(seconds / step))}"


def count(number: float) -> str:
    """Return a large number with a unit prefix.

    >>> count(266242)
    '266 k'
    """
    for factor, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= factor:
            return f"{number / factor:.3g} {prefix}"
    return f"{number:.0f}"


def local_time(seconds: float, zone: str | None) -> datetime:
    """Return Unix time as the visitor's clock shows it, without a time zone."""
    moment = datetime.fromtimestamp(seconds, UTC)
    try:
        moment = moment.astimezone(ZoneInfo(zone) if zone else None)
    except (ZoneInfoNotFoundError, ValueError):
        moment = moment.astimezone()
    return moment.replace(tzinfo=None)


def options_text(options: Mapping[str, Any]) -> str:
    """Return options as the command line takes them: "epochs=200, kernels=9,5,3"."""
    return ", ".join(f"{name}={_value(value)}" for name, value in options.items())


def settings(spec: JobSpec) -> str:
    """Return the settings of a run in one line."""
    parts = [f"{spec.preset} preset", f"seed {spec.seed}", options_text(spec.options)]
    return " · ".join(part for part in parts if part)


def command(spec: JobSpec) -> str:
    """Return the command that does the same on the command line."""
    words = ["python", "-m", "tscviz", "train", "--model", spec.model, "--dataset", spec.dataset]
    words += ["--preset", spec.preset, "--seed", str(spec.seed), "--threads", str(spec.threads)]
    words += ["--archive", str(spec.archive)] if spec.archive else []
    for name, value in spec.options.items():
        words += ["--set", f"{name}={_value(value)}"]
    return shlex.join(words)


_SNIPPET = """\
import tscviz
from tscviz.data import prepare

classifier = tscviz.load_model({model!r})  # the unpacked zip file
data = tscviz.load_dataset({where})
ready = prepare(data.X_test, data.mask_test, classifier.preparation_for(data.digest))
classifier.predict_proba(ready.X, ready.mask)
"""


def snippet(spec: JobSpec, stem: str) -> str:
    """Return Python that classifies the test cases with a downloaded model, as the page does.

    Parameters
    ----------
    spec : JobSpec
    stem : str
        Name of the model's folder.
    """
    where = repr(spec.dataset) + (f", {str(spec.archive)!r}" if spec.archive else "")
    return _SNIPPET.format(model=stem, where=where)


def _value(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
