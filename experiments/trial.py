"""From runs to verdicts: effects corrected for many tests, and what they hang on."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from experiments.statistics import LEVEL, Difference, holm
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
    result: Difference
    shift: Difference
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
    result: Difference
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


def _turn(turn: Turn, main: Difference, clear: bool) -> Turn:
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
