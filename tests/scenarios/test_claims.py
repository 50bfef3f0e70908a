"""The claims as data: complete, well formed, usable with no configuration library."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from experiments.trial import DERIVED
from scenarios.check import ScenarioError, scenario_hash
from scenarios.claims import Claim, Condition, Effect, apply, chosen, claims
from scenarios.claims_conduct import BUNDLE, LEVERS
from scenarios.schema import Scenario
from sim.outcomes import OUTCOMES

ALL = claims()
DOCS = Path(__file__).resolve().parents[2] / "docs"
#: Rows of the table of levers and claims.
TABLE = {"1": "abcde", "2": "abcde", "3": "abc", "4": "abcd", "5": "abc", "6": "abcde", "7": "ab"}


def test_every_row_of_the_table_is_on_trial() -> None:
    asked = {lever + letter for lever, letters in TABLE.items() for letter in letters}
    assert {name.partition("-")[0] for name in ALL} == asked
    assert all(re.fullmatch(r"[1-7][a-e](-[a-z]+)?", name) for name in ALL)


@pytest.mark.parametrize("claim", ALL.values(), ids=list(ALL))
def test_a_claim_is_complete(claim: Claim) -> None:
    assert not claim.statement.endswith(".")
    assert claim.mechanism.endswith(".")
    assert claim.effects
    for effect in claim.effects:
        assert effect.outcome in OUTCOMES or effect.outcome in DERIVED
        assert effect.sign in (1, -1)
    names = [effect.outcome for effect in claim.effects]
    assert len(set(names)) == len(names)
    labels = [condition.label for condition in claim.conditions]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("claim", ALL.values(), ids=list(ALL))
def test_the_markets_of_a_trial_differ_and_its_conditions_change_them(claim: Claim) -> None:
    seen = []
    for condition in claim.trials():
        arms = claim.arms(condition)
        marks = [scenario_hash(apply(Scenario(), overrides)) for _, overrides in arms]
        assert len(set(marks)) == len(marks), condition
        # Weights of an effect sum to zero: what all markets share drops out.
        assert sum(weight for weight, _ in arms) == 0.0
        assert marks not in seen, condition
        seen.append(marks)


def test_buyers_who_mean_to_stay_leave_less_often() -> None:
    """Every override of a baseline hazard of leaving lies below the default."""
    given = [
        override
        for claim in ALL.values()
        for condition in claim.trials()
        for _, overrides in claim.arms(condition)
        for override in overrides
        if ".lapse_rate=" in override
    ]
    assert given
    for override in given:
        name = override.split(".")[1]
        product = apply(Scenario(), (override,)).product
        usual = getattr(Scenario().product, name).lapse_rate
        assert getattr(product, name).lapse_rate < usual, override


@pytest.mark.parametrize("claim", ALL.values(), ids=list(ALL))
def test_the_guide_names_every_claim(claim: Claim) -> None:
    assert f"| {claim.id} |" in (DOCS / "claims.md").read_text(encoding="utf-8")


def test_the_whole_is_the_sum_of_the_levers() -> None:
    assert tuple(setting for lever in LEVERS for setting in lever) == BUNDLE
    keys = [{setting.partition("=")[0] for setting in lever} for lever in LEVERS]
    assert sum(map(len, keys)) == len(set().union(*keys)), "a setting belongs to one lever"


def test_arms_of_an_interaction() -> None:
    claim = Claim("9a", "x", "s", "m.", ("a=0",), ("b=1", "c=1"), (Effect("trust", 1),),
                  (Condition("l", ("d=1",), ("e=1",)),), (("b=1",), ("c=1",)))  # fmt: skip
    assert claim.arms() == [
        (1.0, ("a=0",)),
        (1.0, ("a=0", "b=1", "c=1")),
        (-1.0, ("a=0", "b=1")),
        (-1.0, ("a=0", "c=1")),
    ]
    assert claim.arms(claim.conditions[0])[1] == (1.0, ("a=0", "d=1", "b=1", "c=1", "e=1"))
    assert claim.arms(claim.conditions[0])[0] == (1.0, ("a=0", "d=1"))


def test_settings_are_applied_in_order_and_checked() -> None:
    made = apply(Scenario(), ["partnership.term=24", "product.savings.need=[1,2,3,4]",
                              "partnership.form=panel", "partnership.term=36"])  # fmt: skip
    assert (made.partnership.form, made.partnership.term) == ("panel", 36)
    assert made.product.savings.need == (1.0, 2.0, 3.0, 4.0)
    assert Scenario().partnership.term == 12
    with pytest.raises(ScenarioError, match=r"partnership\.tem: no such key"):
        apply(Scenario(), ["partnership.tem=3"])


def test_claims_are_chosen_by_id_or_by_the_row_of_the_table() -> None:
    assert chosen([])[0] == list(ALL.values())
    picked, unknown = chosen(["6c", "3b", "nope"])
    assert [claim.id for claim in picked] == ["3b", "3b-quality", "6c"]
    assert unknown == ["nope"]
    assert [claim.id for claim in chosen(["3b-quality"])[0]] == ["3b-quality"]
