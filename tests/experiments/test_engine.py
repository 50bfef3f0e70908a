"""The engine with runs that cost nothing: plans, chunks, executors, failures, stops."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from experiments.engine.executors.base import LARGEST_CHUNK, Chunks, Executor
from experiments.engine.executors.processes import Processes
from experiments.engine.executors.serial import Serial
from experiments.engine.jobs import Job, Key, Run, Simulate, run_one
from experiments.engine.plan import Plan, Point
from experiments.engine.run import carry_out, left_to_do
from experiments.engine.store import RunStore
from experiments.progress import Progress
from scenarios.schema import Scenario
from tests.experiments import fakes


def point(term: int) -> Point:
    base = Scenario(name="a")
    scenario = replace(base, partnership=replace(base.partnership, term=term))
    return Point(scenario, {"partnership.term": term})


def plan(points: int, seeds: int) -> Plan:
    return Plan(tuple(point(12 + k) for k in range(points)), tuple(range(1, seeds + 1)))


def go(
    made: Plan, folder: Path, executor: Executor, simulate: Simulate, retry: bool = False
) -> RunStore:
    store = RunStore(folder, writing=True)
    left = left_to_do(made.jobs(), store, ("market",), retry)
    try:
        with Progress(len(left)) as progress:
            carry_out(left, store, executor, ("market",), progress, simulate)
    finally:
        executor.close()
    return store


def test_jobs_come_replicate_by_replicate_and_equal_ones_once() -> None:
    made = Plan((point(12), point(24), point(12)), (5, 6))
    seeds = [job.key.seed for job in made.jobs()]
    assert seeds == [5, 5, 6, 6]
    assert made.varied == ["partnership.term"]
    labels = made.labels()
    assert list(labels["seed"]) == [5, 6] * 3
    assert list(labels["replicate"]) == [0, 1] * 3
    assert list(labels["point"]) == [0, 0, 1, 1, 2, 2]
    assert list(labels["partnership.term"]) == [12, 12, 24, 24, 12, 12]


def test_what_varies_gets_one_type() -> None:
    base = Scenario()
    places = [{"a.b": 1, "c": True}, {"a.b": 0.5, "c": "x"}, {"c": "y"}]
    labels = Plan(tuple(Point(base, place) for place in places), (1,)).labels()
    assert labels["a.b"].dtype == float
    assert list(labels["c"]) == ["true", "x", "y"]
    assert Point(base, {"a": 1, "b": "x"}).label == "a=1 b=x"
    assert Point(base).label == "default"


def test_chunks_follow_the_pace() -> None:
    jobs = plan(1, 1000).jobs()
    chunks = Chunks(jobs, slots=2)
    handed = iter(chunks)
    assert len(next(handed)) == 1
    chunks.learn([Run(jobs[0].key, 0.1)])
    assert len(next(handed)) == 5  # half a second's worth
    chunks.learn([Run(jobs[0].key, 0.0)] * 100_000)
    assert len(next(handed)) == LARGEST_CHUNK
    sizes = [len(chunk) for chunk in handed]
    assert sum(sizes) == 1000 - 1 - 5 - LARGEST_CHUNK
    assert sizes[-1] == 1  # near the end there is something for everybody


@pytest.mark.parametrize("workers", [1, 2])
def test_every_run_is_done_once_and_stored(tmp_path: Path, workers: int) -> None:
    made = plan(3, 40)
    executor = Serial() if workers == 1 else Processes(workers)
    store = go(made, tmp_path, executor, fakes.quick)
    store.settle(made.labels())
    table = RunStore(tmp_path).labelled(made.labels())
    assert len(table) == 120
    for row in table.to_dict("records"):
        expected = fakes.outcomes_of(Key(row["config_hash"], row["seed"]))
        assert row["bank_value"] == expected["bank_value"]
    assert left_to_do(made.jobs(), RunStore(tmp_path), ("market",), False) == []


def test_failures_are_rows_and_are_tried_again_on_request(tmp_path: Path) -> None:
    made = plan(1, 4)
    go(made, tmp_path, Serial(), fakes.odd_seeds_fail).settle(made.labels())
    table = RunStore(tmp_path).labelled(made.labels()).set_index("seed")
    assert list(table["status"]) == ["failed", "done", "failed", "done"]
    assert table.loc[1, "stage"] == "month 3, close_books"
    assert table.loc[1, "message"] == "ValueError: boom"
    assert "Traceback" in table.loc[1, "traceback"]
    assert table["bank_value"].isna().tolist() == [True, False, True, False]
    # Repeated, failed runs stay failed; asked to, they are tried again.
    assert left_to_do(made.jobs(), RunStore(tmp_path), (), False) == []
    store = go(made, tmp_path, Serial(), fakes.quick, retry=True)
    store.settle(made.labels())
    table = RunStore(tmp_path).labelled(made.labels())
    assert list(table["status"]) == ["done"] * 4
    assert len(table) == 4


def test_a_run_says_where_it_failed() -> None:
    base = Scenario()
    small = replace(
        base,
        population=replace(base.population, size=50),
        horizon=replace(base.horizon, months=3, burn_in=0, window=1),
        calendar=("2009-03: market.banks=3",),  # refused when the market is founded
    )
    run = run_one(Job(small, Key("x", 1)), ())
    assert run.failure is not None
    assert run.failure.stage == "founding"
    assert "ScenarioError" in run.failure.message


def test_a_run_that_fails_in_a_month_names_the_phase(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.model import BancassuranceModel

    def broken(model: BancassuranceModel) -> None:
        if model.market.month == 2:
            raise RuntimeError("no luck")

    monkeypatch.setattr(BancassuranceModel, "check_solvency", broken)
    base = Scenario()
    small = replace(
        base,
        population=replace(base.population, size=50),
        horizon=replace(base.horizon, months=3, burn_in=0, window=1),
    )
    run = run_one(Job(small, Key("x", 1)), ("market",))
    assert run.failure is not None
    assert run.failure.stage == "month 2, check_solvency"
    assert run.failure.message == "RuntimeError: no luck"


def test_a_run_that_kills_its_process_fails_and_the_others_go_on(tmp_path: Path) -> None:
    made = plan(1, 12)
    store = go(made, tmp_path, Processes(2), fakes.third_seed_kills)
    table = store.labelled(made.labels()).set_index("seed")
    assert table.index.tolist() == list(range(1, 13))
    assert table["status"].value_counts().to_dict() == {"done": 11, "failed": 1}
    assert table.loc[3, "stage"] == "worker"


def test_a_process_killed_from_outside_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANCASSIM_TEST_MARK", str(tmp_path / "mark"))
    made = plan(1, 12)
    store = go(made, tmp_path, Processes(2), fakes.third_seed_kills_once)
    assert set(store.status.values()) == {"done"}
    assert len(store.status) == 12


def test_what_is_done_of_a_chunk_is_stored_when_the_user_stops_it(tmp_path: Path) -> None:
    made = plan(1, 6)
    with pytest.raises(KeyboardInterrupt):
        go(made, tmp_path, Serial(), fakes.third_seed_interrupts)
    store = RunStore(tmp_path)
    assert sorted(key.seed for key in store.status) == [1, 2]
