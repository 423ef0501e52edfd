"""How the masks of a sparse network moved in training: compact enough to lie beside its weights."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from tscviz.models.base import ModelError
from tscviz.models.sparse import SparseConv1d
from tscviz.types import Array

MOST_SNAPSHOTS = 40
BYTES = 850_000
"""What the snapshots of the masks may take together."""

Record = dict[str, Tensor]


class HasSparseLayers(Protocol):
    """A network with dynamic sparse layers."""

    def sparse_layers(self) -> tuple[SparseConv1d, ...]:
        """Return them, the first one first."""
        ...


@dataclass(frozen=True, eq=False)
class MaskHistory:
    """The masks of a training run at some epochs, and what changed at every move.

    Parameters
    ----------
    epochs : int64 array, shape (n_snapshots,)
        Epochs that were over when each snapshot was taken; the first, 0, is the initial mask and
        the last one the mask after the last move.
    update_epochs : int64 array, shape (n_moves,)
        Epochs that were over at each move.
    counts : int64 array, shape (n_moves, n_layers, n_groups, 3)
        Weights pruned, grown, and, among the grown, returned: they had been active before.
    """

    epochs: Array
    update_epochs: Array
    counts: Array
    _bits: tuple[Array, ...]
    _layers: tuple[SparseConv1d, ...]

    def masks(self, i: int) -> tuple[Array, ...]:
        """Return the masks of snapshot `i`: per layer a bool array (c_out, c_in, kernel)."""
        return _unpack(self._bits[i], self._layers)


def new_record(layers: Sequence[SparseConv1d]) -> Record:
    """Return the record of a run that starts with the masks of these layers."""
    bits = _pack([layer.mask for layer in layers], layers)
    record = {
        "update_epochs": torch.zeros(0, dtype=torch.int32),
        "counts": torch.zeros(0, len(layers), len(layers[0].groups), 3, dtype=torch.int32),
        "epochs": torch.zeros(0, dtype=torch.int32),
        "ends": torch.zeros(0, dtype=torch.int64),
        "deltas": torch.zeros(0, dtype=torch.uint8),
        "data": torch.zeros(0, dtype=torch.uint8),
        "ever": torch.from_numpy(bits),  # weights active at any time so far, packed
    }
    _take(record, bits, 0)
    return record


def note_move(
    record: Record,
    layers: Sequence[SparseConv1d],
    before: Sequence[Tensor],
    epoch: int,
    n_moves: int,
) -> None:
    """Add a move to the record: its counts always, a snapshot of the masks now and then.

    Parameters
    ----------
    record : dict of str to Tensor
        Changed in place.
    layers : sequence of SparseConv1d
        After the move.
    before : sequence of bool Tensor
        Their masks before it.
    epoch : int
        Epochs that are over.
    n_moves : int
        Moves that the whole run will make, to spread the snapshots.
    """
    old, new = _pack(before, layers), _pack([layer.mask for layer in layers], layers)
    ever = record["ever"].numpy()
    changes = (old & ~new, new & ~old, new & ~old & ever)  # pruned, grown, returned
    counts = np.stack([_count(bits, layers) for bits in changes], axis=-1)
    record["counts"] = torch.cat([record["counts"], torch.from_numpy(counts)[None]])
    record["update_epochs"] = _append(record["update_epochs"], epoch)
    record["ever"] = torch.from_numpy(ever | new)
    if len(record["update_epochs"]) in snapshot_moves(n_moves, _most_snapshots(layers)):
        _take(record, new, epoch)


def read_masks(record: Record, module: HasSparseLayers) -> MaskHistory:
    """Read a record; `module` is a network of the same options.

    Raises
    ------
    ModelError
        Where the record holds no masks, is damaged, or belongs to a network of another shape.
    """
    layers = module.sparse_layers()
    missing = {"update_epochs", "counts", "epochs", "ends", "deltas", "data"} - record.keys()
    if missing:
        raise ModelError(
            "the training of this model recorded no masks; train it again with topology=dynamic."
        )
    shape, wanted = tuple(record["counts"].shape[1:3]), (len(layers), len(layers[0].groups))
    try:
        bits = _decode(record)
        epochs, moves, counts = (
            record[key].numpy().astype(np.int64) for key in ("epochs", "update_epochs", "counts")
        )
    except (zlib.error, ValueError, TypeError) as error:
        raise ModelError(f"the record of masks is damaged: {error}.") from None
    size = len(_pack([layer.mask for layer in layers], layers))
    if shape != wanted or {len(one) for one in bits} != {size}:
        raise ModelError("the record of masks belongs to a network of another shape.")
    if epochs.shape != (len(bits),) or counts.shape != (*moves.shape, *wanted, 3):
        raise ModelError("the record of masks is damaged: its parts do not fit together.")
    return MaskHistory(
        epochs=epochs,
        update_epochs=moves,
        counts=counts,
        _bits=tuple(bits),
        _layers=tuple(layers),
    )


def snapshot_moves(n_moves: int, most: int) -> set[int]:
    """Choose the moves after which masks are kept: many early ones, and the last of `n_moves`."""
    chosen = [0]
    for i in range(1, most):
        at = round(n_moves * (i / (most - 1)) ** 2)
        chosen.append(max(at, chosen[-1] + 1))
    return {move for move in chosen if 0 < move <= n_moves}


def _most_snapshots(layers: Sequence[SparseConv1d]) -> int:
    """Return how many masks fit into `BYTES`; a mask takes its entropy and an eighth more."""
    size = 0.0
    for layer in layers:
        for group, active in zip(layer.groups, layer.active, strict=True):
            n = (group.stop - group.start) * layer.c_in * group.reach
            p = active / n
            size += 0.0 if p == 1 else -n * (p * math.log2(p) + (1 - p) * math.log2(1 - p)) / 8
    return int(min(MOST_SNAPSHOTS, max(3.0, BYTES / max(1.125 * size, 1.0))))


def _take(record: Record, bits: Array, epoch: int) -> None:
    """Append a snapshot: the difference to the one before where that is shorter."""
    data, delta = zlib.compress(bits.tobytes(), 9), 0
    if len(record["ends"]):
        difference = zlib.compress((bits ^ _decode(record)[-1]).tobytes(), 9)
        if len(difference) < len(data):
            data, delta = difference, 1
    block = torch.from_numpy(np.frombuffer(data, np.uint8).copy())
    record["data"] = torch.cat([record["data"], block])
    record["ends"] = _append(record["ends"], len(record["data"]))
    record["deltas"] = _append(record["deltas"], delta)
    record["epochs"] = _append(record["epochs"], epoch)


def _decode(record: Record) -> list[Array]:
    data, start, bits = record["data"].numpy().tobytes(), 0, []
    for end, delta in zip(record["ends"].tolist(), record["deltas"].tolist(), strict=True):
        found = np.frombuffer(zlib.decompress(data[start:end]), np.uint8)
        bits.append(found ^ bits[-1] if delta else found)
        start = end
    return bits


def _append(values: Tensor, value: int) -> Tensor:
    return torch.cat([values, torch.tensor([value], dtype=values.dtype)])


def _regions(layers: Sequence[SparseConv1d]) -> list[tuple[int, int, slice, int]]:
    """List (layer, group, output channels, reach): the order of the packed bits."""
    return [
        (i, j, slice(group.start, group.stop), group.reach)
        for i, layer in enumerate(layers)
        for j, group in enumerate(layer.groups)
    ]


def _pack(masks: Sequence[Tensor], layers: Sequence[SparseConv1d]) -> Array:
    """Pack the masks' regions, each to whole bytes; outside them nothing is ever active."""
    arrays = [mask.cpu().numpy() for mask in masks]
    parts = [arrays[i][rows, :, :reach] for i, _, rows, reach in _regions(layers)]
    return np.concatenate([np.packbits(part) for part in parts])


