"""The regulariser of a minimal change, and the change that a given force brings about under it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tscviz.types import Array

_TRIES = 60
_GREATEST = 1e30


@dataclass(frozen=True)
class Penalty:
    """What a change d costs: ``sparsity |d|_1 + |d|^2 / 2 + smoothness |D d|^2 / 2``.

    D takes second differences along time. The quadratic term makes the cost strictly convex; a
    great sparsity leaves its L1 norm alone to decide, smoothness lets neighbours move together.

    Parameters
    ----------
    sparsity, smoothness : float
    """

    sparsity: float
    smoothness: float

    def cost(self, change: Array) -> float:
        """Return the cost of a change (n_channels, n_points)."""
        bends = np.diff(change, n=2, axis=1)
        quadratic = np.square(change).sum() + self.smoothness * np.square(bends).sum()
        return float(self.sparsity * np.abs(change).sum() + quadratic / 2)

    def answer(self, force: Array, start: Array | None = None) -> Array:
        """Return the change that minimises ``cost(d) - sum(force * d)``.

        In closed form without smoothness, else by accelerated proximal gradient steps (FISTA
        with the constant momentum of a strongly convex function).

        Parameters
        ----------
        force : float64 array, shape (n_channels, n_points)
        start : array, optional
            Where to begin; a change near the answer saves steps.
        """
        if not self.smoothness or force.shape[1] < 3:
            return _soft(force, self.sparsity)
        steep = 1 + 16 * self.smoothness  # D'D has eigenvalues up to 16
        momentum = (np.sqrt(steep) - 1) / (np.sqrt(steep) + 1)
        now = before = np.zeros_like(force) if start is None else start
        for _ in range(1000):
            ahead = now + momentum * (now - before)
            slope = ahead + self.smoothness * _bend_twice(ahead) - force
            before, now = now, _soft(ahead - slope / steep, self.sparsity / steep)
            if np.abs(now - before).max() <= 1e-5 * max(1e-3, np.abs(now).max()):
                break
        return now

    def reach(
        self, direction: Array, force: Array, gain: float, start: Array, *, within: float = 1e-3
    ) -> tuple[Array, Array]:
        """Add to `force` along `direction` until the answer gains `gain` along `direction`.

        ``sum(direction * answer)`` never falls as the force grows, so false position finds it
        (in one step where the answer is linear in the force).

        Parameters
        ----------
        direction, force, start : float64 arrays, shape (n_channels, n_points)
            `start` is the answer to `force`.
        gain : float
            Above 0.
        within : float
            The gain is met from above, exceeded by this share at most.

        Returns
        -------
        force, answer : float64 arrays
        """
        wanted = float((direction * start).sum()) + gain

        def at(size: float) -> tuple[Array, float]:
            made = self.answer(force + size * direction, start)
            return made, float((direction * made).sum()) - wanted

        low, below = 0.0, -gain
        high = gain / float(np.square(direction).sum())
        answer, above = at(high)
        while above < 0 and high < _GREATEST:
            low, below, high = high, above, 2 * high
            answer, above = at(high)
        for k in range(_TRIES):
            if above <= within * gain:
                break
            aim = within * gain / 2  # between exact and still good enough
            middle = low + (high - low) * (aim - below) / (above - below)
            if k % 3 == 2:  # one end may stay for long: then halve
                middle = (low + high) / 2
            made, beyond = at(middle)
            if beyond >= 0:
                high, answer, above = middle, made, beyond
            else:
                low, below = middle, beyond
        return force + high * direction, answer


def _soft(values: Array, by: float) -> Array:
    """Move every value towards zero by `by`, and no farther."""
    return np.sign(values) * np.maximum(np.abs(values) - by, 0.0)


def _bend_twice(change: Array) -> Array:
    """Return D'D d: second differences and their transpose along time."""
    bends = np.diff(change, n=2, axis=1)
    out = np.zeros_like(change)
    out[:, :-2] += bends
    out[:, 1:-1] -= 2 * bends
    out[:, 2:] += bends
    return out
