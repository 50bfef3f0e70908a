"""From plain values to a checked scenario: every problem found, each on one clear line."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass, replace
from typing import Any, get_type_hints

from scenarios.nearest import did_you_mean
from scenarios.quantity import walk
from scenarios.schema import Scenario
from scenarios.values import Refused, read, show

LABELS = ("name", "story", "watch")
"""Fields that say what a scenario is about and change no number."""


class ScenarioError(ValueError):
    """Settings that are not allowed.

    Attributes:
        problems: One line per problem: key, value, what is allowed.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[list[str]]]:
        return type(self), (self.problems,)


def build[Schema](
    schema: type[Schema], mapping: Mapping[str, Any], known: Sequence[str] = ()
) -> Schema:
    """Make a frozen dataclass from nested plain values; what is not given keeps its default.

    Args:
        schema: ``Scenario`` or any dataclass whose fields ``quantity`` and ``section`` declare.
        mapping: Nested dictionaries of plain values, keys as in the schema.
        known: Further valid keys, only to suggest in messages.

    Returns:
        The checked instance.

    Raises:
        ScenarioError: With every problem: unknown key, wrong type, out of bounds, not a choice,
            and for a ``Scenario`` settings that contradict each other.
    """
    problems: list[str] = []
    words = [*(key for key, _, _ in walk(schema)), *known]
    instance: Schema = _section(schema(), mapping, "", words, problems)
    if not problems and isinstance(instance, Scenario):
        problems = cross_check(instance)
    if problems:
        raise ScenarioError(problems)
    return instance


def validate(scenario: Scenario) -> Scenario:
    """Check a scenario made by hand against the same bounds as one from files.

    Returns:
        The scenario with whole numbers turned into floats where the schema says float.

    Raises:
        ScenarioError: With every problem.
    """
    return build(type(scenario), to_dict(scenario))


def to_dict(scenario: object) -> dict[str, Any]:
    """Turn a scenario (or any schema instance) into nested plain dictionaries and lists."""
    if not is_dataclass(scenario) or isinstance(scenario, type):
        raise TypeError(f"expected a dataclass instance, got {scenario!r}")
    return {key: _plain(value) for key, value in asdict(scenario).items()}


def scenario_hash(scenario: Scenario) -> str:
    """Hash what a scenario sets: 16 hexadecimal digits, the same for equal settings.

    The name, the story and what to watch are left out: they change no number.
    """
    values = to_dict(validate(scenario))
    for label in LABELS:
        values.pop(label)
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def cross_check(scenario: Scenario) -> list[str]:
    """List the settings that are allowed one by one but contradict each other."""
    return [
        f"{key} = {show(value)}: {rule}" for key, value, rule, broken in _rules(scenario) if broken
    ]


def _rules(scenario: Scenario) -> Iterator[tuple[str, object, str, bool]]:
    """Yield key, value, what is allowed, and whether the rule is broken."""
    market, people, horizon = scenario.market, scenario.population, scenario.horizon
    yield (
        "market.start",
        market.start,
        "must be a year and month such as 2009-01",
        re.fullmatch(r"[12]\d{3}-(0[1-9]|1[0-2])", market.start) is None,
    )
    yield (
        "market.branches",
        market.branches,
        f"must be at least market.banks = {market.banks}, one branch a bank",
        market.branches < market.banks,
    )
    yield (
        "horizon.burn_in",
        horizon.burn_in,
        f"must be below horizon.months = {horizon.months}",
        horizon.burn_in >= horizon.months,
    )
    yield (
        "horizon.window",
        horizon.window,
        f"must be at most horizon.months = {horizon.months}",
        horizon.window > horizon.months,
    )
    accident_rate = scenario.product.accident.accident_rate
    yield (
        "product.accident.accident_rate",
        accident_rate,
        "must be at least 0.00001 (1/year): what never happens has no premium",
        accident_rate < 1e-5,
    )
    yield (
        "population.oldest_start_age",
        people.oldest_start_age,
        f"must be above population.entry_age = {people.entry_age}",
        people.oldest_start_age <= people.entry_age,
    )
    yield (
        "population.neighbours",
        people.neighbours,
        "must be even: half on each side of the ring",
        people.neighbours % 2 == 1,
    )


def _section(
    default: Any, mapping: object, prefix: str, words: Sequence[str], problems: list[str]
) -> Any:
    """Fill one dataclass from a mapping, noting problems; defaults stand where one is found."""
    if not isinstance(mapping, Mapping):
        inside = ", ".join(field.name for field in fields(default))
        key = prefix.rstrip(".") or "settings"
        problems.append(f"{key} = {show(mapping)}: must hold the keys {inside}")
        return default
    hints = get_type_hints(type(default))
    declared = {field.name: field for field in fields(default)}
    values: dict[str, Any] = {}
    for name, value in mapping.items():
        key = f"{prefix}{name}"
        if name not in declared:
            problems.append(f"{key}: no such key{did_you_mean(key, words)}")
            continue
        current = getattr(default, name)
        if is_dataclass(current):
            values[name] = _section(current, value, f"{key}.", words, problems)
            continue
        try:
            values[name] = read(hints[name], declared[name], value)
        except Refused as error:
            problems.append(f"{key} = {show(value)}: {error}")
    return replace(default, **values)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
