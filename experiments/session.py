"""A study at work: its folder, its store, its executor, and how it ends."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pandas as pd

from experiments.engine.estimate import describe, expected_time
from experiments.engine.executors.base import EngineStopped, Executor
from experiments.engine.jobs import PANELS, Job
from experiments.engine.plan import Plan, check_points
from experiments.engine.reuse import adopt, neighbours
from experiments.engine.run import carry_out, left_to_do, open_executor
from experiments.engine.store import DONE, FAILED, RunStore
from experiments.errors import Interrupted, UserError, complain
from experiments.folder import ResultFolder
from experiments.manifest import fingerprint, finish, make_manifest
from experiments.progress import Progress
from scenarios.check import scenario_hash, to_dict

if TYPE_CHECKING:
    from types import TracebackType

    from experiments.study import Study
    from scenarios.schema import Scenario


MOST_POINTS = 12
"""Design points that a plan is shown with."""


@dataclass(frozen=True)
class Made:
    """What is being made, for the manifest and the folder's name.

    Attributes:
        verb: Name of the command.
        label: Names the result folder.
        command: The command line.
        scenarios: Scenarios to write out in the manifest.
        identity: What decides which runs there can be: the folder belongs to it.
    """

    verb: str
    label: str
    command: Sequence[str]
    scenarios: Sequence[Scenario]
    identity: Sequence[str]

    @classmethod
    def of(
        cls, verb: str, label: str, command: Sequence[str], scenarios: Sequence[Scenario], seed: int
    ) -> Made:
        """Describe a study of scenarios that are compared by name."""
        names = [f"{scenario.name}:{scenario_hash(scenario)}" for scenario in scenarios]
        return cls(verb, label, command, scenarios, [str(seed), *names])


class Session:
    """Carries out plans of one study; use it in a ``with`` block.

    Whatever way it ends, finished runs are stored, the tables are brought up to date and the
    manifest says how it ended.

    Args:
        made: What is being made.
        study: Seeds, workers, where results go.
        panels: Monthly tables to keep.

    Raises:
        UserError: If the folder cannot be used, or the study cannot go on.
        Interrupted: If the user stopped it.
    """

    def __init__(self, made: Made, study: Study, panels: Sequence[str] = ()) -> None:
        if study.problems():
            raise UserError(study.problems())
        self.made = made
        self.study = study
        self.panels = tuple(panels)
        self.plan = Plan((), ())
        self.wall_time = 0.0
        self._executor: Executor | None = None

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            if self.study.executor == "dask":  # a cluster that cannot be used is told first
                self._executor = open_executor(self.study, 0)
                stack.callback(self._close)
            label = f"{self.made.verb}-{self.made.label}"
            self.folder = ResultFolder.make(label, self.study.output_dir)
            mark = fingerprint(self.made.verb, self.made.identity)
            stack.enter_context(self.folder.taken(mark))
            self.store = RunStore(self.folder.path, writing=True)
            for warning in self.store.warnings:
                print(f"warning: {warning}", file=sys.stderr)
            self._manifest = make_manifest(
                self.made.verb, self.made.command, self.study, self.made.scenarios, mark
            )
            self.folder.write_manifest(self._manifest)
            self._stack = stack.pop_all()
        self._started = time.perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._stack:
            self._close()
            status = "finished" if kind is None else "stopped"
            if kind is KeyboardInterrupt:
                status = "interrupted"
            full: OSError | None = error if isinstance(error, OSError) else None
            try:
                self._settle(status)
            except OSError as problem:
                full = full or problem
            told = self._where_it_stands()
            if kind is KeyboardInterrupt:
                raise Interrupted(told) from None
            if isinstance(error, EngineStopped):
                raise UserError(f"{error}; {told}; repeat the command to go on", code=1) from None
            if full is not None:
                raise UserError(
                    f"{self.folder.path}: cannot be written ({full.strerror or full}); {told}; "
                    "mend it and repeat the command to go on",
                    code=1,
                ) from None

    def do(self, plan: Plan) -> pd.DataFrame:
        """Carry out what is not stored yet of a plan.

        Args:
            plan: All runs wanted; those of earlier calls that it leaves out stay stored.

        Returns:
            One row a run in the order of the plan, failed ones too; see ``RunStore.labelled``.
        """
        self.plan = plan
        labels = plan.labels()
        self._write_plan(plan, labels)
        jobs = plan.jobs()
        left = self._left(jobs)
        before = len(jobs) - len(left)
        taken: dict[str, int] = {}
        if left and self.study.reuse:
            taken = adopt(self.store, {job.key for job in left}, self.panels)
            left = self._left(left)
        self._tell_plan(len(jobs), before, taken)
        if left:
            self._run(left)
        table = self.store.labelled(labels)
        self._tell_failures(table)
        return table

    def _close(self) -> None:
        if self._executor is not None:
            self._executor.close()
            self._executor = None

    def _left(self, jobs: Sequence[Job]) -> list[Job]:
        return left_to_do(jobs, self.store, self.panels, self.study.retry_failed)

    def _run(self, left: Sequence[Job]) -> None:
        from sim.model import warm_up

        if self._executor is None:
            warm_up()  # compile before other processes start, so that they find it done
            self._executor = open_executor(self.study, len(left))
        with Progress(len(left)) as progress:
            carry_out(left, self.store, self._executor, self.panels, progress)

    def _write_plan(self, plan: Plan, labels: pd.DataFrame) -> None:
        self.folder.write_table("plan", labels)
        if plan.varied:
            points = labels.drop_duplicates("point").drop(columns=["seed", "replicate"])
            settings = [json.dumps(to_dict(point.scenario)) for point in plan.points]
            self.folder.write_table("points", points.assign(settings=settings))

    def _tell_plan(self, runs: int, before: int, taken: Mapping[str, int]) -> None:
        parts = [f"{before} of {runs} runs were done before"] if before else []
        parts += [f"{count} taken from {where}" for where, count in taken.items()]
        if parts:
            print("; ".join(parts), file=sys.stderr)

    def _tell_failures(self, table: pd.DataFrame) -> None:
        """Show the first failure; all are in the outcome table."""
        broken = table[table["status"] == FAILED]
        if broken.empty:
            return
        first = broken.iloc[0]
        print(first["traceback"], file=sys.stderr, end="")
        complain(
            [
                f"{len(broken)} of {len(table)} runs failed, the first (seed {first['seed']}) at "
                f"{first['stage']}: {first['message']}; the columns `stage`, `message` and "
                f"`traceback` of {self.folder.path / 'outcomes.parquet'} have all; --retry-failed "
                "tries them again"
            ]
        )

    def _counts(self) -> tuple[int, int]:
        """Runs of the plan that are done, and that failed."""
        ended = [self.store.status.get(job.key) for job in self.plan.jobs()]
        return ended.count(DONE), ended.count(FAILED)

    def _where_it_stands(self) -> str:
        done, failed = self._counts()
        told = f"{done + failed} of {len(self.plan.jobs())} runs finished"
        return f"{told}, kept in {self.folder.path}" if done + failed else told

    def _settle(self, status: str) -> None:
        """Bring tables and manifest up to date."""
        self.wall_time = time.perf_counter() - self._started
        done, failed = self._counts()
        planned = len(self.plan.jobs())
        if self.plan.points:
            self.store.settle(self.plan.labels())
        self.folder.write_manifest(
            finish(self._manifest, status, self.plan.seeds, (planned, done, failed), self.wall_time)
        )


@dataclass(frozen=True)
class Finished:
    """A study whose runs are done and stored.

    Attributes:
        folder: Where the results are.
        outcomes: One row a finished run, in the order of the plan.
        failed: How many runs failed.
        wall_time: Seconds.
    """

    folder: ResultFolder
    outcomes: pd.DataFrame
    failed: int
    wall_time: float

    def tell(self, text: str, figures: Mapping[str, bytes]) -> None:
        """Print the summary, store it with the figures, say where everything is."""
        print(text)
        self.folder.write_text("summary.txt", text + "\n")
        for name, content in figures.items():
            self.folder.write_bytes(name, content)
        speed = f"{len(self.outcomes)} runs in {self.wall_time:.0f} s"
        print(f"\n{speed}; results in {self.folder.path}")

    def panel(self, name: str) -> pd.DataFrame:
        """Read a monthly table of the study."""
        return pd.read_parquet(self.folder.path / f"panel_{name}.parquet")


def simulate(made: Made, plan: Plan, study: Study, panels: Sequence[str] = ()) -> Finished | None:
    """Carry out a plan; None if it was only to be shown."""
    if study.dry_run:
        show_plan(plan, study, panels)
        return None
    check_points(plan.points)
    with Session(made, study, panels) as session:
        table = session.do(plan)
    return ended(session, table)


def show_plan(plan: Plan, study: Study, panels: Sequence[str]) -> None:
    """Print what a plan would do, and run nothing.

    Raises:
        UserError: If it could not be done.
    """
    if study.problems():
        raise UserError(study.problems())
    check_points(plan.points)
    jobs = plan.jobs()
    folder = Path(study.output_dir or "results/new").expanduser()
    left = left_to_do(jobs, RunStore(folder), panels, study.retry_failed)
    before = len(jobs) - len(left)
    if study.reuse:
        elsewhere = {
            key for _, keys in neighbours(folder, {job.key for job in left}) for key in keys
        }
        left = [job for job in left if job.key not in elsewhere]
    print(describe(plan))
    for point in plan.points[:MOST_POINTS]:
        print(f"  {point.label}")
    if len(plan.points) > MOST_POINTS:
        print(f"  and {len(plan.points) - MOST_POINTS} more")
    if len(jobs) > len(left):
        there = len(jobs) - before - len(left)
        print(f"{before} done before, {there} to be taken from studies beside it")
    print(expected_time(left, study))


def ended(session: Session, table: pd.DataFrame) -> Finished:
    """Sum up a session that is over."""
    done = table[table["status"] == DONE].reset_index(drop=True)
    return Finished(session.folder, done, len(table) - len(done), session.wall_time)


def all_panels(study: Study) -> tuple[str, ...]:
    """Every monthly table if the study keeps them, else none."""
    return PANELS if study.panel else ()
