"""Sweeps on a real Ray cluster: two nodes of one CPU each on this machine's loopback address."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from safetensors import safe_open

# Before Ray is imported: no statistics, and this machine alone.
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
os.environ["RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"] = "0"

import tscviz
from tests.training.sweep.tools import (
    CODE,
    alive,
    assert_a_second_stop_ends_a_deaf_worker,
    environment,
    good_problem,
    numbers,
    parent_of,
    scheduled,
    sweep,
    wait_until,
    worker_pid,
    write_problem,
)
from tscviz.cli import main
from tscviz.training.jobdir import is_alive, read_events, read_status
from tscviz.training.sweep import (
    Progress,
    SweepError,
    SweepFolder,
    plan_sweep,
    run_sweep,
)
from tscviz.training.sweep.backends import BackendOptions, make_backend, ray_head
from tscviz.training.sweep.backends.ray_cluster import RayCluster
from tscviz.training.sweep.raysettings import RaySettings

EPOCHS, SEEDS = 40, 3
_NODE = {
    "num_cpus": 1,
    "object_store_memory": 80 << 20,  # about the least Ray takes
    "include_dashboard": False,
    "node_ip_address": "127.0.0.1",
}
pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # of Ray's own processes
]


@pytest.fixture
def cluster() -> Iterator[Any]:
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args=_NODE)
    yield made
    made.shutdown()


@pytest.mark.cluster
def test_a_sweep_on_two_nodes(
    cluster: Any,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One cluster for all of it: to start one takes longer than most of what is tried on it."""
    second = cluster.add_node(**_NODE, num_gpus=1)
    what_the_nodes_bear(cluster.address)
    monkeypatch.setenv("TSCVIZ_ARCHIVE", str(tmp_path / "archive"))  # for cells of this process
    lose_a_worker_and_a_node_in_mid_sweep(tmp_path, cluster, second)
    cancel_stops_a_worker_out_of_sight(tmp_path / "cancelled", cluster.address, capsys)
    a_worker_is_ended_by_force(tmp_path / "forced", cluster.address)
    deaf = SweepFolder(tmp_path / "deaf")
    options = BackendOptions(deaf.jobs, workers=1, ray=RaySettings(cluster.address))
    assert_a_second_stop_ends_a_deaf_worker(deaf, make_backend("ray", options), 60.0)
    monkeypatch.setattr(ray_head, "_PATIENCE", 1.0)
    lose_the_head(tmp_path / "headless", cluster)


def what_the_nodes_bear(address: str) -> None:
    """Parts of a GPU are counted on one GPU, and a cell lies on one node."""

    def bears(cpus: float | None = None, gpus: float = 0.0) -> int:
        found = RayCluster(RaySettings(address, cpus, gpus), threads=1)
        try:
            return found.capacity()
        finally:
            found.close()

    assert bears() == 2
    assert bears(cpus=2) == 0
    assert bears(cpus=0.2, gpus=0.3) == 3
    options = BackendOptions(Path("jobs"), ray=RaySettings(address, gpus=2.0))
    with pytest.raises(SweepError, match=r"wanted 1 CPU, 2 GPU.* 1 CPU, 0 GPU.* 1 CPU, 1 GPU"):
        make_backend("ray", options)


def lose_a_worker_and_a_node_in_mid_sweep(root: Path, cluster: Any, node: Any) -> None:
    """Kill -9 of a worker on one node, and the other node: nothing is lost but time.

    A dataset that cannot be read fails alone.
    """
    archive, folder, ours = root / "archive", SweepFolder(root / "sweep"), SweepFolder(root / "own")
    write_problem(archive, "Bad", "@classLabel true a b\n@data\n1,x:a\n")
    write_problem(archive, "Good", good_problem("Good"))
    names, ray = ["Bad", "UnitTest", "Good"], {"address": cluster.address}
    spec = sweep(EPOCHS, seeds=SEEDS, datasets=names, archive=str(archive), ray=ray)
    (raylet,) = node.all_processes["raylet"]
    lost: dict[str, str] = {}

    def kill(progress: Progress) -> None:
        for cell in progress.running:
            seen = read_status(folder.folder(cell))
            if not seen.pid or not alive(seen.pid) or not 3 < seen.epoch < EPOCHS:
                continue
            here = parent_of(seen.pid) == raylet.process.pid
            what = "machine is gone" if here else "without a word"
            if what in lost:
                continue
            lost[what] = cell
            if here:
                cluster.remove_node(node, allow_graceful=False)
            else:
                os.kill(seen.pid, signal.SIGKILL)

    done = run_sweep(spec, folder.root, backend="ray", on_change=kill)
    assert (done.trained, len(done.failed), done.stopped) == (2 * SEEDS, SEEDS, "")
    assert all("Bad_TRAIN.ts" in reason for reason in done.failed.values())
    told = [(cell.id, reason) for cell in folder.cells() for reason in folder.attempts(cell.id)]
    assert len(told) == len(lost) == 2
    for words, cell in lost.items():
        assert any(words in reason for known, reason in told if known == cell)
    plan_sweep(spec, ours)
    scheduled(ours)
    assert numbers(folder) == numbers(ours)
    again, backend = scheduled(folder)
    assert (again.trained, len(again.done), backend.started) == (0, 2 * SEEDS, [])
    assert not list(folder.jobs.glob(".beacon-*"))


TEXT = f"""
code_version = "{CODE}"
preset = "quick"
seeds = 2
datasets = ["UnitTest"]
models = ["gtp-fcn"]
options = {{ epochs = 100_000, checkpoint_every = 3, test_every = 50 }}
ray = {{ shared_folder = false }}
"""


