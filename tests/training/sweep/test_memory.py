"""What control groups leave of the memory, in made-up trees of both versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tscviz.training.sweep.backends import memory
from tscviz.training.sweep.backends.memory import GIB, group_memory

NONE = 1 << 62
JOB = "/system.slice/slurmstepd.scope/job_7"


def group(root: Path, path: str, limit: object, used: int, idle: int = 0) -> None:
    """One group of version 2."""
    folder = root / path.strip("/")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.max").write_text(f"{limit}\n")
    (folder / "memory.current").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 1\ninactive_anon 5\ninactive_file {idle}\nslab 2\n")


def old_group(root: Path, path: str, limit: int, used: int, idle: int = 0) -> None:
    """One group of version 1; what its own tasks cache stands beside the total."""
    folder = root / "memory" / path.strip("/")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.limit_in_bytes").write_text(f"{limit}\n")
    (folder / "memory.usage_in_bytes").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"inactive_file 0\ntotal_inactive_file {idle}\n")


def told(tmp_path: Path, *lines: str) -> tuple[Path, Path]:
    """The kernel's word on our groups, and the folder of all groups."""
    path = tmp_path / "cgroup"
    path.write_text("".join(f"{line}\n" for line in lines))
    (tmp_path / "groups").mkdir()
    return path, tmp_path / "groups"


def test_the_least_that_any_group_above_ours_leaves(tmp_path: Path) -> None:
    where = told(tmp_path, f"0::{JOB}/step_0/user/task_0")
    group(where[1], f"{JOB}/step_0/user/task_0", "max", 3 * GIB)
    group(where[1], f"{JOB}/step_0", 6 * GIB, 3 * GIB)
    group(where[1], JOB, 5 * GIB, 3 * GIB)
    group(where[1], "/other.slice", GIB, GIB)
    assert group_memory(*where) == 2 * GIB
    group(where[1], "/", 64 * GIB, 63 * GIB)  # in a container the uppermost may have a limit
    assert group_memory(*where) == GIB
    group(where[1], JOB, 5 * GIB, 6 * GIB)
    assert group_memory(*where) == 0


def test_idle_page_cache_is_not_used(tmp_path: Path) -> None:
    where = told(tmp_path, "0::/job")
    group(where[1], "/job", 8 * GIB, 8 * GIB, idle=7 * GIB)
    assert group_memory(*where) == 7 * GIB
    (where[1] / "job" / "memory.stat").unlink()
    assert group_memory(*where) == 0


@pytest.mark.parametrize("controllers", ["memory", "cpu,memory"])
def test_groups_of_version_1(tmp_path: Path, controllers: str) -> None:
    where = told(tmp_path, "9:name=systemd:/", f"4:{controllers}:/slurm/job_7", "0::/")
    old_group(where[1], "/slurm/job_7", 4 * GIB, 3 * GIB, idle=2 * GIB)
    old_group(where[1], "/", (1 << 63) - 4096, 9 * GIB)
    assert group_memory(*where) == 3 * GIB


@pytest.mark.parametrize(
    "line", ["0::/docker/not_seen_here", "0::/../beside", "0::/", "4:memory:/x", "nonsense"]
)
def test_without_a_limit_there_is_none(tmp_path: Path, line: str) -> None:
    where = told(tmp_path, line)
    group(tmp_path, "/beside", GIB, GIB)  # outside of the groups we see
    assert group_memory(*where) == group_memory(tmp_path / "none", where[1]) == NONE
    group(where[1], "/", "max", GIB)
    assert group_memory(*where) == NONE


def test_the_group_counts_where_it_leaves_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "group_memory", lambda: 123)
    assert memory.free_memory() == 123
