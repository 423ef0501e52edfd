"""What the gradient methods share: the case on a private network, batches, details of a map."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from tscviz.explain.altered import BATCH_POINTS, MAX_BATCH
from tscviz.explain.private import Score, private, score_of, tensor_of
from tscviz.explain.request import Request
from tscviz.models.base import SeriesModule
from tscviz.types import Array

#: Share of the scores' size that float32 rounding alone may leave of a sum.
ROUNDING = 1e-5


@dataclass(frozen=True, eq=False)
class Opened:
    """A case on a private network.

    Parameters
    ----------
    module : SeriesModule
        A clone, to do with as one likes.
    score : callable
        Series (B, n_channels, n_points) to scores (B,).
    x : Tensor, shape (1, n_channels, n_points)
        The case without padding; it requires its gradient.
    """

    module: SeriesModule
    score: Score
    x: Tensor

    def reference(self, request: Request) -> Tensor:
        """Return the chosen baseline as a tensor of the shape of `x`."""
        return tensor_of(request.reference(), request.classifier)

    def value(self, series: Tensor) -> float:
        """Return the score of one series (1, n_channels, n_points)."""
        with torch.no_grad():
            return float(self.score(series)[0])


@contextmanager
def opened(request: Request) -> Iterator[Opened]:
    """Give the case on a clone of its network, with gradients on."""
    with private(request.classifier) as module:
        x = tensor_of(request.cropped(), request.classifier).requires_grad_()
        yield Opened(module, score_of(module, request), x)


class ScoreModule(nn.Module):
    """A score function as a module, for the methods that put hooks into one.

    Parameters
    ----------
    module : SeriesModule
        Its parts get the hooks.
    score : callable
        Series (B, n_channels, n_points) to scores (B,), by `module`.
    """

    def __init__(self, module: SeriesModule, score: Score) -> None:
        super().__init__()
        self.module = module
        self.score = score

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, n_channels, n_points) to scores (B,)."""
        return self.score(x)


def mask_of(request: Request, n_rows: int) -> Tensor | None:
    """Return the mask of `n_rows` cropped series: all True, or None where nothing was padded."""
    if not request.padded:
        return None
    device = request.classifier.device
    return torch.ones(n_rows, request.n_points, dtype=torch.bool, device=device)


def chosen(logits: Tensor, request: Request) -> Tensor:
    """Return the target's logit, less that of `against` where there is one: (B,)."""
    mine = logits[:, request.target]
    return mine if request.against is None else mine - logits[:, request.against]


def rows_at_once(n_points: int) -> int:
    """Return how many series of `n_points` go through the network in one pass."""
    return min(MAX_BATCH, max(4, BATCH_POINTS // n_points))


def result(
    request: Request, values: Tensor, details: Mapping[str, Any], *, per_channel: bool = True
) -> tuple[Array, dict[str, Any]]:
    """Return a map (1, n_channels or 1, n_points) as an explainer's `run` gives it."""
    plain = values.detach()[0].float().cpu().numpy()
    return request.whole(plain), {"per_channel": per_channel, **details}


def completeness(total: float, logit: float, reference_logit: float) -> dict[str, Any]:
    """Return what is missing between the sum of a map and the difference of two scores.

    Returns
    -------
    dict
        ``logit`` and ``reference_logit``; ``completeness_gap``, their difference less the sum of
        the map; ``relative_gap``, its size as a share of the difference (None where the two
        scores are the same to rounding); ``complete``, whether the gap is at most 1 % of the
        difference or rounding.
    """
    difference = logit - reference_logit
    gap = difference - total
    noise = ROUNDING * max(abs(logit), abs(reference_logit), 1.0)
    relative = None if abs(difference) <= noise else abs(gap) / abs(difference)
    return {
        "logit": logit,
        "reference_logit": reference_logit,
        "completeness_gap": gap,
        "relative_gap": relative,
        "complete": abs(gap) <= noise or (relative is not None and relative <= 0.01),
    }


def total(values: Tensor) -> float:
    """Return the sum of a map, in float64."""
    return float(values.detach().double().sum())


_ANNOUNCEMENTS = (r"\s*Setting forward, backward hooks", r"\s*Setting backward hooks")


def no_announcements() -> None:
    """Stop Captum from announcing its hooks: they go into a clone that nobody else sees.

    A filter for these two texts stays in place. Taking it back (`warnings.catch_warnings`) would
    be unsafe with several threads, which could put back each other's filters.
    """
    known = {getattr(f[1], "pattern", None) for f in warnings.filters}
    for text in _ANNOUNCEMENTS:
        if text not in known:
            warnings.filterwarnings("ignore", message=text, category=UserWarning)
