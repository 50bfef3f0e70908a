"""The result folder: one study, one command at a time, every file whole or not at all."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.engine.tables import replace_file, write_table
from experiments.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

MANIFEST = "manifest.json"
LOCK = Path("runs", "lock")


class ResultFolder:
    """Where one study keeps what it found.

    Attributes:
        path: The folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def make(cls, label: str, output_dir: str | None) -> ResultFolder:
        """Make the folder, or take the one that is there.

        Args:
            label: Names the folder below ``results/`` when ``output_dir`` is None.
            output_dir: Folder that the user asked for.

        Raises:
            UserError: If it cannot be made or written to.
        """
        if output_dir is None:
            stamp = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
            path = Path("results") / f"{re.sub(r'[^\w.-]+', '-', label)}-{stamp}"
        else:
            path = Path(output_dir).expanduser()
        try:
            (path / LOCK).parent.mkdir(parents=True, exist_ok=True)
            writable = os.access(path, os.W_OK) and os.access((path / LOCK).parent, os.W_OK)
        except OSError as error:
            reason = "a file is in the way" if _file_in_way(path) else error.strerror
            raise UserError(f"output_dir = {path}: cannot be made ({reason})") from error
        if not writable:
            raise UserError(f"output_dir = {path}: cannot be written to")
        return cls(path)

    @contextmanager
    def taken(self, fingerprint: str) -> Iterator[None]:
        """Have the folder for oneself; it is free again whatever way the process ends.

        Args:
            fingerprint: Stands for the settings of the study; equal settings, equal numbers.

        Raises:
            UserError: If another command works there, or it holds another study.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(self.path / LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise UserError(
                f"output_dir = {self.path}: another command is at work there; wait until it has "
                "ended, or give another folder (what both share is then taken from here)"
            ) from None
        try:
            earlier = self.manifest()
            # A manifest that cannot be read says nothing; runs are known by their own keys.
            if earlier and earlier.get("fingerprint") != fingerprint:
                raise UserError(
                    f"output_dir = {self.path}: holds the results of other settings, or of another "
                    "version of the model; give another folder"
                )
            yield
        finally:
            lock.release()

    def manifest(self) -> dict[str, Any] | None:
        """Read what made the results; None if there is none, empty if it cannot be read."""
        try:
            content = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (ValueError, IsADirectoryError):
            return {}
        return content if isinstance(content, dict) else {}

    def write_bytes(self, name: str, content: bytes) -> None:
        """Write a file whole: under a temporary name first, then renamed."""

        def write(path: Path) -> None:
            path.write_bytes(content)

        replace_file(self.path / name, write)

    def write_text(self, name: str, text: str) -> None:
        """Write a text file whole."""
        self.write_bytes(name, text.encode())

    def write_table(self, name: str, table: pd.DataFrame) -> None:
        """Write a table as Parquet."""
        import pyarrow as pa

        whole = pa.Table.from_pandas(table, preserve_index=False)
        write_table(self.path / f"{name}.parquet", whole)

    def write_manifest(self, manifest: dict[str, Any]) -> None:
        """Write what made the results."""
        self.write_text(MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


def _file_in_way(path: Path) -> bool:
    with suppress(OSError):  # a name can be too long to be asked for
        return any(part.is_file() for part in (path, *path.parents))
    return False
