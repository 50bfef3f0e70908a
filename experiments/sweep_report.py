"""What a sweep leaves to read: a row a design point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from experiments.amounts import amount
from experiments.comparison import WIN_WIN
from experiments.console import table
from experiments.engine.plan import Plan
from sim.outcomes import OUTCOMES

if TYPE_CHECKING:
    from scenarios.schema import Scenario

SHOWN = ("fee_total", "bank_premium", *WIN_WIN, "misselling_rate", "trust")
"""Outcomes on the console; the files have all."""
MOST_ROWS = 40


def point_means(outcomes: pd.DataFrame, varied: Sequence[str]) -> pd.DataFrame:
    """Means over replicates, a row a design point.

    Args:
        outcomes: One row a finished run.
        varied: Columns in which points differ.

    Returns:
        ``point``, what varies, ``replicates``, the mean of each outcome.
    """
    grouped = outcomes.groupby("point", sort=True)
    heads = grouped[[*varied]].first()
    means = grouped[[name for name in OUTCOMES if name in outcomes]].mean()
    return pd.concat([heads, grouped.size().rename("replicates"), means], axis=1).reset_index()


def sweep_text(means: pd.DataFrame, plan: Plan, base: Scenario) -> str:
    """Tabulate the points; the first ones if there are many."""
    varied = plan.varied
    rows = [
        [
            str(row["point"]),
            *(_cell(row[key]) for key in varied),
            *(amount(row[name], OUTCOMES[name].unit) for name in SHOWN),
            str(row["replicates"]),
        ]
        for row in means.head(MOST_ROWS).to_dict("records")
    ]
    head = ["point", *varied, *SHOWN, "runs"]
    text = table(head, rows, right=range(1 + len(varied), len(head)))
    if len(means) > MOST_ROWS:
        text += f"\n... and {len(means) - MOST_ROWS} more points in means.parquet"
    people, horizon = base.population, base.horizon
    size = "" if "population.size" in varied else f" of {people.size:,} customers"
    return (
        f"{text}\n\n{len(means)} design points around {base.name}, {len(plan.seeds)} replicates"
        f"{size}, {horizon.months} months, means over the last {horizon.window}"
    )


def _cell(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
