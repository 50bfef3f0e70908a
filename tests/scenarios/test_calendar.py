"""The policy calendar: nothing changes before its date, and mistakes are told one by one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import Field, fields, is_dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from scenarios.calendar import interventions, month_of
from scenarios.check import ScenarioError
from scenarios.quantity import walk
from scenarios.schema import Scenario
from scenarios.values import choices_of
from sim.model import BancassuranceModel
from sim.recorder import Results
from sim.state import Market
from sim.views import rules_of

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


def test_an_intervention_can_come_in_the_last_month_and_not_later() -> None:
    assert list(interventions(small("2011-06: supervision.fee_cap=0.01"))) == [29]
    with pytest.raises(ScenarioError) as caught:
        BancassuranceModel(small("2011-07: supervision.fee_cap=0.01, platform.link=paper"))
    (line,) = caught.value.problems
    assert line.endswith("the last month of the run is 2011-06")


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
        ('2010-11: market={"insurers":2}', "market holds many settings; name one, such as"),
        ('2010-11: product.savings={"term":2}', "product.savings holds many settings"),
        ('2010-11: supervision={"fee_cap":0.1}', "such as supervision.regime"),
        ("2010-11: supervision=0", "supervision holds many settings"),
        ("2110-11: supervision.fee_cap=0.1", "the last month of the run is 2011-06"),
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


# --- every setting is in force from its date, or refused --------------------------------------

#: What a market is by its past: a setting that changes does not undo it.
PAST = {
    "scenario",
    "people",
    "banks",
    "insurers",
    "clerks",
    "managers",
    "supervisors",
    "ledger",
    "rates",
    "record",
    "pay",  # clerks are appraised anew in the coming quarter
    "mean_pay",
    "persistency",  # learned from what holders did
    "conduct",  # files and beliefs; the strength of belief is looked at apart
}


def other_value(item: Field[Any], value: Any) -> Any:
    """Another allowed value of a setting."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return next((word for word in choices_of(item) if word != value), "other")
    if isinstance(value, tuple):
        return [other_value(item, value[0]), *value[1:]] if value else ["2010-01: x=1"]
    low, high = item.metadata["low"], item.metadata["high"]
    if isinstance(value, int):
        return value + 2 if value + 2 <= high else value - 2
    return 0.5 * (value + (high if value < high else low))


def dated_changes() -> Iterator[tuple[str, Scenario]]:
    """Every setting that the calendar takes, with the scenario that is then in force."""
    for key, item, _ in walk(Scenario):
        value: Any = small()
        for name in key.split("."):
            value = getattr(value, name)
        entry = f"2009-01: {key}={json.dumps(other_value(item, value))}"
        try:
            (changed,) = interventions(small(entry)).values()
        except ScenarioError as error:
            fixed = f"calendar: {entry!r}: {key} is fixed when the market is founded"
            if error.problems != [fixed]:
                raise
        else:
            yield key, replace(changed, calendar=())


def same(one: Any, other: Any) -> bool:
    """Whether two parts of a market are equal, arrays and rules looked into."""
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(same, one, other))
    if is_dataclass(one) or hasattr(one, "settings"):
        return type(one) is type(other) and all(map(same, vars(one).values(), vars(other).values()))
    return bool(one == other)


def read_by_the_model(market: Market) -> dict[str, Any]:
    """What stands in a market by its settings and not by its past."""
    parts = {
        part.name: getattr(market, part.name) for part in fields(market) if part.name not in PAST
    }
    beliefs = market.conduct.money, market.conduct.selling
    parts["belief strength"] = [belief.strength for belief in beliefs]
    parts["customer month"] = rules_of(market)
    return parts


@pytest.mark.slow
def test_every_setting_is_refused_or_in_force_from_its_date() -> None:
    """A changed market has to look as if it had been founded with the change, its past apart."""
    late = []
    base = BancassuranceModel(small(), rng=3)
    for key, changed in dated_changes():
        base._adopt(changed)
        founded = read_by_the_model(BancassuranceModel(changed, rng=3).market)
        running = read_by_the_model(base.market)
        late += [(key, part) for part in founded if not same(running[part], founded[part])]
        base._adopt(small())
    assert late == []


