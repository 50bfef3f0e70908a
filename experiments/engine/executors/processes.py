"""In processes of this machine, one thread each."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from typing import Any

from joblib.externals.loky import ProcessPoolExecutor

from experiments.engine.executors.base import AHEAD, Chunk, Executor, Work
from experiments.engine.jobs import Failure, Job, Key, Run

#: How often a run may take its process down with it before it counts as failed.
STRIKES = 2
#: How long the pool may take to hand work on to its processes; it is a matter of milliseconds.
TAKE_OVER_SECONDS = 1.0
#: How soon a process notices that its parent is gone.
ORPHAN_SECONDS = 1.0
ONE_THREAD = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMBA_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
    ),
    "1",
)


class Processes(Executor):
    """A pool of fresh processes (never forked); one that dies is replaced.

    When a process dies, nobody knows which run took it down. All that were in flight are done again
    one at a time, and a run that kills its process ``STRIKES`` times alone is a failed run.
    """

    def __init__(self, workers: int) -> None:
        self.slots = workers
        self._pool: Any = None
        self._pending: dict[Future[list[Run]], Chunk] = {}

    def carry_out(self, chunks: Iterator[Chunk], work: Work) -> Iterator[list[Run]]:
        """Keep every process busy."""
        suspects: deque[Job] = deque()
        strikes: Counter[Key] = Counter()
        while True:
            if suspects and not self._pending:
                self._send([suspects.popleft()], work)
            while not suspects and len(self._pending) < AHEAD * self.slots:
                chunk = next(chunks, None)
                if chunk is None:
                    break
                self._send(chunk, work)
            if not self._pending:
                return
            done, _ = wait(self._pending, return_when=FIRST_COMPLETED)
            lost: list[Job] = []
            alone = len(self._pending) == 1
            for future in done:
                chunk = self._pending.pop(future)
                try:
                    yield future.result()
                except BrokenExecutor:
                    lost += chunk
            if not lost:
                continue
            lost += [job for chunk in self._pending.values() for job in chunk]
            self._pending.clear()
            self.close()
            if alone and len(lost) == 1:
                (culprit,) = lost
                strikes[culprit.key] += 1
                if strikes[culprit.key] >= STRIKES:
                    yield [_died(culprit)]
                    continue
            suspects.extendleft(reversed(lost))

    def close(self) -> None:
        """End the processes."""
        if self._pool is None:
            return
        # The pool's own thread stumbles over work it has not taken over yet when it is told to end:
        # it gets a moment to take it.
        deadline = time.monotonic() + TAKE_OVER_SECONDS
        while not self._pool._work_ids.empty() and time.monotonic() < deadline:
            time.sleep(0.01)
        self._pool.shutdown(wait=True, kill_workers=True)
        self._pool = None

    def _send(self, chunk: Chunk, work: Work) -> None:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self.slots, initializer=_settle_in, initargs=(os.getpid(),), env=ONE_THREAD
            )
        try:
            future: Future[list[Run]] = self._pool.submit(work, chunk)
        except BrokenExecutor as error:  # a process has died since the last look
            future = Future()
            future.set_exception(error)
        self._pending[future] = chunk


def _settle_in(parent: int) -> None:
    """Let the parent alone answer Ctrl-C, and end if it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this process when it is an orphan: nobody would ever take its results."""
    while os.getppid() == parent:
        time.sleep(ORPHAN_SECONDS)
    os._exit(1)


def _died(job: Job) -> Run:
    message = f"the process that ran it died {STRIKES} times (out of memory?)"
    return Run(job.key, 0.0, failure=Failure("worker", message))
