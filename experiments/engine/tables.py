"""Parquet files written whole or not at all, and read only if their checksums hold."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from experiments.engine.jobs import Key

CONTENT = b"bancassim.content"
"""Where a panel file names its columns and its runs, one a row group."""
CHECK_SIZE = 16
"""Characters before it that check it: the file's own checksums cover the pages only."""
DAMAGE = (OSError, ValueError, KeyError, IndexError, TypeError, pa.ArrowException)
"""What reading a damaged file may raise."""


def replace_file(target: Path, write: Callable[[Path], None]) -> None:
    """Write a file under a temporary name, then put it in its place.

    Args:
        target: Where the file belongs.
        write: Writes the file at the path it is given.
    """
    temporary = target.with_name(f".{target.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    try:
        write(temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def write_table(target: Path, table: pa.Table) -> None:
    """Write a table as one Parquet file."""
    replace_file(
        target,
        lambda path: pq.write_table(table, path, compression="zstd", write_page_checksum=True),
    )


def write_groups(target: Path, groups: Iterable[tuple[Key, pa.Table]]) -> None:
    """Write one table of many runs, a row group each, one run in memory at a time.

    Args:
        target: Where the file belongs.
        groups: At least one run; all with the columns of the first.
    """
    iterator = iter(groups)
    first_key, first = next(iterator)

    def write(path: Path) -> None:
        runs = []
        with pq.ParquetWriter(
            path, first.schema, compression="zstd", write_page_checksum=True
        ) as writer:
            for key, table in itertools.chain([(first_key, first)], iterator):
                runs.append([key.config_hash, key.seed, table.num_rows])
                if table.num_rows:
                    writer.write_table(table.cast(first.schema), row_group_size=table.num_rows)
            about = json.dumps({"columns": first.column_names, "runs": runs})
            writer.add_key_value_metadata({CONTENT: _check(about.encode()) + about.encode()})

    replace_file(target, write)


class GroupFile:
    """A file of ``write_groups``: knows its runs, reads them one by one.

    Attributes:
        path: The file; it stays open, so its runs can be read while another takes its place.
        groups: Run to its row group, None for a run without rows.
    """

    def __init__(self, path: Path) -> None:
        """Read which runs there are.

        Raises:
            OSError, ValueError, KeyError, pyarrow.ArrowException: If the file is damaged.
        """
        self.path = path
        self._file = pq.ParquetFile(path, page_checksum_verification=True)
        metadata = self._file.metadata
        content = metadata.metadata[CONTENT]
        if content[:CHECK_SIZE] != _check(content[CHECK_SIZE:]):
            raise ValueError("what it says of its content is damaged")
        about = json.loads(content[CHECK_SIZE:])
        runs = about["runs"]
        rows = [metadata.row_group(k).num_rows for k in range(metadata.num_row_groups)]
        if [count for _, _, count in runs if count] != rows:
            raise ValueError("its row groups are not those of its runs")
        if self._file.schema_arrow.names != about["columns"]:
            raise ValueError("its columns are not those it was written with")
        places = itertools.count()
        self.groups = {
            Key(mark, seed): next(places) if count else None for mark, seed, count in runs
        }

    def read(self, key: Key) -> pa.Table:
        """Read one of its runs.

        Raises:
            OSError, ValueError, pyarrow.ArrowException: If its row group is damaged.
        """
        place = self.groups[key]
        if place is None:
            return self._file.schema_arrow.empty_table()
        return self._file.read_row_group(place)

    def sound(self) -> list[Key]:
        """Read every run and return those that could be read."""
        good = []
        for key in self.groups:
            with suppress(*DAMAGE):
                self.read(key)
                good.append(key)
        return good


def _check(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=CHECK_SIZE // 2).hexdigest().encode()


def read_table(path: Path, schema: pa.Schema | None = None) -> pa.Table:
    """Read a whole file.

    Args:
        path: The file.
        schema: Columns that must be there with these types; others are left out.

    Raises:
        OSError, ValueError, pyarrow.ArrowException: If the file is damaged.
    """
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        table: Any = file.read(schema.names if schema else None)
    table.validate(full=True)
    # Words may come back as another kind of text; anything else that does not fit is damage.
    return table.cast(schema) if schema else table
