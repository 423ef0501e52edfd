"""DataError: the same advice in the words of Python, of the command line and of a page."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from tscviz.cli.reading import flag_of
from tscviz.data import prepare
from tscviz.data.errors import DataError, Setting
from tscviz.data.readers import read_series
from tscviz.ui.classify.words import control

RAGGED = b"1.5,2.5,3.5\n4.5,5.25\n6.5,7.5,1.5\n"


def error_of(data: bytes, **options: Any) -> DataError:
    with pytest.raises(DataError) as caught:
        read_series(data, **options)
    return caught.value


def test_advice_has_a_word_for_each_way_in() -> None:
    error = error_of(RAGGED)
    start = (
        "row 2: the row has 2 cells where 3 were expected; mend the row, or end shorter series "
        "with empty cells"
    )
    clause = "; where rows are series of unequal length, choose "
    assert str(error) == f"{start}{clause}ragged=True."
    assert error.worded(flag_of("--set")) == f"{start}{clause}--set ragged=true."
    assert error.worded(control) == f"{start}{clause}“Shorter rows are shorter series: yes”."
    assert error.worded() == f"{start}."
    assert (error.row, error.column) == (2, None)


@pytest.mark.parametrize(
    ("data", "python", "flag", "page"),
    [
        (b"label,t0,t1\na,1,2\nb,3,3\n", "choose allow_constant=True.",
         "choose --read allow_constant=true.", "choose “Series may be constant: yes”."),
        (b"label,t0,t1\na,1,2\n,2,3\n", "or choose label_column=None.",
         "or choose --read label_column=none.", "or choose “Class label: none”."),
        (b"w,x,y,z,a,b\n1,2,3\n4,5,7\n", "or choose header=False if",
         "or choose --read header=false if", "“First row has column names: no” if"),
        (b"1,2,3\n4,x,6\n1,2,4\n", "with the option missing.", "the option --read missing=VALUE.",
         "the option “Further marks of missing values”."),
        (b"1.5;2.5;3.5\n4.5;1,5;6.5\n", "choose decimal=','.", "choose --read decimal=,.",
         "choose “Decimals: comma, 0,5”."),
        (b"time,x\n0,1\n1,2\n0.5,3\n", "choose time_column=None and", "--read time_column=none and",
         "choose “Time: none” and"),
    ],
)  # fmt: skip
def test_every_advice_is_worded(data: bytes, python: str, flag: str, page: str) -> None:
    error = error_of(data)
    assert python in str(error)
    assert flag in error.worded(flag_of("--read"))
    assert page in error.worded(control)
    for word in ("=True", "=False", "=None", "_column"):
        assert word not in error.worded(control)


def test_a_wrong_option_is_called_as_the_reader_knows_it() -> None:
    error = error_of(b"1,2,3\n", label_column=9_000_000)
    assert str(error).startswith("option label_column is 9000000; it must be")
    assert error.worded(control).startswith("option “Class label” is 9000000; it must be")


def test_the_switches_of_preparation_have_names_too() -> None:
    X = np.array([[[1.0, 2.0]], [[np.nan, np.nan]]], np.float32)
    with pytest.raises(DataError, match=r"leave the case out, or choose gaps='zero'\.$") as caught:
        prepare(X)
    assert caught.value.worded(control).endswith("choose “Missing values: set to zero”.")
    assert caught.value.worded().endswith("leave the case out.")


def test_an_error_can_be_copied_whole() -> None:
    error = DataError("found ", Setting("ragged", True, "{}"), ".", row=3, column="x")
    again = copy.copy(error)  # as between processes, by its arguments and what it holds
    assert str(again) == str(error) == "row 3, column x: found ragged=True."
    assert (again.row, again.column, again.parts) == (3, "x", error.parts)


def test_ragged_says_that_a_row_is_a_series() -> None:
    lengths = read_series(RAGGED, ragged=True).mask.sum(axis=1)
    assert lengths.tolist() == [3, 2, 3]
    smooth = "\n".join(
        ",".join(f"{k * 0.3 + 5 * (i % 2):.1f}" for i in range(9 - k % 2)) for k in range(1, 21)
    )  # a column changes less than a row, which speaks for series in columns
    assert read_series(smooth.encode(), ragged=True).X.shape == (20, 1, 9)
