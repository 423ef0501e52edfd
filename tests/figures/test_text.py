# pyright: reportAttributeAccessIssue=false

import pytest

from tscviz.figures.text import clean, distinct, escape, listing, middle_cut, number, points


def test_markup_entities_tex_and_templates_are_taken_literally() -> None:
    assert escape("<a href='x'>") == "&lt;a href='x'&gt;"
    assert escape("a&b") == "a&amp;b"
    assert escape("$x$") == "&#36;x&#36;"
    assert escape("%{y}") == "&#37;{y}"


def test_long_text_is_cut_before_entities_are_written() -> None:
    assert escape("<" * 50, 5) == "&lt;" * 4 + "…"
    assert len(clean("a" * 100, 12)) == 12


def test_control_characters_newlines_and_direction_marks_do_not_survive() -> None:
    assert clean("a\nb\x00\tc\u202ed") == "a b cd"
    assert clean("  \n ") == "(blank)"


def test_numbers_are_short_and_readable() -> None:
    assert [number(v) for v in (0, 0.98765, 1234.5, -2.5, 1e-7)] == [
        "0", "0.988", "1234", "-2.5", "1.00e-07",
    ]  # fmt: skip


def test_numbers_that_round_up_to_a_power_of_ten_have_no_exponent() -> None:
    assert [number(v) for v in (999.4, 999.6, -999.7, 0.00099996, 99_999.4, 99_999.6)] == [
        "999", "1000", "-1000", "0.001", "99999", "1.00e+05",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("names", "limit", "texts"),
    [
        (["short", "a name that is long"], 11, ("short", "a name tha…")),
        (
            ["ectopic beat A", "ectopic beat B", "normal"],
            11,
            ("ectop…eat A", "ectop…eat B", "normal"),
        ),
        (
            ["one beginning, X, one end", "one beginning, Y, one end"],
            12,
            ("one beg… (1)", "one beg… (2)"),
        ),
    ],
)
def test_cut_names_stay_apart(names, limit, texts) -> None:
    assert distinct(names, limit) == texts
    assert max(map(len, texts)) <= limit


def test_the_middle_is_left_out_of_long_text_alone() -> None:
    assert middle_cut("abcdefghij", 10) == "abcdefghij"
    assert middle_cut("abcdefghijk", 10) == "abcde…hijk"


def test_phrases() -> None:
    assert points(3, 3) == "point 3"
    assert points(3, 7) == "points 3-7"
    assert listing(["a", "b", "c"]) == "a, b and c"
