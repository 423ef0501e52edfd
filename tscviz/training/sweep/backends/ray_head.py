"""The head of a Ray cluster: whether an address can be one, and whether it is still there."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from tscviz.training.sweep.errors import SweepError

T = TypeVar("T")
_EVERY = 1.0
_PATIENCE = 10.0
_TIMEOUT = 10.0


class Head:
    """Asked again and again, for Ray without its head waits a minute and then ends the process.

    Parameters
    ----------
    address : str
        HOST:PORT of the cluster's store.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._answered = time.monotonic()
        self._gone = ""

    def check(self) -> None:
        """Look once a second whether it answers, with patience.

        Raises
        ------
        ConnectionError
            Where it is gone; from then on always.
        """
        if not self._gone and time.monotonic() - self._answered > _EVERY:
            self._ask()
        if self._gone:
            raise ConnectionError(self._gone)

    def answer(self, call: Callable[[], T]) -> T:
        """Return what a call says that Ray passes to the head, and waits for without an end.

        Raises
        ------
        ConnectionError
            Where no answer comes.
        """
        said: list[T] = []
        failed: list[Exception] = []

        def ask() -> None:
            try:
                said.append(call())
            except Exception as error:  # noqa: BLE001 - raised again below
                failed.append(error)

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        asking.join(_PATIENCE)
        if failed:
            raise failed[0]
        if not said:
            self._gone = self._gone or f"its head {self.address} does not answer"
            raise ConnectionError(self._gone)
        return said[0]

    def _ask(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not self._gone:
            try:
                _connect(self.address)
            except OSError as error:
                if time.monotonic() >= deadline:
                    self._gone = f"its head {self.address} does not answer: {error}"
                time.sleep(_PATIENCE / 20)  # it may be started anew
            else:
                self._answered = time.monotonic()
                return


def check_address(address: str) -> None:
    """Find out in a moment what Ray takes half a minute for."""
    if address in ("local", "auto"):
        return
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or "://" in address:
        raise SweepError(
            f"{address!r} is no address of a Ray cluster; wanted HOST:PORT, as `ray start --head` "
            'tells it, or "auto".'
        )
    try:
        _connect(address)
    except (OSError, OverflowError) as error:
        raise SweepError(unreachable(address, str(error))) from None


def unreachable(address: str, reason: str) -> str:
    """Say that no cluster can be reached, and what to do."""
    return (
        f"No Ray cluster can be reached at {address} ({reason}); start one with `ray start --head` "
        "and give the HOST:PORT it tells; see docs/cluster.md."
    )


def _connect(address: str) -> None:
    host, _, port = address.rpartition(":")
    socket.create_connection((host.strip("[]"), int(port)), timeout=_TIMEOUT).close()