def _pieces(bits: Array, layers: Sequence[SparseConv1d]) -> list[Array]:
    """Divide packed bits into bool arrays, one a region, each (rows, c_in, reach)."""
    pieces, start = [], 0
    for i, _, rows, reach in _regions(layers):
        shape = (rows.stop - rows.start, layers[i].c_in, reach)
        n = math.prod(shape)
        stop = start + (n + 7) // 8
        pieces.append(np.unpackbits(bits[start:stop], count=n).view(bool).reshape(shape))
        start = stop
    return pieces


def _count(bits: Array, layers: Sequence[SparseConv1d]) -> Array:
    """Count the ones by layer and group, int32 (n_layers, n_groups)."""
    counts = np.zeros((len(layers), len(layers[0].groups)), np.int32)
    for (i, j, _, _), piece in zip(_regions(layers), _pieces(bits, layers), strict=True):
        counts[i, j] = piece.sum()
    return counts


def _unpack(bits: Array, layers: Sequence[SparseConv1d]) -> tuple[Array, ...]:
    masks = tuple(np.zeros((m.c_out, m.c_in, m.kernel), bool) for m in layers)
    for (i, _, rows, reach), piece in zip(_regions(layers), _pieces(bits, layers), strict=True):
        masks[i][rows, :, :reach] = piece
    return masks
