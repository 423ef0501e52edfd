"""Untrusted text is shown letter by letter and starts nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tscviz.ui.escape import escape_csv, escape_markdown, plain_text, safe_file_name

HOSTILE = [
    "![x](http://evil/)",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1))",
    "http://evil.example/a",
    "www.evil.example",
    "a@evil.example",
    ":red[warning]",
    ":material/home:",
    "$x^2$",
    "# heading",
    "1. list",
    "- item",
    "```code```",
    "a | b",
    "&lt;b&gt;",
    "~~gone~~",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_special_character_is_left_without_a_backslash(text: str) -> None:
    bare = re.sub(r"\\.|\u2060", "", escape_markdown(text))
    assert re.fullmatch(r"[\w\s,;%?]*", bare)


@given(st.text(max_size=200))
def test_escaping_loses_nothing_but_control_characters(text: str) -> None:
    shown = re.sub(r"\\(.)", r"\1", escape_markdown(text)).replace("\u2060", "")
    assert shown == plain_text(text, max_length=2000)


@pytest.mark.parametrize("text", ["http://evil.example/a", "WWW.evil.example", "a@evil.example"])
def test_addresses_are_broken_so_that_they_do_not_become_links(text: str) -> None:
    shown = re.sub(r"\\(.)", r"\1", escape_markdown(text))
    assert not re.search(r"https?://|www\.|[-.\w+]@", shown, re.IGNORECASE)


def test_plain_text_is_one_short_visible_line() -> None:
    assert plain_text("a\n\tb\x00\u202ec\u200b") == "a bc"
    assert plain_text("x" * 500) == "x" * 119 + "…"


@pytest.mark.parametrize("cell", ["=cmd()", "+1+1", "-2+3", "@sum", "\tx", "\rx"])
def test_formula_cells_get_a_quote(cell: str) -> None:
    assert escape_csv(cell) == "'" + cell


@pytest.mark.parametrize("cell", [-1.5, 3, None, "plain", "1-2"])
def test_other_cells_stay_as_they_are(cell: object) -> None:
    assert escape_csv(cell) == cell


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("dtp-fcn/GunPoint", "dtp-fcn-GunPoint"),
        ("../../etc/passwd", "etc-passwd"),
        ("a b\u202egpj.exe", "a-bgpj.exe"),
        ("…", "tscviz"),
    ],
)
def test_file_names_hold_no_path(name: str, safe: str) -> None:
    assert safe_file_name(name) == safe
