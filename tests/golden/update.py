"""Write what the model gives now as the numbers to which it is held: ``make golden``.

Do it when a change is meant to move results, and flag the change in CHANGELOG.md with
**results change**.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np

from experiments.compose import load_scenario
from sim.model import BancassuranceModel
from sim.recorder import Results

FILE = Path(__file__).with_name("outcomes.json")
SCENARIOS = ("multi_partner_agency", "one_on_one_alliance")
SEED = 1
SETTINGS = ("population.size=2000", "horizon.months=60", "horizon.burn_in=0", "horizon.window=36")
#: Columns of the panels whose sum, weighted by month, is pinned beside the outcomes.
COLUMNS = {
    "market": ("bank_premium", "agent_premium", "trust", "solvency_ratio", "selling_effort"),
    "banks": ("visits", "deaths", "saving", "fees", "bank_value"),
    "insurers": ("claims", "reserve", "assets", "reputation"),
    "agreements": ("fee_single", "relationship_capital"),
    "classes": ("sales", "surrenders", "in_force"),
}


def pinned_run(name: str) -> dict[str, float | None]:
    """Outcomes and checksums of one shipped scenario in a small market, NaN as ``None``.

    The ledger residual is left out: it is rounding, and the tests bound it.
    """
    results = BancassuranceModel(load_scenario(name, SETTINGS), rng=SEED).run()
    values = {key: value for key, value in results.outcomes.items() if key != "ledger_residual"}
    values |= checksums(results)
    return {key: None if math.isnan(value) else value for key, value in values.items()}


def checksums(results: Results) -> dict[str, float]:
    """Sums of panel columns, each row weighted by its month so that no shift goes unseen."""
    return {
        f"{panel}.{column}": float(np.nansum(frame[column] * (frame["month"] + 1.0)))
        for panel, columns in COLUMNS.items()
        for frame in [getattr(results, panel)]
        for column in columns
    }


def rounded(value: float | None) -> float | None:
    """Ten significant digits: more than anyone reads, fewer than libraries disagree about."""
    return None if value is None else float(f"{value:.10g}")


def main() -> None:
    """Replace the pinned numbers."""
    pinned = {
        name: {key: rounded(value) for key, value in pinned_run(name).items()} for name in SCENARIOS
    }
    FILE.write_text(json.dumps(pinned, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    print(f"Wrote {FILE.name}: {sum(len(values) for values in pinned.values())} numbers.")
    print("If they changed, say so in CHANGELOG.md with **results change**.")


if __name__ == "__main__":
    main()
