"""How benchmarks are asked for and told."""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Callable, Sequence
from pathlib import Path

Row = tuple[str, float, str, str]  # what, value, unit, demand


def options(description: str | None, name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=description)
    parser.add_argument("--quick", action="store_true", help="fewer and smaller runs")
    parser.add_argument("--save", type=Path, metavar="PATH", help="also write the table as JSON")
    return parser


def tell(parts: Sequence[Callable[[bool], list[Row]]], quick: bool, save: Path | None) -> None:
    """Run each part and print its rows as they come."""
    rows: list[Row] = []
    for part in parts:
        for row in part(quick):
            what, value, unit, demand = row
            print(f"{what:<58} {value:>12,.3g} {unit:<6} {demand}", flush=True)
            rows.append(row)
    if save:
        table = [dict(zip(("what", "value", "unit", "demand"), row, strict=True)) for row in rows]
        machine = {"machine": platform.platform(), "python": platform.python_version()}
        save.write_text(json.dumps({**machine, "rows": table}, indent=2) + "\n")
