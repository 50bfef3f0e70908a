"""How many replicates a wished precision takes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.errors import UserError
from scenarios.nearest import did_you_mean

if TYPE_CHECKING:
    from experiments.comparison import Differences
    from experiments.study import Comparison

_GOAL = re.compile(r"halfwidth=(?P<size>\d+(?:\.\d*)?|\.\d+)%")


@dataclass(frozen=True)
class Goal:
    """A half width of 95% intervals of differences.

    Attributes:
        share: Of the baseline's mean.
        outcomes: Those that must reach it.
    """

    share: float
    outcomes: tuple[str, ...]

    def replicates(self, pairs: Iterable[Differences]) -> int:
        """Replicates that the goal takes at the spread seen so far; 0 if nothing can be said."""
        return max(
            (
                item.replicates_for(self.share * abs(item.baseline))
                for differences in pairs
                for item in (differences[name] for name in self.outcomes)
                if abs(item.baseline) > 0.0
            ),
            default=0,
        )


def read_goal(study: Comparison) -> Goal:
    """Read what the user wishes.

    Raises:
        UserError: If it cannot be read, or names no outcome.
    """
    from sim.outcomes import OUTCOMES

    match = _GOAL.fullmatch(study.until or "")
    share = float(match["size"]) / 100.0 if match else 0.0
    problems = []
    if share <= 0.0:
        problems.append(f"until = {study.until!r}: must read like halfwidth=5%, above zero")
    if not study.until_outcomes:
        problems.append("until_outcomes = []: name at least one outcome")
    problems += [
        f"until_outcomes: {name}: no such outcome{did_you_mean(name, OUTCOMES)}"
        for name in study.until_outcomes
        if name not in OUTCOMES
    ]
    if problems:
        raise UserError(problems)
    return Goal(share, study.until_outcomes)
