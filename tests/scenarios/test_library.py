"""The scenario library: every story is its own market, and can be seen in a small run."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from experiments.catalogue import groups
from experiments.compose import load_scenario
from scenarios.calendar import month_of
from scenarios.check import scenario_hash
from scenarios.claims import apply
from scenarios.claims_conduct import BUNDLE
from scenarios.claims_cooperation import ALLIANCE, SCREENED
from scenarios.levers import PRODUCT_CLASSES
from scenarios.schema import Scenario
from sim.model import BancassuranceModel
from sim.recorder import Results

NAMES = groups()["scenario"]
DOCS = Path(__file__).resolve().parents[2] / "docs"
SMALL = ["population.size=3000", "horizon.months=96", "horizon.window=36"]
SEEDS = (1, 2)


def test_the_library_is_whole() -> None:
    assert len(NAMES) >= 16
    assert {"fee_war", "notice_90", "all_countermeasures", "no_countermeasure"} <= set(NAMES)


def test_no_two_scenarios_are_the_same_market() -> None:
    marks = {name: scenario_hash(load_scenario(name)) for name in NAMES}
    assert len(set(marks.values())) == len(marks)


@pytest.mark.parametrize("name", NAMES)
def test_the_guide_names_every_scenario(name: str) -> None:
    assert f"`{name}`" in (DOCS / "scenarios.md").read_text(encoding="utf-8")


def test_what_claims_compare_are_the_markets_of_the_library() -> None:
    def unnamed(scenario: Scenario) -> Scenario:
        return replace(scenario, name="", story="", watch="")

    pairs = {
        "all_countermeasures": BUNDLE,
        "unscreened_alliance": ALLIANCE,
        "one_on_one_alliance": (*ALLIANCE, *SCREENED),
    }
    for name, overrides in pairs.items():
        assert unnamed(load_scenario(name)) == unnamed(apply(Scenario(), overrides)), name


@pytest.mark.parametrize("name", NAMES)
def test_no_product_of_the_library_is_left_more_often_than_the_standard(name: str) -> None:
    """Long contracts are bought to be kept, so their baseline hazard is lower, if anything."""
    product, usual = load_scenario(name).product, Scenario().product
    for c in PRODUCT_CLASSES:
        assert getattr(product, c).lapse_rate <= getattr(usual, c).lapse_rate, c


@cache
def _results(name: str, seed: int, calendar: bool = True) -> Results:
    scenario = load_scenario(name, SMALL)
    if not calendar:
        scenario = replace(scenario, calendar=())
    return BancassuranceModel(scenario, rng=seed).run()


def outcome(name: str, key: str) -> float:
    return float(np.mean([_results(name, seed).outcomes[key] for seed in SEEDS]))


#: Story by story: an outcome, the scenario in which it is larger, the one in which it is smaller.
STORIES = [
    ("fee_single", "fee_war", "multi_partner_agency"),
    ("partner_turnover", "fee_war", "multi_partner_agency"),
    ("fee_off_book", "pact_cap_small_account", "multi_partner_agency"),
    ("recorded_share", "multi_partner_agency", "pact_cap_small_account"),
    ("relationship_capital", "one_on_one_alliance", "multi_partner_agency"),
    ("relationship_capital", "one_on_one_alliance", "unscreened_alliance"),
    ("partner_turnover", "unscreened_alliance", "one_on_one_alliance"),
    ("relationship_capital", "joint_venture", "unscreened_alliance"),
    ("relationship_capital", "captive_group", "multi_partner_agency"),
    ("bank_premium", "sales_only_appraisal", "multi_partner_agency"),
    ("misselling_rate", "sales_only_appraisal", "multi_partner_agency"),
    ("advice_effort", "multi_partner_agency", "sales_only_appraisal"),
    ("advice_effort", "balanced_appraisal", "sales_only_appraisal"),
    ("misselling_rate", "sales_only_appraisal", "balanced_appraisal"),
    ("days_to_issue", "paper_counter", "integrated_platform"),
    ("conversion", "integrated_platform", "paper_counter"),
    ("investment_share", "integrated_platform", "paper_counter"),
    ("outages", "neglected_security", "integrated_platform"),
    ("trust", "integrated_platform", "neglected_security"),
    ("persistency_25", "proactive_service", "multi_partner_agency"),
    ("complaint_rate", "multi_partner_agency", "proactive_service"),
    ("proven_cases", "joint_meeting", "separate_supervision"),
    ("customer_welfare", "all_countermeasures", "multi_partner_agency"),
    ("misselling_rate", "multi_partner_agency", "all_countermeasures"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("key", "larger", "smaller"), STORIES)
def test_a_story_can_be_seen(key: str, larger: str, smaller: str) -> None:
    assert outcome(larger, key) > outcome(smaller, key)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "column", "sign"),
    [
        ("notice_90", "bank_premium", -1),
        ("notice_90", "sales", -1),
        ("commission_as_filed_2023", "fee_off_book", 1),
        ("commission_as_filed_2023", "fee_single", -1),
    ],
)
def test_a_dated_rule_is_seen_from_its_date(name: str, column: str, sign: int) -> None:
    scenario = load_scenario(name, SMALL)
    start = month_of(scenario.calendar[0].partition(":")[0], scenario.market.start)
    assert 36 < start < scenario.horizon.months - 24
    change = 0.0
    for seed in SEEDS:
        ruled, free = (_results(name, seed, calendar).market for calendar in (True, False))
        assert ruled[column][:start].equals(free[column][:start])
        change += float(np.nanmean(ruled[column][start:]) - np.nanmean(free[column][start:]))
    assert sign * change > 0.0
