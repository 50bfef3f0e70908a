"""The store: nothing is lost, damage is noticed, what others have is taken."""

from __future__ import annotations

import errno
import os
import random
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from experiments.engine import store as store_module
from experiments.engine import tables
from experiments.engine.jobs import Job, Key, Run
from experiments.engine.plan import Plan
from experiments.engine.reuse import adopt, neighbours
from experiments.engine.run import left_to_do
from experiments.engine.store import RunStore
from sim.version import model_version
from tests.experiments import fakes
from tests.experiments.test_engine import plan

FLIPS = int(os.environ.get("BANCASSIM_TEST_FLIPS", "100"))


def filled(folder: Path, made: Plan, panels: tuple[str, ...] = ()) -> RunStore:
    store = RunStore(folder, writing=True)
    for job in made.jobs():
        store.add([fakes.quick(job, panels)])
    return store


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_run_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    made = plan(2, 3)
    filled(tmp_path, made, ("market", "banks"))
    for settled in (False, True):
        store = RunStore(tmp_path, writing=True)
        assert len(store.status) == 6
        for row in store.rows().to_pylist():
            key = Key(row["config_hash"], row["seed"])
            expected = fakes.outcomes_of(key)
            same = {name: row[name] for name in expected}
            assert pd.Series(same).equals(pd.Series(expected))
            ((_, panel),) = store.panel("banks", [key])
            pd.testing.assert_frame_equal(panel.to_pandas(), fakes.panel_of(key), check_dtype=False)
        if not settled:
            store.settle(made.labels())


def test_a_settled_study_has_few_files_in_the_order_of_the_plan(tmp_path: Path) -> None:
    made = plan(2, 3)
    store = filled(tmp_path, made, ("market",))
    assert len(list((tmp_path / "runs").glob("*.parquet"))) == 12
    store.settle(made.labels())
    assert names(tmp_path) == ["outcomes.parquet", "panel_market.parquet", "runs"]
    assert names(tmp_path / "runs") == []
    outcomes = pd.read_parquet(tmp_path / "outcomes.parquet")
    assert list(outcomes["seed"]) == [1, 2, 3, 1, 2, 3]
    assert list(outcomes)[:7] == [
        "scenario", "point", "partnership.term", "seed", "replicate", "config_hash", "model",
    ]  # fmt: skip
    panel = pd.read_parquet(tmp_path / "panel_market.parquet")
    assert list(panel) == ["scenario", "point", "seed", "month", "date", "trust"]
    assert list(panel["point"]) == [0] * 9 + [1] * 9
    before = (tmp_path / "outcomes.parquet").stat().st_mtime_ns
    RunStore(tmp_path, writing=True).settle(made.labels())  # nothing new: nothing is written
    assert (tmp_path / "outcomes.parquet").stat().st_mtime_ns == before


def test_many_small_files_are_gathered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "MOST_FILES", 5)
    made = plan(1, 40)
    filled(tmp_path, made, ("market",))
    assert len(list((tmp_path / "runs").glob("*.parquet"))) <= 12
    store = RunStore(tmp_path, writing=True)
    assert len(store.status) == 40
    assert all(store.has(job.key, ("market",)) for job in made.jobs())


def test_large_files_are_left_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "MOST_FILES", 2)
    monkeypatch.setattr(store_module, "LARGE_OUTCOMES", 1)
    monkeypatch.setattr(store_module, "LARGE_PANEL", 1)
    filled(tmp_path, plan(1, 6), ("market",))
    assert len(list((tmp_path / "runs").glob("*.parquet"))) == 12
    assert len(RunStore(tmp_path, writing=True).status) == 6


def test_a_run_without_the_tables_wanted_is_not_there(tmp_path: Path) -> None:
    made = plan(1, 2)
    store = filled(tmp_path, made, ("market",))
    key = made.jobs()[0].key
    assert store.has(key, ("market",))
    assert not store.has(key, ("market", "banks"))
    assert not store.has(Key("other", 1), ())


def test_a_run_without_rows_in_a_table_is_stored_too(tmp_path: Path) -> None:
    made = plan(1, 3)
    store = RunStore(tmp_path, writing=True)
    runs = [fakes.quick(job, ("market",)) for job in made.jobs()]
    empty = {"market": runs[1].panels["market"].iloc[:0]}
    store.add([runs[0], Run(runs[1].key, 0.0, runs[1].outcomes, empty), runs[2]])
    store.settle(made.labels())
    again = RunStore(tmp_path, writing=True)
    assert [len(table) for _, table in again.panel("market", [r.key for r in runs])] == [3, 0, 3]


