"""The policy calendar: nothing changes before its date, and mistakes are told one by one."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from scenarios.calendar import interventions, month_of
from scenarios.check import ScenarioError
from scenarios.schema import Scenario
from sim.model import BancassuranceModel
from sim.recorder import Results

TABLES = ("market", "banks", "insurers", "agreements", "classes")


def small(*calendar: str) -> Scenario:
    scenario = Scenario()
    return replace(
        scenario,
        population=replace(scenario.population, size=400),
        market=replace(scenario.market, branches=16, banks=4, insurers=6),
        horizon=replace(scenario.horizon, months=30, burn_in=6, window=12),
        calendar=calendar,
    )


def run(scenario: Scenario) -> Results:
    return BancassuranceModel(scenario, rng=3).run()


@pytest.fixture(scope="module")
def untouched() -> Results:
    return run(small())


LATER = [
    "supervision.partner_cap=1",
    "supervision.fee_cap=0.01",
    "supervision.disclosure=0.9",
    "supervision.suitability=true, supervision.single_premium_limit=0.1",
    "supervision.sanction=0, incentives.guilt=0",
    "partnership.form=exclusive_alliance, partnership.partners=1, partnership.term=60",
    "incentives.scheme=sales_kpi",
    "incentives.training_hours=20",
    "platform.link=integrated",
    "product.design=otc_simple",
    "product.savings.ticket=0.3",
    "bargaining.protocol=auction",
    "service.level=proactive, service.contacts=1",
    "market.agent_contact_rate=0.3",
    "population.visit_rate=0.5",
    "population.choice.persuasion=3",
]


@pytest.mark.slow
@pytest.mark.parametrize("change", LATER)
def test_runs_are_the_same_to_the_bit_before_an_intervention_and_differ_after(
    untouched: Results, change: str
) -> None:
    month = 14
    changed = run(small(f"2010-03: {change}"))
    differs = False
    for name in TABLES:
        before, after = getattr(untouched, name), getattr(changed, name)
        pd.testing.assert_frame_equal(
            before[before["month"] < month], after[after["month"] < month], check_exact=True
        )
        differs |= not before[before["month"] >= month].equals(after[after["month"] >= month])
    assert differs


def test_an_intervention_before_the_start_holds_from_the_founding() -> None:
    early = run(small("2001-05: supervision.fee_cap=0.01"))
    scenario = small()
    set_so = replace(scenario, supervision=replace(scenario.supervision, fee_cap=0.01))
    pd.testing.assert_frame_equal(early.market, run(set_so).market, check_exact=True)


def test_an_intervention_after_the_horizon_changes_nothing(untouched: Results) -> None:
    late = run(small("2030-01: supervision.fee_cap=0.01"))
    pd.testing.assert_frame_equal(untouched.market, late.market, check_exact=True)


def test_entries_add_up_in_order_of_their_dates() -> None:
    found = interventions(
        small(
            "2011-01: supervision.fee_cap=0.03",
            "2010-01: supervision.fee_cap=0.02, product.savings.need=[0, 1, 2, 3]",
        )
    )
    assert list(found) == [12, 24]
    assert found[12].supervision.fee_cap == 0.02
    assert found[24].supervision.fee_cap == 0.03
    assert found[24].product.savings.need == (0.0, 1.0, 2.0, 3.0)


def test_months_are_counted_from_the_start() -> None:
    assert month_of("2010-11", "2009-01") == 22
    assert month_of("2008-12", "2009-01") == -1


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("2010-13: supervision.fee_cap=0.03", "must read like"),
        ("supervision.fee_cap=0.03", "must read like"),
        ("2010-11 supervision.fee_cap=0.03", "must read like"),
        ("2010-11:", "must read like"),
        ("2010-11: supervision.fee_cap", "must read like"),
        ("2010-11: supervision.fee_cap=", "must read like"),
        ("2010-11: supervision.fee_cap=5", "supervision.fee_cap = 5: must be a number from 0 to 1"),
        ("2010-11: supervision.fee_cap=low", "supervision.fee_cap = 'low': must be a number"),
        ("2010-11: supervision.fee_cpa=0.1", "did you mean supervision.fee_cap?"),
        ("2010-11: nothing.at_all=1", "nothing: no such key"),
        ("2010-11: partnership.form=marriage", "must be one of part_time_agency"),
        ("2010-11: population.size=3", "population.size is fixed when the market is founded"),
        ("2010-11: market.banks=3", "market.banks is fixed when the market is founded"),
        ("2010-11: horizon.months=3", "horizon.months is fixed when the market is founded"),
    ],
)
def test_a_bad_entry_gives_one_clear_line(entry: str, words: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        BancassuranceModel(small(entry, "2010-12: supervision.disclosure=0.5"))
    (line,) = caught.value.problems
    assert line.startswith(f"calendar: {entry!r}")
    assert words in line


def test_every_bad_entry_has_its_line() -> None:
    with pytest.raises(ScenarioError) as caught:
        interventions(small("2010-13: a=1", "2010-01: supervision.fee_cap=9", "never"))
    assert len(caught.value.problems) == 3
