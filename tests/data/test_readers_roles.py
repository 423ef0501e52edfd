"""What stands beside the points of a series, clocks beside numbered names, times and offsets."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

from tscviz.data import Preparation, prepare
from tscviz.data.errors import DataError
from tscviz.data.readers import read_series
from tscviz.types import Array, SeriesSet

WALK = np.cumsum(np.random.default_rng(0).normal(size=(6, 150)), axis=1).round(3)
POINTS = [f"t{i}" for i in range(150)]


def read(names: list[str], rows: list[list[str]], **options: Any) -> SeriesSet:
    return read_series("\n".join(",".join(cells) for cells in [names, *rows]).encode(), **options)


def words(values: Array) -> list[str]:
    return [f"{value:.3f}" for value in values]


def notes(series: SeriesSet) -> str:
    assert set(series.layout["notes"]) <= set(series.layout["reasons"])
    return " ".join(series.layout["notes"])


@pytest.mark.parametrize(
    "names", ["subject,age,label", "label,fs", "age,sex,label", "label,mean,std,least,most,skew"]
)
@pytest.mark.parametrize("front", [True, False])
def test_a_number_beside_counted_points_is_no_point(names: str, front: bool) -> None:
    known: dict[str, Any] = {"label": "ab", "subject": ["p1", "p2", "p3", "p4", "p5", "p6"]}
    head = names.split(",")
    rows = []
    for i, x in enumerate(WALK):
        cells = [known[n][i % len(known[n])] if n in known else str(30 + i % 3) for n in head]
        rows.append([*cells, *words(x)] if front else [*words(x), *cells])
    series = read([*head, *POINTS] if front else [*POINTS, *head], rows)
    np.testing.assert_allclose(series.X[:, 0], WALK, atol=1e-6)
    assert series.labels == tuple("ababab")
    for name in set(head) - {"label", "subject"}:
        assert f"({name!r}) holds no points, as its name tells, and is left out." in notes(series)


def test_a_first_point_with_a_word_and_a_label_denied_are_points() -> None:
    rows = [["ab"[i % 2], *words(x[:9])] for i, x in enumerate(WALK)]
    series = read(["label", "baseline", *POINTS[1:9]], rows)
    np.testing.assert_allclose(series.X[:, 0], WALK[:, :9], atol=1e-6)
    numbered = [[str(i % 2), *words(x)] for i, x in enumerate(WALK)]
    assert read(["state", *POINTS], numbered, label_column=None).X.shape == (6, 1, 151)


def test_words_in_the_middle_are_the_label_where_there_is_no_other() -> None:
    rows = [[*words(x[:75]), "ab"[i % 2], *words(x[75:])] for i, x in enumerate(WALK)]
    series = read([*POINTS[:75], "state", *POINTS[75:]], rows)
    assert (series.labels, series.X.shape) == (tuple("ababab"), (6, 1, 150))


@pytest.mark.parametrize(
    "names", ["date,label", "label,day", "subject,day,label", "label,timestamp", "year"]
)
def test_a_date_in_each_row_beside_counted_points_is_no_clock(names: str) -> None:
    cell = {
        "date": lambda i: f"2024-01-0{i + 1}",
        "timestamp": lambda i: f"2024-01-01 00:00:0{i}",
        "day": lambda i: str(i % 2),
        "year": lambda i: str(2000 + i),
        "subject": lambda i: f"s{i // 2}",
        "label": lambda i: "ab"[i % 2],
    }
    head = names.split(",")
    rows = [[*(cell[name](i) for name in head), *words(x)] for i, x in enumerate(WALK)]
    series = read([*head, *POINTS], rows)
    np.testing.assert_allclose(series.X[:, 0], WALK, atol=1e-6)
    assert series.labels == (tuple("ababab") if "label" in head else None)
    dated = next(name for name in head if name not in ("subject", "label"))
    assert dated == "year" or f"({dated!r}) holds" in notes(series)  # a year names its row


@pytest.mark.parametrize("stem", ["T", "v", "ch", "F"])
@pytest.mark.parametrize("label", ["", "activity"])
def test_a_clock_beside_numbered_channels_stays_one(stem: str, label: str) -> None:
    values = np.random.default_rng(1).normal(size=(22, 300))
    rows = [
        [f"{0.02 * i:.2f}", *words(values[:, i]), *(["run" if i < 150 else "sit"] * bool(label))]
        for i in range(300)
    ]
    names = ["time", *(f"{stem}{c + 1}" for c in range(22)), *([label] * bool(label))]
    series = read(names, rows)
    np.testing.assert_allclose(series.X[0], values, atol=1e-3)


@pytest.mark.parametrize(
    "first", ["time_sec", "Zeit in s", "t_ms", "x", "n", "Nr", "row", "index", "Unnamed: 0"]
)
@pytest.mark.parametrize(("stem", "shape"), [("ch", (1, 6, 150)), ("case", (6, 1, 150))])
def test_a_first_column_of_equal_steps_is_a_clock_beside_numbered_names(
    first: str, stem: str, shape: tuple[int, ...]
) -> None:
    rows = [[str(t), *words(WALK[:, t])] for t in range(150)]
    series = read([first, *(f"{stem}{c + 1}" for c in range(6))], rows)
    assert series.X.shape == shape
    np.testing.assert_allclose(series.X.reshape(6, 150), WALK, atol=1e-6)
    assert "points are in the order of the file" in notes(series) or "a count" in notes(series)


@pytest.mark.parametrize("stem", ["t", "", "sample", "v"])
def test_a_number_of_the_case_beside_counted_points_is_no_clock(stem: str) -> None:
    values = np.random.default_rng(2).normal(size=(40, 24))
    rows = [[str(i + 1), *words(x)] for i, x in enumerate(values)]
    series = read(["nr", *(f"{stem}{i}" for i in range(24))], rows)
    np.testing.assert_allclose(series.X[:, 0], values, atol=1e-3)
    assert series.names[:2] == ("1", "2")


DATES = ["28.02.2024 12:00", "31.01.2024 12:00:30", "1.2.2024"]


@pytest.mark.parametrize("mark", [".", "/"])
def test_days_first_are_sorted_where_one_is_above_twelve(mark: str) -> None:
    rows = [["a", date.replace(".", mark), str(i)] for i, date in enumerate(DATES)]
    series = read(["id", "time", "value"], rows)
    assert series.X.tolist() == [[[1, 2, 0]]]
    assert not series.layout["notes"]
    american = [["a", date, str(i)] for i, date in enumerate(("2/28/2024", "1/31/2024"))]
    assert read(["id", "time", "value"], american).X.tolist() == [[[1, 0]]]


def test_days_that_may_be_months_are_left_in_order_with_a_note() -> None:
    rows = [["a", date, str(i)] for i, date in enumerate(("02.02.2024", "02.03.2024"))]
    series = read(["id", "time", "value"], rows)
    assert series.X.tolist() == [[[0, 1]]]
    assert "points are in the order of the file" not in notes(series)  # both readings agree
    rows.append(["a", "01.03.2024", "2"])
    series = read(["id", "time", "value"], rows)
    assert series.X.tolist() == [[[0, 1, 2]]]
    assert "Times such as '02.02.2024'" in notes(series)


@pytest.mark.parametrize("long", [True, False])
def test_gaps_in_time_are_told(long: bool) -> None:
    times = [*range(60), *range(100, 150)]
    if long:
        rows = [[f"p{c}", str(t), words(WALK[c])[t]] for c in range(6) for t in times]
        series = read(["id", "time", "value"], rows)
    else:
        rows = [[str(t), *words(WALK[:, t])] for t in times]
        series = read(["time", *"abcdef"], rows)
    assert series.X.shape[2] == 110
    assert "The time jumps from '59' to '100' (row 62" in notes(series)
    assert ("the longest of 6 gaps" in notes(series)) == long
    even = [[str(2 * t), *words(WALK[:, t])] for t in range(150)]
    assert "jumps" not in notes(read(["time", *"abcdef"], even))


def test_what_a_file_holds_beside_its_series_is_noted() -> None:
    long = read(["id", "time", "value", "quality"],
                [[c, str(t), str(t * t), "1"] for c in "ab" for t in range(4)])  # fmt: skip
    assert notes(long) == "Column 4 ('quality') is left out."
    file = io.BytesIO()
    np.savez(file, X_train=WALK, X=WALK, y=np.arange(6))
    assert notes(read_series(file.getvalue())) == "Other arrays are left out: 'X_train'."


def offset(by: float, n: int = 6) -> list[list[str]]:
    return [["ab"[i % 2], *(f"{v + by:.4f}" for v in 5 * np.sin(WALK[i]))] for i in range(n)]


def test_a_small_range_on_a_large_offset_is_told_and_then_refused() -> None:
    assert not read(["label", *POINTS], offset(1e3)).layout["notes"]
    told = notes(read(["label", *POINTS], offset(2e5)))
    assert "In 6 of 6 series the values vary little on a large offset" in told
    assert told.endswith("are 0.015625 apart: subtract an offset from the values.")
    with pytest.raises(DataError, match=r"varies by 9.99 around 3e\+07, .* are 2 apart") as caught:
        read(["label", *POINTS], offset(3e7))
    assert (caught.value.row, "is constant" in str(caught.value)) == (2, False)
    assert read(["label", *POINTS], offset(3e7), allow_constant=True).X.shape == (6, 1, 150)
    whole = [["a", *(str(10_000_000 + k % 2) for k in range(150))]]
    assert not read(["label", *POINTS], whole).layout["notes"]  # float32 holds them


def test_a_range_of_a_few_steps_of_float32_is_not_constant() -> None:
    X = np.tile(np.array([0, 2, 4, 6], np.float32), 20)[None, None] + np.float32(3e7)
    done = prepare(X, preparation=Preparation(normalise="z"))
    assert done.X.std() == pytest.approx(1, rel=1e-6)
    assert not any("constant" in note for note in done.notes)
