"""How fast the market runs: ``python -m benchmarks.run [--quick] [--save PATH]`` or ``make bench``.

Ratios are medians over alternating pairs of runs, so that a machine that slows down for a while
slows both sides down. One thread is timed by the processor's clock, which other programs disturb
less, several by the wall's. Compilation is done before anything is timed.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from dataclasses import replace
from statistics import median
from time import perf_counter, process_time

from benchmarks.table import Row, options, tell
from scenarios.schema import Scenario
from sim.model import BancassuranceModel, warm_up
from tests.reference.model import ReferenceModel


def market(size: int, months: int) -> Scenario:
    """The default market with ``size`` customers, as many to a branch as in the default."""
    made = Scenario()
    branches = max(made.market.banks, size * made.market.branches // made.population.size)
    return replace(
        made,
        market=replace(made.market, branches=branches),
        population=replace(made.population, size=size),
        horizon=replace(made.horizon, months=months, burn_in=0, window=min(months, 60)),
    )


class Timed(BancassuranceModel):
    """Knows how long its customers took to live."""

    seconds = wall_seconds = 0.0

    def live_customers(self) -> None:
        started, started_wall = process_time(), perf_counter()
        super().live_customers()
        self.seconds += process_time() - started
        self.wall_seconds += perf_counter() - started_wall


def timed(size: int, months: int, threads: int = 1) -> Timed:
    model = Timed(market(size, months), rng=1, threads=threads)
    model.run()
    return model


def compiled_ns(size: int, months: int) -> float:
    """Nanoseconds per customer and month of the compiled customer month."""
    return timed(size, months).seconds / (size * months) * 1e9


def reference_ns(size: int, months: int) -> float:
    """The same of one plain Mesa agent per customer."""
    model = ReferenceModel(market(size, months), rng=1)
    model.run()
    return model.seconds / (size * months) * 1e9


def against_mesa(quick: bool) -> list[Row]:
    months, repetitions = (6, 2) if quick else (12, 5)
    pairs = [(compiled_ns(20_000, 24), reference_ns(1000, months)) for _ in range(repetitions)]
    ours, theirs = (median(side) for side in zip(*pairs, strict=True))
    ratio = median(theirs / ours for ours, theirs in pairs)
    return [
        ("customer month, compiled, 20,000 x 24", ours, "ns", ""),
        (f"customer month, plain Mesa, 1,000 x {months}", theirs, "ns", ""),
        ("compiled against plain Mesa", ratio, "times", "at least 50"),
    ]


def replicate() -> None:
    """One default replicate in this process, as JSON on standard output."""
    warm_up()
    started, started_wall = process_time(), perf_counter()
    BancassuranceModel(Scenario(), rng=1).run()
    seconds, wall_seconds = process_time() - started, perf_counter() - started_wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    megabytes = peak / (2**20 if sys.platform == "darwin" else 2**10)
    print(json.dumps({"seconds": seconds, "wall": wall_seconds, "megabytes": megabytes}))


def whole_replicates(quick: bool) -> list[Row]:
    runs = []
    for _ in range(1 if quick else 3):
        command = [sys.executable, "-m", "benchmarks.run", "--replicate"]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        runs.append(json.loads(done.stdout))
    wall = median(run["wall"] for run in runs)
    return [
        ("default replicate, 20,000 x 264", wall, "s", "under 10"),
        ("its processor time", median(run["seconds"] for run in runs), "s", ""),
        ("its peak memory", max(run["megabytes"] for run in runs), "MB", "under 1000"),
    ]


def sizes(quick: bool) -> list[Row]:
    """Cost per customer-month as the population outgrows the caches of the processor."""
    return [
        (f"customer month, compiled, {size:,}", compiled_ns(size, months), "ns", "")
        for size, months in [(10**4, 24), (10**5, 12), (10**6, 3)][: 2 if quick else 3]
    ]


def threads(quick: bool) -> list[Row]:
    size, months = (10**5, 6) if quick else (10**6, 3)
    timed(10_000, 1, threads=2)  # compiles, or starts the threads
    ratio = median(
        timed(size, months).wall_seconds / timed(size, months, threads=2).wall_seconds
        for _ in range(2 if quick else 3)
    )
    return [(f"2 threads against 1, {size:,} x {months}", ratio, "times", "")]


def main() -> None:
    parser = options(__doc__, "run")
    parser.add_argument("--replicate", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.replicate:
        replicate()
        return
    warm_up()
    tell([against_mesa, whole_replicates, sizes, threads], chosen.quick, chosen.save)


if __name__ == "__main__":
    main()
