from __future__ import annotations

from pathlib import Path

import pytest

from tscviz import resources
from tscviz.types import TscvizError


def test_a_clone_uses_its_own_files() -> None:
    root = Path(__file__).parents[1]
    assert resources.resource("pages") == root / "pages"
    assert resources.resource("app.py").is_file()


def test_an_installed_wheel_uses_its_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "tscviz" / "_bundle"
    (bundle / "pages").mkdir(parents=True)
    (bundle / "app.py").touch()
    # Somebody else's folder of that name, beside the package in site-packages.
    (tmp_path / "pages").mkdir()
    monkeypatch.setattr(resources, "_PLACES", (tmp_path, bundle))
    assert resources.resource("pages") == bundle / "pages"


def test_an_incomplete_installation_says_where_it_looked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "_PLACES", (tmp_path, tmp_path / "_bundle"))
    with pytest.raises(TscvizError, match=f"pages was found neither in {tmp_path}"):
        resources.resource("pages")


@pytest.mark.parametrize("name", ["../etc", "secrets", ""])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(TscvizError, match="no resource is called"):
        resources.resource(name)