def test_what_is_used_up_at_the_founding_is_refused_and_the_rest_is_not() -> None:
    taken = {key for key, _ in dated_changes()}
    every = {key for key, _, _ in walk(Scenario)}
    assert len(taken) > 150
    assert {"population.literacy_mean", "supervision.belief_strength"} < taken
    assert {"product.pension.first_persistency", "population.size"} < every - taken


def test_shelves_are_restocked_when_their_places_change() -> None:
    for change in ("partnership.outlet_partners=2", "supervision.partner_cap=2"):
        model = BancassuranceModel(small(f"2009-03: {change}"), rng=3)
        places = []
        for _ in range(3):
            model.step()
            places.append(int(model.market.shelf.sum(axis=1).max()))
        assert places[0] == places[1] > 2
        assert places[2] == 2


def test_those_who_enter_later_are_drawn_as_the_calendar_says() -> None:
    model = BancassuranceModel(
        small("2009-07: population.literacy_mean=1, population.literacy_spread=0"), rng=3
    )
    model.run()
    person = model.market.people.person
    later = person["entry_month"] >= 6
    assert later.any()
    assert (person["literacy"][later] == 1.0).all()
    assert (person["literacy"][person["entry_month"] < 6] < 1.0).any()


# --- rules that stay keep their memory --------------------------------------------------------

SEEN = "supervision.bank_sight=1, supervision.insurer_sight=1, supervision.meeting_interval=12"


def meetings(model: BancassuranceModel, months: int) -> list[int]:
    """Months of the first run in which authorities met: what they had on file was proven."""
    found = []
    for _ in range(months):
        month = model.market.month
        model.market.conduct.side_paid[:] = 1.0  # everybody violates in every quarter
        model.step()
        if month % 3 == 0 and model.market.record["proven"][-1] > 0.0:
            found.append(month)
    return found


def test_a_change_beside_the_regime_leaves_the_files_and_the_meetings_alone() -> None:
    joint = f"2008-01: supervision.regime=joint_meeting, {SEEN}"
    assert meetings(BancassuranceModel(small(joint), rng=3), 28) == [12, 24]
    model = BancassuranceModel(small(joint, "2009-11: supervision.disclosure=0.5"), rng=3)
    assert meetings(model, 11) == []
    assert model.market.regime.settings.disclosure == 0.5
    nothing = np.zeros_like(model.market.agreements.active)
    assert model.market.regime.pending(nothing).all()  # the traces of before the change
    assert meetings(model, 17) == [12, 24]


def test_authorities_that_begin_to_meet_count_from_then() -> None:
    later = f"2009-11: supervision.regime=joint_meeting, {SEEN}"
    assert meetings(BancassuranceModel(small(later), rng=3), 27) == [24]


def test_firms_that_learn_keep_their_experience_when_a_setting_of_learning_changes() -> None:
    ewa = "2008-01: adaptation.rule=ewa"
    model = BancassuranceModel(small(ewa, "2010-06: adaptation.ewa_decay=0.5"), rng=3)
    model.run()
    first = 0.9 * (1.0 - 0.5) * 1.0 + 1.0  # N after the first year, phi 0.9 and kappa 0.5
    second = 0.5 * (1.0 - 0.5) * first + 1.0
    assert model.market.bank_rule._experience == pytest.approx(second)  # type: ignore[attr-defined]
    changed = BancassuranceModel(small(ewa, "2010-06: adaptation.rule=imitate"), rng=3)
    changed.run()
    assert type(changed.market.bank_rule).__name__ == "Imitate"


# --- agreements in force keep their terms -----------------------------------------------------


def test_insurers_have_one_bank_each_once_alliances_have_come_into_force() -> None:
    """Agency agreements that still run do not make an insurer an ally of their banks."""
    change = "2010-01: partnership.form=exclusive_alliance, partnership.term=36"
    model = BancassuranceModel(small(change), rng=3)
    model.run()  # all agency agreements of a year are over
    active = model.market.agreements.active
    assert active.sum(axis=1).tolist() == [1] * len(active)
    assert active.sum(axis=0).max() == 1


def test_a_stake_begins_with_a_new_agreement() -> None:
    """Partners share no profit before the bank has bought its stake, and then the share agreed."""
    base = "2008-01: partnership.term=24, partnership.conflict=0"
    venture = "partnership.form=joint_venture, partnership.equity=0.5"
    model = BancassuranceModel(small(base, f"2009-03: {venture}"), rng=3)
    market = model.market
    shared = np.zeros((4, 6), bool)
    while market.month < 26:
        model.step()
        ventures = market.agreements.active & market.agreements.exclusive
        assert (market.agreements.equity == 0.5 * ventures).all()
        pays = market.record["profit_share"][-1] != 0.0
        assert not (pays & ~ventures).any()
        shared |= pays
    assert shared.any(axis=1).all()


