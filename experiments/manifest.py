"""What made a result: settings, seeds, code, versions, machine, time."""

from __future__ import annotations

import hashlib
import os
import platform
import shlex
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.study import Study
from scenarios.check import scenario_hash, to_dict
from sim.version import model_version

if TYPE_CHECKING:
    from scenarios.schema import Scenario

PACKAGES = {
    "bancassim": "bancassim",
    "mesa": "mesa",
    "numpy": "numpy",
    "pandas": "pandas",
    "numba": "numba",
    "hydra": "hydra-core",
}
"""Name in the manifest to name of the distribution."""


def fingerprint(verb: str, identity: Sequence[str]) -> str:
    """Stand for what decides the numbers of a study: verb, settings, first seed, model.

    The number of replicates is not in it: a study may grow.
    """
    parts = [verb, model_version(), *identity]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def make_manifest(
    verb: str, command: Sequence[str], study: Study, scenarios: Sequence[Scenario], mark: str
) -> dict[str, Any]:
    """Describe a study that is about to start; ``finish`` completes it."""
    return {
        "command": shlex.join(command),
        "verb": verb,
        "status": "running",
        "fingerprint": mark,
        "model": model_version(),
        "study": to_dict(study),
        "seeds": [],
        "scenarios": [
            {
                "name": scenario.name,
                "config_hash": scenario_hash(scenario),
                "config": to_dict(scenario),
            }
            for scenario in scenarios
        ],
        "runs": None,
        "git": git_state(),
        "versions": versions(),
        "platform": {
            "system": platform.platform(),
            "machine": platform.machine(),
            "processors": os.cpu_count(),
        },
        "started": now(),
        "finished": None,
        "wall_time": None,
    }


def finish(
    manifest: dict[str, Any],
    status: str,
    seeds: Sequence[int],
    runs: tuple[int, int, int],
    wall_time: float,
) -> dict[str, Any]:
    """Complete a manifest with how the study ended; ``runs`` are planned, finished, failed."""
    counts = dict(zip(("planned", "finished", "failed"), runs, strict=True))
    ended = {"status": status, "finished": now(), "wall_time": round(wall_time, 3)}
    return {**manifest, **ended, "seeds": list(seeds), "runs": counts}


def now() -> str:
    """Return the time with its zone, to the second."""
    return datetime.now(UTC).astimezone().isoformat(timespec="seconds")


def versions() -> dict[str, str]:
    """Versions of what the numbers depend on."""
    found = {"python": platform.python_version()}
    for name, distribution in PACKAGES.items():
        try:
            found[name] = version(distribution)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found


def git_state() -> dict[str, Any] | None:
    """Commit of the code and whether files differ from it; None outside a checkout."""
    home = Path(__file__).resolve().parent.parent
    if not (home / ".git").exists():
        return None
    status = _git(home, "status", "--porcelain")
    return {
        "commit": _git(home, "rev-parse", "--verify", "--quiet", "HEAD") or None,
        "dirty": None if status is None else bool(status),
    }


def _git(home: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(home), *words], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
