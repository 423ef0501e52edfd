"""A selection read from a URL exists, whatever the URL says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tscviz.ui.selection import Catalogue, Selection, Shape, change, resolve

SHAPES = {
    "ArrowHead": Shape(36, 175, ("0", "1", "2")),
    "GunPoint": Shape(50, 150, ("1", "2")),
    "Other": Shape(3, 4, ("a", "b")),
}
CATALOGUE = Catalogue(
    tuple(SHAPES),
    {
        "gtp-fcn/GunPoint": "GunPoint",
        "dtp-fcn/GunPoint": "GunPoint",
        "stp-fcn/ArrowHead": "ArrowHead",
    },
    SHAPES.__getitem__,
)


def test_nothing_asked_gives_the_default() -> None:
    assert resolve({}, CATALOGUE) == (Selection("GunPoint", "dtp-fcn/GunPoint"), ())


def test_a_page_falls_back_on_the_architectures_it_prefers() -> None:
    kinds = {name: name.partition("/")[0] for name in CATALOGUE.models}
    catalogue = replace(CATALOGUE, architectures=kinds)
    assert catalogue.models_for("GunPoint") == ("dtp-fcn/GunPoint", "gtp-fcn/GunPoint")
    prefer = ("dsn", "gtp-fcn")
    assert catalogue.models_for("GunPoint", prefer) == ("gtp-fcn/GunPoint", "dtp-fcn/GunPoint")
    assert resolve({}, catalogue, prefer)[0].model == "gtp-fcn/GunPoint"
    asked, notices = resolve({"model": "x"}, catalogue, prefer)
    assert asked.model == "gtp-fcn/GunPoint"
    assert "showing gtp-fcn/GunPoint" in notices[0]
    kept, _ = resolve({"model": "dtp-fcn/GunPoint"}, catalogue, prefer)
    assert kept.model == "dtp-fcn/GunPoint"


def test_a_full_link_restores_everything() -> None:
    wanted = Selection("GunPoint", "gtp-fcn/GunPoint", "train", 12, 1)
    assert resolve(wanted.to_params(), CATALOGUE) == (wanted, ())


def test_a_model_alone_brings_its_dataset() -> None:
    selection, notices = resolve({"model": "stp-fcn/ArrowHead"}, CATALOGUE)
    assert selection == Selection("ArrowHead", "stp-fcn/ArrowHead")
    assert notices == ()


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"dataset": "../../etc/passwd"}, "No dataset is called '../../etc/passwd'"),
        ({"model": "stp-fcn/ArrowHead", "dataset": "GunPoint"}, "No model trained on GunPoint"),
        ({"model": "job/../../x"}, "showing dtp-fcn/GunPoint"),
        ({"split": "validation"}, "no split called 'validation'"),
        ({"case": "150"}, "a whole number from 0 to 149"),
        ({"case": "-1"}, "showing case 0"),
        ({"case": "1e3"}, "The case is '1e3'"),
        ({"case": "٣"}, "The case is '٣'"),
        ({"case": "9" * 400}, "from 0 to 149"),
        ({"target": "2"}, "The target is '2'"),
    ],
)
def test_a_bad_value_falls_back_and_says_so(params: dict[str, str], words: str) -> None:
    selection, notices = resolve(params, CATALOGUE)
    assert selection == Selection("GunPoint", "dtp-fcn/GunPoint")
    assert len(notices) == 1
    assert words in notices[0]


def test_a_dataset_without_a_model_says_where_to_get_one() -> None:
    selection, notices = resolve({"dataset": "Other", "model": "dtp-fcn/Other"}, CATALOGUE)
    assert selection == Selection("Other", None)
    assert "Train page" in notices[0]


@given(st.dictionaries(st.sampled_from(["dataset", "model", "split", "case", "target"]), st.text()))
def test_any_url_gives_a_selection_that_exists(params: dict[str, str]) -> None:
    selection, _ = resolve(params, CATALOGUE)
    shape = SHAPES[selection.dataset]
    assert selection.model in (None, *CATALOGUE.models_for(selection.dataset))
    assert 0 <= selection.case < shape.n_cases(selection.split)
    assert selection.target is None or 0 <= selection.target < len(shape.class_names)


def test_a_new_dataset_takes_along_what_depends_on_it() -> None:
    old = Selection("GunPoint", "gtp-fcn/GunPoint", "train", 40, 1)
    assert change(old, CATALOGUE, dataset="ArrowHead") == Selection(
        "ArrowHead", "stp-fcn/ArrowHead", "train", 0, None
    )
    assert change(old, CATALOGUE, dataset="ArrowHead", case=7).case == 7
    assert change(old, CATALOGUE, dataset="GunPoint") == old


def test_a_new_split_starts_at_case_0() -> None:
    old = Selection("GunPoint", "gtp-fcn/GunPoint", "train", 40, 1)
    assert change(old, CATALOGUE, split="test") == Selection(
        "GunPoint", "gtp-fcn/GunPoint", "test", 0, 1
    )
    assert change(old, CATALOGUE, case=3).split == "train"
