"""Cells and their identity."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import tscviz.data
from tests.training.sweep.tools import good_problem, sweep, write_problem
from tscviz.data import DataError, load_dataset
from tscviz.training.sweep import SweepError, SweepFolder, plan_sweep, read_table
from tscviz.training.sweep.identity import Digests, _bare, code_version, source_hash
from tscviz.training.sweep.plan import make_plan, plan_from_json, plan_to_json
from tscviz.training.sweep.run import part_of
from tscviz.training.sweep.table import repeated


def plan(tmp_path: Path, archive: Path | None = None, **changes: Any) -> Any:
    spec = sweep(**changes) if archive is None else sweep(archive=str(archive), **changes)
    return make_plan(spec, Digests(tmp_path / "digests.json", spec.archive))


def ids(made: Any) -> list[str]:
    return [cell.id for cell in made.cells]


def test_cells_come_dataset_by_dataset_and_seed_by_seed_each_once(tmp_path: Path) -> None:
    made = plan(
        tmp_path,
        models=["gtp-fcn", "stp-fcn", "gtp-fcn"],
        datasets=["UnitTest", "ItalyPowerDemand", "UnitTest"],
    )
    order = [(c.job.dataset, c.job.seed, c.job.model) for c in made.cells]
    assert order == [
        (dataset, seed, model)
        for dataset in ("UnitTest", "ItalyPowerDemand")
        for seed in (0, 1)
        for model in ("gtp-fcn", "stp-fcn")
    ]
    assert len(set(ids(made))) == 8
    assert plan_from_json(plan_to_json(made)) == made


def test_shards_share_out_every_dataset(tmp_path: Path) -> None:
    cells = plan(tmp_path, seeds=5, datasets=["UnitTest", "ItalyPowerDemand"]).cells
    parts = [part_of(cells, (number, 3)) for number in (1, 2, 3)]
    assert sorted(map(len, parts)) == [3, 3, 4]
    assert {cell.id for part in parts for cell in part} == {cell.id for cell in cells}
    assert all(len({cell.job.dataset for cell in part}) == 2 for part in parts)
    assert part_of(cells, (1, 1)) == cells
    for shard in ((0, 3), (4, 3), (1, 0)):
        with pytest.raises(SweepError, match=f"the shard is {shard[0]}/{shard[1]}"):
            part_of(cells, shard)


def test_the_id_is_made_of_specification_data_and_code(tmp_path: Path) -> None:
    first = plan(tmp_path, seeds=1)
    assert ids(first) == ["791aa778bed5b08c"]
    assert first.cells[0].job.dataset_digest == load_dataset("UnitTest").digest
    same = [
        plan(tmp_path, seeds=1, keep="all", retries=0, name="x"),
        plan(tmp_path, epochs=2.0, seeds=1),
    ]
    assert [ids(other) for other in same] == [ids(first)] * 2
    others = [
        plan(tmp_path, epochs=3, seeds=1),
        plan(tmp_path, seeds=[1]),
        plan(tmp_path, seeds=1, models=["stp-fcn"]),
        plan(tmp_path, seeds=1, preset="paper"),
        plan(tmp_path, seeds=1, threads=2),
        plan(tmp_path, seeds=1, code_version="other"),
    ]
    assert len({*ids(first), *(ids(other)[0] for other in others)}) == 7


def test_data_count_by_content_and_not_by_place(tmp_path: Path) -> None:
    for place, shift in (("one", 0), ("two", 0), ("three", 1)):
        write_problem(tmp_path / place, "Tiny", good_problem("Tiny", shift))
    one, two, three = (
        plan(tmp_path, tmp_path / place, datasets=["Tiny"]) for place in ("one", "two", "three")
    )
    assert ids(one) == ids(two)
    assert not set(ids(one)) & set(ids(three))
    assert one.id == two.id == three.id


def test_digests_are_remembered_by_content(tmp_path: Path) -> None:
    archive, memory = tmp_path / "archive", tmp_path / "digests.json"
    write_problem(archive, "Tiny", good_problem("Tiny"))
    digests = Digests(memory, str(archive))
    found = digests.of("Tiny")
    digests.save()
    known = memory.read_text()
    assert found in known
    # What is remembered is what is returned: nothing was parsed.
    memory.write_text(known.replace(found, "0" * 64))
    assert Digests(memory, str(archive)).of("Tiny") == "0" * 64
    # What other readers made of the files may be wrong by now.
    assert Digests(memory, str(archive), readers="later").of("Tiny") == found
    memory.write_text(json.dumps({key.partition(":")[2]: "0" * 64 for key in json.loads(known)}))
    assert Digests(memory, str(archive)).of("Tiny") == found
    write_problem(archive, "Tiny", good_problem("Tiny", 3))
    assert Digests(memory, str(archive)).of("Tiny") not in (found, "0" * 64)
    write_problem(archive, "Tiny", "@data\n1,x:a\n")
    with pytest.raises(DataError, match=r"Tiny_TRAIN\.ts"):
        Digests(memory, str(archive)).of("Tiny")
    memory.write_text("no JSON")
    write_problem(archive, "Tiny", good_problem("Tiny"))
    assert Digests(memory, str(archive)).of("Tiny") == found


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"models": ["nothing"]}, "there is no model 'nothing'"),
        ({"options": {"epoch": 3}}, "model gtp-fcn: gtp-fcn has no option 'epoch'"),
        ({"options": {"epochs": "many"}}, "must be of type int"),
        ({"options": {"lr": -1}}, "must be greater than 0"),
        ({"preset": "slow"}, "has no preset 'slow'; it has: paper, quick"),
        ({"datasets": ["../etc"]}, "cannot be the name of a dataset"),
        ({"datasets": ["UnitTets"]}, "Did you mean 'UnitTest'"),
        ({"archive": "/nowhere"}, "/nowhere"),
    ],
)
def test_slips_are_refused_before_anything_runs(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(SweepError, match=words):
        plan(tmp_path, **changes)


def test_data_that_cannot_be_loaded_are_the_problem_of_their_cells_alone(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    write_problem(archive, "Broken", "@classLabel true a b\n@data\n1,x:a\n")
    write_problem(archive, "Lonely", good_problem("Lonely"))
    (archive / "Lonely" / "Lonely_TEST.ts").unlink()
    made = plan(tmp_path, archive, datasets=["Broken", "UnitTest", "Lonely"], seeds=1)
    broken, good, lonely = made.cells
    assert "Broken_TRAIN.ts" in broken.problem
    assert "Lonely_TEST.ts" in lonely.problem
    assert good.problem == ""
    assert len(set(ids(made))) == 3


def test_data_that_cannot_be_loaded_are_read_once_a_planning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, read = tmp_path / "archive", []
    write_problem(archive, "Broken", "@classLabel true a b\n@data\n1,x:a\n")

    def load(name: str, *given: Any, **named: Any) -> Any:
        read.append(name)
        return load_dataset(name, *given, **named)

    monkeypatch.setattr(tscviz.data, "load_dataset", load)
    made = plan(tmp_path, archive, datasets=["Broken"], seeds=10)
    assert len({cell.problem for cell in made.cells}) == 1
    assert "Broken_TRAIN.ts" in made.cells[9].problem
    assert read == ["Broken"]
    write_problem(archive, "Broken", good_problem("Broken"))
    assert {cell.problem for cell in plan(tmp_path, archive, datasets=["Broken"]).cells} == {""}


def test_all_datasets_are_those_that_need_no_download(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    write_problem(archive, "Tiny", good_problem("Tiny"))
    names = {c.job.dataset for c in plan(tmp_path, archive, datasets="all", seeds=1).cells}
    assert names >= {"Tiny", "UnitTest", "GunPoint", "ItalyPowerDemand"}


def test_the_hash_of_the_sources_is_of_what_they_do(tmp_path: Path) -> None:
    files = {
        "options.py": "x = 1\n",
        "types.py": "",
        "models/net.py": '"""Text."""\n\ndef f(a):\n    """More."""\n    return a + 1  # why\n',
        "training/fit.py": "y = 2\n",
        "training/jobs.py": "z = 3\n",
        "training/sweep/run.py": "z = 3\n",
        "ui/page.py": "z = 3\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    before = source_hash(tmp_path)
    (tmp_path / "models/net.py").write_text("def f(a):\n\n    return (a + 1)\n")
    for name in ("training/jobs.py", "training/sweep/run.py", "ui/page.py"):
        (tmp_path / name).write_text("z = 4\n")
    assert source_hash(tmp_path) == before
    assert source_hash(tmp_path, b"trunk") != before
    of_data = source_hash(tmp_path, layers=("data",))
    for name, text in (("models/net.py", "def f(a):\n    return a + 2\n"), ("data/new.py", "")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
        assert source_hash(tmp_path) != before
        before = source_hash(tmp_path)
        assert (source_hash(tmp_path, layers=("data",)) == of_data) == name.startswith("models")


def test_a_function_of_text_alone_is_still_a_function() -> None:
    assert _bare('def f():\n    """Text."""\n') == "def f():\n    pass"
    assert _bare("class A:\n    'Text.'\n    b = 'kept'\n") == "class A:\n    b = 'kept'"


def test_the_version_is_part_of_the_code_version() -> None:
    version, _, digits = code_version().partition("+")
    assert version
    assert len(digits) == 12


def test_a_plan_is_stored_whole_and_replaced_by_the_next_of_the_same_sweep(tmp_path: Path) -> None:
    folder = SweepFolder(tmp_path / "sweep")
    first = plan_sweep(sweep(), folder)
    plan_sweep(sweep(epochs=3), folder)
    plan_sweep(sweep(), folder)
    assert len(folder.plans()) == 2
    assert len(folder.cells()) == 4
    assert folder.plans()[first.id] == first
    (folder.root / "plans" / f"{first.id}.json").write_text("{")
    with pytest.raises(SweepError, match="is damaged; start the sweep again"):
        folder.cells()
    (tmp_path / "file").touch()
    with pytest.raises(SweepError, match="cannot be stored"):
        plan_sweep(sweep(), SweepFolder(tmp_path / "file"))


def held(folder: SweepFolder) -> list[tuple[int, str | None]]:
    return [(cell.job.seed, cell.job.code_version) for cell in folder.cells()]


def test_of_a_run_under_two_versions_of_the_code_the_newest_plan_s_counts(tmp_path: Path) -> None:
    folder = SweepFolder(tmp_path / "sweep")
    one, two = sweep(code_version="one"), sweep(code_version="two", seeds=[1, 2])
    plan_sweep(one, folder)
    assert held(folder) == [(0, "one"), (1, "one")]
    plan_sweep(two, folder)
    assert held(folder) == [(0, "one"), (1, "two"), (2, "two")]  # what nobody repeats stays
    assert [row["code_version"] for row in read_table(folder)] == ["one", "two", "two"]
    plan_sweep(one, folder)  # the same file, and now the newest
    assert held(folder) == [(1, "one"), (2, "two"), (0, "one")]
    assert list(folder.plans()) == [plan_sweep(spec, folder).id for spec in (two, one)]


def test_of_a_run_on_two_numbers_of_threads_the_newest_plan_s_counts(tmp_path: Path) -> None:
    folder = SweepFolder(tmp_path / "sweep")
    plan_sweep(sweep(), folder)
    newest = plan_sweep(sweep(threads=2, seeds=1), folder)
    assert [cell.job.threads for cell in folder.cells()] == [2, 1]
    assert folder.cells()[0] == newest.cells[0]
    assert repeated(read_table(folder)) == 0
    plan_sweep(sweep(), folder)
    assert [cell.job.threads for cell in folder.cells()] == [1, 1]


def test_of_a_run_on_data_that_changed_the_newest_plan_s_counts(tmp_path: Path) -> None:
    archive, folder = tmp_path / "archive", SweepFolder(tmp_path / "sweep")
    found = []
    for number in range(2):
        write_problem(archive, "Tiny", good_problem("Tiny", number))
        spec = sweep(archive=str(archive), datasets=["Tiny"], seeds=1, retries=number)
        found.append(plan_sweep(spec, folder).cells[0].id)
    assert [cell.id for cell in folder.cells()] == found[1:]


def test_plans_without_a_number_come_first_in_the_order_of_their_files(tmp_path: Path) -> None:
    folder = SweepFolder(tmp_path / "sweep")
    versions = ("one", "two", "three")
    ids = {plan_sweep(sweep(seeds=1, code_version=v), folder).id: v for v in versions}
    for path in (folder.root / "plans").glob("*.json"):  # as they were written before
        value = json.loads(path.read_text())
        del value["number"]
        path.write_text(json.dumps(value))
    assert list(folder.plans()) == sorted(ids)
    assert held(folder) == [(0, ids[max(ids)])]
    plan_sweep(sweep(seeds=1, code_version=ids[min(ids)]), folder)
    assert held(folder) == [(0, ids[min(ids)])]
    assert list(folder.plans())[-1] == min(ids)
