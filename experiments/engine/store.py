"""The runs of a study on disk: every finished chunk at once, later in few files.

``runs/`` takes each finished chunk as a small file of its own, so a killed command loses only what
was in flight. When a study ends they go over into ``outcomes.parquet`` and ``panel_*.parquet``, one
row and one row group a run. Both hold the truth; a run that is in several counts once.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from experiments.engine.jobs import PANELS, Key, Run
from experiments.engine.tables import DAMAGE, GroupFile, read_table, write_groups, write_table
from experiments.errors import first_line
from sim.version import model_version

if TYPE_CHECKING:
    import pandas as pd

LOOSE = "runs"
OUTCOMES_FILE = "outcomes.parquet"
DONE, FAILED = "done", "failed"
LABELS = ("scenario", "point", "seed")
"""Columns that name a run in a panel."""
MOST_FILES = 64
"""Small loose files of one table beyond which they are put together."""
LARGE_OUTCOMES, LARGE_PANEL = 2 * 2**20, 64 * 2**20
"""A loose file of so many bytes is left as it is."""


@cache
def row_schema() -> pa.Schema:
    """Columns of a stored run: key, outcomes, how it ended."""
    from sim.outcomes import OUTCOMES

    words = ("status", "stage", "message", "traceback")
    return pa.schema(
        [
            ("config_hash", pa.string()),
            ("seed", pa.int64()),
            ("model", pa.string()),
            ("wall_time", pa.float64()),
            *((name, pa.float64()) for name in OUTCOMES),
            *((name, pa.string()) for name in words),
        ]
    )


def row_of(run: Run) -> dict[str, object]:
    """A run as a row of the store."""
    row: dict[str, object] = {
        **run.key._asdict(),
        "model": model_version(),
        "wall_time": run.wall_time,
        **run.outcomes,
    }
    failure = run.failure
    if failure is None:
        return row | {"status": DONE, "stage": "", "message": "", "traceback": ""}
    told = {"stage": failure.stage, "message": failure.message, "traceback": failure.traceback}
    return row | {"status": FAILED, **told}


def panel_file(name: str) -> str:
    """Name of the file of a monthly table."""
    return f"panel_{name}.parquet"


class RunStore:
    """The runs of one study.

    Attributes:
        folder: The study's folder.
        status: ``done`` or ``failed`` of every run that has a row.
        warnings: What was damaged, a line each.
    """

    def __init__(self, folder: Path, writing: bool = False) -> None:
        """Read what is there.

        Args:
            folder: The study's folder.
            writing: Whether the caller has the study for itself and goes on with it: damaged files
                are set aside, monthly tables are checked to the last byte, and runs made by
                another version of the model do not count.
        """
        self.folder = folder
        self.loose = folder / LOOSE
        self.status: dict[Key, str] = {}
        self.warnings: list[str] = []
        self._writing = writing
        self._rows: list[pa.Table] = []
        self._panels: dict[str, dict[Key, GroupFile]] = {name: {} for name in PANELS}
        self._stale = False
        if writing:
            self.loose.mkdir(parents=True, exist_ok=True)
            for left in (*folder.glob(".*.tmp"), *self.loose.glob(".*.tmp")):
                left.unlink(missing_ok=True)
        for path in (folder / OUTCOMES_FILE, *sorted(self.loose.glob("outcomes-*.parquet"))):
            self._take_rows(path)
        for name in PANELS:
            loose = sorted(self.loose.glob(f"panel_{name}-*.parquet"))
            for path in (folder / panel_file(name), *loose):
                self._take_panel(name, path)
        # What is loose, or was damaged, has not gone over into the tables of the study yet.
        self._stale |= any(self.loose.glob("*.parquet"))

    def has(self, key: Key, panels: Sequence[str]) -> bool:
        """Whether a run is stored with all the monthly tables wanted; failed ones have none."""
        status = self.status.get(key)
        return status == FAILED or (
            status == DONE and all(key in self._panels[name] for name in panels)
        )

    def add(self, runs: Sequence[Run]) -> None:
        """Store finished runs; the row is written last, so it never stands without its tables.

        Raises:
            OSError: If they cannot be written; what was stored before is untouched.
        """
        done = [run for run in runs if run.failure is None]
        for name in PANELS:
            groups = [
                (run.key, pa.Table.from_pandas(run.panels[name], preserve_index=False))
                for run in done
                if name in run.panels
            ]
            if groups:
                self._add_groups(name, groups)
        self._add_rows(pa.Table.from_pylist([row_of(run) for run in runs], schema=row_schema()))

    def adopt(self, other: RunStore, keys: Iterable[Key], panels: Sequence[str]) -> list[Key]:
        """Copy finished runs from another study's store.

        Args:
            other: Store of a study made by the same version of the model.
            keys: Runs that are wanted.
            panels: Monthly tables that they must bring.

        Returns:
            The runs found there.
        """
        held = [key for key in keys if other.status.get(key) == DONE and other.has(key, panels)]
        read: dict[Key, list[pa.Table]] = {}
        for key in held:
            # What cannot be read over there is simply not to be had: it is run here.
            with suppress(*DAMAGE):
                read[key] = [table for name in panels for _, table in other.panel(name, [key])]
        if not read:
            return []
        for place, name in enumerate(panels):
            self._add_groups(name, [(key, tables[place]) for key, tables in read.items()])
        self._add_rows(_only(other.rows(), set(read)))
        return list(read)

    def rows(self) -> pa.Table:
        """Every run once, as stored; a run that was done counts before one that failed."""
        import pandas as pd

        if not self._rows:
            return row_schema().empty_table()
        table = pa.concat_tables(self._rows)
        keys = table.select(["config_hash", "seed", "status"]).to_pandas()
        keys["place"] = range(len(keys))
        keys = keys.sort_values("status", key=lambda s: s == DONE, kind="stable")
        last = keys.drop_duplicates(["config_hash", "seed"], keep="last")["place"].sort_values()
        return table.take(pa.Array.from_pandas(pd.Series(last, dtype="int64")))

    def panel(self, name: str, keys: Sequence[Key]) -> Iterator[tuple[Key, pa.Table]]:
        """Read a monthly table of some runs, without labels, one run after the other."""
        for key in keys:
            table = self._panels[name][key].read(key)
            yield key, table.drop_columns([c for c in LABELS if c in table.column_names])

    def labelled(self, labels: pd.DataFrame) -> pd.DataFrame:
        """Outcomes of the planned runs that have a row, in the order of the plan.

        Args:
            labels: From ``Plan.labels``.
        """
        rows = self.rows().to_pandas()
        return labels.merge(rows, on=["config_hash", "seed"], how="inner", validate="many_to_one")

    def settle(self, labels: pd.DataFrame) -> None:
        """Bring the stored runs over into the tables of the study and take away the loose files.

        Args:
            labels: From ``Plan.labels``. Further replicates of its points are kept below; runs of
                other points stay loose.

        Raises:
            OSError: If they cannot be written; nothing is lost.
        """
        if not self._stale:
            return
        everything = self._with_further_seeds(labels)
        for name in PANELS:
            self._settle_panel(name, everything)
        done = self.labelled(everything)
        write_table(self.folder / OUTCOMES_FILE, pa.Table.from_pandas(done, preserve_index=False))
        kept = self._keep_others(set(map(Key, everything["config_hash"], everything["seed"])))
        for path in set(self.loose.glob("*.parquet")) - kept:
            path.unlink(missing_ok=True)
        self._stale = False

    def _settle_panel(self, name: str, labels: pd.DataFrame) -> None:
        columns = [column for column in LABELS if column in labels]
        named = [
            (Key(str(row["config_hash"]), int(row["seed"])), row)
            for row in labels.to_dict("records")
        ]
        named = [(key, row) for key, row in named if key in self._panels[name]]
        if not named:
            return

        def groups() -> Iterator[tuple[Key, pa.Table]]:
            tables = self.panel(name, [key for key, _ in named])
            for (key, row), (_, table) in zip(named, tables, strict=True):
                labelled = {column: pa.array([row[column]] * len(table)) for column in columns}
                labelled |= {column: table[column] for column in table.column_names}
                yield key, pa.table(labelled)

        target = self.folder / panel_file(name)
        write_groups(target, groups())
        file = GroupFile(target)
        self._panels[name] |= dict.fromkeys(file.groups, file)

    def _keep_others(self, settled: set[Key]) -> set[Path]:
        """Keep the runs of points that the study does not name; returns the loose files to stay."""
        others = set(self.status) - settled
        if not others:
            return set()
        path = self.loose / f"outcomes-{secrets.token_hex(8)}.parquet"
        write_table(path, _only(self.rows(), others))
        held = (held for panel in self._panels.values() for held in panel.items())
        return {path, *(file.path for key, file in held if key in others)}

    def _with_further_seeds(self, labels: pd.DataFrame) -> pd.DataFrame:
        """Labels of all stored runs of the points, those of other replicates below the plan's."""
        import pandas as pd

        planned = set(map(Key, labels["config_hash"], labels["seed"]))
        further = sorted(set(self.status) - planned)
        first = labels.drop_duplicates("config_hash").set_index("config_hash", drop=False)
        start = int((labels["seed"] - labels["replicate"]).iloc[0])
        extra = [
            {**first.loc[key.config_hash], "seed": key.seed, "replicate": key.seed - start}
            for key in further
            if key.config_hash in first.index
        ]
        return pd.concat([labels, pd.DataFrame(extra)], ignore_index=True) if extra else labels

    def _add_rows(self, table: pa.Table) -> None:
        write_table(self.loose / f"outcomes-{secrets.token_hex(8)}.parquet", table)
        self._know_rows(table)
        self._stale = True
        self._gather("outcomes")

    def _add_groups(self, name: str, groups: list[tuple[Key, pa.Table]]) -> None:
        path = self.loose / f"panel_{name}-{secrets.token_hex(8)}.parquet"
        write_groups(path, groups)
        file = GroupFile(path)
        self._panels[name] |= dict.fromkeys(file.groups, file)
        self._gather(f"panel_{name}")

    def _gather(self, stem: str) -> None:
        """Put small loose files of one table together when they have become many.

        The new file is in place before the old ones go, so a stop in between only leaves doubles.
        """
        large = LARGE_OUTCOMES if stem == "outcomes" else LARGE_PANEL
        files = sorted(self.loose.glob(f"{stem}-*.parquet"))
        small = [path for path in files if path.stat().st_size < large]
        if len(small) <= MOST_FILES:
            return
        target = self.loose / f"{stem}-{secrets.token_hex(8)}.parquet"
        if stem == "outcomes":
            write_table(target, pa.concat_tables([read_table(p, row_schema()) for p in small]))
        else:
            name = stem.removeprefix("panel_")
            pairs = [(key, file) for file in map(GroupFile, small) for key in file.groups]
            write_groups(target, ((key, file.read(key)) for key, file in pairs))
            file = GroupFile(target)
            self._panels[name] |= dict.fromkeys(file.groups, file)
        for path in small:
            path.unlink(missing_ok=True)

    @contextmanager
    def _reading(self, path: Path) -> Iterator[None]:
        """Pass over a file that is not there, and set one aside that is damaged."""
        try:
            yield
        except FileNotFoundError:
            return
        except PermissionError:
            raise
        except DAMAGE as error:
            self._set_aside(path, error)

    def _take_rows(self, path: Path) -> None:
        with self._reading(path):
            table = read_table(path, row_schema())
            if self._writing:
                table = table.filter(pc.equal(table["model"], model_version()))
            self._know_rows(table)

    def _know_rows(self, table: pa.Table) -> None:
        self._rows.append(table)
        parts = table.select(["config_hash", "seed", "status"]).to_pydict()
        for mark, seed, status in zip(*parts.values(), strict=True):
            key = Key(mark, seed)
            if self.status.get(key) != DONE:
                self.status[key] = status

    def _take_panel(self, name: str, path: Path) -> None:
        with self._reading(path):
            file = GroupFile(path)
            sound = file.sound() if self._writing else list(file.groups)
            if len(sound) < len(file.groups):
                lost = len(file.groups) - len(sound)
                self.warnings.append(f"{path}: {lost} runs in it cannot be read and are done again")
                self._stale = True
            self._panels[name] |= dict.fromkeys(sound, file)

    def _set_aside(self, path: Path, error: Exception) -> None:
        """Keep a damaged file under another name; the runs in it count as not done."""
        told = f"{path}: cannot be read ({first_line(error)})"
        if self._writing:
            aside = path.with_name(f"{path.name}.damaged-{secrets.token_hex(4)}")
            path.rename(aside)
            told += f"; set aside as {aside.name}, its runs are done again"
            self._stale = True
        self.warnings.append(told)


def _only(rows: pa.Table, keys: set[Key]) -> pa.Table:
    """Rows of some runs."""
    marks, seeds = (rows[name].to_pylist() for name in Key._fields)
    return rows.filter(pa.array([Key(*pair) in keys for pair in zip(marks, seeds, strict=True)]))
