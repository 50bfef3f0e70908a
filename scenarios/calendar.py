"""The policy calendar: dated changes of settings as data.

An entry reads ``2010-11: supervision.partner_cap=3`` and holds from the first day of that month;
several changes of one date are separated by commas. Whatever shapes the market at its founding
(sizes, the horizon, names, terms of contract) cannot change later. What would come into force after
the last month is refused: the run would be taken for one with the rule.
"""

from __future__ import annotations

import json
import re
from typing import Any

from scenarios.check import ScenarioError, build, to_dict
from scenarios.levers import PRODUCT_CLASSES
from scenarios.quantity import walk
from scenarios.schema import Scenario

_ENTRY = re.compile(r"\s*(?P<date>[12]\d{3}-(?:0[1-9]|1[0-2]))\s*:\s*(?P<changes>.*\S)\s*")
_CHANGE = re.compile(r"\s*(?P<key>[a-z_0-9.]+)\s*=\s*(?P<value>.*\S)\s*")
#: A comma separates changes unless it stands inside brackets.
_COMMA = re.compile(r",(?![^\[]*\])")
#: Settings that are used up when the market is founded.
_FOUNDING = (
    "name",
    "story",
    "watch",
    "calendar",
    "horizon",
    "market.start",
    "market.banks",
    "market.branches",
    "market.clerks_per_branch",
    "market.insurers",
    "market.size_dispersion",
    "market.initial_capital",
    "population.size",
    "population.neighbours",
    "population.rewiring",
    "population.oldest_start_age",
    "incentives.account_managers",
    "incentives.skill_spread",
    "incentives.ethics_mean",
    "incentives.ethics_spread",
    "partnership.trait_spread",
    # Terms of contract: policies in force keep theirs, and a class has one set of tables. What
    # insurers believed before experience is past once they have some.
    *(
        f"product.{name}.{term}"
        for name in PRODUCT_CLASSES
        for term in (
            "term",
            "interest",
            "loading",
            "critical_illness",
            "accident_rate",
            "vesting_age",
            "first_persistency",
        )
    ),
)


def month_of(date: str, start: str) -> int:
    """Months from the start of the market to a date, both ``YYYY-MM``; negative before it."""
    year, month = (int(part) for part in date.split("-"))
    first_year, first_month = (int(part) for part in start.split("-"))
    return 12 * (year - first_year) + month - first_month


def _date(month: int, start: str) -> str:
    """Date of a month since the start, the inverse of ``month_of``."""
    year, first_month = (int(part) for part in start.split("-"))
    years, place = divmod(first_month - 1 + month, 12)
    return f"{year + years:04d}-{place + 1:02d}"


def _refusal(key: str) -> str | None:
    """Why a key cannot have a date, if it cannot; unknown keys are left to the schema."""
    if any(key == fixed or key.startswith(f"{fixed}.") for fixed in _FOUNDING):
        return f"{key} is fixed when the market is founded"
    inside = next((leaf for leaf, _, _ in walk(Scenario) if leaf.startswith(f"{key}.")), None)
    if inside is not None:
        return f"{key} holds many settings; name one, such as {inside}"
    return None


def _value(text: str) -> Any:
    """Read a value as JSON; anything else is a word."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _set(values: dict[str, Any], key: str, value: Any) -> None:
    *path, last = key.split(".")
    for name in path:
        values = values.setdefault(name, {})
        if not isinstance(values, dict):
            raise KeyError(key)
    values[last] = value


def interventions(scenario: Scenario) -> dict[int, Scenario]:
    """Settings that come into force, by month, each with all earlier changes applied.

    Args:
        scenario: Scenario with a calendar.

    Returns:
        Complete scenarios by month since the start. Changes dated before the start are in force
        from the founding and stand under -1.

    Raises:
        ScenarioError: An entry cannot be read, is dated after the last month, or sets something
            that does not exist, is out of bounds, or cannot change after the founding.
    """
    problems: list[str] = []
    changes: list[tuple[int, str, Any, str]] = []
    for entry in scenario.calendar:
        match = _ENTRY.fullmatch(entry)
        parts = _COMMA.split(match["changes"]) if match else []
        parsed = [_CHANGE.fullmatch(part) for part in parts]
        if match is None or not all(parsed):
            problems.append(
                f"calendar: {entry!r} must read like '2010-11: supervision.fee_cap=0.03'"
            )
            continue
        start, months = scenario.market.start, scenario.horizon.months
        month = month_of(match["date"], start)
        if month >= months:
            last = _date(months - 1, start)
            problems.append(f"calendar: {entry!r}: the last month of the run is {last}")
            continue
        for change in parsed:
            assert change is not None
            key = change["key"]
            refusal = _refusal(key)
            if refusal is not None:
                problems.append(f"calendar: {entry!r}: {refusal}")
                continue
            changes.append((month, key, _value(change["value"]), entry))
    found: dict[int, Scenario] = {}
    values = to_dict(scenario)
    for month, key, value, entry in sorted(changes, key=lambda change: change[0]):
        try:
            _set(values, key, value)
            found[max(month, -1)] = build(Scenario, values)
        except KeyError:
            problems.append(f"calendar: {entry!r}: {key}: no such key")
        except ScenarioError as error:
            problems.extend(f"calendar: {entry!r}: {problem}" for problem in error.problems)
            values = to_dict(scenario)
    if problems:
        raise ScenarioError(problems)
    return found
