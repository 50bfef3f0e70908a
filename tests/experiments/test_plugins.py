"""A decision rule from a package outside the repository is a choice like any other."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest

EXAMPLE = Path(__file__).resolve().parents[1] / "plugin_example"
SMALL = [
    "population.size=300",
    "market.branches=8",
    "horizon.months=15",
    "horizon.burn_in=3",
    "horizon.window=12",
    "replicates=1",
]


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the example as pip would, with no network, and unpack it somewhere else."""
    folder = tmp_path_factory.mktemp("plugin")
    source = folder / "source"
    for path in EXAMPLE.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            copy = source / path.relative_to(EXAMPLE)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "dist"],
        cwd=source,
        check=True,
        capture_output=True,
    )
    (wheel,) = (folder / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def declare(folder: Path, entries: str, code: str = "") -> Path:
    """Make a folder look like an installed package with entry points of its own."""
    info = folder / "rogue-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rogue\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(entries)
    (folder / "rogue.py").write_text(code)
    return folder


def bancassim(
    path: Path, folder: Path, *words: str
) -> tuple[int, subprocess.CompletedProcess[str]]:
    done = subprocess.run(
        [sys.executable, "-m", "experiments.main", *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(path)},
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done.returncode, done


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_rule_from_outside_sets_the_fee(plugin: Path, tmp_path: Path, workers: int) -> None:
    words = ["bargaining.protocol=fixed_split", f"workers={workers}", "output_dir=out"]
    replicates = SMALL if workers == 1 else [*SMALL[:-1], "replicates=2"]
    code, done = bancassim(plugin, tmp_path, "run", *replicates, *words)
    assert code == 0, done.stderr
    ours = pd.read_parquet(tmp_path / "out" / "panel_agreements.parquet")
    code, done = bancassim(plugin, tmp_path, "run", *replicates, "output_dir=nash", "workers=1")
    assert code == 0, done.stderr
    theirs = pd.read_parquet(tmp_path / "nash" / "panel_agreements.parquet")
    first = ours[(ours["month"] == 0) & (ours["fee_single"] > 0)]["fee_single"]
    # One margin for all single premium sold alike: hardly any spread, unlike bargained fees.
    assert len(first) > 10
    assert first.mean() != pytest.approx(
        theirs[theirs["month"] == 0]["fee_single"].mean(), rel=1e-3
    )


@pytest.mark.slow
def test_without_the_package_the_choice_does_not_exist(tmp_path: Path) -> None:
    code, done = bancassim(tmp_path, tmp_path, "run", "bargaining.protocol=fixed_split")
    assert code == 2
    assert "bargaining.protocol = 'fixed_split': must be one of nash, alternating" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("entries", "code", "words"),
    [
        (
            "[bancassim.bargaining]\nnash = rogue:Mine\n",
            "from sim.bargaining.nash import NashInNash as Mine\n",
            "entry point 'nash': bargaining has a rule of that name",
        ),
        (
            "[bancassim.bargaining]\nodd = rogue:Mine\n",
            "class Mine: ...\n",
            "entry point 'odd': not a subclass of BargainingProtocol",
        ),
        (
            "[bancassim.bargaining]\nodd = rogue:mine\n",
            "def mine(): ...\n",
            "entry point 'odd': not a subclass of BargainingProtocol",
        ),
    ],
    ids=["name clash", "wrong class", "no class"],
)
def test_what_is_no_rule_is_refused(tmp_path: Path, entries: str, code: str, words: str) -> None:
    path = declare(tmp_path / "rogue", entries, code)
    ended, done = bancassim(path, tmp_path, "run", *SMALL, "workers=1", "output_dir=out")
    assert ended != 0
    assert words in done.stderr
