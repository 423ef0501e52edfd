"""The one place where Ray is imported: a cluster, its workers, and its errors in our words."""

from __future__ import annotations

import math
import os
import re
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from tscviz.training.processes import worker_environment
from tscviz.training.sweep.backends.ray_head import Head, check_address, unreachable
from tscviz.training.sweep.errors import SweepError
from tscviz.training.sweep.raysettings import RaySettings

GIB = 1 << 30
_NODE_GONE = re.compile(r"\bnode (has died|was terminated|was preempted)", re.IGNORECASE)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
#: Of a Ray that is started for one sweep: only what workers cannot read themselves passes here.
_STORE_BYTES = 128 << 20
_COUNT_EVERY = 1.0
_PASSED = ("PYTHONPATH", "MPLBACKEND", "PYTHONUNBUFFERED")


class Lost(Exception):  # noqa: N818 - a worker, not an error of this program
    """A worker is gone or failed; `node` says that its machine went with it."""

    def __init__(self, message: str, *, gone: bool, node: bool) -> None:
        super().__init__(message)
        self.gone, self.node = gone, node


class RayCluster:
    """A connection to a Ray cluster, or to a Ray that is started here.

    Parameters
    ----------
    settings : RaySettings
    threads : int
        Of one worker.
    archive : str, optional
        Folder of datasets, for workers that see it.

    Raises
    ------
    SweepError
        Where Ray is not installed or the cluster cannot be reached.
    """

    def __init__(self, settings: RaySettings, threads: int, archive: str | None = None) -> None:
        self.settings, self.threads, self.archive = settings, threads, archive
        address = settings.address or os.environ.get("RAY_ADDRESS") or "local"
        self.ray: Any = _import_ray(address)
        self._mine = not self.ray.is_initialized()
        if self._mine:
            self._connect(address)
        self._head = Head(self.ray.get_runtime_context().gcs_address)
        self._counted, self._capacity = -math.inf, 0

    def _connect(self, address: str) -> None:
        check_address(address)
        here: dict[str, Any] = {"include_dashboard": False, "object_store_memory": _STORE_BYTES}
        handler = signal.getsignal(signal.SIGTERM)
        try:
            self.ray.init(
                address=address,
                log_to_driver=False,
                logging_level="ERROR",
                **(here if address == "local" else {}),
            )
        except (ConnectionError, OSError, RuntimeError, ValueError, TimeoutError) as error:
            raise SweepError(unreachable(address, _line(error))) from None
        finally:
            if threading.current_thread() is threading.main_thread():
                signal.signal(signal.SIGTERM, handler)  # Ray sets its own

    def capacity(self) -> int:
        """Return how many cells the nodes bear together; asked of Ray once a second."""
        if time.monotonic() - self._counted > _COUNT_EVERY:
            self._capacity = sum(map(self._bears, self._nodes()))
            self._counted = time.monotonic()
        return self._capacity

    def _nodes(self) -> list[dict[str, float]]:
        with self._reaching():
            nodes = self._head.answer(self.ray.nodes)
            return [node["Resources"] for node in nodes if node["Alive"]]

    def needs(self) -> dict[str, float]:
        """Return what one cell takes, by Ray's names."""
        own = self.settings
        cpus = float(self.threads) if own.cpus is None else own.cpus
        return {"CPU": cpus, "GPU": own.gpus, "memory": own.memory_gib * GIB}

    def _bears(self, node: dict[str, float]) -> int:
        counts = []
        for name, needed in self.needs().items():
            has = node.get(name, 0.0)
            if name == "GPU" and 0 < needed < 1:  # a cell's share lies on one GPU
                counts.append(int(has) * int(1 / needed + 1e-9))
            elif needed:
                counts.append(int(has / needed + 1e-9))
        return min(counts)

    def too_small(self) -> str:
        """Say that no node bears a cell, and what the nodes have."""
        wanted, nodes = _resources(self.needs()), "; ".join(sorted(map(_resources, self._nodes())))
        return (
            f"No node of the Ray cluster bears a cell: wanted {wanted}; the nodes have {nodes}. "
            "Lower cpus, gpus or memory_gib in [ray], or give --workers to wait for larger nodes."
        )

    def worker(self, made: type, *args: Any) -> Any:
        """Start a worker somewhere in the cluster; return its handle at once."""
        needs = self.needs()
        given = worker_environment(self.threads)
        names = [name for name in given if name.endswith("_NUM_THREADS")]
        variables = {name: given[name] for name in (*names, *_PASSED)}
        if archive := self.archive or os.environ.get("TSCVIZ_ARCHIVE"):
            variables["TSCVIZ_ARCHIVE"] = archive
        if not needs["GPU"]:
            variables["CUDA_VISIBLE_DEVICES"] = ""
        with self._reaching():
            remote = self.ray.remote(made).options(
                num_cpus=needs["CPU"],
                num_gpus=needs["GPU"],
                memory=needs["memory"] or None,
                max_restarts=0,
                max_task_retries=0,
                max_concurrency=4,  # an order, and meanwhile stop and news
                runtime_env={"env_vars": variables},
            )
            return remote.remote(*args)

    def call(self, handle: Any, method: str, *args: Any) -> Any:
        """Call a worker's method; return the reference of its answer at once."""
        with self._reaching():
            return getattr(handle, method).remote(*args)

    def put(self, value: Any) -> Any:
        """Lay a value into the cluster's store; return its reference."""
        with self._reaching():
            return self.ray.put(value)

    def ready(self, refs: Sequence[Any], seconds: float) -> list[Any]:
        """Return the references whose answers are there, waiting for one at most so long."""
        with self._reaching():
            found, rest = self.ray.wait(list(refs), num_returns=1, timeout=seconds)
            if rest:
                found += self.ray.wait(rest, num_returns=len(rest), timeout=0)[0]
        return found

    def get(self, ref: Any) -> Any:
        """Return an answer that is ready.

        Raises
        ------
        Lost
            Where the worker is gone, or raised.
        SweepError
            Where the cluster is gone.
        """
        errors = self.ray.exceptions
        try:
            with self._reaching():
                return self.ray.get(ref)
        except errors.RayTaskError as error:
            raise Lost(_line(error), gone=False, node=False) from None
        except errors.ActorUnavailableError as error:  # its machine does not answer
            raise Lost(_line(error), gone=True, node=True) from None
        except errors.RayError as error:
            raise Lost(_line(error), gone=True, node=bool(_NODE_GONE.search(str(error)))) from None

    def kill(self, handle: Any) -> None:
        """End a worker at once, whatever it does."""
        with suppress(SweepError, ValueError), self._reaching():
            self.ray.kill(handle, no_restart=True)

    def close(self) -> None:
        """Let go of the cluster; a Ray that was started here ends."""
        if self._mine:
            self.ray.shutdown()

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        errors = self.ray.exceptions
        gone = (errors.RaySystemError, errors.LocalRayletDiedError, ConnectionError)
        try:
            self._head.check()
            yield
        except gone as error:
            raise SweepError(
                f"The Ray cluster is gone ({_line(error)}). Start the sweep again to go on."
            ) from None


def _resources(has: dict[str, float]) -> str:
    words = f"{has.get('CPU', 0.0):g} CPU, {has.get('GPU', 0.0):g} GPU"
    memory = has.get("memory", 0.0) / GIB
    return f"{words}, {memory:.1f} GiB" if memory else words


def _import_ray(address: str) -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    if address == "local" or address.rpartition(":")[0] in _LOOPBACK:
        # Ray replaces a loopback address by that of the network, unless it is told that it is
        # to serve this machine alone.
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    try:
        import ray
    except ImportError as error:
        raise SweepError(
            f"The backend 'ray' needs Ray, which cannot be imported ({error}); install it with "
            "pip install -r requirements-cluster.txt, or leave out --backend."
        ) from None
    return ray


def _line(error: BaseException) -> str:
    """Return what an error says in one line; Ray's own end with the reason."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[-1] if lines else type(error).__name__)[:300]
