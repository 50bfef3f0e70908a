"""How far a study is: a bar on a terminal, a plain line every ten seconds elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Never, Self

if TYPE_CHECKING:
    from tqdm import tqdm

LINE_EVERY = 10.0
"""Seconds between two lines when the output is not a terminal."""


class Progress:
    """Counts simulated months of all runs; use it in a ``with`` block."""

    def __init__(self, runs: int, months: int) -> None:
        self.runs = runs
        self.months = months
        self.done = 0
        self.finished = 0
        self.started = self.told = time.monotonic()
        self.bar: tqdm[Never] | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from tqdm import tqdm

            self.bar = tqdm(
                total=self.months,
                unit="month",
                desc=f"0/{self.runs} runs",
                leave=False,
                dynamic_ncols=True,
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.bar is not None:
            self.bar.close()

    def advance(self, months: int = 1) -> None:
        """Count months simulated."""
        self.done += months
        if self.bar is not None:
            self.bar.update(months)
        elif time.monotonic() - self.told >= LINE_EVERY:
            self.told = time.monotonic()
            print(self.line(), file=sys.stderr, flush=True)

    def finish_run(self) -> None:
        """Count a run as finished."""
        self.finished += 1
        if self.bar is not None:
            self.bar.set_description(f"{self.finished}/{self.runs} runs")

    def line(self) -> str:
        """Say in plain words how far the study is."""
        share = self.done / self.months if self.months else 1.0
        passed = time.monotonic() - self.started
        text = (
            f"{self.finished} of {self.runs} runs, {self.done:,} of {self.months:,} months "
            f"({share:.0%}), {passed:.0f} s"
        )
        return f"{text}, about {passed / share - passed:.0f} s left" if 0 < share < 1 else text