def test_more_replicates_stay_when_fewer_are_asked_for(tmp_path: Path) -> None:
    filled(tmp_path, plan(1, 5)).settle(plan(1, 5).labels())
    store = RunStore(tmp_path, writing=True)
    few = plan(1, 2)
    assert list(store.labelled(few.labels())["seed"]) == [1, 2]
    (job,) = [job for job in plan(1, 6).jobs() if job.key.seed == 6]
    store.add([fakes.quick(job, ())])
    store.settle(few.labels())
    outcomes = pd.read_parquet(tmp_path / "outcomes.parquet")
    assert sorted(outcomes["seed"]) == [1, 2, 3, 4, 5, 6]
    assert list(outcomes["replicate"]) == [0, 1, 2, 3, 4, 5]


def test_runs_of_points_that_are_not_in_the_plan_stay(tmp_path: Path) -> None:
    filled(tmp_path, plan(3, 2)).settle(plan(2, 2).labels())
    assert len(pd.read_parquet(tmp_path / "outcomes.parquet")) == 4
    assert len(RunStore(tmp_path).status) == 6


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = plan(1, 4)
    store = filled(tmp_path, plan(1, 3))

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(pq, "write_table", full)
        with pytest.raises(OSError, match="No space left"):
            store.add([fakes.quick(made.jobs()[-1], ())])
        with pytest.raises(OSError, match="No space left"):
            store.settle(made.labels())
    assert not list(tmp_path.rglob("*.tmp"))
    again = RunStore(tmp_path, writing=True)
    assert len(again.status) == 3
    again.settle(made.labels())
    assert len(pd.read_parquet(tmp_path / "outcomes.parquet")) == 3


@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize("how", ["truncated", "empty", "garbage", "zeros"])
def test_a_damaged_file_is_set_aside_and_its_runs_are_left_to_do(
    tmp_path: Path, settled: bool, how: str
) -> None:
    made = plan(1, 6)
    store = filled(tmp_path, made, ("market",))
    if settled:
        store.settle(made.labels())
    path = tmp_path / "outcomes.parquet"
    if not settled:
        path = sorted((tmp_path / "runs").glob("outcomes-*"))[0]
    content = path.read_bytes()
    path.write_bytes(
        {
            "truncated": content[: len(content) // 2],
            "empty": b"",
            "garbage": b"not a table at all",
            "zeros": content[:50] + bytes(len(content) - 100) + content[-50:],
        }[how]
    )
    reader = RunStore(tmp_path)
    assert len(reader.status) == (0 if settled else 5)
    assert path.exists(), "a reader changes nothing"
    writer = RunStore(tmp_path, writing=True)
    assert "set aside" in writer.warnings[0]
    assert not path.exists()
    assert len(list(path.parent.glob(f"{path.name}.damaged-*"))) == 1
    for job in made.jobs():
        if not writer.has(job.key, ("market",)):
            writer.add([fakes.quick(job, ("market",))])
    writer.settle(made.labels())
    again = RunStore(tmp_path, writing=True)
    assert again.warnings == []
    assert len(again.labelled(made.labels())) == 6


def check_rows(store: RunStore, keys: set[Key]) -> None:
    for row in store.rows().to_pylist():
        key = Key(row["config_hash"], row["seed"])
        if key in keys and row["status"] == "done":
            expected = fakes.outcomes_of(key)
            assert pd.Series({name: row[name] for name in expected}).equals(pd.Series(expected))


def check_panels(store: RunStore, keys: set[Key]) -> None:
    held = [key for key in keys if store.has(key, ("market",))]
    for key, table in store.panel("market", held):
        pd.testing.assert_frame_equal(table.to_pandas(), fakes.panel_of(key), check_dtype=False)


@pytest.mark.parametrize(
    ("name", "check"), [("outcomes", check_rows), ("panel_market", check_panels)]
)
def test_no_flipped_bit_changes_a_number(
    tmp_path: Path, name: str, check: Callable[[RunStore, set[Key]], None]
) -> None:
    """Either reading fails, or what is read is right: some bits of a file do not matter."""
    made = plan(1, 3)
    filled(tmp_path, made, ("market",)).settle(made.labels())
    path = tmp_path / f"{name}.parquet"
    good = path.read_bytes()
    luck = random.Random(1)
    noticed = 0
    for _ in range(FLIPS):
        flipped = bytearray(good)
        flipped[luck.randrange(len(good))] ^= 1 << luck.randrange(8)
        path.write_bytes(flipped)
        store = RunStore(tmp_path, writing=True)
        noticed += bool(store.warnings)
        check(store, {job.key for job in made.jobs()})
        for aside in tmp_path.glob("*.damaged-*"):
            aside.unlink()
    assert noticed > FLIPS // 5


def test_runs_of_another_version_of_the_model_do_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path, plan(1, 2))
    monkeypatch.setattr(store_module, "model_version", lambda: "newer")
    assert len(RunStore(tmp_path, writing=True).status) == 0
    assert len(RunStore(tmp_path).status) == 2