def test_a_lump_sum_stays_what_it_was_when_the_form_changes() -> None:
    """The price of a stake is paid outside the pair, though a group has come into force since."""
    base = "2008-01: partnership.form=joint_venture, partnership.equity=0.5, partnership.term=120"
    terms = "partnership.conflict=0, partnership.access_fee=true"
    shares = []
    for later in ((), ("2009-07: partnership.form=financial_group, partnership.equity=0.9",)):
        model = BancassuranceModel(small(f"{base}, {terms}", *later), rng=3)
        for _ in range(12):  # the next talks are far off
            model.step()
        assert model.market.agreements.upfront.any()
        shares.append(model.market.record["profit_share"])
    np.testing.assert_array_equal(*shares)


ALLIED = (
    "2008-01: partnership.form=exclusive_alliance, partnership.term=120, partnership.conflict=0, "
    "partnership.access_fee=true, bargaining.bank_power=0.9"
)


def market_before_and_after(month: int, *calendar: str) -> tuple[Market, np.ndarray, np.ndarray]:
    """A market just after a month, and fees and ends of its agreements just before it."""
    model = BancassuranceModel(small(*calendar), rng=3)
    while model.market.month < month:
        model.step()
    agreements = model.market.agreements
    before = agreements.fee.copy(), agreements.end.copy()
    model.step()
    return model.market, *before


@pytest.mark.parametrize(
    ("change", "fee"),
    [
        ("supervision.fee_cap=0.003", 0.003),
        ("bargaining.protocol=posted, bargaining.posted_single=0.02", 0.02),
    ],
)
def test_a_rule_on_fees_binds_agreements_in_force_from_its_date(change: str, fee: float) -> None:
    market, fees, ends = market_before_and_after(7, ALLIED, f"2009-08: {change}")
    agreements = market.agreements
    assert agreements.active.any(axis=1).all()
    assert (fees[..., 0].max(axis=1) != fee).all()
    np.testing.assert_allclose(agreements.fee[..., 0].max(axis=1), fee)
    assert (agreements.start[agreements.active] == 7).all()
    assert set(agreements.end[agreements.active]) == set(ends[ends > 0])  # staggered as before
    assert not agreements.reopened.any()


def test_a_posted_tariff_that_changes_binds_from_its_date() -> None:
    posted = "2008-01: bargaining.protocol=posted, bargaining.posted_single=0.02"
    later = "2009-08: bargaining.posted_single=0.015"
    market, fees, _ = market_before_and_after(7, posted, "2008-01: partnership.term=60", later)
    assert fees[..., 0].max() == 0.02
    assert market.agreements.fee[..., 0].max() == 0.015


@pytest.mark.parametrize(
    "change",
    ["supervision.disclosure=0.9", "bargaining.posted_single=0.01", "partnership.equity=0.2"],
)
def test_other_changes_leave_agreements_in_force_alone(change: str) -> None:
    market, fees, ends = market_before_and_after(7, ALLIED, f"2009-08: {change}")
    np.testing.assert_array_equal(market.agreements.fee, fees)
    np.testing.assert_array_equal(market.agreements.end, ends)


def test_an_access_fee_is_bargained_anew_and_its_rest_goes_back() -> None:
    """Were the rest kept, the bank would be paid twice for the same months."""
    model = BancassuranceModel(small(ALLIED, "2009-08: supervision.fee_cap=0.003"), rng=3)
    for _ in range(7):
        model.step()
    market, agreements = model.market, model.market.agreements
    rest = agreements.unearned(7, market.scenario.market.discount_rate)
    assert (rest.sum(axis=1) > 0.0).all()
    model.apply_policy()
    np.testing.assert_allclose(agreements.upfront_due, -rest)
    model.renew_agreements()
    assert (agreements.upfront.sum(axis=1) > 0.0).all()
    np.testing.assert_allclose(agreements.upfront_due, agreements.upfront - rest)
    capital = agreements.capital[agreements.active]
    assert (capital > 0.0).all()  # built before and kept
