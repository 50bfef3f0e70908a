"""Means and paired differences over replicates, with 95% intervals (Student's t)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A mean over replicates.

    Attributes:
        mean: Mean; not a number without a finite value.
        low: Lower end of the 95% interval; not a number for fewer than two values.
        high: Upper end.
        n: Values used.
        note: What a reader must know about the interval, often empty.
    """

    mean: float
    low: float
    high: float
    n: int
    note: str = ""


@dataclass(frozen=True)
class Difference:
    """Treatment minus baseline, replicate by replicate under the same random numbers.

    Attributes:
        baseline: Mean of the baseline over the pairs used.
        treatment: Mean of the treatment over the same pairs.
        change: Mean paired difference with its interval.
    """

    baseline: float
    treatment: float
    change: Estimate

    @property
    def relative(self) -> float:
        """Difference over the size of the baseline; not a number when that is zero."""
        return self.change.mean / abs(self.baseline) if self.baseline else math.nan

    @property
    def clear(self) -> bool:
        """Whether the interval of the difference leaves out zero."""
        return self.change.low > 0 or self.change.high < 0


def mean_interval(values: Sequence[float]) -> Estimate:
    """Estimate a mean with its 95% interval; values that are not finite are left out."""
    sample = np.asarray(values, dtype=float)
    used = sample[np.isfinite(sample)]
    notes = []
    if len(used) < len(sample):
        notes.append(f"{len(used)} of {len(sample)} replicates have a value")
    if len(used) == 0:
        return Estimate(math.nan, math.nan, math.nan, 0, "no value")
    mean = float(used.mean())
    if len(used) == 1:
        notes.append("one replicate: no interval")
        return Estimate(mean, math.nan, math.nan, 1, "; ".join(notes))
    if np.all(used == used[0]):
        notes.append("the same in every replicate")
        return Estimate(float(used[0]), float(used[0]), float(used[0]), len(used), "; ".join(notes))
    error = float(used.std(ddof=1)) / math.sqrt(len(used))
    half = float(stdtrit(len(used) - 1, 0.5 + LEVEL / 2)) * error
    return Estimate(mean, mean - half, mean + half, len(used), "; ".join(notes))


def paired_difference(baseline: Sequence[float], treatment: Sequence[float]) -> Difference:
    """Compare two scenarios over the same seeds.

    Args:
        baseline: One value a replicate.
        treatment: Values of the same replicates in the same order.

    Raises:
        ValueError: If the lengths differ.
    """
    first = np.asarray(baseline, dtype=float)
    second = np.asarray(treatment, dtype=float)
    if first.shape != second.shape:
        raise ValueError(f"pairs need equal lengths, got {len(first)} and {len(second)}")
    both = np.isfinite(first) & np.isfinite(second)
    change = mean_interval(list(np.where(both, second - first, math.nan)))
    if not both.any():
        return Difference(math.nan, math.nan, change)
    return Difference(float(first[both].mean()), float(second[both].mean()), change)
