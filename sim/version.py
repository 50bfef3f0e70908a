"""Which version of the model computes: a hash of all that decides its numbers beside settings."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path

_PACKAGES = ("sim", "agents", "scenarios")


@cache
def sources_hash() -> str:
    """Hash of the sources and data of the model: 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for package in _PACKAGES:
        root = Path(str(files(package)))
        for path in sorted(path for path in root.rglob("*") if path.suffix in (".py", ".csv")):
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def model_version() -> str:
    """Sources of the model and versions of the packages that add decision rules.

    Two runs with equal settings, seed and model version give equal numbers on one machine.
    """
    added = {
        f"{point.dist.name} {point.dist.version}"
        for point in entry_points()
        if point.group.startswith("bancassim.") and point.dist is not None
    }
    return "+".join([sources_hash(), *sorted(added)])
