"""On a Dask cluster: any number of machines that share this version of the program."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from experiments.engine.executors.base import AHEAD, Chunk, EngineStopped, Executor, Work
from experiments.engine.jobs import Failure, Job, Run
from experiments.errors import UserError, first_line

if TYPE_CHECKING:
    from distributed import Client, Future

CONNECT_SECONDS = 10.0
"""How long to wait for a scheduler and for its first worker."""
LONELY_SECONDS = 60.0
"""How long a study waits for a new worker once all have gone."""
LOOK_EVERY = 2.0
_ONE_AT_A_TIME = threading.Lock()


def model_of_worker() -> str:
    """Version of the model where this is called."""
    from sim.version import model_version

    return model_version()


def work_alone(work: Work, chunk: Chunk) -> list[Run]:
    """Carry out a chunk; a worker with several threads does one at a time."""
    with _ONE_AT_A_TIME:
        return work(chunk)


class Cluster(Executor):
    """Workers of a running Dask scheduler; chunks of a worker that dies go to another.

    Args:
        scheduler: Its address, ``tcp://127.0.0.1:8786``.

    Raises:
        UserError: If nobody answers there, it has no workers, or they run another version of the
            program.
    """

    def __init__(self, scheduler: str) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise UserError(
                "executor=dask: needs the extra: pip install 'bancassim[dask]'"
            ) from None
        try:
            self._client: Client = Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=True)
        except (OSError, TimeoutError, ValueError, TypeError, ImportError, RuntimeError) as error:
            raise UserError(
                f"scheduler = {scheduler}: nobody answers there ({first_line(error)}); "
                "start one with: dask scheduler"
            ) from None
        try:
            self._shake_hands(scheduler)
        except BaseException:
            self.close()
            raise

    def carry_out(self, chunks: Iterator[Chunk], work: Work) -> Iterator[list[Run]]:
        """Keep every worker busy; follow the cluster as it grows and shrinks."""
        from distributed import CancelledError, KilledWorker

        pending: dict[Future[Any], Chunk] = {}
        retry: list[Chunk] = []
        while True:
            while len(pending) < AHEAD * self.slots:
                chunk = retry.pop() if retry else next(chunks, None)
                if chunk is None:
                    break
                future = self._client.submit(work_alone, work, chunk, pure=False)
                pending[future] = chunk
            if not pending:
                return
            for future in self._wait_for_any(pending):
                chunk = pending.pop(future)
                try:
                    yield future.result()
                except KilledWorker as error:
                    # Several workers died with it: find the run by trying each by itself.
                    if len(chunk) > 1:
                        retry += [[job] for job in chunk]
                    else:
                        yield [_died(chunk[0], error)]
                except CancelledError:
                    retry.append(chunk)

    def close(self) -> None:
        """Leave the cluster, which goes on."""
        with suppress(OSError, TimeoutError):
            self._client.close(timeout=LOOK_EVERY)

    def _shake_hands(self, scheduler: str) -> None:
        """Make sure there is a worker, and that scheduler and workers run this very program.

        A scheduler that cannot import the program would keep everybody waiting for ever.
        """
        try:
            self._client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except TimeoutError:
            raise UserError(
                f"scheduler = {scheduler}: no worker is there; start one with: "
                f"dask worker {scheduler} --nthreads 1 --no-nanny"
            ) from None
        here = model_of_worker()
        # What can be found is asked with a function of Python's own: ours may not be there.
        found = {"the scheduler": self._client.run_on_scheduler(find_spec, "experiments")}
        found |= self._client.run(find_spec, "experiments")
        strangers = [name for name, spec in found.items() if spec is None]
        if strangers:
            raise UserError(
                f"scheduler = {scheduler}: {strangers[0]} cannot import bancassim; "
                "install the same version there"
            )
        answers: dict[str, str] = self._client.run(model_of_worker)
        other = [name for name, version in answers.items() if version != here]
        if other:
            raise UserError(
                f"scheduler = {scheduler}: worker {other[0]} runs another version of the model; "
                "install the same version there"
            )
        self.slots = len(answers)

    def _wait_for_any(self, pending: dict[Future[Any], Chunk]) -> list[Future[Any]]:
        from distributed import CancelledError, wait

        lonely_since: float | None = None
        while True:
            try:
                return list(wait(list(pending), LOOK_EVERY, "FIRST_COMPLETED").done)
            except TimeoutError:
                workers = self._workers()
            except CancelledError:
                self._workers()  # says so if the scheduler has gone
                return [future for future in pending if future.cancelled()]
            if workers:
                self.slots = workers
                lonely_since = None
                continue
            lonely_since = lonely_since or time.monotonic()
            if time.monotonic() - lonely_since > LONELY_SECONDS:
                raise EngineStopped(f"no worker has been there for {LONELY_SECONDS:.0f} s")

    def _workers(self) -> int:
        if self._client.status not in ("running", "connecting"):
            raise EngineStopped("the scheduler has gone")
        try:
            # ``scheduler_info`` itself would wait for ever for a scheduler that hangs.
            self._client.sync(
                self._client._update_scheduler_info,
                n_workers=-1,
                callback_timeout=CONNECT_SECONDS,
            )
            return len(self._client.scheduler_info()["workers"])
        except (OSError, TimeoutError) as error:
            raise EngineStopped(f"the scheduler does not answer ({first_line(error)})") from None


def _died(job: Job, error: Exception) -> Run:
    message = f"the workers that ran it died: {first_line(error)}"
    return Run(job.key, 0.0, failure=Failure("worker", message))
