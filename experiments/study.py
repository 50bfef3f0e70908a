"""Settings of a study beside its scenario: seeds, replicates, workers, where results go."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

from scenarios.quantity import quantity

SOURCE = "choice of the user"
LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True)
class Study:
    """What every study needs to know."""

    seed: int = quantity(1, "1", SOURCE, 0, LARGEST_SEED, note="replicate k runs with seed + k")
    replicates: int = quantity(5, "runs per scenario", SOURCE, 1, 1_000_000)
    workers: int | None = quantity(
        None, "processes", SOURCE, 1, 4096, note="null uses every processor"
    )
    output_dir: str | None = quantity(
        None, "folder", SOURCE, note="null makes a new one below results/"
    )
    panel: bool = quantity(
        True, "yes/no", SOURCE, note="keep the monthly tables beside the outcomes"
    )
    executor: str = quantity(
        "local",
        "word",
        SOURCE,
        choices=("serial", "local", "dask"),
        note="where runs are carried out: this process, processes here, a Dask cluster",
    )
    scheduler: str | None = quantity(
        None, "address", SOURCE, note="of the Dask scheduler, tcp://HOST:8786"
    )
    reuse: bool = quantity(
        True, "yes/no", SOURCE, note="take runs that other studies in the same folder have"
    )
    retry_failed: bool = quantity(
        False, "yes/no", SOURCE, note="try runs again that failed earlier; also --retry-failed"
    )
    dry_run: bool = quantity(
        False, "yes/no", SOURCE, note="show the plan and run nothing; also --dry-run"
    )

    def seeds(self) -> tuple[int, ...]:
        """Seeds of the replicates, the same in every scenario: common random numbers."""
        return tuple(range(self.seed, self.seed + self.replicates))

    def problems(self) -> list[str]:
        """List the settings that are allowed one by one but contradict each other."""
        dask = self.executor == "dask"
        found = []
        if self.output_dir is not None and not self.output_dir.strip():
            found.append(f"output_dir = {self.output_dir!r}: name a folder, or null for a new one")
        if dask and not self.scheduler:
            found.append("scheduler = null: executor=dask needs its address, tcp://HOST:8786")
        if self.scheduler and not dask:
            found.append(f"scheduler = {self.scheduler!r}: is used with executor=dask only")
        return found

    def for_job(self, number: int | None) -> Self:
        """Give each job of a multirun its own folder below the one asked for."""
        if number is None or self.output_dir is None:
            return self
        return replace(self, output_dir=str(Path(self.output_dir) / str(number)))

    def processes(self, jobs: int) -> int:
        """How many processes to use for a number of runs."""
        return max(1, min(self.workers or os.cpu_count() or 1, jobs))


@dataclass(frozen=True)
class Comparison(Study):
    """A study of several scenarios, the first of which is the baseline."""

    scenarios: tuple[str, ...] = quantity((), "scenario names", SOURCE, note="first is baseline")
    study: str | None = quantity(
        None, "folder", SOURCE, note="compare what is stored there and run nothing"
    )
    baseline: str | None = quantity(
        None, "name or point number", SOURCE, note="in a stored study; null takes the first"
    )
    until: str | None = quantity(
        None, "halfwidth=PERCENT", SOURCE, note="add replicates until intervals are so narrow"
    )
    until_outcomes: tuple[str, ...] = quantity(
        ("bank_value", "insurer_value", "customer_welfare"),
        "outcomes",
        SOURCE,
        note="whose intervals until looks at",
    )
    most_replicates: int = quantity(
        200, "runs per scenario", SOURCE, 2, 1_000_000, note="where until gives up"
    )

    def problems(self) -> list[str]:
        """List what is wrong with the scenarios asked for."""
        written = f"scenarios = [{', '.join(self.scenarios)}]"
        repeated = sorted({name for name in self.scenarios if self.scenarios.count(name) > 1})
        found = super().problems()
        if len(self.scenarios) < 2:
            found.append(f"{written}: must be at least two, the baseline first")
        if repeated:
            found.append(f"{written}: must differ; {', '.join(repeated)} stands twice")
        return found


def split(
    schema: type[Study], settings: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Part composed settings into those of the study and those of the scenario."""
    names = {field.name for field in fields(schema)}
    study = {key: value for key, value in settings.items() if key in names}
    scenario = {key: value for key, value in settings.items() if key not in names}
    return study, scenario
