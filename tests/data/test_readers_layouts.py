"""Series in rows, in columns, and one value per row."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from tscviz.data.errors import DataError
from tscviz.data.readers import read_series, sniff

GUNPOINT = Path(str(files("aeon"))) / "datasets" / "data" / "GunPoint"


def gunpoint_lines() -> tuple[list[str], tuple[str, ...]]:
    """Test rows of GunPoint as ``"v1,...,v150"`` and their labels."""
    lines = (GUNPOINT / "GunPoint_TEST.ts").read_text().split("@data\n")[1].split()
    parts = [line.rsplit(":", 1) for line in lines]
    return [part[0] for part in parts], tuple(part[1] for part in parts)


def write(header: list[str] | None, rows: list[str]) -> bytes:
    return "\n".join([*([",".join(header)] if header else []), *rows]).encode()


POINTS = [str(i) for i in range(150)]


@pytest.mark.parametrize("n", [1, 2, 3, 5, 20, 150])
@pytest.mark.parametrize(
    "header",
    [None, ["label", *POINTS], ["class", *(f"att{p}" for p in POINTS)], ["", *POINTS],
     [str(i) for i in range(151)]],
)  # fmt: skip
def test_exported_gunpoint_rows_have_150_points_and_labels(
    header: list[str] | None, n: int
) -> None:
    rows, labels = gunpoint_lines()
    data = write(header, [f"{y},{row}" for y, row in zip(labels[:n], rows[:n], strict=True)])
    series = read_series(data, filename="GunPoint.csv")
    assert series.X.shape == (n, 1, 150)
    assert series.labels == labels[:n]
    assert series.X[0, 0, 0] == np.float32(rows[0].split(",")[0])


@pytest.mark.parametrize("n", [2, 20, 150])
def test_gunpoint_rows_without_labels_are_all_data(n: int) -> None:
    rows, _ = gunpoint_lines()
    for header in (None, POINTS):
        series = read_series(write(header, rows[:n]))
        assert series.X.shape == (n, 1, 150)
        assert series.labels is None


def test_label_last_with_names_first() -> None:
    rows, labels = gunpoint_lines()
    lines = [f"case{i},{row},{y}" for i, (row, y) in enumerate(zip(rows, labels, strict=True))]
    series = read_series(write(None, lines[:40]))
    assert series.X.shape == (40, 1, 150)
    assert series.labels == labels[:40]
    assert series.names[:2] == ("case0", "case1")


def test_pandas_index_and_label_by_name() -> None:
    rows, labels = gunpoint_lines()
    header = ["", "subject", "target", *POINTS]
    lines = [f"{i},p{i},{y},{r}" for i, (r, y) in enumerate(zip(rows, labels, strict=True))]
    series = read_series(write(header, lines[:12]))
    assert series.X.shape == (12, 1, 150)
    assert series.labels == labels[:12]


def test_ucr_text_of_2015_writes_labels_as_floats() -> None:
    rows, labels = gunpoint_lines()
    lines = [
        "  ".join(f"{float(v):.7e}" for v in [y, *row.split(",")])
        for row, y in zip(rows[:20], labels[:20], strict=True)
    ]
    series = read_series(("  " + "\n  ".join(lines)).encode())
    assert series.X.shape == (20, 1, 150)
    assert series.labels == labels[:20]


def test_bundled_tsv_arff_and_ts_agree() -> None:
    paths = [GUNPOINT / f"GunPoint_TRAIN.{kind}" for kind in ("tsv", "arff", "ts")]
    tsv, arff, ts = (read_series(path) for path in paths)
    np.testing.assert_allclose(tsv.X, ts.X, atol=1e-6)
    np.testing.assert_array_equal(tsv.X, arff.X)
    assert tsv.labels == arff.labels == ts.labels
    assert tsv.X.shape == (50, 1, 150)


def test_whole_numbers_are_data_unless_the_rest_has_fractions() -> None:
    counts = b"1,5,7,9,4\n2,6,8,1,3\n1,2,9,8,3\n2,3,4,5,5\n1,3,3,9,8\n"
    assert read_series(counts, orientation="rows").X.shape == (5, 1, 5)
    assert read_series(counts, orientation="rows").labels is None
    named = read_series(counts, label_column="first")
    assert named.X.shape == (5, 1, 4)
    assert named.labels == ("1", "2", "1", "2", "1")
    assert read_series(counts, label_column="last").labels == ("4", "3", "3", "5", "8")
    assert read_series(counts, label_column=3).labels == ("7", "8", "9", "4", "3")


def test_series_that_start_at_zero_keep_their_first_point() -> None:
    rows = ["0," + ",".join(f"{i + j / 7:.4f}" for j in range(1, 15)) for i in range(6)]
    series = read_series(write(None, rows), orientation="rows")
    assert series.X.shape == (6, 1, 15)
    assert series.labels is None


def test_a_label_can_be_denied() -> None:
    rows, labels = gunpoint_lines()
    data = write(None, [f"{y},{row}" for y, row in zip(labels, rows, strict=True)])
    assert read_series(data, label_column=None).X.shape == (150, 1, 151)


def test_unequal_lengths_by_trailing_gaps() -> None:
    data = b"label,t0,t1,t2,t3\na,1,2,3,4\nb,1,2,,\na,1,,3,NaN\nb,1,2,3,4\n"
    series = read_series(data)
    assert series.mask.sum(axis=1).tolist() == [4, 2, 3, 4]
    assert np.isnan(series.X[2, 0, 1])
    assert series.X[1, 0, 2:].tolist() == [0.0, 0.0]


def test_ragged_rows_only_when_asked() -> None:
    data = b"1.5,2,3,4.5\n1,2.5\n3,4,5\n3,4,5,6.5\n"
    with pytest.raises(DataError, match=r"2 cells where 4 were expected.*ragged=True") as caught:
        read_series(data)
    assert caught.value.row == 2
    series = read_series(data, ragged=True, orientation="rows")
    assert series.mask.sum(axis=1).tolist() == [4, 2, 3, 4]
    labelled = read_series(
        b"1.5,2,3,4.5,a\n1,2.5,b\n3,4,5,a\n", ragged=True, orientation="rows", label_column="last"
    )
    assert labelled.labels == ("a", "b", "a")
    assert labelled.mask.sum(axis=1).tolist() == [4, 2, 3]


def test_channels_in_rows() -> None:
    blocks = b"a,1,2,3,10,20,30\nb,4,5,6,40,50,60\n"
    series = read_series(blocks, channels=2, orientation="rows", label_column="first")
    np.testing.assert_array_equal(series.X[1], [[4, 5, 6], [40, 50, 60]])
    mixed = read_series(
        b"a,1,10,2,20,3,30\nb,4,40,5,50,6,60\n", channels=2, channel_order="interleaved",
        orientation="rows", label_column=1,
    )  # fmt: skip
    np.testing.assert_array_equal(mixed.X, series.X)
    named = read_series(b"label,x_0,x_1,x_2,y_0,y_1,y_2\n" + blocks)
    np.testing.assert_array_equal(named.X, series.X)
    turned = read_series(b"label,x0,y0,x1,y1,x2,y2\na,1,10,2,20,3,30\nb,4,40,5,50,6,60\n")
    np.testing.assert_array_equal(turned.X, series.X)
    with pytest.raises(DataError, match="6 values in a row cannot be shared by 4 channels"):
        read_series(blocks, channels=4, label_column="first", orientation="rows")


def test_a_recording_with_a_time_column_is_one_case() -> None:
    t = np.arange(40) / 50
    lines = [f"{a:.2f},{np.sin(9 * a):.5f},{np.cos(9 * a):.5f},{a * a:.5f},walk" for a in t]
    series = read_series(write(["time [s]", "acc x", "acc y", "acc z", "activity"], lines))
    assert series.X.shape == (1, 3, 40)
    assert series.labels == ("walk",)
    assert series.layout["channel_names"] == ("acc x", "acc y", "acc z")
    assert series.layout["time_column"] == "time [s]"
    assert any("time" in reason and "left out" in reason for reason in series.layout["reasons"])
    np.testing.assert_allclose(series.X[0, 1], np.cos(9 * t), atol=1e-5)


def test_a_clock_is_found_without_a_name_and_dates_are_times() -> None:
    numbers = [f"{10 + 2 * i},{(i * 7) % 5 + 0.5}" for i in range(12)]
    assert read_series(write(None, numbers)).X.shape == (1, 1, 12)
    dates = [f"2024-01-{i + 1:02d} 12:00;{i % 4},5;{i % 3},25" for i in range(12)]
    series = read_series(write(["when;left;right"], dates))
    assert series.X.shape == (1, 2, 12)
    assert series.X[0, 1, :4].tolist() == [0.25, 1.25, 2.25, 0.25]


def test_cases_in_columns() -> None:
    values = np.random.default_rng(2).normal(size=(30, 4)).cumsum(axis=0)
    lines = [",".join(map(repr, row)) for row in values.tolist()]
    series = read_series(write(["case_1", "case_2", "case_3", "case_4"], lines))
    assert series.names == ("case_1", "case_2", "case_3", "case_4")
    np.testing.assert_allclose(series.X[:, 0], values.T, rtol=1e-6)
    axes = read_series(write(["x", "y", "z", "w"], lines))
    assert axes.X.shape == (1, 4, 30)
    assert read_series(write(["x", "y", "z", "w"], lines), columns_are="cases").X.shape[0] == 4
    two = read_series(write(["a.x", "a.y", "b.x", "b.y"], lines))
    assert two.names == ("a", "b")
    assert two.layout["channel_names"] == ("x", "y")
    np.testing.assert_allclose(two.X[1, 0], values[:, 2], rtol=1e-6)


def test_shorter_columns_end_early() -> None:
    series = read_series(b"a,b\n1,4\n2,5\n7,\n4,\n")
    assert series.mask.sum(axis=1).tolist() == [4, 2]


def test_one_column_is_one_series_and_keeps_its_gaps() -> None:
    series = read_series(b"1.5\n2.5\n\n4.5\n\n\n")
    np.testing.assert_array_equal(
        series.X[0, 0], np.array([1.5, 2.5, np.nan, 4.5], dtype=np.float32)
    )


def test_smooth_direction_decides_without_other_evidence() -> None:
    t = np.linspace(0, 6, 40)
    waves = np.array([np.sin(t + shift) + 3 * shift for shift in range(40)])
    rows = [",".join(f"{v:.5f}" for v in row) for row in waves]
    columns = [",".join(f"{v:.5f}" for v in row) for row in waves.T]
    assert sniff(write(None, rows)).orientation == "rows"
    assert sniff(write(None, columns)).orientation == "columns"


LONG = [
    f"{case},{t},{channel},{10 * case + t + (0.5 if channel == 'y' else 0)},{'uv'[case]}"
    for case in (0, 1)
    for t in (2, 0, 1, 3)
    for channel in ("x", "y")
]


def test_long_form_sorts_by_time() -> None:
    series = read_series(write(["id", "time", "channel", "value", "label"], LONG))
    assert series.layout["orientation"] == "long"
    assert series.labels == ("u", "v")
    assert series.names == ("0", "1")
    assert series.layout["channel_names"] == ("x", "y")
    np.testing.assert_array_equal(series.X[1], [[10, 11, 12, 13], [10.5, 11.5, 12.5, 13.5]])


def test_long_form_without_header_and_without_time() -> None:
    by_place = read_series(write(None, LONG), orientation="long")
    assert by_place.X.shape == (2, 2, 4)
    no_time = read_series(
        b"a;1\na;2\nb;5\nb;6\nb;7\n", orientation="long", id_column=1, value_column=2, header=False
    )
    assert no_time.names == ("a", "b")
    assert no_time.mask.sum(axis=1).tolist() == [2, 3]


def test_long_form_with_a_column_per_channel() -> None:
    lines = [f"{s},{t / 10},{s + t},{s - t},{'ab'[s % 2]}" for s in range(3) for t in range(5 + s)]
    series = read_series(write(["id", "t", "x", "y", "label"], lines))
    assert series.X.shape == (3, 2, 7)
    assert series.mask.sum(axis=1).tolist() == [5, 6, 7]
    assert series.labels == ("a", "b", "a")
    np.testing.assert_array_equal(series.X[2, 1], 2 - np.arange(7))


def test_long_form_marks_times_that_a_channel_lacks() -> None:
    lines = [line for line in LONG if not line.startswith("1,1,y")]
    series = read_series(write(["id", "time", "channel", "value", "label"], lines))
    assert np.isnan(series.X[1, 1, 1])
    assert np.isnan(series.X).sum() == 1
    assert series.mask.all()


@pytest.mark.parametrize(
    ("change", "row", "text"),
    [
        ("0,2,x,5,u", 18, "stand already in row 2"),
        ("0,9,x,5,v", 18, "the label is 'v', but the same case has 'u' in row 2"),
        ("0,soon,x,5,u", 18, "found 'soon' where the time column has a number"),
        ("0,,x,5,u", 18, "found no time"),
        ("0,9,x,five,u", 18, "found 'five' where a number"),
    ],
)
def test_long_form_names_the_row(change: str, row: int, text: str) -> None:
    with pytest.raises(DataError, match=text) as caught:
        read_series(write(["id", "time", "channel", "value", "label"], [*LONG, change]))
    assert caught.value.row == row


def test_a_time_that_goes_back_is_named() -> None:
    data = b"time,x,y\n0,1,2\n1,2,3\n2,1,2\n0,4,4\n1,5,5\n"
    with pytest.raises(DataError, match="time goes back") as caught:
        read_series(data)
    assert (caught.value.row, caught.value.column) == (5, 1)


def test_a_label_that_changes_is_no_label_of_the_recording() -> None:
    lines = [f"{i},{i % 3},{i % 4},{'walk' if i < 8 else 'run'}" for i in range(16)]
    data = write(["time", "x", "y", "activity"], lines)
    series = read_series(data)
    assert series.X.shape == (1, 2, 16)
    assert series.labels is None
    assert any("changes over time" in reason for reason in series.layout["reasons"])
    with pytest.raises(DataError, match="from 'walk' to 'run'") as caught:
        read_series(data, label_column="activity")
    assert (caught.value.row, caught.value.column) == (10, 4)
