"""How long a market takes to forget its founding: MSER-5 (White 1997) on the monthly panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

    from scenarios.market import Horizon

BATCH = 5
COLUMNS = ("bank_premium", "fee_total", "misselling_rate", "trust")
"""Columns of the market panel that are looked at."""
SHORTEST = 8
"""Batches below which the rule says nothing."""


def mser(series: NDArray[np.float64], batch: int = BATCH) -> int | None:
    """Number of first values to leave out so that the mean of the rest is most sure.

    The series is averaged over batches; among the cuts of the first half the one with the least
    marginal standard error, sum (x - mean)^2 / n^2 of what is left, is taken.

    Args:
        series: Values in time order; those that are not finite count as the mean of their batch.
        batch: Values per batch.

    Returns:
        A multiple of ``batch``; None if the series is too short, or the best cut lies at the half,
        which means that it has not settled.
    """
    whole = series[: len(series) // batch * batch].reshape(-1, batch)
    seen = np.isfinite(whole)
    counts = seen.sum(axis=1)
    means = np.where(seen, whole, 0.0).sum(axis=1) / np.maximum(1, counts)
    means = means[counts > 0]
    if len(means) < SHORTEST:
        return None
    half = len(means) // 2
    errors = [np.sum((rest - rest.mean()) ** 2) / len(rest) ** 2 for rest in _cuts(means, half)]
    best = int(np.argmin(errors))
    return None if best == half else batch * best


def _cuts(means: NDArray[np.float64], half: int) -> list[NDArray[np.float64]]:
    return [means[cut:] for cut in range(half + 1)]


def start_ups(panel: pd.DataFrame) -> dict[str, int | None]:
    """Start-up of each column in months, of the mean over replicates."""
    return {
        column: mser(panel.groupby("month")[column].mean().to_numpy(dtype=np.float64))
        for column in COLUMNS
    }


def burn_in_text(panel: pd.DataFrame, horizon: Horizon) -> str:
    """Say how long the start-up is and whether outcomes lie beyond it.

    Args:
        panel: Market panel of one scenario, all replicates.
        horizon: Length, start-up and window that were set.
    """
    found = start_ups(panel)
    first = horizon.months - horizon.window
    words = [
        f"{name} {'not settled' if months is None else f'{months} months'}"
        for name, months in found.items()
    ]
    settled = [months for months in found.values() if months is not None]
    late = len(settled) < len(found) or max(settled) > first
    verdict = (
        "some of it may not be over: lengthen horizon.months"
        if late
        else f"outcomes begin at month {first}, after it"
    )
    return f"start-up by MSER-5: {', '.join(words)}; {verdict}"
