"""The engine: what of a plan is still to do is done, stored at once, and told."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from experiments.engine.executors.base import Chunks, Executor
from experiments.engine.executors.serial import Serial
from experiments.engine.jobs import Job, Run, Simulate, run_chunk, run_one
from experiments.engine.store import FAILED, RunStore

if TYPE_CHECKING:
    from experiments.progress import Progress
    from experiments.study import Study


def open_executor(study: Study, jobs: int) -> Executor:
    """Choose where the runs are carried out.

    Raises:
        UserError: If the cluster asked for cannot be used.
    """
    if study.executor == "dask":
        from experiments.engine.executors.cluster import Cluster

        return Cluster(study.scheduler or "")
    workers = study.processes(jobs)
    if study.executor == "serial" or workers == 1:
        return Serial()
    from experiments.engine.executors.processes import Processes

    return Processes(workers)


def left_to_do(
    jobs: Sequence[Job], store: RunStore, panels: Sequence[str], retry_failed: bool
) -> list[Job]:
    """Jobs that the store does not have yet; failed ones only if they are to be tried again."""
    return [
        job
        for job in jobs
        if not store.has(job.key, panels) or (retry_failed and store.status.get(job.key) == FAILED)
    ]


def carry_out(
    jobs: Sequence[Job],
    store: RunStore,
    executor: Executor,
    panels: Sequence[str],
    progress: Progress,
    simulate: Simulate = run_one,
) -> None:
    """Carry out runs and store each chunk as soon as it is done.

    Args:
        jobs: What is left to do.
        store: Where the runs go.
        executor: Where they are carried out.
        panels: Monthly tables to keep.
        progress: Told of every run.
        simulate: Does one run.

    Raises:
        KeyboardInterrupt: If the user, or the machine by SIGTERM, stops it.
        EngineStopped: If the executor cannot go on.
        OSError: If a run cannot be stored.
    """
    if isinstance(executor, Serial):
        simulate = partial(_with_months, simulate=simulate, progress=progress)
    work = partial(run_chunk, panels=tuple(panels), simulate=simulate)
    chunks = Chunks(jobs, executor.slots)
    with _stopped_by_sigterm():
        for runs in executor.carry_out(iter(chunks), work):
            store.add(runs)
            chunks.learn(runs)
            progress.finish(len(runs), sum(run.failure is not None for run in runs))


def _with_months(
    job: Job,
    panels: Sequence[str],
    on_month: Callable[[int], None] | None,
    simulate: Simulate,
    progress: Progress,
) -> Run:
    """Do one run in this process and show its months."""
    months = job.scenario.horizon.months
    return simulate(job, panels, lambda done: progress.advance(done / months))


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """Treat SIGTERM, by which batch systems announce the end, like Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
