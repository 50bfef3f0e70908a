"""Means and paired differences over replicates: intervals, tests, how many are needed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

LEVEL = 0.95
RESAMPLES = 2000
MOST_REPLICATES = 1_000_000


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
    """A weighted sum of markets, replicate by replicate under the same random numbers.

    Mostly treatment minus baseline; for a whole and its parts, what the whole does beyond them.

    Attributes:
        baseline: Mean of the baseline; for a whole, what the parts add up to.
        treatment: Mean of the treatment over the same replicates.
        change: Mean of the contrast with its interval.
        values: The contrast of each replicate, not a number where a market has no value.
        gain: How many times smaller the variance of the contrast is than it would be with seeds of
            their own for each market.
    """

    baseline: float
    treatment: float
    change: Estimate
    values: tuple[float, ...] = ()
    gain: float = math.nan

    @property
    def relative(self) -> float:
        """Difference over the size of the baseline; not a number when that is zero."""
        return self.change.mean / abs(self.baseline) if self.baseline else math.nan

    @property
    def clear(self) -> bool:
        """Whether the interval of the difference leaves out zero."""
        return self.change.low > 0 or self.change.high < 0

    @property
    def standardised(self) -> float:
        """Mean over the standard deviation of the pairs, d_z; infinite if that is zero."""
        spread, mean = _spread(self.values), self.change.mean
        if spread > 0.0:
            return mean / spread
        return math.copysign(math.inf, mean) if mean and spread == 0.0 else mean * 0.0

    @property
    def p(self) -> float:
        """Two-sided p of the paired t test; not a number for fewer than two pairs."""
        if self.change.n < 2:
            return math.nan
        size = abs(self.standardised)
        if math.isinf(size):
            return 0.0
        return float(2.0 * stdtr(self.change.n - 1, -size * math.sqrt(self.change.n)))

    @property
    def same_sign(self) -> float:
        """Share of replicates whose difference has the sign of the mean."""
        used = _finite(self.values)
        sign = np.sign(self.change.mean)
        return float((np.sign(used) == sign).mean()) if len(used) else math.nan

    def bootstrap(self, seed: int = 0) -> tuple[float, float]:
        """95% interval of the mean by the BCa bootstrap (Efron 1987).

        Returns:
            Both ends; not numbers for fewer than three pairs, one value without spread.
        """
        used = _finite(self.values)
        if len(used) < 3:
            return math.nan, math.nan
        if np.all(used == used[0]):
            return float(used[0]), float(used[0])
        from scipy.stats import bootstrap

        found = bootstrap(
            (used,), np.mean, n_resamples=RESAMPLES, confidence_level=LEVEL, rng=seed
        ).confidence_interval
        return float(found.low), float(found.high)

    def replicates_for(self, half_width: float) -> int:
        """Replicates with which the t interval would have a half width, at the spread seen.

        Args:
            half_width: In the unit of the outcome; above zero.

        Returns:
            At least two; ``MOST_REPLICATES`` where more would be needed; 0 without a spread.
        """
        spread = _spread(self.values)
        if math.isnan(spread):
            return 0

        def enough(n: int) -> bool:
            return half_width_of(spread, n) <= half_width

        if not enough(MOST_REPLICATES):
            return MOST_REPLICATES
        low, high = 1, 2
        while not enough(high):
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if enough(middle) else (middle, high)
        return high


def half_width_of(spread: float, n: int) -> float:
    """Half width of the 95% t interval of a mean of ``n`` values with a standard deviation."""
    return float(stdtrit(n - 1, 0.5 + LEVEL / 2)) * spread / math.sqrt(n)


def mean_interval(values: Iterable[float]) -> Estimate:
    """Estimate a mean with its 95% interval; values that are not finite are left out."""
    sample = np.asarray(list(values), dtype=float)
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
    half = half_width_of(float(used.std(ddof=1)), len(used))
    return Estimate(mean, mean - half, mean + half, len(used), "; ".join(notes))


def contrast(arms: Sequence[tuple[float, Sequence[float]]]) -> Difference:
    """Weigh markets against each other, replicate by replicate.

    Args:
        arms: Weight and one value a replicate; the baseline first, the treatment second.

    Raises:
        ValueError: If the numbers of replicates differ.
    """
    if len({len(values) for _, values in arms}) > 1:
        raise ValueError(f"pairs need equal lengths, got {[len(values) for _, values in arms]}")
    table = np.array([values for _, values in arms], dtype=float)
    used = np.isfinite(table).all(axis=0)
    # Summed market by market: what a matrix product leaves in the last bit is not always the same.
    total = np.zeros(table.shape[1])
    for (weight, _), row in zip(arms, table, strict=True):
        total = total + weight * np.where(used, row, 0.0)
    values = np.where(used, total, math.nan)
    change = mean_interval(values)
    if not used.any():
        return Difference(math.nan, math.nan, change, tuple(values))
    treatment = float(table[1, used].mean())
    # What the treatment would be without an effect: the baseline, or the sum of the parts.
    baseline = treatment - change.mean if len(arms) > 2 else float(table[0, used].mean())
    weights = np.array([weight for weight, _ in arms])
    return Difference(
        baseline, treatment, change, tuple(values), _gain(weights, table[:, used], total[used])
    )


def paired_difference(baseline: Sequence[float], treatment: Sequence[float]) -> Difference:
    """Compare two scenarios over the same seeds.

    Args:
        baseline: One value a replicate.
        treatment: Values of the same replicates in the same order.

    Raises:
        ValueError: If the lengths differ.
    """
    return contrast([(-1.0, baseline), (1.0, treatment)])


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p values by Holm (1979): the k-th smallest of m times m - k + 1, never falling.

    Values that are not a number take no part.
    """
    order = sorted((p, place) for place, p in enumerate(p_values) if not math.isnan(p))
    adjusted = [math.nan] * len(p_values)
    largest = 0.0
    for rank, (p, place) in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - rank) * p))
        adjusted[place] = largest
    return adjusted


def _gain(weights: NDArray[np.float64], table: NDArray[np.float64], total: object) -> float:
    """Variance with independent seeds over the variance of the pairs."""
    if table.shape[1] < 2:
        return math.nan
    paired = float(np.var(np.asarray(total), ddof=1))
    alone = float(weights**2 @ table.var(axis=1, ddof=1))
    if paired == 0.0:
        return math.inf if alone else math.nan
    return alone / paired


def _finite(values: Sequence[float]) -> NDArray[np.float64]:
    sample = np.asarray(values, dtype=float)
    return sample[np.isfinite(sample)]


def _spread(values: Sequence[float]) -> float:
    """Standard deviation of the finite values; not a number for fewer than two."""
    used = _finite(values)
    if len(used) < 2:
        return math.nan
    return 0.0 if np.all(used == used[0]) else float(used.std(ddof=1))
