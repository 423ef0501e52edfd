"""The folder of a run is tried before the training, and nothing empty is left behind."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from tscviz.data import make_bumps
from tscviz.training import EpochEvent, train
from tscviz.types import TscvizError


@pytest.mark.parametrize("below", ["", "a/b"])
def test_a_folder_that_cannot_be_written_is_told_before_the_first_epoch(
    below: str, tmp_path: Path
) -> None:
    file, events = tmp_path / "file", list[EpochEvent]()
    file.write_text("mine")
    with pytest.raises(OSError, match="Not a directory") as caught:
        train(make_bumps(20, 24), "gtp-fcn", preset="quick", out=file / below,
              epochs=1, on_epoch=events.append)  # fmt: skip
    assert (caught.value.errno, events) == (errno.ENOTDIR, [])
    assert file.read_text() == "mine"


def test_what_fails_or_is_interrupted_before_a_checkpoint_leaves_no_folder(tmp_path: Path) -> None:
    def stop(_: EpochEvent) -> None:
        raise KeyboardInterrupt

    runs = tmp_path / "runs"
    (runs / "there").mkdir(parents=True)
    for out in (runs / "a" / "b", runs / "there"):
        with pytest.raises(TscvizError, match="segments"):
            train(make_bumps(20, 24), "stp-fcn", preset="quick", out=out, segments=40)
        with pytest.raises(KeyboardInterrupt):
            train(make_bumps(20, 24), "gtp-fcn", preset="quick", out=out, on_epoch=stop)
    assert [path.name for path in runs.rglob("*")] == ["there"]
    train(make_bumps(20, 24), "gtp-fcn", preset="quick", out=runs / "a" / "b", epochs=1)
    assert (runs / "a" / "b" / "model" / "card.json").is_file()
