"""Downloading: whole or not at all, with progress, and clear without a network."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tscviz.data import DataError, DownloadProgress, list_datasets, load_dataset
from tscviz.data import download as download_module
from tscviz.data.download import download_problem, downloads_folder

WRITE = """
import sys, time, pathlib
name, folder = sys.argv[1:]
target = pathlib.Path(folder, name)
target.mkdir()
text = "@classLabel true 1 2\\n@data\\n1,2,3:1\\n4,5,6:2\\n"
(target / f"{name}_TRAIN.ts").write_text(text)
(target / f"{name}_description.txt").write_text("not wanted")
time.sleep(PAUSE)
(target / f"{name}_TEST.ts").write_text(text)
"""


def writer(pause: float = 0.0, code: str = WRITE) -> list[str]:
    """A stand-in for the server: a real process that writes the files."""
    return [sys.executable, "-c", code.replace("PAUSE", str(pause))]


def test_download_is_kept_and_listed(home: Path) -> None:
    seen: list[DownloadProgress] = []
    problem = download_problem("Toy", on_progress=seen.append, command=writer(0.5))
    assert problem.train == home / "datasets" / "Toy" / "Toy_TRAIN.ts"
    assert sorted(p.name for p in downloads_folder().iterdir()) == ["Toy"]
    assert sorted(p.name for p in problem.train.parent.iterdir()) == [
        "Toy_TEST.ts",
        "Toy_TRAIN.ts",
    ]
    assert seen[-1].n_bytes > 0
    assert seen[-1].seconds >= seen[0].seconds >= 0
    data = load_dataset("Toy")
    assert (data.source, data.X_test.shape) == ("download", (2, 1, 3))
    assert "Toy" in {info.name for info in list_datasets() if info.source == "download"}


def test_cancelled_download_stops_its_process_and_leaves_nothing(tmp_path: Path) -> None:
    class StopError(Exception):
        pass

    def stop(progress: DownloadProgress) -> None:
        if progress.n_bytes:
            raise StopError

    note = tmp_path / "pid"
    told = f"import os, pathlib; pathlib.Path({str(note)!r}).write_text(str(os.getpid()))\n"
    with pytest.raises(StopError):
        download_problem("Toy", on_progress=stop, command=writer(600, told + WRITE))
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)
    assert list(downloads_folder().iterdir()) == []


def test_half_a_download_is_refused() -> None:
    code = WRITE.replace("time.sleep(PAUSE)", "sys.exit('the line went dead')")
    with pytest.raises(DataError, match=r"found Toy_TRAIN\.ts but not Toy_TEST\.ts"):
        download_problem("Toy", command=writer(code=code))
    assert list(downloads_folder().iterdir()) == []


def test_failed_download_gives_the_reason() -> None:
    with pytest.raises(DataError, match=r"download failed.*\(server on fire\)"):
        download_problem("Toy", command=writer(code="import sys; sys.exit('server on fire')"))
    assert list(downloads_folder().iterdir()) == []


def test_somebody_else_finished_first() -> None:
    first = download_problem("Toy", command=writer())
    again = download_problem("Toy", command=writer())
    assert first == again


def test_a_download_too_large_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download_module, "MAX_BYTES", 10)
    with pytest.raises(DataError, match="passed 10 bytes"):
        download_problem("Toy", command=writer(60))
    assert list(downloads_folder().iterdir()) == []


def test_leftovers_of_a_killed_process_are_removed() -> None:
    old, new = downloads_folder() / ".Toy-old", downloads_folder() / ".Toy-new"
    for folder in (old, new):
        folder.mkdir(parents=True)
    os.utime(old, (1, 1))
    download_problem("Toy", command=writer())
    assert not old.exists()
    assert new.exists()


def test_home_that_cannot_be_written(home: Path) -> None:
    (home / "datasets").write_text("a file where the folder belongs")
    with pytest.raises(DataError, match="nothing can be written to"):
        download_problem("Toy", command=writer())


def test_without_network_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.setenv(key, "http://127.0.0.1:9")  # nobody listens on the discard port
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(DataError, match=r"no network.*\(Connection refused\)") as caught:
        load_dataset("Coffee")
    assert str(caught.value).count("\n") == 0
    assert "TSCVIZ_ARCHIVE" in str(caught.value)
    assert list(downloads_folder().iterdir()) == []


def test_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(DataError, match=r"aeon knows no dataset.*Did you mean 'GunPoint'\?"):
        load_dataset("gunpiont")
