"""What an executor must answer, and how many runs it is handed at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence

from experiments.engine.jobs import Job, Run

Chunk = Sequence[Job]
#: Carries out a chunk; can be sent to another process.
Work = Callable[[Chunk], list[Run]]
#: Seconds of work that are worth sending at once: far above the cost of sending, far below what
#: anybody would mind losing.
CHUNK_SECONDS = 0.5
LARGEST_CHUNK = 64
#: Chunks handed out for each worker, so that none waits for the next.
AHEAD = 2


class EngineStopped(Exception):
    """The executor cannot go on; what was stored stays, and the same command goes on from there."""


class Executor(ABC):
    """Carries out chunks of runs somewhere."""

    #: Chunks worked on at the same time.
    slots: int = 1

    @abstractmethod
    def carry_out(self, chunks: Iterator[Chunk], work: Work) -> Iterator[list[Run]]:
        """Carry out all chunks and yield each one's runs when they are done, in any order.

        Args:
            chunks: Taken only as there is room, so that their size can follow the pace.
            work: What to do with a chunk.

        Raises:
            EngineStopped: If it cannot go on.
        """

    def close(self) -> None:  # noqa: B027
        """Give back processes and connections, if there are any; runs in flight are dropped."""


class Chunks:
    """Hands out jobs in chunks, small at first, then as many as take half a second."""

    def __init__(self, jobs: Iterable[Job], slots: int) -> None:
        self._jobs = list(jobs)
        self._next = 0
        self._slots = slots
        self._runs = 0
        self._seconds = 0.0

    def __iter__(self) -> Iterator[Chunk]:
        """Yield chunks until no job is left."""
        while self._next < len(self._jobs):
            size = self._size()
            chunk = self._jobs[self._next : self._next + size]
            self._next += size
            yield chunk

    def learn(self, runs: Sequence[Run]) -> None:
        """See how long runs take."""
        self._runs += len(runs)
        self._seconds += sum(run.wall_time for run in runs)

    def _size(self) -> int:
        if not self._runs:
            return 1
        per_run = max(self._seconds / self._runs, 1e-9)
        # Near the end all workers should have something to do.
        fair = -(-(len(self._jobs) - self._next) // (AHEAD * self._slots))
        return max(1, min(LARGEST_CHUNK, int(CHUNK_SECONDS / per_run), fair))
