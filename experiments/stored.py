"""Studies on disk, read by commands that run nothing; one that is still at work can be read too."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.engine.store import DONE, FAILED, RunStore
from experiments.engine.tables import DAMAGE, read_table
from experiments.errors import UserError
from experiments.folder import LOCK, MANIFEST, ResultFolder


@dataclass(frozen=True)
class Stored:
    """A study as it lies on disk.

    Attributes:
        path: Its folder.
        manifest: What made it.
        plan: One row a planned run, with its labels.
        outcomes: One row a run that has ended, in the order of the plan; ``status`` says how.
    """

    path: Path
    manifest: dict[str, Any]
    plan: pd.DataFrame
    outcomes: pd.DataFrame

    @property
    def varied(self) -> list[str]:
        """Columns in which design points differ; empty where scenarios are compared by name."""
        fixed = ["point", "seed", "replicate", "config_hash"]
        if "point" not in self.plan or self.plan["scenario"].nunique() < 2:
            fixed.append("scenario")
        return [column for column in map(str, self.plan) if column not in fixed]

    @property
    def done(self) -> pd.DataFrame:
        """Runs with outcomes, each with a ``label`` of its design point."""
        table = self.outcomes[self.outcomes["status"] == DONE]
        return table.assign(label=label_points(table, self.varied)).reset_index(drop=True)

    def counts(self) -> dict[str, int]:
        """Runs that are done, failed, left."""
        ended = self.outcomes["status"].value_counts()
        done, failed = int(ended.get(DONE, 0)), int(ended.get(FAILED, 0))
        return {DONE: done, FAILED: failed, "left": len(self.plan) - done - failed}


def label_points(table: pd.DataFrame, varied: list[str]) -> pd.Series[str]:
    """Name each run's design point: what was varied, or the scenario."""
    if not varied:
        return table["scenario"].astype(str)
    parts = [key + "=" + table[key].map(_written).astype(str) for key in varied]
    label = parts[0]
    for part in parts[1:]:
        label = label + " " + part
    # A search comes by the same place twice only if the scenario itself lies there.
    doubled = table.groupby(label)["point"].transform("nunique") > 1
    return label.where(~doubled, label + " (point " + table["point"].astype(str) + ")")


def _written(value: object) -> str:
    """As it is typed; floats to the last digit, so that two points never look alike."""
    return repr(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def open_study(folder: str | Path) -> Stored:
    """Read a study.

    Raises:
        UserError: If there is none, or its plan cannot be read.
    """
    path = Path(folder).expanduser()
    if not path.is_dir():
        raise UserError(f"study = {path}: no such folder")
    manifest = ResultFolder(path).manifest()
    if manifest is None:
        raise UserError(f"study = {path}: holds no study: there is no {MANIFEST} in it")
    try:
        plan = read_table(path / "plan.parquet").to_pandas()
        if not {"scenario", "seed", "replicate", "config_hash"} <= set(plan):
            raise ValueError("its columns are not those of a plan")
    except DAMAGE as error:
        raise UserError(
            f"study = {path}: its plan cannot be read ({error}); repeat the command that made it"
        ) from None
    store = RunStore(path)
    for warning in store.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    return Stored(path, manifest, plan, store.labelled(plan))


def at_work(folder: Path) -> bool:
    """Whether a command is at work in a study now."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK)
    try:
        with lock.acquire(timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # the folder can only be read: nobody we could ask
        return False
