"""The numbers behind the figures of the attention page, as tables to take away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tscviz.types import Array
from tscviz.ui.attention.data import Attended, ManyCases
from tscviz.ui.attention.words import entropies
from tscviz.ui.downloads import Table

if TYPE_CHECKING:
    from tscviz.explain.attention import AttentionMaps


def weight_table(one: Attended) -> Table:
    """Return series and weights by time point."""
    n, x = one.inside.n_points, one.inside.case.x
    mean = one.weights(None)[:n]
    names = ["value"] if len(x) == 1 else [f"channel {c + 1}" for c in range(len(x))]
    columns: dict[str, Any] = {"time point": np.arange(n)}
    columns |= dict(zip(names, x[:, :n], strict=True))
    columns |= {"attention": mean, "times the even share": mean * n}
    return columns | _heads(one, n)


def _heads(one: Attended, n: int) -> dict[str, Any]:
    if one.heads < 2:
        return {}
    return {f"head {h + 1}": one.weights(h)[:n] for h in range(one.heads)}


def entropy_table(one: Attended) -> Table:
    """Return one row a head, with their mean first: entropy and where the weight peaks."""
    n = len(one.weights(None)) if not one.over_time else one.inside.n_points
    heads: list[int | None] = [None] if one.heads < 2 else [None, *range(one.heads)]
    rows = np.stack([one.weights(h)[:n] for h in heads])
    entropy = entropies(rows)
    columns: dict[str, Any] = {
        "head": ["attention" if one.heads < 2 else "mean"] + [f"{h}" for h in range(1, len(rows))],
        "entropy (nats)": entropy,
        "relative entropy": entropy / np.log(n) if n > 1 else np.ones(len(rows)),
        "as many points": np.exp(entropy),
        "most at": rows.argmax(1) + (0 if one.over_time else 1),
        "times the even share": rows.max(1) * n,
    }
    return columns


def branch_table(one: Attended) -> Table:
    """Return one row a class: what each branch adds to its score."""
    lstm, fcn, rest = one.parts
    columns: dict[str, Any] = {
        "class": list(one.inside.names),
        "LSTM branch": lstm,
        "FCN branch": fcn,
        "bias" if one.shares.additive else "start": rest,
        "score (logit)": one.shares.logit,
        "probability": one.inside.case.proba,
    }
    return columns


def many_table(cases: ManyCases, maps: AttentionMaps, names: Sequence[str]) -> Table:
    """Return one row a case: class, entropies, and the mean weights of its heads."""
    columns: dict[str, Any] = {"case": cases.idx, "class": [names[k] for k in cases.y]}
    for h in range(maps.weights.shape[1]):
        head = f", head {h + 1}" if maps.weights.shape[1] > 1 else ""
        columns[f"entropy (nats){head}"] = maps.entropy[:, h]
        columns[f"relative entropy{head}"] = maps.relative_entropy[:, h]
    mean = maps.weights.mean(1)
    return columns | {f"attention {t}": column for t, column in enumerate(mean.T)}


def share_table(cases: ManyCases, shares: Array, names: Sequence[str], quantity: str) -> Table:
    """Return one row a case: what the branches add."""
    columns: dict[str, Any] = {
        "case": cases.idx,
        "class": [names[k] for k in cases.y],
        "strongest other class": [names[k] for k in cases.rival],
        f"LSTM branch adds to the {quantity}": shares[:, 0],
        f"FCN branch adds to the {quantity}": shares[:, 1],
    }
    return columns
