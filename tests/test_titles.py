"""One place says how the names of architectures are written."""

from __future__ import annotations

from tscviz.data.published import SOURCES
from tscviz.models import model_entry, model_names
from tscviz.titles import TITLES, title_of


def test_every_architecture_is_written_one_way() -> None:
    names = model_names()
    assert set(names) <= set(TITLES)
    assert {name: model_entry(name).title for name in names} == {n: title_of(n) for n in names}
    assert len(set(TITLES.values())) == len(TITLES)
    assert title_of("dtp-resnet") == "DTP-ResNet"
    assert title_of("somebody's own") == "somebody's own"


def test_papers_and_the_project_write_a_model_the_same_way() -> None:
    """A legend that holds both reads "DSN" and "DSN (published)"."""
    own = {key: source.title for key, source in SOURCES.items() if source.model == key}
    assert own == {key: title_of(key) for key in ("dsn", "lstm-fcn", "alstm-fcn")}
