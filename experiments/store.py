"""The result folder: tables, figures and the manifest, each written whole or not at all."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.errors import UserError
from experiments.execute import PANELS, Run

if TYPE_CHECKING:
    import pandas as pd

MANIFEST = "manifest.json"


class ResultFolder:
    """Where one study keeps what it found.

    Attributes:
        path: The folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, label: str, output_dir: str | None, fingerprint: str) -> ResultFolder:
        """Make the folder, or take one that holds the results of the same settings.

        Args:
            label: Names the folder below ``results/`` when ``output_dir`` is None.
            output_dir: Folder that the user asked for.
            fingerprint: Stands for the settings of the study; equal settings, equal numbers.

        Raises:
            UserError: If it cannot be made, or holds the results of other settings.
        """
        if output_dir is None:
            stamp = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
            path = Path("results") / f"{re.sub(r'[^\w.-]+', '-', label)}-{stamp}"
        else:
            path = Path(output_dir).expanduser()
        try:
            path.mkdir(parents=True, exist_ok=True)
            writable = os.access(path, os.W_OK)
        except OSError as error:
            reason = "a file is in the way" if _file_in_way(path) else error.strerror
            raise UserError(f"output_dir = {path}: cannot be made ({reason})") from error
        if not writable:
            raise UserError(f"output_dir = {path}: cannot be written to")
        earlier = _fingerprint(path / MANIFEST)
        if earlier not in (None, fingerprint):
            raise UserError(
                f"output_dir = {path}: holds the results of other settings; give another folder"
            )
        return cls(path)

    def write_bytes(self, name: str, content: bytes) -> None:
        """Write a file whole: under a temporary name first, then renamed."""
        target = self.path / name
        temporary = target.with_name(f".{name}.{os.getpid()}.tmp")
        try:
            temporary.write_bytes(content)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)

    def write_text(self, name: str, text: str) -> None:
        """Write a text file whole."""
        self.write_bytes(name, text.encode())

    def write_table(self, name: str, table: pd.DataFrame) -> None:
        """Write a table as Parquet."""
        buffer = io.BytesIO()
        table.to_parquet(buffer, index=False)
        self.write_bytes(f"{name}.parquet", buffer.getvalue())

    def write_manifest(self, manifest: dict[str, Any]) -> None:
        """Write what made the results."""
        self.write_text(MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")

    def write_runs(self, runs: Iterable[Run], panel: bool) -> None:
        """Write the outcomes, and if asked the monthly tables, of finished runs."""
        done = list(runs)
        self.write_table("outcomes", outcome_table(done))
        for name in PANELS if panel else ():
            self.write_table(f"panel_{name}", panel_table(done, name))


def outcome_table(runs: Iterable[Run]) -> pd.DataFrame:
    """One row a run: which, how long, and every outcome; failed runs add their error."""
    import pandas as pd

    rows = []
    for run in runs:
        row: dict[str, Any] = {
            "scenario": run.job.scenario.name,
            "seed": run.job.seed,
            "replicate": run.job.replicate,
            "config_hash": run.job.config_hash,
            "wall_time": run.wall_time,
            **run.outcomes,
        }
        rows.append({**row, "error": run.error} if run.error else row)
    return pd.DataFrame(rows)


def panel_table(runs: Iterable[Run], name: str) -> pd.DataFrame:
    """Stack one monthly table over runs, scenario and seed in front."""
    import pandas as pd

    parts = []
    for run in runs:
        if name in run.panels:
            part = run.panels[name].copy()
            part.insert(0, "seed", run.job.seed)
            part.insert(0, "scenario", run.job.scenario.name)
            parts.append(part)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _fingerprint(manifest: Path) -> str | None:
    """Read the fingerprint of the study whose manifest stands in a folder."""
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
        return str(content["fingerprint"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        return "unknown"


def _file_in_way(path: Path) -> bool:
    return any(part.is_file() for part in (path, *path.parents))
