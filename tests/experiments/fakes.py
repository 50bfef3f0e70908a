"""Runs that cost nothing, for tests of the engine; a module, so that other processes find them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from experiments.engine.jobs import Job, Key, Run, failed
from sim.outcomes import OUTCOMES

#: Words that make a market tiny.
TINY = [
    "population.size=200",
    "market.branches=8",
    "horizon.months=12",
    "horizon.burn_in=3",
    "horizon.window=12",
]
Listener = Callable[[int], None] | None


def outcomes_of(key: Key) -> dict[str, float]:
    """Numbers that follow from the key alone, awkward ones among them."""
    start = int(key.config_hash[:8], 16) / 2**32 + key.seed
    found = {name: start / (3.0 + place) for place, name in enumerate(OUTCOMES)}
    return {**found, "detection_delay": float("nan")}


def panel_of(key: Key) -> pd.DataFrame:
    months = [0, 1, 2]
    return pd.DataFrame(
        {"month": months, "date": ["2009-01"] * 3, "trust": [key.seed / (m + 3) for m in months]}
    )


def quick(job: Job, panels: Sequence[str], on_month: Listener = None) -> Run:
    return Run(job.key, 0.0, outcomes_of(job.key), {name: panel_of(job.key) for name in panels})


def slow(job: Job, panels: Sequence[str], on_month: Listener = None) -> Run:
    time.sleep(0.2)
    return Run(job.key, 0.2, outcomes_of(job.key), {name: panel_of(job.key) for name in panels})


def odd_seeds_fail(job: Job, panels: Sequence[str], on_month: Listener = None) -> Run:
    if job.key.seed % 2:
        try:
            raise ValueError("boom\nand more")
        except ValueError as error:
            return failed(job.key, "month 3, close_books", error)
    return quick(job, panels)


def third_seed_kills(job: Job, panels: Sequence[str], on_month: Listener = None) -> Run:
    if job.key.seed == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return quick(job, panels)


def third_seed_kills_once(job: Job, panels: Sequence[str], on_month: Listener = None) -> Run:
    mark = Path(os.environ["BANCASSIM_TEST_MARK"])
    if job.key.seed == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return quick(job, panels)


def third_seed_interrupts(job: Job, panels: Sequence[str], on_month: Listener = None) -> Run:
    if job.key.seed == 3:
        raise KeyboardInterrupt
    return quick(job, panels)
