"""The table `[ray]` of a sweep.toml: where cells run on a cluster, and what each of them gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from tscviz.training.sweep.errors import SweepError


@dataclass(frozen=True)
class RaySettings:
    """What the Ray backend is told. None of it is part of a cell's identity.

    Parameters
    ----------
    address : str, optional
        "HOST:PORT" of the cluster's head, or "auto" for the one this machine belongs to. Without:
        the environment variable RAY_ADDRESS, else Ray is started here for the time of the sweep.
    cpus : float, optional
        Of one cell; default: its threads.
    gpus : float
        Of one cell: 0.25 lets four cells share a GPU. With 0 cells see none.
    memory_gib : float
        Of one cell, in GiB; cells whose sum a node cannot bear do not meet there. 0: not counted.
    shared_folder : bool, optional
        Whether the nodes work in the sweep's folder; default: those that see it and its locks do.
    """

    address: str | None = None
    cpus: float | None = None
    gpus: float = 0.0
    memory_gib: float = 0.0
    shared_folder: bool | None = None


NO_SETTINGS = RaySettings()
_KINDS: dict[str, tuple[tuple[type, ...], str]] = {
    "address": ((str,), "text"),
    "cpus": ((int, float), "a number"),
    "gpus": ((int, float), "a number"),
    "memory_gib": ((int, float), "a number"),
    "shared_folder": ((bool,), "true or false"),
}


def ray_settings(value: Mapping[str, Any]) -> RaySettings:
    """Return the settings in a table of the shape of the TOML file.

    Raises
    ------
    SweepError
        On an unknown key, or a value of another type or out of range.
    """
    for key, item in value.items():
        if key not in _KINDS:
            raise SweepError(f"[ray] has no key {key!r}; it has: {', '.join(_KINDS)}.")
        kinds, words = _KINDS[key]
        if not isinstance(item, kinds) or (isinstance(item, bool) and bool not in kinds):
            raise SweepError(f"[ray]: {key} is {item!r}; wanted {words}.")
    settings = RaySettings(**value)
    cpus = 1.0 if settings.cpus is None else settings.cpus
    if not (0 < cpus < 1e6 and 0 <= settings.memory_gib < 1e6):
        raise SweepError(
            f"[ray]: cpus is {cpus} and memory_gib is {settings.memory_gib}; "
            "wanted cpus above 0 and memory_gib of at least 0."
        )
    if not 0 <= settings.gpus < 1e6 or (settings.gpus > 1 and settings.gpus % 1):
        raise SweepError(
            f"[ray]: gpus is {settings.gpus}; wanted a part of a GPU, from 0 to 1, or whole ones."
        )
    return settings


def settings_to_json(settings: RaySettings) -> dict[str, Any]:
    """Return the settings that differ from their defaults."""
    return {f.name: v for f in fields(settings) if (v := getattr(settings, f.name)) != f.default}
