"""The score of a case as a game of its features: v(S) with only the features S in place.

Captum's methods run on this game, whose inputs are the features, on or off: that is their result
on the series with a `feature_mask`, and every coalition passes through the network once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tscviz.explain.gradient import tools
from tscviz.explain.perturbation.grouping import FeatureOptions, Grouping, grouping_of
from tscviz.explain.private import score_of
from tscviz.explain.request import Request
from tscviz.models.fourier import for_evaluation
from tscviz.types import Array


class Game:
    """Scores of coalitions of features, each evaluated once.

    A feature in the coalition has the values of the case, the others those of the baseline.

    Parameters
    ----------
    request : Request
        Whose options are `FeatureOptions`.
    grouping : Grouping

    Attributes
    ----------
    n_features : int
    batch : int
        Coalitions in one pass through the network.
    x, reference : float32 tensors, shape (n_channels, n_points)
    """

    def __init__(self, request: Request, grouping: Grouping) -> None:
        n_points, device = request.n_points, request.classifier.device
        self.n_features = grouping.n_features
        self.x = torch.from_numpy(np.ascontiguousarray(request.cropped()))  # (C, T)
        self.reference = torch.from_numpy(np.ascontiguousarray(request.reference()))
        self._feature = torch.from_numpy(grouping.mask())  # (C, T)
        self._device = device
        self.batch = tools.rows_at_once(n_points)
        with torch.inference_mode():
            twin = for_evaluation(request.classifier.module, n_points)
        self._score = score_of(twin, request, output=request.options.output)
        self._known: dict[bytes, float] = {}

    @property
    def evaluations(self) -> int:
        """Coalitions that passed through the network so far."""
        return len(self._known)

    @property
    def whole(self) -> float:
        """Score of the case itself."""
        return float(self(torch.ones(1, self.n_features)))

    @property
    def empty(self) -> float:
        """Score of the baseline."""
        return float(self(torch.zeros(1, self.n_features)))

    def series(self, present: Tensor) -> Tensor:
        """Return the series of coalitions (B, n_features), shape (B, n_channels, n_points)."""
        return torch.where(present.bool()[:, self._feature], self.x, self.reference)

    def __call__(self, present: Tensor) -> Tensor:
        """Return the scores of coalitions (B, n_features), float32, shape (B,)."""
        rows = present.bool()
        keys = [row.tobytes() for row in np.packbits(rows.cpu().numpy(), axis=1)]
        new = {key: i for i, key in enumerate(keys) if key not in self._known}
        places = list(new.values())
        with torch.inference_mode():
            for first in range(0, len(places), self.batch):
                chosen = places[first : first + self.batch]
                scores = self._score(self.series(rows[chosen]).to(self._device))
                found = scores.float().cpu().tolist()
                self._known.update(zip((keys[i] for i in chosen), found, strict=True))
        return torch.tensor([self._known[key] for key in keys])


Solve = Callable[[Game, Any], tuple[Array, Mapping[str, Any]]]


def explain_features(request: Request, solve: Solve) -> tuple[Array, Mapping[str, Any]]:
    """Play the game of a request and put the features' values back on the points.

    Parameters
    ----------
    request : Request
    solve : callable
        ``solve(game, options)`` gives values of shape (n_features,) and what else to tell.

    Returns
    -------
    values : float32 array, shape (n_channels, n_timepoints)
    details : dict
        ``segments`` ("windows", "model" or "drawn"), ``edges`` (n_segments + 1,),
        ``feature_values`` (n_channels or 1, n_segments), the score of the case and of
        the baseline (``logit`` and ``reference_logit``, or ``probability`` and
        ``reference_probability``), ``evaluations`` (coalitions that passed through the network)
        and what `solve` told.
    """
    options: FeatureOptions = request.options
    grouping = grouping_of(request)
    game = Game(request, grouping)
    effects, told = solve(game, options)
    details = {
        "per_channel": options.per_channel,
        "segments": options.segments if options.edges is None else "drawn",
        "edges": grouping.edges,
        "feature_values": grouping.rows(effects).astype(np.float32),
        "spread": options.spread,
        "output": options.output,
        options.output: game.whole,
        f"reference_{options.output}": game.empty,
    }
    values = request.whole(grouping.spread(effects, options.spread).astype(np.float32))
    return values, details | dict(told) | {"evaluations": game.evaluations}


def completeness(game: Game, effects: Array) -> dict[str, Any]:
    """Return what the effects lack of the score's difference to the baseline's.

    Returns
    -------
    dict
        ``completeness_gap``, ``relative_gap`` and ``complete``, as the gradient methods have them.
    """
    told = tools.completeness(float(np.sum(effects, dtype=np.float64)), game.whole, game.empty)
    return {name: told[name] for name in ("completeness_gap", "relative_gap", "complete")}
