"""Tables that are read back: ours, and what people make of them."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pandas as pd
import pytest

from tests.training.sweep.tools import sweep
from tscviz.training.sweep import SweepError, SweepFolder, plan_sweep, read_table
from tscviz.training.sweep.cell import run_cell
from tscviz.training.sweep.results import read_results
from tscviz.training.sweep.summary import compare, latex, markdown
from tscviz.training.sweep.table import csv_text, parquet_table, repeated

EVIDENCE = Path(__file__).parents[3] / "benchmarks" / "results" / "dsn.csv"
HEAD = "model,options,dataset,seed,accuracy,stopped_early,parameters\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> SweepFolder:
    """One cell that is done and one that waits."""
    made = SweepFolder(tmp_path_factory.mktemp("sweep"))
    plan_sweep(sweep(3), made)
    assert run_cell(made.jobs, made.cells()[0].job).state == "done"
    return made


def test_a_table_is_read_back_as_it_was_written(folder: SweepFolder, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    wanted = read_table(folder)
    path.write_text(csv_text(wanted))
    found = read_results(path)
    assert found == wanted
    assert repeated(found) == 0
    assert repeated([*found, found[0] | {"code_version": "later"}]) == 1
    assert len(read_results(path, models=["gtp-fcn"], statuses=["done"])) == 1
    path.write_text("model,dataset,seed,accuracy\na,X,0,0.5\na,X,1,high\n")
    with pytest.raises(SweepError, match="line 3: accuracy is 'high'"):
        read_results(path)
    path.write_text("model,dataset,seed,accuracy\na,X,0,0.5\n")
    (row,) = read_results(path)
    assert (row["status"], row["options"], row["accuracy"]) == ("done", "{}", 0.5)


def test_a_table_of_baselines_without_preset_is_compared() -> None:
    found = read_results(EVIDENCE)
    assert csv_text(found) == EVIDENCE.read_text(encoding="utf-8")
    assert {row["preset"] for row in found if row["model"] == "1nn-dtw"} == {""}
    both = compare([row for row in found if row["model"] in ("1nn-dtw", "minirocket")])
    assert both.models == ("1nn-dtw", "minirocket")
    assert both.values["ArrowHead", "1nn-dtw"] == 0.7028571428571428
    assert both.seeds["ArrowHead", "minirocket"] == 3
    for text in (markdown(compare(found)), latex(compare(found))):
        assert "1nn-dtw" in text
    assert len(pd.read_parquet(io.BytesIO(parquet_table(found)))) == len(found)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a,pooling=max,X,0,0.5,,", "options is 'pooling=max', which is no JSON object"),
        ("a,3,X,0,0.5,,", "options is '3', which is no JSON object"),
        ("a,{}", "dataset is empty"),
        (",{},X,0,0.5,,", "model is empty"),
        ("a,{},X,9223372036854775808,0.5,,", "seed is '9223372036854775808', which is no whole"),
        ("a,{},X,0.5,0.5,,", "seed is '0.5', which is no whole number from 0"),
        ("a,{},X,-1,0.5,,", "seed is '-1', which is no whole number from 0 to 2^63 - 1"),
        ("a,{},X,0,1.5,,", "accuracy is '1.5', which is no number from 0 to 1"),
        ("a,{},X,0,-3,,", "accuracy is '-3', which is no number from 0 to 1"),
        ("a,{},X,0,0.5,,many", "parameters is 'many', which is no whole number"),
        ("a,{},X,0,0.5,0.5,", "stopped_early is '0.5', which is no true or false"),
        ("a,{},X,0,1e999,,", "accuracy is '1e999', which is no number"),
        ("a,{},X,0,true,,", "accuracy is 'true', which is no number"),
        ("a,{},X,0,0.5,,,8", "more cells than the head has columns"),
    ],
)
def test_what_no_sweep_can_have_written_is_refused_with_its_place(
    tmp_path: Path, line: str, words: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{HEAD}a,{{}},X,0,0.5,True,7\n{line}\n")
    with pytest.raises(SweepError, match=re.escape(f"{path}, line 3")) as caught:
        read_results(path)
    assert words in str(caught.value)


def test_a_table_without_rows_and_one_without_columns(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(HEAD)
    with pytest.raises(SweepError, match="has no rows"):
        read_results(path)
    path.write_text("")
    with pytest.raises(SweepError, match="has no column 'model'"):
        read_results(path)


def test_the_line_is_that_of_the_file_and_whole_numbers_may_have_a_point(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f'{HEAD}"a\nb",{{}},X,9223372036854775807,0.5,false,7.0\n\na,[],X,0,0.5,,\n')
    with pytest.raises(SweepError, match=r"line 5: options is '\[\]'"):
        read_results(path)
    path.write_text(f"{HEAD}a,{{}},X,9223372036854775807,0.5,false,7.0\na,{{}},X,1,nan,nan,\n")
    first, second = read_results(path)
    assert (first["seed"], first["stopped_early"], first["parameters"]) == (2**63 - 1, False, 7)
    assert (second["accuracy"], second["stopped_early"], second["parameters"]) == (None,) * 3


def test_rows_are_kept_by_an_option(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    options = ('{"k": 1}', '{"k": true}', '{"k": "max", "lr": 0.001}', "{}", '{"lr": 1}')
    lines = [f'm{n},"{text.replace(chr(34), chr(34) * 2)}",X,0,0.5,,\n' for n, text in
             enumerate(options)]  # fmt: skip
    path.write_text(HEAD + "".join(lines))
    for wanted, found in (
        ({"k": ["1"]}, "0"),
        ({"k": ["true"]}, "1"),
        ({"k": ["max"]}, "2"),
        ({"k": ["default"]}, "34"),
        ({"k": ["default", "1"]}, "034"),
        ({"lr": ["1e-3"]}, "2"),
        ({"lr": ["1", "1e-3"], "k": ["default"]}, "4"),
        ({}, "01234"),
        ({"nothing": ["1"]}, ""),
    ):
        rows = read_results(path, options=wanted)
        assert "".join(row["model"][1:] for row in rows) == found
