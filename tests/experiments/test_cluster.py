"""A Dask cluster on loopback: the same results, with a worker killed, stopped, or all gone."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from experiments.engine.executors import cluster
from experiments.engine.executors.base import EngineStopped
from experiments.engine.executors.cluster import Cluster
from experiments.engine.jobs import Key
from experiments.errors import UserError
from tests.experiments import fakes
from tests.experiments.test_engine import go, plan

QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Machines:
    """A scheduler and workers, each a process of its own."""

    def __init__(self) -> None:
        self.address = f"tcp://127.0.0.1:{free_port()}"
        patience = {"WORKER_TTL": "3s", "ALLOWED_FAILURES": "1"}
        environment = os.environ | {
            f"DASK_DISTRIBUTED__SCHEDULER__{name}": value for name, value in patience.items()
        }
        self.environment = environment
        port = self.address.rpartition(":")[2]
        words = ["scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard"]
        self.processes = [self._start(*words)]
        self.workers: list[subprocess.Popen[bytes]] = []

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "distributed.cli.dask_" + words[0], *words[1:]]
        return subprocess.Popen(command, env=self.environment, **QUIET)

    def add_worker(self) -> subprocess.Popen[bytes]:
        words = [self.address, "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1"]
        worker = self._start("worker", *words, "--no-dashboard", "--memory-limit", "0")
        self.workers.append(worker)
        self.processes.append(worker)
        return worker

    def close(self) -> None:
        for process in reversed(self.processes):
            process.kill()
            process.wait()


@pytest.fixture
def machines() -> Iterator[Machines]:
    made = Machines()
    yield made
    made.close()


def connected(machines: Machines, workers: int) -> Cluster:
    for _ in range(workers):
        machines.add_worker()
    executor = Cluster(machines.address)
    deadline = time.monotonic() + 30.0
    while executor._workers() < workers and time.monotonic() < deadline:
        time.sleep(0.1)
    executor.slots = workers
    return executor


@pytest.mark.slow
def test_a_worker_killed_and_one_stopped_cost_nothing(machines: Machines, tmp_path: Path) -> None:
    made = plan(2, 40)
    executor = connected(machines, 2)

    class Interfering(type(executor)):
        """Kills a worker after the first results, stops another a little later."""

        def carry_out(self, chunks, work):
            for done, runs in enumerate(super().carry_out(chunks, work)):
                if done == 3:
                    machines.workers[0].kill()
                    machines.add_worker()
                if done == 8:
                    machines.workers[1].send_signal(signal.SIGSTOP)
                yield runs

    executor.__class__ = Interfering
    store = go(made, tmp_path, executor, fakes.slow)
    store.settle(made.labels())
    table = pd.read_parquet(tmp_path / "outcomes.parquet")
    assert len(table) == 80
    assert set(table["status"]) == {"done"}
    for row in table.to_dict("records"):
        expected = fakes.outcomes_of(Key(row["config_hash"], row["seed"]))
        assert row["bank_value"] == expected["bank_value"]


@pytest.mark.slow
def test_a_run_that_kills_its_workers_fails_and_the_others_go_on(
    machines: Machines, tmp_path: Path
) -> None:
    executor = connected(machines, 6)
    made = plan(1, 8)
    store = go(made, tmp_path, executor, fakes.third_seed_kills)
    ended = {key.seed: status for key, status in store.status.items()}
    assert ended == {seed: "failed" if seed == 3 else "done" for seed in range(1, 9)}


@pytest.mark.slow
def test_without_workers_it_stops_and_keeps_what_is_done(
    machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 5.0)
    with pytest.raises(UserError, match="no worker is there"):
        Cluster(machines.address)
    monkeypatch.setattr(cluster, "LONELY_SECONDS", 2.0)
    monkeypatch.setattr(cluster, "LOOK_EVERY", 0.5)
    executor = connected(machines, 1)

    class Lonely(type(executor)):
        def carry_out(self, chunks, work):
            for runs in super().carry_out(chunks, work):
                machines.workers[0].kill()
                yield runs

    executor.__class__ = Lonely
    with pytest.raises(EngineStopped, match="no worker has been there"):
        go(plan(1, 200), tmp_path, executor, fakes.slow)
    from experiments.engine.store import RunStore

    assert 0 < len(RunStore(tmp_path).status) < 200


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_without_the_scheduler_it_stops_and_keeps_what_is_done(
    machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: signal.Signals
) -> None:
    monkeypatch.setattr(cluster, "LOOK_EVERY", 0.5)
    executor = connected(machines, 1)
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 2.0)

    class Orphaned(type(executor)):
        def carry_out(self, chunks, work):
            for runs in super().carry_out(chunks, work):
                machines.processes[0].send_signal(how)
                yield runs

    executor.__class__ = Orphaned
    with pytest.raises(EngineStopped, match="the scheduler"):
        go(plan(1, 200), tmp_path, executor, fakes.slow)
    from experiments.engine.store import RunStore

    assert 0 < len(RunStore(tmp_path).status) < 200


@pytest.mark.slow
def test_the_same_study_on_a_cluster_and_here(
    machines: Machines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from experiments.main import main

    monkeypatch.chdir(tmp_path)
    machines.add_worker()
    machines.add_worker()
    words = ["sweep", "population.size=200", "market.branches=8", "horizon.months=12"]
    words += ["horizon.burn_in=3", "horizon.window=12", "partnership.term=12,24", "replicates=3"]
    there = ["executor=dask", f"scheduler={machines.address}", "output_dir=there"]
    assert main([*words, *there, "reuse=false"]) == 0
    for executor in ("serial", "local"):
        here = [f"executor={executor}", f"output_dir={executor}", "reuse=false"]
        assert main([*words, *here]) == 0
    tables = [
        pd.read_parquet(f"{folder}/outcomes.parquet").drop(columns="wall_time")
        for folder in ("there", "serial", "local")
    ]
    pd.testing.assert_frame_equal(tables[0], tables[1], check_exact=True)
    pd.testing.assert_frame_equal(tables[0], tables[2], check_exact=True)


@pytest.mark.slow
def test_workers_of_another_version_are_refused(
    machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    machines.add_worker()
    monkeypatch.setattr("sim.version.model_version", lambda: "newer")
    with pytest.raises(UserError, match="runs another version of the model"):
        Cluster(machines.address)
