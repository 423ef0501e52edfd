"""Methods by name, each in a file of its own that registers it when it is imported."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Generic, Protocol, TypeVar


class Named(Protocol):
    """What has a name, and options declared in its own file."""

    @property
    def name(self) -> str:
        """The name it is asked for by."""
        ...

    @property
    def options(self) -> type:
        """Its option class."""
        ...


T = TypeVar("T", bound=Named)


class Registered(Generic[T]):
    """Methods of one kind.

    Parameters
    ----------
    package : str
        Where their files are.
    files : sequence of str
        Modules of the package, in the order of the methods.
    """

    def __init__(self, package: str, files: Sequence[str]) -> None:
        self._package, self._files = package, files
        self._known: dict[str, T] = {}

    def add(self, method: T) -> None:
        """Add a method; called by its file."""
        self._known[method.name] = method

    def all(self) -> dict[str, T]:
        """Return all methods by name, in the order of their files, whichever was imported first."""
        order = {f"{self._package}.{file}": i for i, file in enumerate(self._files)}
        for module in order:
            import_module(module)
        known = self._known.values()
        return {m.name: m for m in sorted(known, key=lambda m: order[m.options.__module__])}
