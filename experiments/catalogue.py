"""What there is to choose from: configuration groups, their options, the scenarios."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class Option:
    """One YAML file of a group."""

    group: str
    name: str
    path: Path

    def first_comment(self) -> str:
        """Return the first comment line that describes the option."""
        for line in self.path.read_text(encoding="utf-8").splitlines():
            if line.startswith("# ") and not line.startswith("# @package"):
                return line.removeprefix("# ")
        return ""

    def values(self) -> dict[str, Any]:
        """Return what the file itself sets."""
        loaded = yaml.safe_load(self.path.read_text(encoding="utf-8"))
        return loaded if isinstance(loaded, dict) else {}


def options(extra: Iterable[Path] = ()) -> list[Option]:
    """List every option of every group, sorted.

    Args:
        extra: Further configuration folders, as given with ``--config-dir``.
    """
    return sorted(_options(extra), key=lambda option: (option.group, option.name))


def groups(extra: Iterable[Path] = ()) -> dict[str, list[str]]:
    """List the groups with the names of their options, each once."""
    table: dict[str, list[str]] = {}
    for option in options(extra):
        names = table.setdefault(option.group, [])
        if option.name not in names:
            names.append(option.name)
    return table


def _options(extra: Iterable[Path]) -> Iterator[Option]:
    for root in (Path(str(files("configs"))), *extra):
        for path in root.glob("*/*.yaml"):
            if path.parent.name != "hydra":
                yield Option(path.parent.name, path.stem, path)
