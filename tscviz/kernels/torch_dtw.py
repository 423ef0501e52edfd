"""Soft-DTW in torch operations over whole rows, for tensors that live on a device.

A row of the recursion is a running sum once the row above is known: with ``S[l, t]`` the sum of
``cost[l, 1 .. t]``,

    R[l, t] - S[l, t] = softmin over s < t of (R[l - 1, s] - S[l, s])

so L calls of `torch.logcumsumexp` replace T steps, and the device is launched about ten times a
segment, not a time point. The soft alignment is the share of paths through a cell, from this
recursion and the same one on the reversed cost.
"""

from __future__ import annotations

import numpy as np
import torch

from tscviz.kernels.checks import bad_cost
from tscviz.types import Array

# Differences of running sums lose as many digits as the sums have before the point: up to here
# the alignment is good to about 1e-11.
LARGEST_SUM = 1e4


def soft_dtw(
    cost: torch.Tensor, gamma: float, lengths: Array
) -> tuple[torch.Tensor, torch.Tensor] | None:
    """Compute what `tscviz.kernels.soft_dtw` returns, for `gamma` > 0, without a gradient.

    Parameters
    ----------
    cost : torch.Tensor, shape (B, L, T)
    gamma : float
    lengths : int64 array, shape (B,)

    Returns
    -------
    value, soft_alignment : torch.Tensor, shapes (B,) and (B, L, T); or None
        None where costs spread too far, against `gamma`, for running sums to keep their digits.
    """
    if cost.shape[0] == 0:
        return cost.new_empty(0), torch.empty_like(cost)
    n_points = torch.as_tensor(lengths, device=cost.device)[:, None]  # (B, 1)
    t = torch.arange(cost.shape[2], device=cost.device)[None]  # (1, T)
    inside = (t < n_points)[:, None]  # (B, 1, T)
    scaled = torch.where(inside, cost.double() / gamma, 0.0)
    # What all segments pay at a time point changes no alignment: keep only what differs.
    common = scaled.amin(1, keepdim=True)
    scaled = scaled - common
    spread = scaled.amax(1).sum(1).amax().item()
    if not spread < LARGEST_SUM:
        _raise_if_bad(cost, lengths)
        return None
    back = (n_points - 1 - t).clamp(min=0)[:, None].expand_as(scaled)  # t -> T_b - 1 - t
    both = torch.cat([scaled, scaled.gather(2, back).flip(1)])  # (2B, L, T)
    towards, onwards = _log_alpha(both).chunk(2)
    onwards = onwards.flip(1).gather(2, back)
    last = (n_points - 1)[:, None].expand(-1, scaled.shape[1], 1)
    log_total = towards.gather(2, last)[:, -1:]  # (B, 1, 1)
    alignment = torch.where(inside, (towards + onwards + scaled - log_total).exp(), 0.0)
    value = gamma * (common.sum(2) - log_total[:, 0])[:, 0]
    return value.to(cost.dtype), alignment.to(cost.dtype)


def _log_alpha(scaled: torch.Tensor) -> torch.Tensor:
    """Return ``-R / gamma`` from ``cost / gamma``, both (B, L, T), row by row."""
    sums = scaled.cumsum(2)
    row = -sums[:, 0]
    rows = [row]
    for l in range(1, scaled.shape[1]):
        entered = torch.full_like(row, -torch.inf)
        entered[:, 1:] = row[:, :-1] + sums[:, l, :-1]
        row = entered.logcumsumexp(1) - sums[:, l]
        rows.append(row)
    return torch.stack(rows, 1)


def _raise_if_bad(cost: torch.Tensor, lengths: Array) -> None:
    """Raise for the first case with a cost that is not finite."""
    cost_np = cost.detach().cpu().numpy()
    for case, length in enumerate(lengths):
        if not np.isfinite(cost_np[case, :, :length]).all():
            raise bad_cost(cost_np[case], int(length), case)
