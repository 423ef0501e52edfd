"""The guards that the other tests rely on."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest


def test_other_machines_are_out_of_reach() -> None:
    with socket.socket() as sock, pytest.raises(ConnectionError, match="no network"):
        sock.connect(("192.0.2.1", 80))


def test_names_are_not_looked_up() -> None:
    with pytest.raises(socket.gaierror, match="no network"):
        socket.getaddrinfo("example.org", 80)


def test_loopback_works() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=2) as client,
    ):
        client.sendall(b"ping")
        peer, _ = server.accept()
        with peer:
            assert peer.recv(4) == b"ping"


def test_home_is_this_tests_own(home: Path, tmp_path: Path) -> None:
    assert os.environ["TSCVIZ_HOME"] == str(home)
    assert home.parent == tmp_path
    assert list(home.iterdir()) == []
