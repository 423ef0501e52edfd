"""Every map as a table (CSV) and as a document (JSON); `tscviz.tables` writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tscviz.explain.spec import Spec
from tscviz.tables import plain
from tscviz.types import Array, Attribution


def attribution_table(
    attribution: Attribution,
    x: Array,
    mask: Array | None = None,
    *,
    channel_names: Sequence[str] | None = None,
) -> dict[str, Array]:
    """Return a map and its series as columns, a row a time point; padding is left out.

    Parameters
    ----------
    attribution : Attribution
        ``values.shape == x.shape``.
    x : array, shape (n_channels, n_timepoints)
    mask : bool array, shape (n_timepoints,), optional
    channel_names : sequence of str, optional
        "channel 1", ... by default.

    Returns
    -------
    dict
        "time point" (from 0), then "value" and the method's name; of several channels "value
        channel 1", "METHOD channel 1", and at the end the sum over the channels where the rows of
        the map differ, such as "METHOD sum".
    """
    n_points = x.shape[1] if mask is None else int(np.asarray(mask).sum())
    columns = {"time point": np.arange(n_points)}
    names = channel_names or [f"channel {c + 1}" for c in range(len(x))]
    for row, values, name in zip(x, attribution.values, names, strict=True):
        of = "" if len(x) == 1 else f" {name}"
        columns[f"value{of}"] = row[:n_points]
        columns[f"{attribution.method}{of}"] = values[:n_points]
    if attribution.details.get("per_channel") and len(x) > 1:
        columns[f"{attribution.method} sum"] = attribution.values[:, :n_points].sum(0)
    return columns


def attribution_document(
    attribution: Attribution,
    x: Array,
    mask: Array | None = None,
    *,
    class_names: Sequence[str] | None = None,
    spec: Spec | None = None,
) -> dict[str, Any]:
    """Return a map with its series and everything that led to it, as plain JSON values.

    Parameters
    ----------
    attribution : Attribution
    x : array, shape (n_channels, n_timepoints)
    mask : bool array, shape (n_timepoints,), optional
    class_names : sequence of str, optional
        Numbers stand for the classes otherwise.
    spec : Spec, optional
        Added under "spec"; see `tscviz.explain.spec.spec_of`.
    """
    n_points = x.shape[1] if mask is None else int(np.asarray(mask).sum())
    against = attribution.against
    document: Mapping[str, Any] = {
        "method": attribution.method,
        "target": _class(attribution.target, class_names),
        "against": None if against is None else _class(against, class_names),
        "baseline": attribution.baseline,
        "signed": attribution.signed,
        "x": x[:, :n_points],
        "padding": x.shape[1] - n_points,
        "values": attribution.values[:, :n_points],
        "details": attribution.details,
    }
    return plain(document | ({} if spec is None else {"spec": spec.to_dict()}))


def _class(index: int, names: Sequence[str] | None) -> str | int:
    return index if names is None else names[index]
