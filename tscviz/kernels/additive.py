"""Scores of additive attention (Bahdanau, Cho and Bengio, 2015), one query a case.

``v . tanh(a + k_t)`` costs a hyperbolic tangent for each query, time point and unit. With the
exponentials of queries and keys taken once, ``tanh(a + k) = 1 - 2 / (1 + exp(2 a) exp(2 k))``
needs a product and a division, and the sum of v that does not depend on t drops out of the
softmax.
"""

from __future__ import annotations

import torch
from torch import Tensor

from tscviz.kernels import _additive
from tscviz.kernels.errors import KernelError
from tscviz.kernels.threads import for_each_range

LIMIT = 43.0
"""Largest magnitude of a query or key: the product of two exponentials is never 0 x infinity."""


def exponentials(projected: Tensor) -> Tensor:
    """Return ``exp(2 p)``, with p cut to [-43, 43]: tanh is flat there in float32."""
    return torch.exp(2.0 * projected.clamp(-LIMIT, LIMIT))


def additive_scores(keys: Tensor, query: Tensor, v: Tensor) -> Tensor:
    """Return ``v . tanh(q + k_t) - sum(v)`` for every time point.

    Parameters
    ----------
    keys : Tensor, float32 or float64, shape (B, U, T)
        `exponentials` of the projected time points.
    query : Tensor, shape (B, U)
        `exponentials` of the projected query.
    v : Tensor, shape (U,)

    Returns
    -------
    Tensor, shape (B, T)
        Carries no gradient; see `additive_scores_backward`.

    Raises
    ------
    KernelError
        On shapes that do not fit together.
    """
    _check(keys, query, v)
    if keys.device.type != "cpu":
        return _scores_on_device(keys, query, v)
    out = keys.new_empty(keys.shape[0], keys.shape[2])
    arrays = [t.detach().contiguous().numpy() for t in (keys, query, v)]
    target = out.numpy()

    def work(start: int, stop: int) -> int:
        return _additive.scores_range(*arrays, start, stop, target)

    for_each_range(work, len(keys), _cells(keys))
    return out


def additive_scores_backward(
    keys: Tensor, query: Tensor, v: Tensor, grad: Tensor, grad_keys: Tensor
) -> tuple[Tensor, Tensor]:
    """Go back through `additive_scores` and `exponentials`.

    Parameters
    ----------
    keys, query, v : Tensor
        As given to `additive_scores`.
    grad : Tensor, shape (B, T)
    grad_keys : Tensor, shape (B, U, T), contiguous
        The gradient of the projected time points (before the exponential) is added to it.

    Returns
    -------
    grad_query : Tensor, shape (B, U)
        Of the projected query, before the exponential.
    grad_v : Tensor, shape (B, U)
        One row a case; their sum is the gradient of `v`.
    """
    _check(keys, query, v)
    if keys.device.type != "cpu":
        return _backward_on_device(keys, query, v, grad, grad_keys)
    grad_query, grad_v = torch.empty_like(query), torch.empty_like(query)
    arrays = [t.detach().contiguous().numpy() for t in (keys, query, v, grad)]
    targets = [t.numpy() for t in (grad_keys, grad_query, grad_v)]

    def work(start: int, stop: int) -> int:
        return _additive.scores_backward_range(*arrays, start, stop, *targets)

    for_each_range(work, len(keys), _cells(keys))
    return grad_query, grad_v


def _scores_on_device(keys: Tensor, query: Tensor, v: Tensor) -> Tensor:
    """Return the same by torch operations, where the compiled loop cannot go."""
    return -2.0 * torch.matmul(v, torch.reciprocal(1.0 + keys * query[:, :, None]))


def _backward_on_device(
    keys: Tensor, query: Tensor, v: Tensor, grad: Tensor, grad_keys: Tensor
) -> tuple[Tensor, Tensor]:
    ratio = torch.reciprocal(1.0 + keys * query[:, :, None])  # (B, U, T)
    scaled = ratio * grad[:, None]
    slope = scaled * (1.0 - ratio) * (4.0 * v[:, None])
    grad_keys += slope
    return slope.sum(2), -2.0 * scaled.sum(2)


def _cells(keys: Tensor) -> int:
    # A cell is about a twentieth of the work of a cell of soft-DTW.
    return keys.shape[1] * keys.shape[2] // 20


def _check(keys: Tensor, query: Tensor, v: Tensor) -> None:
    if keys.ndim != 3 or query.shape != keys.shape[:2] or v.shape != keys.shape[1:2]:
        raise KernelError(
            f"keys have shape {tuple(keys.shape)}, query {tuple(query.shape)} and v "
            f"{tuple(v.shape)}; they must be (B, U, T), (B, U) and (U,)."
        )
