"""The classify page in plain words. Names from files are escaped here; results are Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from tscviz.data.errors import Setting
from tscviz.data.readers.layout import Layout
from tscviz.figures.text import probability
from tscviz.types import Array, Attribution, SeriesSet
from tscviz.ui.classify.layout_fields import FIELDS, show_value
from tscviz.ui.classify.preparing import GAPS
from tscviz.ui.classify.stretch import deciding_stretch
from tscviz.ui.escape import escape_markdown

_UNSURE = 0.6


def answer(name: str, share: float, attribution: Attribution, *, is_top: bool) -> str:
    """Return the page's main sentence: class, probability, deciding stretch.

    Parameters
    ----------
    name : str
        Of the class explained.
    share : float
        Its probability.
    attribution : Attribution
        Of the case without padding.
    is_top : bool
        Whether it is the predicted class.
    """
    start = f"Class {escape_markdown(name, max_length=40)}, {probability(share)}."
    return f"{start} {deciding(attribution, is_top=is_top)}"


def deciding(attribution: Attribution, *, is_top: bool = True) -> str:
    """Say which stretch speaks most for the class, and in which channel where they differ."""
    values = attribution.values
    if np.ptp(values) == 0:
        return "No stretch stands out: the map is the same at every point."
    c = int(values.clip(min=0).sum(axis=1).argmax()) if values.max() > 0 else 0
    first, last = deciding_stretch(values[c])
    shared = bool((values == values[:1]).all())
    where = "" if shared else f" of channel {c + 1}"
    if float(values.max()) <= 0:
        return (
            f"Nothing speaks for it; {points(first, last).lower()}{where} speak least against it."
        )
    verb = "speaks" if first == last else "speak"
    least = "" if is_top else " Another class is more probable."
    return f"{points(first, last)}{where} {verb} most for it.{least}"


def points(first: int, last: int) -> str:
    """Return "Point 7" or "Points 40 to 63"."""
    return f"Point {first}" if first == last else f"Points {first} to {last}"


def sureness(proba: Array, classes: Sequence[str]) -> str | None:
    """Say so where the model is not sure; None where it is."""
    order = np.argsort(-proba, kind="stable")
    if len(order) < 2 or proba[order[0]] >= _UNSURE:
        return None
    second = escape_markdown(classes[order[1]], max_length=40)
    return f"The model is not sure: class {second} has {probability(float(proba[order[1]]))}."


def given_label(label: str | None, known: int | None, predicted: int) -> str | None:
    """Hold the label of a series against the predicted class; None where there is no label."""
    if label is None:
        return None
    shown = escape_markdown(label, max_length=40)
    if known is None:
        return f"Its label is {shown}, which is none of the model's classes."
    if known == predicted:
        return f":green[:material/check_circle:] Its label says {shown}, too."
    return f":orange[:material/cancel:] Its label says {shown}: model and label disagree."


def counted(n: int, noun: str, plural: str | None = None) -> str:
    """Return "1 series", "12 channels" with thousands separated."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def shape(series: SeriesSet) -> str:
    """Return the number of series, their lengths and channels."""
    lengths = series.mask.sum(axis=1)
    low, high = int(lengths.min()), int(lengths.max())
    span = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    return (
        f"{counted(len(series.X), 'series', 'series')} of {span} points, "
        f"{counted(series.X.shape[1], 'channel')}"
    )


def layout(found: Layout) -> str:
    """Say in one line how a file was read, as Markdown."""
    parts = [found.format.upper() if found.format != "csv" else "Text"]
    if found.format == "csv" and found.delimiter:
        names = {",": "comma", ";": "semicolon", "\t": "tab", " ": "blanks"}
        parts[0] = f"Text with {names.get(found.delimiter, found.delimiter)} between cells"
        parts.append("decimal comma" if found.decimal == "," else "decimal point")
        parts.append("a header" if found.header else "no header")
    if found.format not in ("ts", "arff"):
        parts.append(show_value("orientation", found.orientation))
    if found.compression:
        parts.append(f"packed with {found.compression}")
    column = found.label_column
    parts.append("no labels" if column is None else f"labels in {_column(column)}")
    return ", ".join(escape_markdown(part) for part in parts)


def _column(column: str | int) -> str:
    if isinstance(column, int):
        return f"column {column}"
    return f"the {column} column" if column in ("first", "last") else f"column '{column}'"


def control(setting: Setting) -> str | None:
    """Return what the page calls a setting that an error advises; None where it has no such one."""
    if setting.name == "gaps":
        return f"“Missing values: {GAPS[setting.value]}”"
    if setting.name == "length_by":
        return f"“Length: {setting.value}”"
    if setting.name not in FIELDS:
        return None
    label = FIELDS[setting.name].label
    return (
        f"“{label}: {show_value(setting.name, setting.value)}”"
        if setting.has_value
        else f"“{label}”"
    )


def label_counts(labels: Sequence[str], most: int = 6) -> str:
    """Return the labels of a file with their counts, as Markdown."""
    found = Counter(labels).most_common()
    text = ", ".join(f"{escape_markdown(n, max_length=40)} ({k})" for n, k in found[:most])
    return text + (f" and {len(found) - most} more" if len(found) > most else "")


def progress(done: int, total: int, seconds: float) -> str:
    """Return the text of the progress bar."""
    left = f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
    return f"Classified {done:,} of {total:,} series; about {left} left"
