"""Parameters and FLOPs of DSN against every printed figure of the paper.

`dsn_published.csv` holds the Params and FLOPs columns of Tables 3, 8 and 9 of Xiao et al. (NeurIPS
2022) with the lengths, channels and classes of the data sets, `dsn_published_means.csv` those of
Table 5.
"""

import csv
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tscviz.data.published import published_figures
from tscviz.models import SeriesModule, build_model, describe_model
from tscviz.models.cost import module_cost
from tscviz.types import ModelCost

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Row:
    table: int
    dataset: str
    length: int
    n_channels: int
    n_classes: int
    channels: int
    sparsity: float
    params_k: float
    flops_m: float

    @property
    def cost(self) -> ModelCost:
        return describe_model(
            "dsn",
            n_channels=self.n_channels,
            n_classes=self.n_classes,
            length=self.length,
            channels=self.channels,
            sparsity=self.sparsity,
        )


def read() -> list[Row]:
    with (HERE / "dsn_published.csv").open(encoding="utf-8") as file:
        return [
            Row(
                int(r["table"]),
                r["dataset"],
                int(r["length"]),
                int(r["n_channels"]),
                int(r["n_classes"]),
                int(r["channels"]),
                float(r["sparsity"]),
                float(r["params_k"]),
                float(r["flops_m"]),
            )
            for r in csv.DictReader(file)
        ]


ROWS = read()
# Printed FLOPs that fit neither the other rows nor their own column.
MISPRINTS = {("EEG2", 0.9): 47.40198, ("EigenWorms", 0.9): 5075.38008}


def is_printed(value: float, printed: float) -> bool:
    """Whether `printed` is `value` rounded to two digits; a tie may go either way."""
    return abs(value - printed) <= 0.005 + 1e-9


def test_the_published_tables_are_whole() -> None:
    tables = [row.table for row in ROWS]
    assert {t: tables.count(t) for t in set(tables)} == {8: 85, 9: 30, 3: 12}


def test_the_figures_on_the_results_page_are_of_the_same_networks() -> None:
    """Table 9 is of sparsity 0.9."""
    shown = {(f.dataset, f.parameters): f.sparsity for f in published_figures() if f.key == "dsn"}
    found = {
        (row.table, shown[name, parameters] == row.sparsity)
        for row in ROWS
        for name, parameters in shown
        if row.table != 3
        and name == row.dataset
        and parameters == pytest.approx(row.params_k * 1e3)
    }
    assert found == {(8, True), (9, True)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"table{row.table}-{row.dataset}")
def test_every_printed_count_but_two_misprints(row: Row) -> None:
    cost = row.cost
    assert is_printed(cost.parameters / 1e3, row.params_k)
    misprint = MISPRINTS.get((row.dataset, row.sparsity))
    if misprint is None:
        assert is_printed(cost.flops / 1e6, row.flops_m)
    else:
        assert cost.flops / 1e6 == pytest.approx(misprint, abs=1e-5)
        assert not is_printed(cost.flops / 1e6, row.flops_m)


@cache
def univariate(n_classes: int, sparsity: float) -> SeriesModule:
    return build_model("dsn", n_channels=1, n_classes=n_classes, sparsity=sparsity)


def test_the_printed_means_of_table_5() -> None:
    """Its means are printed rounded up: 126.2149 stands as 126.22, 37.7179 as 37.72."""
    rows = [row for row in ROWS if row.table == 8]
    with (HERE / "dsn_published_means.csv").open(encoding="utf-8") as file:
        printed = list(csv.DictReader(file))
    assert len(printed) == 5
    for line in printed:
        s = float(line["sparsity"])
        costs = [module_cost(univariate(r.n_classes, s), r.length) for r in rows]
        parameters = sum(c.parameters for c in costs) / 85e3
        flops = sum(c.flops for c in costs) / 85e6
        assert math.ceil(parameters * 100) / 100 == float(line["mean_params_k"])
        assert math.ceil(flops * 100) / 100 == float(line["mean_flops_m"])


def test_gunpoint_by_hand() -> None:
    cost = describe_model("dsn", n_channels=1, n_classes=2, length=150)
    sparse = 732 + 3 * 34_459
    assert cost.parameters == sparse + 3 * 141 * 47 + 4 * 282 + 282 + 4 == 125_404
    assert cost.macs == 150 * (sparse + 3 * 141 * 47) + 50 * 282
    kernels = 150 * (732 + 3 * 34_459 * 93 / 47 + 3 * 281 * 47)
    assert cost.flops == pytest.approx(
        kernels + 150 * 4 * 141 * 5 + 141 * 50 * 4 + 2 * (2 * 281 * 50 + 400 + 51), rel=1e-12
    )


@pytest.mark.parametrize("n_classes", [2, 25, 60])
def test_parameters_of_univariate_networks_follow_one_line(n_classes: int) -> None:
    cost = describe_model("dsn", n_channels=1, n_classes=n_classes, length=99)
    assert cost.parameters == 125_118 + 143 * n_classes
