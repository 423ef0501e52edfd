"""One series of a file as the model sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tscviz.types import Array, Attribution, Segmentation, SeriesSet
from tscviz.ui import cache
from tscviz.ui.classify.model_choice import Model
from tscviz.ui.classify.session import target_for
from tscviz.ui.downloads import Table

if TYPE_CHECKING:
    from tscviz.data import Prepared


@dataclass(frozen=True, eq=False)
class One:
    """A series with its prediction and explanation, padding left out.

    Parameters
    ----------
    index : int
    name : str
        As in the file; untrusted.
    label : str or None
        As in the file; untrusted.
    x : float32 array, shape (n_channels, n_timepoints)
        As the model takes it.
    filled : bool array, shape (n_channels, n_timepoints)
        True where a missing value was filled in.
    proba : float32 array, shape (n_classes,)
    target : int
        Index of the class explained.
    segmentation : Segmentation or None
        None where the model has no segments.
    attribution : Attribution
        The class activation map; where the model has none, occlusion sensitivity.
    """

    index: int
    name: str
    label: str | None
    x: Array
    filled: Array
    proba: Array
    target: int
    segmentation: Segmentation | None
    attribution: Attribution

    @property
    def predicted(self) -> int:
        """Index of the most probable class."""
        return int(self.proba.argmax())


def explain_one(
    key: tuple[Any, ...], series: SeriesSet, ready: Prepared, model: Model, index: int
) -> One:
    """Classify and explain one prepared series; `key` tells the prepared series apart."""
    clf = cache.classifier(model.entry.name)
    n = int(ready.mask[index].sum())
    x, mask = ready.X[index, :, :n], np.ones(n, bool)
    key = (*key, index)
    proba = cache.probabilities_of(key, clf.digest, x[None], mask[None], clf)[0]
    target = target_for(model, int(proba.argmax()))
    offers = clf.module.offers
    return One(
        index=index,
        name=series.names[index],
        label=None if series.labels is None else series.labels[index],
        x=x,
        filled=ready.interpolated[index, :, :n],
        proba=proba,
        target=target,
        segmentation=(
            cache.segmentation_of(key, clf.digest, x, mask, clf) if "segments" in offers else None
        ),
        attribution=cache.attribution_of(
            key, clf.digest, "cam" if "cam" in offers else "occlusion", target, {}, x, mask, clf
        ),
    )


def map_table(one: One) -> Table:
    """Return value, map and segment of every point of every channel as columns."""
    n_channels, n = one.x.shape
    table: dict[str, Any] = {
        "channel": np.repeat(np.arange(1, n_channels + 1), n),
        "time point": np.tile(np.arange(n), n_channels),
        "value": one.x.ravel(),
    }
    table["CAM" if one.attribution.method == "cam" else "occlusion"] = (
        one.attribution.values.ravel()
    )
    if one.segmentation is not None:
        table["segment"] = np.tile(one.segmentation.segments + 1, n_channels)
    if one.filled.any():
        table["filled in"] = one.filled.astype(int).ravel()
    return table
