"""Every mistake in the settings is found, named and told in one line."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from scenarios.check import (
    ScenarioError,
    build,
    cross_check,
    scenario_hash,
    to_dict,
    validate,
)
from scenarios.quantity import quantity, section, walk
from scenarios.schema import Scenario


@dataclass(frozen=True)
class Inner:
    rate: float = quantity(0.5, "1/year", "assumption", 0, 1)
    pair: tuple[float, float] = quantity((0.0, 1.0), "1", "assumption", -1, 1)


@dataclass(frozen=True)
class Outer:
    count: int = quantity(3, "banks", "assumption", 1, 10)
    switch: bool = quantity(False, "yes/no", "assumption")
    rule: str = quantity("plain", "word", "assumption", choices=("plain", "fancy"))
    folder: str | None = quantity(None, "folder", "assumption")
    names: tuple[str, ...] = quantity((), "words", "assumption")
    first: Inner = section(Inner)
    second: Inner = section(lambda: Inner(rate=0.9))  # type: ignore[arg-type]


def problems(values: dict[str, Any], schema: type = Outer) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        build(schema, values)
    assert str(caught.value).splitlines() == caught.value.problems
    return caught.value.problems


def test_missing_values_keep_their_defaults_even_in_sections_with_other_defaults() -> None:
    made = build(Outer, {"second": {"pair": [0, 0.5]}})
    assert made.second == Inner(rate=0.9, pair=(0.0, 0.5))
    assert made.first == Inner()


def test_values_get_the_declared_type() -> None:
    made = build(Outer, {"first": {"rate": 1}, "names": ["a", "b"], "count": np.int64(4)})
    assert isinstance(made.first.rate, float)
    assert made.names == ("a", "b")
    assert type(made.count) is int


def test_all_problems_are_told_at_once() -> None:
    found = problems({"count": 0, "first": {"rte": 1, "rate": "x"}, "nope": 1})
    assert len(found) == 4


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"cuont": 1}, "cuont: no such key; did you mean count?"),
        ({"first": {"rte": 1}}, "first.rte: no such key; did you mean first.rate?"),
        ({"count": True}, "count = true: must be a whole number from 1 to 10 (banks)"),
        ({"count": 2.0}, "count = 2.0: must be a whole number from 1 to 10 (banks)"),
        ({"count": "2"}, "count = '2': must be a whole number from 1 to 10 (banks)"),
        ({"count": None}, "count = null: must be a whole number from 1 to 10 (banks)"),
        ({"count": 11}, "count = 11: must be a whole number from 1 to 10 (banks)"),
        ({"switch": 1}, "switch = 1: must be true or false"),
        ({"rule": "fancey"}, "rule = 'fancey': must be one of plain, fancy; did you mean fancy?"),
        ({"folder": 3}, "folder = 3: must be text (folder), or null"),
        ({"names": "ab"}, "names = 'ab': must be a list of words"),
        ({"first": 3}, "first = 3: must hold the keys rate, pair"),
        ({"first": {"rate": True}}, "first.rate = true: must be a number from 0 to 1 (1/year)"),
        (
            {"first": {"rate": float("nan")}},
            "first.rate = nan: must be a number from 0 to 1 (1/year)",
        ),
        (
            {"first": {"rate": float("inf")}},
            "first.rate = inf: must be a number from 0 to 1 (1/year)",
        ),
        (
            {"first": {"pair": [1]}},
            "first.pair = [1]: has 1 elements; must be a list of 2 numbers from -1 to 1",
        ),
        (
            {"first": {"pair": [1, 2]}},
            "first.pair = [1, 2]: must be a list of 2 numbers from -1 to 1",
        ),
    ],
)
def test_each_problem_names_key_value_and_what_is_allowed(
    values: dict[str, Any], words: str
) -> None:
    assert problems(values) == [words]


@pytest.mark.parametrize(
    ("section_name", "changes", "key"),
    [
        ("market", {"start": "2009-13"}, "market.start"),
        ("market", {"start": "spring"}, "market.start"),
        ("market", {"banks": 9, "branches": 8}, "market.branches"),
        ("horizon", {"burn_in": 264}, "horizon.burn_in"),
        ("horizon", {"window": 300}, "horizon.window"),
        ("population", {"entry_age": 40, "oldest_start_age": 40}, "population.oldest_start_age"),
        ("population", {"neighbours": 3}, "population.neighbours"),
    ],
)
def test_settings_that_contradict_each_other_are_told(
    section_name: str, changes: dict[str, Any], key: str
) -> None:
    default = Scenario()
    changed: dict[str, Any] = {section_name: replace(getattr(default, section_name), **changes)}
    scenario = replace(default, **changed)
    assert [line.split(" = ")[0] for line in cross_check(scenario)] == [key]
    with pytest.raises(ScenarioError):
        validate(scenario)


def test_a_scenario_made_by_hand_is_checked_against_the_bounds() -> None:
    default = Scenario()
    wrong = replace(default, population=replace(default.population, size=0))
    with pytest.raises(ScenarioError, match=r"population\.size = 0: must be a whole number"):
        validate(wrong)
    with pytest.raises(ScenarioError, match="market = 3: must hold the keys"):
        validate(replace(default, market=3))  # type: ignore[arg-type]


def test_the_default_scenario_is_valid_and_survives_the_round_trip() -> None:
    default = Scenario()
    assert validate(default) == default
    assert build(Scenario, to_dict(default)) == default


def test_every_default_lies_within_its_own_bounds() -> None:
    for key, field, _ in walk(Scenario):
        assert {"unit", "source", "low", "high", "choices", "note"} <= set(field.metadata), key
        assert field.metadata["unit"], key
        assert field.metadata["source"], key


def test_the_hash_stands_for_the_numbers_not_for_the_words() -> None:
    default = Scenario()
    assert len(scenario_hash(default)) == 16
    assert scenario_hash(replace(default, name="x", story="y", watch="z")) == scenario_hash(default)
    longer = replace(default, partnership=replace(default.partnership, term=13))
    assert scenario_hash(longer) != scenario_hash(default)
    whole = replace(default, supervision=replace(default.supervision, fee_cap=1))
    assert scenario_hash(whole) == scenario_hash(default)


def test_the_error_crosses_processes() -> None:
    error = ScenarioError(["a: no", "b: no"])
    assert pickle.loads(pickle.dumps(error)).problems == error.problems
