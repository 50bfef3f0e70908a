"""What the experiment engine costs: ``python -m benchmarks.engine [--quick] [--save PATH]``.

Costs a run are medians over repetitions; the ratio of two processes to one is a median over
alternating pairs, and needs both processors for itself. Variance ratios are of the market, not of
the clock, and repeatable.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

from benchmarks.table import Row, options, tell
from experiments.comparison import pair
from experiments.engine.executors.base import Executor
from experiments.engine.executors.processes import Processes
from experiments.engine.executors.serial import Serial
from experiments.engine.jobs import Job, Run, Simulate, run_one
from experiments.engine.plan import Plan, Point
from experiments.engine.run import carry_out
from experiments.engine.store import RunStore
from experiments.progress import Progress
from scenarios.claims import apply
from scenarios.schema import Scenario
from sim.model import warm_up
from sim.outcomes import OUTCOMES

SMALL = ("population.size=5000", "horizon.months=120", "horizon.window=48", "market.branches=64")
TREATMENTS = {
    "persuasion 2% up": ("population.choice.persuasion", 1.02),
    "persuasion 20% up": ("population.choice.persuasion", 1.2),
    "bank power 20% up": ("bargaining.bank_power", 1.2),
    "proactive service": ("service.level", "proactive"),
    "sales in the appraisal": ("incentives.scheme", "sales_kpi"),
    "one-on-one alliance": ("partnership.form", "exclusive_alliance"),
}
"""Key and what becomes of it: a factor, or another level."""


def trivial(job: Job, panels: Sequence[str], on_month: object) -> Run:
    """A run that costs nothing."""
    return Run(job.key, 0.0, dict.fromkeys(OUTCOMES, float(job.key.seed)))


def carried_out(plan: Plan, executor: Executor, simulate: Simulate) -> float:
    """Seconds that the runs of a plan take, stored and settled."""
    with tempfile.TemporaryDirectory() as folder:
        store = RunStore(Path(folder), writing=True)
        jobs = plan.jobs()
        started = perf_counter()
        with Progress(len(jobs)) as progress:
            carry_out(jobs, store, executor, (), progress, simulate)
        store.settle(plan.labels())
        seconds = perf_counter() - started
        executor.close()
        return seconds


def overhead(quick: bool) -> list[Row]:
    runs, repetitions = (500, 1) if quick else (2000, 3)
    plan = Plan((Point(Scenario()),), tuple(range(runs)))
    rows: list[Row] = []
    for name, make in (("in this process", Serial), ("in 2 processes", lambda: Processes(2))):
        cost = median(carried_out(plan, make(), trivial) for _ in range(repetitions)) / runs
        what = f"engine, {runs:,} trivial runs {name}, start included"
        rows.append((what, 1000.0 * cost, "ms/run", "at most 5"))
    return rows


def two_processes(quick: bool) -> list[Row]:
    runs, repetitions = (6, 1) if quick else (24, 3)
    plan = Plan((Point(apply(Scenario(), SMALL)),), tuple(range(runs)))
    warm_up()
    ratios = [
        carried_out(plan, Processes(1), run_one) / carried_out(plan, Processes(2), run_one)
        for _ in range(repetitions)
    ]
    return [(f"2 processes against 1, {runs} runs of 5,000 x 120", median(ratios), "times", "1.8")]


def drawn_run(job: Job, luck: np.random.Generator) -> Run:
    """A run with outcomes out of thin air."""
    values = luck.normal(size=len(OUTCOMES))
    return Run(job.key, 1.0, dict(zip(OUTCOMES, values, strict=True)))


def large_study(quick: bool) -> list[Row]:
    """A study of many runs, opened and summed up by a fresh process."""
    points, seeds = (100, 10) if quick else (1000, 10)
    base = Scenario()
    found = [replace(base, partnership=replace(base.partnership, trait_spread=k / points))
             for k in range(points)]  # fmt: skip
    plan = Plan(
        tuple(Point(s, {"partnership.trait_spread": s.partnership.trait_spread}) for s in found),
        tuple(range(1, seeds + 1)),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        store = RunStore(path, writing=True)
        luck = np.random.default_rng(1)
        jobs = plan.jobs()
        for start in range(0, len(jobs), 64):
            store.add([drawn_run(job, luck) for job in jobs[start : start + 64]])
        labels = plan.labels()
        store.settle(labels)
        labels.to_parquet(path / "plan.parquet", index=False)
        (path / "manifest.json").write_text('{"verb": "sweep"}')
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.engine", "--open", folder],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    opened, summed, megabytes = map(float, done.stdout.split())
    return [
        (f"study of {points * seeds:,} runs, opened", opened, "s", "under 1"),
        ("its means by design point, beside", summed, "s", ""),
        ("peak memory of that process", megabytes, "MB", "under 1000"),
    ]


def open_and_sum_up(folder: Path) -> None:
    from experiments.stored import open_study
    from experiments.sweep_report import point_means

    started = perf_counter()
    stored = open_study(folder)
    opened = perf_counter() - started
    point_means(stored.done, stored.varied)
    summed = perf_counter() - started - opened
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(opened, summed, peak / (2**20 if sys.platform == "darwin" else 2**10))


def treated(base: Scenario, key: str, change: object) -> Scenario:
    if isinstance(change, float):
        value: object = base
        for name in key.split("."):
            value = getattr(value, name)
        assert isinstance(value, float)
        return apply(base, (f"{key}={value * change}",))
    more = ("partnership.term=120", "partnership.partners=1", "partnership.access_fee=true")
    return apply(base, (f"{key}={change}", *(more if key == "partnership.form" else ())))


def pairing(quick: bool) -> list[Row]:
    """Variance of a difference with seeds of their own over that with common seeds."""
    seeds = tuple(range(1, 5 if quick else 25))
    base = apply(Scenario(), SMALL)
    scenarios = {"base": base}
    for name, (key, change) in TREATMENTS.items():
        scenarios[name] = treated(base, key, change)
    points = tuple(Point(replace(s, name=name)) for name, s in scenarios.items())
    plan = Plan(points, seeds)
    with tempfile.TemporaryDirectory() as folder:
        store = RunStore(Path(folder), writing=True)
        jobs = plan.jobs()
        executor = Processes(2)
        with Progress(len(jobs)) as progress:
            carry_out(jobs, store, executor, (), progress)
        executor.close()
        table = store.labelled(plan.labels())
    table = table.assign(label=table["scenario"])
    rows: list[Row] = []
    headline = [name for name, outcome in OUTCOMES.items() if outcome.headline]
    for name in TREATMENTS:
        gains = {key: item.gain for key, item in pair(table, "base", name).items()}
        told = [gains[key] for key in headline if np.isfinite(gains[key])]
        rows.append((f"variance ratio, {name}, median of headline", median(told), "times", ""))
        rows += [(f"    {key}", gains[key], "times", "") for key in headline]
    return rows


def main() -> None:
    parser = options(__doc__, "engine")
    parser.add_argument("--open", type=Path, metavar="FOLDER", help="open a study and sum it up")
    chosen = parser.parse_args()
    if chosen.open:
        open_and_sum_up(chosen.open)
        return
    tell([overhead, large_study, two_processes, pairing], chosen.quick, chosen.save)


if __name__ == "__main__":
    main()
