"""From runs to verdicts: contrasts of paired runs, correction for many tests, conditions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import stdtr

from experiments.statistics import LEVEL, Estimate, mean_interval
from scenarios.claims import Claim, Effect

SUPPORTED, CONTRADICTED = "supported", "contradicted"
NOTHING, CONDITIONAL = "no effect found", "conditional"
ALPHA = 1.0 - LEVEL

Value = Callable[[Mapping[str, float]], float]


def _proof_rate(run: Mapping[str, float]) -> float:
    """Proofs a year per pair in violation: unlike the delay of proven cases it counts the rest."""
    return run["proven_cases"] / run["violations"] if run["violations"] else math.nan


DERIVED: dict[str, tuple[str, str, Value]] = {
    "joint_value": (
        "yuan/customer/year",
        "Bank and insurer value together",
        lambda run: run["bank_value"] + run["insurer_value"],
    ),
    "proof_rate": ("proofs/year", "Proofs per pair in violation", _proof_rate),
}
"""Measures made of outcomes: unit, label, how."""


@dataclass(frozen=True)
class Contrast:
    """A weighted sum of markets, replicate by replicate.

    Attributes:
        baseline: Mean of the baseline; for a whole, what the parts add up to.
        treatment: Mean of the treatment.
        change: Mean of the contrast with its interval.
        values: The contrast of each replicate, not a number where a market has no value.
    """

    baseline: float
    treatment: float
    change: Estimate
    values: tuple[float, ...]

    @property
    def relative(self) -> float:
        """Effect over the size of the baseline; not a number when that is zero."""
        return self.change.mean / abs(self.baseline) if self.baseline else math.nan

    @property
    def standardised(self) -> float:
        """Mean over the standard deviation of the pairs, d_z; infinite if that is zero."""
        spread = _spread(self.values)
        mean = self.change.mean
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
    def clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.change.low > 0 or self.change.high < 0


@dataclass(frozen=True)
class Turn:
    """A claim tried again under a condition, in one outcome.

    Attributes:
        label: The condition in words.
        result: The effect under it.
        shift: How the effect differs from that of the claim itself.
        p_holm: Of the shift, corrected over all conditions.
        finding: ``same``, ``flips``, ``vanishes`` or ``appears``.
    """

    label: str
    result: Contrast
    shift: Contrast
    p_holm: float = math.nan
    finding: str = "same"


@dataclass(frozen=True)
class Finding:
    """One effect of one claim, judged.

    Attributes:
        claim: The claim.
        effect: The outcome and the expected sign.
        result: The effect found.
        turns: The same under each condition.
        p_holm: Of the effect, corrected over all effects tried.
        verdict: With the conditions in mind.
        alone: The verdict if nobody had tried the conditions.
    """

    claim: Claim
    effect: Effect
    result: Contrast
    turns: tuple[Turn, ...] = ()
    p_holm: float = math.nan
    verdict: str = NOTHING
    alone: str = NOTHING

    @property
    def condition(self) -> str:
        """What the verdict hangs on, in words; empty unless it is conditional."""
        words = {"flips": "turns round when", "vanishes": "is gone when", "appears": "only when"}
        return "; ".join(
            f"{words[turn.finding]} {turn.label}" for turn in self.turns if turn.finding in words
        )


def measure(name: str, run: Mapping[str, float]) -> float:
    """Take an outcome, or a measure made of outcomes, from a run."""
    return DERIVED[name][2](run) if name in DERIVED else run[name]


def contrast(arms: Sequence[tuple[float, Sequence[float]]]) -> Contrast:
    """Weigh markets against each other, replicate by replicate.

    Args:
        arms: Weight and one value a replicate; the baseline first, the treatment second.
    """
    table = np.array([values for _, values in arms], dtype=float)
    used = np.isfinite(table).all(axis=0)
    # Summed market by market: what a matrix product leaves in the last bit is not always the same.
    total = np.zeros(table.shape[1])
    for (weight, _), row in zip(arms, table, strict=True):
        total = total + weight * np.where(used, row, 0.0)
    values = np.where(used, total, math.nan)
    change = mean_interval(list(values))
    if not used.any():
        return Contrast(math.nan, math.nan, change, tuple(values))
    treatment = float(table[1, used].mean())
    # What the treatment would be without an effect: the baseline, or the sum of the parts.
    return Contrast(treatment - change.mean, treatment, change, tuple(values))


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


def judge(findings: Sequence[Finding]) -> list[Finding]:
    """Correct for all the tests and give every finding its verdict.

    Conditions are a family of tests of their own: does the effect differ from that of the claim?
    """
    corrected = holm([finding.result.p for finding in findings])
    shifts = iter(holm([turn.shift.p for finding in findings for turn in finding.turns]))
    judged = []
    for finding, p in zip(findings, corrected, strict=True):
        clear = p < ALPHA
        turns = tuple(
            _turn(replace(turn, p_holm=next(shifts)), finding.result, clear)
            for turn in finding.turns
        )
        agrees = finding.result.change.mean * finding.effect.sign > 0
        alone = (SUPPORTED if agrees else CONTRADICTED) if clear else NOTHING
        verdict = CONDITIONAL if any(turn.finding != "same" for turn in turns) else alone
        judged.append(replace(finding, turns=turns, p_holm=p, verdict=verdict, alone=alone))
    return judged


def _turn(turn: Turn, main: Contrast, clear: bool) -> Turn:
    """Tell what a condition does to an effect; ``same`` unless the change itself is clear."""
    now = turn.result
    finding = "same"
    if turn.p_holm < ALPHA:
        if not clear:
            finding = "appears" if now.clear else "same"
        elif not now.clear and abs(now.change.mean) < 0.5 * abs(main.change.mean):
            finding = "vanishes"
        elif now.clear and now.change.mean * main.change.mean < 0:
            finding = "flips"
    return replace(turn, finding=finding)


def _spread(values: Sequence[float]) -> float:
    finite = [value for value in values if math.isfinite(value)]
    if len(finite) < 2:
        return math.nan
    if all(value == finite[0] for value in finite):
        return 0.0
    return float(np.std(finite, ddof=1))
