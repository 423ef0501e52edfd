"""A real server of the app on a free loopback port, with a home of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


def free_port() -> int:
    """Return a loopback port that nobody listens on right now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@dataclass
class Server:
    """`streamlit run app.py`, started and stopped by the test.

    Parameters
    ----------
    folder : Path
        Holds the log, and TSCVIZ_HOME unless `home` names one.
    home : Path, optional
        A home that outlives this server.
    env : mapping
        Variables on top of this process's own.
    """

    folder: Path
    home: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        """Choose the home and the log file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.home = self.home or self.folder / "home"
        self.log = self.folder / "server.log"

    @property
    def url(self) -> str:
        """Address of the app, without a slash at the end."""
        return f"http://localhost:{self.port}"

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        assert self.process is not None, "the server was not started"
        return self.process.pid

    def start(self) -> Server:
        """Start the server and return once it answers."""
        command = [sys.executable, "-m", "streamlit", "run", "app.py"]
        command += ["--server.headless", "true", "--server.port", str(self.port)]
        env = {**os.environ, **self.env, "TSCVIZ_HOME": str(self.home), "PYTHONUNBUFFERED": "1"}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._wait_until_healthy()
        return self

    def stop(self) -> None:
        """Ask the server to end, and wait until it has."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the server without warning, as `kill -9` does."""
        assert self.process is not None, "the server was not started"
        self.process.kill()
        self.process.wait(timeout=10)

    def read_log(self) -> str:
        """Return what the server has printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def _wait_until_healthy(self) -> None:
        assert self.process is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended at once:\n{self.read_log()}")
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise RuntimeError(f"no answer after {START_SECONDS} s:\n{self.read_log()}")
