"""A trunk on disk that somebody has been at: always an error of ours, never a traceback."""

import json
from pathlib import Path
from typing import Any

import pytest

from tscviz.models import ModelError
from tscviz.models.convtimenet import Trunk, TrunkOptions
from tscviz.models.trunk_store import CARD, load_trunk, save_trunk

OPTIONS = TrunkOptions(lengths=(3,), filters=2, blocks=1, layers=1)


@pytest.mark.parametrize("value", [None, [], "x", 1, {}, True, [1], [{"name": 1}]])
@pytest.mark.parametrize("key", ["format", "options", "sources", "weights"])
def test_a_card_of_other_types_is_refused(tmp_path: Path, key: str, value: Any) -> None:
    trunk = Trunk(1, OPTIONS)
    save_trunk(trunk, OPTIONS, tmp_path, {"sources": [{"name": "A"}]})
    card = json.loads((tmp_path / CARD).read_text()) | {key: value}
    (tmp_path / CARD).write_text(json.dumps(card))
    if (key, value) in (("sources", []), ("format", 1)):
        assert load_trunk(trunk, OPTIONS, tmp_path)["sources"] == card["sources"]
        return
    with pytest.raises(ModelError, match="trunk"):
        load_trunk(trunk, OPTIONS, tmp_path)


def test_a_card_nested_too_deep_is_refused(tmp_path: Path) -> None:
    (tmp_path / CARD).write_text("[" * 100_000)
    with pytest.raises(ModelError, match="cannot be read"):
        load_trunk(Trunk(1, OPTIONS), OPTIONS, tmp_path)
