"""A study carried out: runs in parallel, results stored, whatever way it ends."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.errors import Interrupted, complain
from experiments.execute import Job, Run, execute
from experiments.manifest import fingerprint, finish, make_manifest
from experiments.progress import Progress
from experiments.store import ResultFolder
from scenarios.check import scenario_hash

if TYPE_CHECKING:
    from experiments.study import Study
    from scenarios.schema import Scenario


@dataclass(frozen=True)
class Finished:
    """A study whose runs are done and stored.

    Attributes:
        folder: Where the results are.
        runs: Runs that gave outcomes, ordered by scenario and replicate.
        failed: How many runs failed.
        wall_time: Seconds.
    """

    folder: ResultFolder
    runs: list[Run]
    failed: int
    wall_time: float

    def tell(self, text: str, figures: Mapping[str, bytes]) -> None:
        """Print the summary, store it with the figures, say where everything is."""
        print(text)
        self.folder.write_text("summary.txt", text + "\n")
        for name, content in figures.items():
            self.folder.write_bytes(name, content)
        speed = f"{len(self.runs)} runs in {self.wall_time:.0f} s"
        print(f"\n{speed}; results in {self.folder.path}")


def simulate(
    verb: str, scenarios: Sequence[Scenario], study: Study, command: Sequence[str], label: str
) -> Finished:
    """Run every scenario with every seed and store what comes out.

    Args:
        verb: Name of the command.
        scenarios: Checked scenarios whose names differ.
        study: Seeds, workers, where results go.
        command: The command line, for the manifest.
        label: Names the result folder.

    Raises:
        Interrupted: If the user stopped; finished runs are stored first.
        UserError: If the result folder cannot be used.
        ScenarioError: If the model refuses a scenario.
    """
    mark = fingerprint(verb, study, scenarios)
    folder = ResultFolder.create(f"{verb}-{label}", study.output_dir, mark)
    manifest = make_manifest(verb, command, study, scenarios)
    folder.write_manifest(manifest)
    jobs = _jobs(scenarios, study)
    workers = study.processes(len(jobs))
    months = sum(job.scenario.horizon.months for job in jobs)
    done: list[Run] = []
    status = "failed"
    started = time.perf_counter()
    try:
        with Progress(len(jobs), months) as progress:
            on_month = (lambda _: progress.advance()) if workers == 1 else None
            for run in execute(jobs, workers, study.panel, on_month):
                done.append(run)
                progress.finish_run()
                if workers > 1:
                    progress.advance(run.job.scenario.horizon.months)
        status = "finished"
    except KeyboardInterrupt:
        status = "interrupted"
        kept = f"{len(done)} of {len(jobs)} runs finished"
        if done:
            kept += f", kept in {folder.path}"
        raise Interrupted(kept) from None
    finally:
        order = {(job.scenario.name, job.seed): place for place, job in enumerate(jobs)}
        done.sort(key=lambda run: order[run.job.scenario.name, run.job.seed])
        failed = sum(bool(run.error) for run in done)
        if done:
            folder.write_runs(done, study.panel)
        wall_time = time.perf_counter() - started
        folder.write_manifest(finish(manifest, status, len(done) - failed, failed, wall_time))
    if failed:
        _tell_failures(done, folder)
    runs = [run for run in done if not run.error]
    return Finished(folder, runs, failed, wall_time)


def _jobs(scenarios: Sequence[Scenario], study: Study) -> list[Job]:
    return [
        Job(scenario, mark, seed, replicate)
        for scenario, mark in ((scenario, scenario_hash(scenario)) for scenario in scenarios)
        for replicate, seed in enumerate(study.seeds())
    ]


def _tell_failures(runs: Sequence[Run], folder: ResultFolder) -> None:
    """Show the first traceback; all are in the outcome table."""
    broken = [run for run in runs if run.error]
    print(broken[0].error, file=sys.stderr, end="")
    complain(
        [
            f"{len(broken)} of {len(runs)} runs failed, the first is shown above; "
            f"the column `error` of {folder.path / 'outcomes.parquet'} has all"
        ]
    )
