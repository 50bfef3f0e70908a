"""In this process, one run after the other."""

from __future__ import annotations

from collections.abc import Iterator

from experiments.engine.executors.base import Chunk, Executor, Work
from experiments.engine.jobs import Run


class Serial(Executor):
    """No processes at all: for one worker, and for finding faults."""

    def carry_out(self, chunks: Iterator[Chunk], work: Work) -> Iterator[list[Run]]:
        """Do run after run; what is done of a chunk is handed over even if the user stops it."""
        for chunk in chunks:
            done: list[Run] = []
            try:
                for job in chunk:
                    done += work([job])
            except BaseException:
                if done:
                    yield done
                raise
            yield done
