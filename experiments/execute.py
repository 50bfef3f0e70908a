"""Runs carried out in parallel processes; results come back as they finish."""

from __future__ import annotations

import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scenarios.check import ScenarioError

if TYPE_CHECKING:
    import pandas as pd

    from scenarios.schema import Scenario

PANELS = ("market", "banks", "insurers", "agreements", "classes")


@dataclass(frozen=True)
class Job:
    """One run to do."""

    scenario: Scenario
    config_hash: str
    seed: int
    replicate: int


@dataclass(frozen=True)
class Run:
    """One run done: its outcomes and monthly tables, or what went wrong."""

    job: Job
    wall_time: float
    outcomes: dict[str, float] = field(default_factory=dict)
    panels: dict[str, pd.DataFrame] = field(default_factory=dict)
    error: str = ""


def execute(
    jobs: Sequence[Job],
    workers: int,
    panel: bool,
    on_month: Callable[[int], None] | None = None,
) -> Iterator[Run]:
    """Carry out runs and yield each as it finishes, in no particular order.

    The numbers depend neither on the workers nor on the order.

    Args:
        jobs: What to run.
        workers: Processes; 1 stays in this one.
        panel: Whether to keep every monthly table; the market's is always kept.
        on_month: Called with each month that ends, in this process only.

    Raises:
        ScenarioError: If the model refuses a scenario.
        KeyboardInterrupt: If the user stops; the worker processes are ended first.
    """
    from sim.model import warm_up

    warm_up()  # compile before the workers start, so that they find it done
    if workers == 1:
        for job in jobs:
            yield _refused(run_one(job, panel, on_month))
    else:
        yield from _in_processes(jobs, workers, panel)


def run_one(job: Job, panel: bool, on_month: Callable[[int], None] | None = None) -> Run:
    """Carry out one run; an error becomes part of the result, the other runs go on."""
    from sim.model import BancassuranceModel

    started = time.perf_counter()
    try:
        results = BancassuranceModel(job.scenario, rng=job.seed).run(progress=on_month)
    except ScenarioError as refusal:
        return Run(job, 0.0, error=f"{ScenarioError.__name__}\n{refusal}")
    except Exception:
        return Run(job, time.perf_counter() - started, error=traceback.format_exc())
    panels = {name: getattr(results, name) for name in (PANELS if panel else PANELS[:1])}
    return Run(job, time.perf_counter() - started, dict(results.outcomes), panels)


def _refused(run: Run) -> Run:
    """Raise again what is the user's to mend rather than a fault of one run."""
    first, _, rest = run.error.partition("\n")
    if first == ScenarioError.__name__:
        raise ScenarioError(rest.splitlines())
    return run


def _in_processes(jobs: Sequence[Job], workers: int, panel: bool) -> Iterator[Run]:
    from joblib import Parallel, delayed
    from joblib.externals.loky import get_reusable_executor

    parallel = Parallel(
        n_jobs=workers, backend="loky", return_as="generator_unordered", batch_size=1
    )
    try:
        with _children_ignore_interrupts():
            runs = parallel(delayed(run_one)(job, panel) for job in jobs)
        for run in runs:
            yield _refused(run)
    except BaseException:
        get_reusable_executor().shutdown(wait=False, kill_workers=True)
        raise


@contextmanager
def _children_ignore_interrupts() -> Iterator[None]:
    """Let processes started inside ignore Ctrl-C: this process stops them itself."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
