"""One run: what is to be done, how it is done, what comes back."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from experiments.errors import first_line

if TYPE_CHECKING:
    import pandas as pd

    from scenarios.schema import Scenario

PANELS = ("market", "banks", "insurers", "agreements", "classes")
"""Monthly tables that a run can leave, see ``sim.recorder.Results``."""


class Key(NamedTuple):
    """What a run is known by: equal keys give equal numbers in one version of the model."""

    config_hash: str
    seed: int


@dataclass(frozen=True)
class Job:
    """One run to do."""

    scenario: Scenario
    key: Key


@dataclass(frozen=True)
class Failure:
    """Why a run has no outcomes.

    Attributes:
        stage: Where it happened: ``founding``, ``month 37, close_books``, ``worker``.
        message: The error in one line.
        traceback: All of it; empty if there is none.
    """

    stage: str
    message: str
    traceback: str = ""


@dataclass(frozen=True)
class Run:
    """One run done: its outcomes and monthly tables, or what went wrong."""

    key: Key
    wall_time: float
    outcomes: dict[str, float] = field(default_factory=dict)
    panels: dict[str, pd.DataFrame] = field(default_factory=dict)
    failure: Failure | None = None


#: Does one job; the panels to keep; called with each month that ends, if the caller can listen.
Simulate = Callable[[Job, Sequence[str], Callable[[int], None] | None], Run]


def run_one(job: Job, panels: Sequence[str], on_month: Callable[[int], None] | None = None) -> Run:
    """Carry out one run; an error becomes part of the result.

    Args:
        job: What to run.
        panels: Monthly tables to keep, of ``PANELS``.
        on_month: Called with the number of months done after each month.
    """
    from sim.model import BancassuranceModel

    started = time.perf_counter()
    model = None
    try:
        model = BancassuranceModel(job.scenario, rng=job.key.seed)
        results = model.run(progress=on_month)
        outcomes = dict(results.outcomes)
        kept = {name: getattr(results, name) for name in panels}
    except Exception as error:
        stage = f"month {model.market.month}, {model.phase}" if model else "founding"
        return failed(job.key, stage, error, time.perf_counter() - started)
    return Run(job.key, time.perf_counter() - started, outcomes, kept)


def failed(key: Key, stage: str, error: BaseException, wall_time: float = 0.0) -> Run:
    """Make the result of a run that ended in an error."""
    told = "".join(traceback.format_exception(error))
    message = f"{type(error).__name__}: {first_line(error)}"
    return Run(key, wall_time, failure=Failure(stage, message, told))


def run_chunk(jobs: Sequence[Job], panels: Sequence[str], simulate: Simulate) -> list[Run]:
    """Carry out several runs one after the other; what executors send to their workers."""
    return [simulate(job, panels, None) for job in jobs]
