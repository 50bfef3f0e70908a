"""What a plan will cost: runs, and time measured on this machine."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from experiments.engine.jobs import Job
from experiments.engine.plan import Plan

if TYPE_CHECKING:
    from experiments.study import Study
    from scenarios.schema import Scenario

TRIAL_MONTHS = 12


def size_of(scenario: Scenario) -> float:
    """What the time of a run is proportional to: customer-months."""
    return float(scenario.population.size * scenario.horizon.months)


def seconds_per_size(scenario: Scenario) -> float:
    """Time the first months of a scenario on one processor.

    Returns:
        Seconds per customer-month, founding included. Later months cost more, as more policies are
        in force, and founding is spread over fewer: the two nearly cancel.
    """
    from sim.model import BancassuranceModel, warm_up

    warm_up()
    months = min(TRIAL_MONTHS, scenario.horizon.months)
    model = BancassuranceModel(scenario, rng=0)
    started = time.perf_counter()
    for _ in range(months):
        model.step()
    return (time.perf_counter() - started) / (scenario.population.size * months)


def about(seconds: float) -> str:
    """Write a duration for people."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def describe(plan: Plan) -> str:
    """Say how many runs a plan has and why."""
    points, seeds = len(plan.points), len(plan.seeds)
    kind = "design point" if plan.varied else "scenario"
    return (
        f"{points} {kind}{'s' * (points != 1)} x {seeds} replicate{'s' * (seeds != 1)} "
        f"= {points * seeds} runs"
    )


def expected_time(left: Sequence[Job], study: Study) -> str:
    """Say about how long the runs that are left will take."""
    if not left:
        return "nothing left to run"
    if study.executor == "dask":
        return f"{len(left)} to run on the cluster"
    workers = 1 if study.executor == "serial" else study.processes(len(left))
    pace = seconds_per_size(_short(left[0].scenario))
    seconds = pace * sum(size_of(job.scenario) for job in left) / workers
    return f"{len(left)} to run, about {about(seconds)} on {workers} process{'es' * (workers != 1)}"


def _short(scenario: Scenario) -> Scenario:
    """A trial needs no more than a year, and no calendar."""
    months = min(TRIAL_MONTHS, scenario.horizon.months)
    horizon = replace(scenario.horizon, months=months, burn_in=0, window=1)
    return replace(scenario, horizon=horizon, calendar=())
