"""What a map of one case looks like before it is drawn: options, colours, strip, words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from tscviz.figures.palette import Scale, signed_scale, symmetric_limit, unsigned_scale
from tscviz.figures.stats import blank_padding, peak_stretch, unit_range
from tscviz.figures.text import clean, points, probability
from tscviz.types import Array, Attribution, Segmentation

#: Least end of the colour scale of an occlusion map of a probability.
FAINT = 0.05


class CamOptions(TypedDict, total=False):
    """Keyword options of `plot_cam` and `plot_cam_panels`; see there."""

    mask: Array | None
    class_names: Sequence[str] | None
    probability: float | None
    normalised: bool
    limit: float | None
    channels: Sequence[int] | None
    channel_names: Sequence[str] | None
    cam_label: str
    value_label: str
    dark: bool


@dataclass(frozen=True, eq=False)
class CamStyle:
    """The options of `CamOptions` with their defaults."""

    mask: Array | None = None
    class_names: Sequence[str] | None = None
    probability: float | None = None
    normalised: bool = False
    limit: float | None = None
    channels: Sequence[int] | None = None
    channel_names: Sequence[str] | None = None
    cam_label: str = "CAM"
    value_label: str = "value"
    dark: bool = False

    def blank(self, values: Array) -> Array:
        """Return `values` (n_channels, n_timepoints) with NaN on padding."""
        return blank_padding(values[None], None if self.mask is None else self.mask[None])[0]


@dataclass(frozen=True, eq=False)
class CamPanel:
    """One explanation to draw: a name for the reader, the map, and the segments if there are any.

    Parameters
    ----------
    name : str
        Heading, such as "DTP"; empty for none.
    attribution : Attribution
    segmentation : Segmentation, optional
    """

    name: str
    attribution: Attribution
    segmentation: Segmentation | None = None

    @property
    def divided(self) -> bool:
        """Whether there are at least two segments to tell apart."""
        return self.segmentation is not None and self.segmentation.n_segments > 1


@dataclass(frozen=True, eq=False)
class DrawnMap:
    """Values as drawn (n_channels, n_timepoints), NaN on padding, with scale and limits."""

    values: Array
    scale: Scale
    limits: tuple[float, float]

    def strip(self, channels: Sequence[int]) -> Array:
        """Return one row where all `channels` share the map, else a row each."""
        shown = self.values[list(channels)]
        same = np.array_equal(shown, np.broadcast_to(shown[:1], shown.shape), equal_nan=True)
        return shown[:1] if same else shown


def drawn_map(attribution: Attribution, channels: Sequence[int], style: CamStyle) -> DrawnMap:
    """Return the map with the scale its kind asks for.

    Normalised maps run from 0 to 1; signed ones are symmetric about zero; others start at zero.
    """
    values = style.blank(attribution.values)
    if style.normalised:
        return DrawnMap(unit_range(values), unsigned_scale(), (0.0, 1.0))
    shown = values[list(channels)]
    top = style.limit or max(symmetric_limit(shown), _least_limit(attribution))
    if attribution.signed:
        return DrawnMap(values, signed_scale(style.dark), (-top, top))
    finite = shown[np.isfinite(shown)]
    low = min(0.0, float(finite.min())) if finite.size else 0.0
    return DrawnMap(values, unsigned_scale(), (low, top))


def _least_limit(attribution: Attribution) -> float:
    """Return the least end of the colours: a probability that hardly moves stays pale."""
    hidden = attribution.method == "occlusion"
    return FAINT if hidden and attribution.details.get("output") == "probability" else 0.0


def describe(values: Array, panels: Sequence[CamPanel], style: CamStyle) -> str:
    """Return the alternative text: the class, where each map peaks, where segments begin.

    Parameters
    ----------
    values : array, shape (n_channels, n_timepoints)
        The case, NaN on padding.
    """
    padded = 0 if style.mask is None else int((~style.mask).sum())
    length = values.shape[1] - padded
    text = f"Series of {length} points"
    name = _class_name(panels[0].attribution.target, style)
    if style.probability is not None:
        label = name if name.startswith("class ") else f"class {name}"
        text += f", {label} ({probability(style.probability)})"
    parts = [text]
    for panel in panels:
        name = _class_name(panel.attribution.target, style)
        parts.append(_peak(panel, name, length, several=len(values) > 1))
        if panel.segmentation is not None and panel.divided:
            cuts = ", ".join(str(b) for b in panel.segmentation.boundaries[:-1])
            parts.append(f"segments begin at points {cuts}")
    return "; ".join(parts) + "."


def _class_name(target: int, style: CamStyle) -> str:
    return clean(style.class_names[target]) if style.class_names else f"class {target + 1}"


def _peak(panel: CamPanel, name: str, length: int, *, several: bool) -> str:
    values = panel.attribution.values[:, :length]
    kind = "CAM" if "cam" in panel.attribution.method.lower() else "map"
    subject = f"the {clean(panel.name)} {kind} for {name}" if panel.name else f"the {kind}"
    if np.ptp(values) == 0:
        return f"{subject} is the same at every point"
    c = int(values.max(axis=1).argmax())
    shared = bool((values == values[:1]).all())
    where = f" of channel {c + 1}" if several and not shared else ""
    return f"{subject} is highest at {points(*peak_stretch(values[c]))}{where}"
