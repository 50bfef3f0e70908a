"""Claims about the countermeasures as data: which markets to compare, in what, and what is said.

A claim names a baseline and a treatment as dotted settings, so that it can be tried with no
configuration library: ``apply(Scenario(), claim.baseline)``. It also names the circumstances that
theory says may matter. What comes out is for ``experiments.claims`` to find.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scenarios.check import build, to_dict
from scenarios.schema import Scenario

Overrides = tuple[str, ...]


@dataclass(frozen=True)
class Effect:
    """An outcome and the way the claim says it goes: +1 up, -1 down."""

    outcome: str
    sign: int


@dataclass(frozen=True)
class Condition:
    """A circumstance under which a claim is tried again.

    Attributes:
        label: In words, completing "when ...".
        both: Settings added to every market of the claim, which its treatments may overrule.
        treatment: Settings added to the treatments, after their own.
    """

    label: str
    both: Overrides = ()
    treatment: Overrides = ()


@dataclass(frozen=True)
class Claim:
    """One claim put to trial.

    Attributes:
        id: Number of the lever and a letter, with a word where one claim needs two trials.
        lever: Configuration group.
        statement: The claim in words.
        mechanism: One sentence on what in the model could bring it about, or prevent it.
        baseline: Settings on top of the default market.
        treatment: Settings on top of the baseline.
        effects: Outcomes with the expected sign, each judged by itself.
        conditions: Circumstances under which it is tried again.
        parts: For claims about complements: the treatments that the whole is made of. The effect is
            then what the whole does beyond the sum of what its parts do alone.
    """

    id: str
    lever: str
    statement: str
    mechanism: str
    baseline: Overrides
    treatment: Overrides
    effects: tuple[Effect, ...]
    conditions: tuple[Condition, ...] = ()
    parts: tuple[Overrides, ...] = ()

    def arms(self, condition: Condition | None = None) -> list[tuple[float, Overrides]]:
        """Weights and settings of the markets whose weighted sum is the effect.

        The baseline comes first, the treatment (the whole) second, then parts in their order.

        Args:
            condition: One of ``conditions``, or None.
        """
        both = condition.both if condition else ()
        extra = condition.treatment if condition else ()
        base = (*self.baseline, *both)
        arms = [
            (float(max(1, len(self.parts)) - 1) if self.parts else -1.0, base),
            (1.0, (*base, *self.treatment, *extra)),
        ]
        return arms + [(-1.0, (*base, *part, *extra)) for part in self.parts]

    def trials(self) -> Iterator[Condition | None]:
        """Yield None for the claim itself, then each condition."""
        yield None
        yield from self.conditions


def apply(scenario: Scenario, overrides: Sequence[str]) -> Scenario:
    """Change settings of a scenario.

    Args:
        scenario: Any scenario.
        overrides: ``"partnership.term=120"``; the value is JSON, or a word. Later ones win.

    Returns:
        The checked scenario.

    Raises:
        ScenarioError: If there is no such key or the value is not allowed.
    """
    values = to_dict(scenario)
    for override in overrides:
        key, _, text = override.partition("=")
        *path, last = key.split(".")
        section: dict[str, Any] = values
        for name in path:
            section = section.setdefault(name, {})
        section[last] = _value(text)
    return build(Scenario, values)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def claims() -> dict[str, Claim]:
    """All claims by id, in the order of the levers."""
    from scenarios.claims_conduct import CONDUCT_CLAIMS
    from scenarios.claims_cooperation import COOPERATION_CLAIMS

    return {claim.id: claim for claim in (*COOPERATION_CLAIMS, *CONDUCT_CLAIMS)}


def chosen(only: Sequence[str]) -> tuple[list[Claim], list[str]]:
    """Pick claims by id; a plain id such as ``2a`` also takes its further trials (``2a-...``).

    Args:
        only: Ids; none means all.

    Returns:
        The claims in the order of the levers, and the words that are no id.
    """
    known = claims()
    if not only:
        return list(known.values()), []
    wanted = {name for name in known for word in only if _named(word, name)}
    unknown = [word for word in only if not any(_named(word, name) for name in known)]
    return [claim for name, claim in known.items() if name in wanted], unknown


def _named(word: str, name: str) -> bool:
    return word in (name, name.partition("-")[0])