def left(store: RunStore, jobs: list[Job], panels: tuple[str, ...]) -> set[Key]:
    return {job.key for job in left_to_do(jobs, store, panels, retry_failed=False)}


def study(folder: Path, made: Plan, panels: tuple[str, ...] = ()) -> None:
    folder.mkdir()
    (folder / "manifest.json").write_text(f'{{"model": "{model_version()}"}}')
    filled(folder, made, panels).settle(made.labels())


def test_what_studies_beside_it_have_is_taken(tmp_path: Path) -> None:
    study(tmp_path / "first", plan(2, 3), ("market",))
    study(tmp_path / "second", plan(3, 2))
    (tmp_path / "neither").mkdir()
    (tmp_path / "neither" / "manifest.json").write_text("no study")
    mine = RunStore(tmp_path / "mine", writing=True)
    jobs = plan(3, 3).jobs()
    taken = adopt(mine, left(mine, jobs, ("market",)), ("market",))
    assert list(taken.values()) == [6]  # only these have the monthly table
    assert next(iter(taken)).endswith("first")
    taken = adopt(mine, left(mine, jobs, ()), ())
    assert list(taken.values()) == [2]
    assert len(mine.status) == 8
    assert [job.key.seed for job in jobs if not mine.has(job.key, ())] == [3]
    mine.settle(plan(3, 3).labels())
    table = RunStore(tmp_path / "mine").labelled(plan(3, 3).labels())
    for row in table.to_dict("records"):
        expected = fakes.outcomes_of(Key(row["config_hash"], row["seed"]))
        assert row["trust"] == expected["trust"]


def test_what_a_damaged_neighbour_cannot_give_is_left_to_do(tmp_path: Path) -> None:
    made = plan(1, 3)
    study(tmp_path / "first", made, ("market",))
    path = tmp_path / "first" / "panel_market.parquet"
    content = bytearray(path.read_bytes())
    content[40:60] = bytes(20)  # inside the first run's pages
    path.write_bytes(content)
    mine = RunStore(tmp_path / "mine", writing=True)
    adopt(mine, {job.key for job in made.jobs()}, ("market",))
    assert 0 < len(mine.status) < 3
    assert mine.warnings == []
    assert path.read_bytes() == bytes(content)


def test_failed_runs_and_those_of_other_models_are_not_taken(tmp_path: Path) -> None:
    made = plan(1, 2)
    study(tmp_path / "first", made)
    (tmp_path / "first" / "manifest.json").write_text('{"model": "older"}')
    store = RunStore(tmp_path / "second", writing=True)
    (tmp_path / "second" / "manifest.json").write_text(
        (tmp_path / "first" / "manifest.json").read_text()
    )
    store.add([fakes.odd_seeds_fail(job, ()) for job in made.jobs()])
    wanted = {job.key for job in made.jobs()}
    assert list(neighbours(tmp_path / "mine", wanted)) == []


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")

    def broken(path: Path) -> None:
        path.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        tables.replace_file(target, broken)
    assert names(tmp_path) == ["a.txt"]
    assert target.read_text() == "old"


def test_leftovers_of_a_killed_command_are_cleared(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    left = tmp_path / "runs" / ".outcomes-1.parquet.77.tmp"
    left.write_text("half")
    RunStore(tmp_path)
    assert left.exists()
    RunStore(tmp_path, writing=True)
    assert not left.exists()


def test_jobs_are_known_by_settings_and_seed() -> None:
    first, second = plan(2, 1).jobs()
    assert isinstance(first, Job)
    assert first.key != second.key
    assert first.key == plan(2, 1).jobs()[0].key