def cancel_stops_a_worker_out_of_sight(
    root: Path, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the command line: it ends its epoch, and its checkpoint comes back."""
    folder, pids = SweepFolder(root / "sweep"), []
    root.mkdir()
    (root / "sweep.toml").write_text(TEXT, encoding="utf-8")

    def cancel() -> None:
        pids.append(wait_until(lambda: worker_pid(folder, 2), 300.0))
        folder.cancel()

    thread = threading.Thread(target=cancel)
    thread.start()
    capsys.readouterr()  # what Ray told of the node that was lost
    command = ["sweep", str(root / "sweep.toml"), "--out", str(folder.root), "--json"]
    code = main([*command, "--backend", "ray", "--address", address, "--shard", "2/2"])
    thread.join()
    told = json.loads(capsys.readouterr().out)
    assert (code, told["cells"], told["trained"], told["failed"]) == (130, 1, 0, {})
    assert "start it again to go on" in told["stopped"]
    wait_until(lambda: not alive(pids[0]))
    first, cell = folder.cells()
    assert not folder.folder(first.id).exists()  # of the other shard
    state = folder.state(cell)
    assert state.state == "waiting"
    assert 1 < state.epoch < 100_000
    job = folder.folder(cell.id)
    assert [event["epoch"] for event in read_events(job)] == list(range(1, state.epoch + 1))
    with safe_open(job / "checkpoint" / "checkpoint.safetensors", "pt") as checkpoint:
        assert json.loads(checkpoint.metadata()["state"])["epoch"] == state.epoch


def a_worker_is_ended_by_force(root: Path, address: str) -> None:
    """Without time to end its epoch: process and lock are gone when the sweep returns."""
    folder, pids = SweepFolder(root), []

    def cancel_in_mid_cell(_: Progress) -> None:
        pid = worker_pid(folder, 2)
        if pid and not pids:
            pids.append(pid)
            folder.cancel()

    spec = sweep(100_000, seeds=1)
    done = run_sweep(
        spec, root, backend="ray", address=address, on_change=cancel_in_mid_cell, grace=0.0
    )
    assert (done.interrupted, done.trained, done.failed) == (True, 0, {})
    (cell,) = folder.cells()
    assert not is_alive(folder.folder(cell.id))
    assert folder.state(cell).state == "waiting"
    wait_until(lambda: not alive(pids[0]))


def lose_the_head(root: Path, cluster: Any) -> None:
    """The sweep says so and stores its table; Ray itself would end this process in a minute."""
    folder, pids = SweepFolder(root), []

    def kill(_: Progress) -> None:
        pid = worker_pid(folder, 2)
        if pid and not pids:
            pids.append(pid)
            (store,) = cluster.head_node.all_processes["gcs_server"]
            os.kill(store.process.pid, signal.SIGKILL)

    done = run_sweep(
        sweep(100_000, seeds=1), root, backend="ray", address=cluster.address, on_change=kill
    )
    assert "The Ray cluster is gone (its head 127.0.0.1:" in done.stopped
    assert (done.waiting, done.failed, done.interrupted) == (1, {}, False)
    assert (root / "results.csv").is_file()


def test_a_head_is_given_time_and_then_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_head, "_EVERY", -1.0)
    monkeypatch.setattr(ray_head, "_PATIENCE", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as server:
        head = ray_head.Head(f"127.0.0.1:{server.getsockname()[1]}")
        head.check()
    with pytest.raises(ConnectionError, match=r"head 127\.0\.0\.1:\d+ does not answer: .*refused"):
        head.check()
    monkeypatch.setattr(ray_head, "_connect", lambda _: None)
    with pytest.raises(ConnectionError):  # it is another one now
        head.check()


def test_a_call_that_the_head_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_head, "_PATIENCE", 0.05)
    head, never = ray_head.Head("127.0.0.1:1"), threading.Event()
    assert head.answer(lambda: "yes") == "yes"
    with pytest.raises(ZeroDivisionError):
        head.answer(lambda: 1 // 0)
    for _ in range(2):
        with pytest.raises(ConnectionError, match=r"head 127\.0\.0\.1:1 does not answer$"):
            head.answer(never.wait)
    with pytest.raises(ConnectionError):
        head.check()
    never.set()


def test_ray_is_imported_in_one_file_and_only_when_it_is_asked_for() -> None:
    found = [
        path.name
        for path in Path(tscviz.__path__[0]).rglob("*.py")
        if re.search(r"^\s*(import|from) ray\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert found == ["ray_cluster.py"]
    code = "import sys, tscviz.training.sweep.backends.ray_pool; print('ray' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("127.0.0.1:{port}", "No Ray cluster can be reached at 127.0.0.1:.*Connection refused"),
        ("ray://127.0.0.1:10001", "no address of a Ray cluster; wanted HOST:PORT"),
        ("head", "no address of a Ray cluster"),
    ],
)
def test_an_address_where_no_cluster_is(tmp_path: Path, address: str, words: str) -> None:
    with pytest.raises(SweepError, match=words) as caught:
        run_sweep(sweep(), tmp_path, backend="ray", address=address.format(port=free_port()))
    assert "\n" not in str(caught.value)


def test_without_ray_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)  # as on a machine without the extra
    with pytest.raises(SweepError, match=r"pip install -r requirements-cluster\.txt"):
        run_sweep(sweep(), tmp_path, backend="ray")
