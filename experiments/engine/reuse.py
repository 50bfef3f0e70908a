"""Runs that other studies have: equal settings, seed and model give equal numbers, so why again?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from experiments.engine.jobs import Key
from experiments.engine.store import DONE, LOOSE, OUTCOMES_FILE, RunStore
from experiments.engine.tables import DAMAGE
from experiments.folder import ResultFolder
from sim.version import model_version


def adopt(store: RunStore, wanted: set[Key], panels: Sequence[str]) -> dict[str, int]:
    """Copy what is missing from studies that lie beside this one.

    Args:
        store: Takes the runs.
        wanted: Runs that are left to do.
        panels: Monthly tables that they must bring.

    Returns:
        Folder to number of runs taken from it.
    """
    taken: dict[str, int] = {}
    for folder, keys in neighbours(store.folder, wanted):
        try:
            other = RunStore(folder)
        except OSError:  # not ours to read
            continue
        found = store.adopt(other, keys, panels)
        if found:
            taken[str(folder)] = len(found)
    return taken


def neighbours(folder: Path, wanted: set[Key]) -> Iterator[tuple[Path, list[Key]]]:
    """Find studies beside a folder, made by this version of the model, that have wanted runs.

    Only keys are read here. What one study has is not asked of the next.
    """
    for manifest in sorted(folder.resolve().parent.glob("*/manifest.json")):
        if not wanted:
            return
        other = manifest.parent
        if other == folder.resolve() or not _of_this_model(other):
            continue
        found = wanted & _keys(other)
        if found:
            wanted = wanted - found
            yield _shown(other), sorted(found)


def _of_this_model(folder: Path) -> bool:
    try:
        manifest = ResultFolder(folder).manifest()
    except OSError:  # not ours to read
        return False
    return bool(manifest and manifest.get("model") == model_version())


def _keys(folder: Path) -> set[Key]:
    keys: set[Key] = set()
    for path in (folder / OUTCOMES_FILE, *(folder / LOOSE).glob("outcomes-*.parquet")):
        try:
            table = pq.read_table(path, columns=[*Key._fields, "status"])
        except DAMAGE:
            continue
        parts = (table[name].to_pylist() for name in (*Key._fields, "status"))
        keys |= {
            Key(mark, seed) for mark, seed, status in zip(*parts, strict=True) if status == DONE
        }
    return keys


def _shown(folder: Path) -> Path:
    """The folder as the user would type it."""
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder
