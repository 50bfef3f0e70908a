"""How far a study is: a bar on a terminal, a plain line every ten seconds elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Never, Self

if TYPE_CHECKING:
    from tqdm import tqdm

BAR = "{desc} {percentage:3.0f}%|{bar}| {elapsed}, {remaining} left, {rate_fmt}"
LINE_EVERY = 10.0
"""Seconds between two lines when the output is not a terminal."""


class Progress:
    """Counts runs; use it in a ``with`` block.

    Attributes:
        finished: Runs that are done, failed ones among them.
        failed: Runs that failed.
    """

    def __init__(self, runs: int) -> None:
        self.runs = runs
        self.finished = 0
        self.failed = 0
        self._part = 0.0
        self._started = self._told = time.monotonic()
        self._bar: tqdm[Never] | None = None

    def __enter__(self) -> Self:
        if self.runs and sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(
                total=self.runs,
                unit="run",
                desc=self._count(),
                leave=False,
                dynamic_ncols=True,
                bar_format=BAR,
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def advance(self, part: float) -> None:
        """Show how much of the run in hand is done, in [0, 1]; only one at a time can be told."""
        self._part = part
        self._show()

    def finish(self, runs: int, failed: int) -> None:
        """Count runs that ended."""
        self.finished += runs
        self.failed += failed
        self._part = 0.0
        self._show()

    def line(self) -> str:
        """Say in plain words how far the study is."""
        done = self.finished + self._part
        passed = time.monotonic() - self._started
        text = f"{self._count()}, {passed:.0f} s"
        if not 0 < done < self.runs:
            return text
        pace = done / passed if passed else 0.0
        rate = f", {pace:.3g} runs/s" if pace >= 1 else f", {passed / done:.3g} s/run"
        return f"{text}{rate}, about {passed / done * (self.runs - done):.0f} s left"

    def _count(self) -> str:
        return f"{self.finished}/{self.runs} runs" + (f", {self.failed} failed" * (self.failed > 0))

    def _show(self) -> None:
        if self._bar is not None:
            self._bar.set_description_str(self._count(), refresh=False)
            self._bar.update(self.finished + self._part - self._bar.n)
        elif time.monotonic() - self._told >= LINE_EVERY:
            self._told = time.monotonic()
            print(self.line(), file=sys.stderr, flush=True)
