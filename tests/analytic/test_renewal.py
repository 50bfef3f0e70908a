"""Renewals in a founded market: facts, candidates, caps, refunds, managers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.levers import PRODUCT_CLASSES
from sim.books import resolve_failures
from sim.ledger import Account
from sim.model import PHASES
from sim.partnership.agreements import Agreements
from sim.partnership.base import annuity
from sim.partnership.exclusive_alliance import ExclusiveAlliance
from sim.products import REGULAR
from sim.renewal import (
    break_up,
    enforce_share_cap,
    pair_margins,
    renew_bank,
    send_managers,
    stock_shelves,
)
from sim.talks import (
    bank_cost,
    bonus_cost,
    call_meeting,
    candidates_of,
    common_fee,
    margins_now,
    pass_through,
)
from sim.traits import Traits
from sim.views import manager_heads, presence
from tests.analytic.forms import TIED, alliance

quick = settings(deadline=None, derandomize=True, max_examples=50)
CLASSES = len(PRODUCT_CLASSES)
#: One class of each premium mode stands for its mode.
SINGLE_CLASS, REGULAR_CLASS = int(np.argmin(REGULAR)), int(np.argmax(REGULAR))


# --- what a renewal puts in force -----------------------------------------------------------


def with_rules(market, **changes):
    """Change the rules of supervision in a running market."""
    rules = replace(market.scenario.supervision, **changes)
    market.scenario = replace(market.scenario, supervision=rules)


def test_an_alliance_weighs_the_fine_against_its_own_business(founded):
    """Not against what the insurer would sell on a shelf shared with all candidates."""
    market = founded(0, partnership=TIED | {"access_fee": False})
    with_rules(market, fee_cap=0.01)
    facts = call_meeting(market, 0)
    deal = market.form.negotiate(facts)
    chosen = int(np.flatnonzero(deal.expected)[0])
    excess = deal.fees[chosen, 0] - 0.01
    fear, multiple = market.conduct.money.quarterly, market.scenario.supervision.fine_multiple
    worth = [
        premium[chosen, 0] * excess / 4.0 * (1.0 - 2.0 * fear * multiple)
        for premium in (facts.talks.premium, deal.premium)
    ]
    assert 0.0 < worth[0] < 0.7 * worth[1]
    fine = np.mean(worth) / (2.0 * fear * market.banks[0].customers)
    with_rules(market, fixed_fine=float(fine))
    renew_bank(market, 0)
    assert market.agreements.side[0, chosen, 0] == pytest.approx(excess)


# --- the facts of a meeting -----------------------------------------------------------------

ALIKE = {
    "form": "panel",
    "partners": 2,
    "term": 36,
    "trait_spread": 0.0,
    "relationship_fit": 0.0,
    "conflict": 0.0,
}


def alike(founded, months, **changes):
    """A market in which nothing but the agreements tells one insurer from another."""
    market = founded(months, partnership=ALIKE | changes)
    for insurer in market.insurers:
        insurer.reputation = 0.6
    return market


@pytest.mark.parametrize("months", [0, 4])
def test_identical_insurers_are_expected_to_sell_alike_whoever_is_a_partner(founded, months):
    market = alike(founded, months)
    for bank in range(len(market.banks)):
        assert market.agreements.active[bank].sum() == (2 if months else 0)
        premium = call_meeting(market, bank).talks.premium
        assert premium.sum() > 0.0
        np.testing.assert_allclose(premium, np.broadcast_to(premium[0], premium.shape), rtol=1e-9)


def test_partners_can_be_replaced(founded):
    """Incumbents at a slight disadvantage lose their places."""
    market = alike(founded, 4)
    before = market.agreements.active[0].copy()
    for insurer in market.insurers:
        insurer.reputation = 0.55 if before[insurer.index] else 0.6
    renew_bank(market, 0)
    assert not (market.agreements.active[0] & before).any()


def test_candidates_are_judged_at_what_the_bank_is_paid_or_in_the_middle(founded):
    market = alike(founded, 0)
    margin = np.array([0.04, 0.2])
    low = (bank_cost(market) + bonus_cost(market)) / (1.0 - pass_through(market))
    np.testing.assert_allclose(common_fee(market, 0, margin), 0.5 * (low + margin))
    market.agreements.deal[0, 1:3, 0] = True
    market.agreements.fee[0, 1:3, 0] = 0.02, 0.03
    np.testing.assert_allclose(common_fee(market, 0, margin)[0], 0.025)
    assert common_fee(market, 0, margin)[1] == pytest.approx(0.5 * (low[1] + 0.2))


def test_account_managers_who_sell_count_in_the_talks(founded):
    market = founded(2, incentives={"manager_role": "assistant", "account_managers": 1.0})
    helped = call_meeting(market, 0).talks.premium.sum()
    incentives = replace(market.scenario.incentives, manager_selling=0.0)
    market.scenario = replace(market.scenario, incentives=incentives)
    assert helped > 1.02 * call_meeting(market, 0).talks.premium.sum()


def test_own_agents_are_worth_the_same_in_all_talks(founded):
    market = founded(2)
    facts = call_meeting(market, 1)
    conversion = market.agent_conversion
    reach = 12.0 * market.scenario.market.agent_contact_rate * conversion.sum()
    margin = (margins_now(market).agent * conversion).sum() / conversion.sum()
    worth = (1.0 - np.exp(-reach)) * market.agent_force * margin
    assert (worth > 0.0).all()
    np.testing.assert_allclose(facts.recapture_value, worth, rtol=1e-12)
    np.testing.assert_allclose(
        facts.talks.insurer_recapture, facts.demand.lost * worth[:, None], rtol=1e-12
    )


@pytest.mark.parametrize("form", ["part_time_agency", "panel", "exclusive_alliance"])
def test_no_bank_signs_a_deal_on_which_it_loses(founded, form):
    """A cap below the bank's break-even fee that cannot be paid around ends the business."""
    strict = {"fee_cap": 0.0, "true_recording": True, "fixed_fine": 1e6}
    market = founded(1, partnership={"form": form, "access_fee": False}, supervision=strict)
    assert not market.agreements.deal[..., 0].any()
    deal = market.agreements.deal[..., 1]
    assert deal.any()
    assert (pair_margins(market)[0][..., 1][deal] >= 0.0).all()
    assert market.sales_mix[..., ~REGULAR].sum() == 0.0
    everything = founded(
        1, partnership={"form": form}, supervision=strict | {"fee_cap_regular": 0.0}
    )
    assert not everything.agreements.active.any()


def test_an_access_fee_keeps_an_alliance_alive_under_a_cap(founded):
    market = founded(1, partnership=TIED, supervision={"fee_cap": 0.0, "fixed_fine": 1e6})
    agreements = market.agreements
    assert agreements.deal[agreements.active].all()
    assert (agreements.fee[..., 0] == 0.0).all()
    assert (agreements.side == 0.0).all()
    assert (agreements.upfront[agreements.active] > 0.0).all()


# --- agreements that end before their time --------------------------------------------------

months = st.integers(1, 240)


@given(months, st.integers(0, 300), st.floats(0.005, 0.3))
@quick
def test_an_access_fee_is_earned_evenly_over_its_term(term, elapsed, rate):
    agreements = Agreements(1, 1)
    fee, nothing = np.array([[0.02, np.nan]]), np.zeros((1, 2))
    agreements.sign(0, fee, np.array([1000.0]), nothing, 7, term, alliance())
    monthly = float(agreements.access_per_month(rate)[0, 0])
    assert 12.0 * monthly * annuity(term, rate) == pytest.approx(1000.0)
    left = max(0, term - elapsed)
    unearned = float(agreements.unearned(7 + elapsed, rate)[0, 0])
    assert unearned == pytest.approx(12.0 * monthly * annuity(left, rate))
    earned = 12.0 * monthly * annuity(min(term, elapsed), rate)
    now = np.exp(-rate * min(term, elapsed) / 12.0)
    assert earned + now * unearned == pytest.approx(1000.0)


def test_a_break_up_gives_back_what_is_unearned():
    agreements = Agreements(2, 2)
    fees = np.array([[0.02, 0.05], [np.nan, np.nan]])
    for bank in range(2):
        upfront = np.array([1000.0, 0.0])
        agreements.sign(bank, fees, upfront, np.zeros((2, 2)), 0, 120, alliance())
    agreements.upfront_due[:] = 0.0
    assert agreements.exclusive.tolist() == [[True, False], [True, False]]
    owed = agreements.unearned(30, 0.08)[0, 0]
    agreements.break_up(np.array([[True, False], [False, False]]), 30, 0.08)
    assert agreements.upfront_due.tolist() == [[-owed, 0.0], [0.0, 0.0]]
    assert agreements.end[0, 0] == 30
    assert agreements.exclusive[:, 0].tolist() == [False, True]
    assert agreements.access_per_month(0.08)[0, 0] == 0.0
    assert agreements.access_per_month(0.08)[1, 0] > 0.0
    agreements.drop_insurer(0, 1, 60, 0.08)
    assert agreements.upfront_due[1, 0] == 0.0
    assert agreements.upfront_due[1, 1] == pytest.approx(
        -1000.0 * annuity(60, 0.08) / annuity(120, 0.08)
    )
    assert not agreements.active[:, 0].any()
    assert not agreements.exclusive.any()


def test_reopened_agreements_are_due_once_and_run_to_the_end_they_had():
    agreements = Agreements(2, 2)
    fees, nothing = np.array([[0.02, 0.05], [np.nan, np.nan]]), np.zeros((2, 2))
    upfront = np.array([1000.0, 0.0])
    agreements.sign(0, fees, upfront, nothing, 0, 120, alliance())
    agreements.upfront_due[:] = 0.0
    owed = agreements.unearned(30, 0.08)[0, 0]
    agreements.reopen(30, 0.08)
    assert agreements.upfront_due.tolist() == [[-owed, 0.0], [0.0, 0.0]]
    assert agreements.reopened.tolist() == [True, False]  # the other has nothing to reopen
    assert agreements.due(0, 30)
    left = agreements.months_left(0, 30)
    assert left == 90
    agreements.break_up(agreements.active, 30, 0.08)  # nothing is given back twice
    assert agreements.upfront_due[0, 0] == -owed
    agreements.sign(0, fees, upfront, nothing, 30, left, alliance())
    assert agreements.end[0, 0] == 120
    assert not agreements.due(0, 31)
    assert agreements.months_left(1, 30) == 0


@pytest.mark.parametrize("form", ["exclusive_alliance", "joint_venture"])
def test_access_fees_count_what_they_pay(founded, form):
    """Over a long run with break-ups booked fees are the cash that moved, net of interest."""
    terms = TIED | {"form": form, "term": 36, "conflict": 4.0}
    market = founded(0, partnership=terms, horizon={"months": 120})
    model = market.banks[0].model
    rate = market.scenario.market.discount_rate
    month_worth = 12.0 * annuity(1, rate)  # of a yuan paid evenly over a month
    cash = booked = 0.0
    while market.month < 120:
        worth = np.exp(-rate * market.month / 12.0)
        for phase in PHASES:
            if phase.name == "close_books":
                cash += worth * market.agreements.upfront_due.sum()
            if market.month % phase.every == 0:
                getattr(model, phase.name)()
        booked += worth * month_worth * market.record["access"][-1].sum()
        market.month += 1
    assert market.agreements.ended > 10  # by far more than by terms that are over
    to_come = np.exp(-rate * market.month / 12.0) * market.agreements.unearned(120, rate).sum()
    assert abs(cash) > 0.0
    assert booked + to_come == pytest.approx(cash, rel=1e-9)


def fail(market, insurer):
    """Take an insurer's assets away and let the market see it."""
    market.insurers[insurer].assets -= 1e12
    market.ledger.post(market.ledger.insurers[insurer], Account.OUTSIDE, 1e12)
    assert resolve_failures(market) == 1


def test_who_takes_over_a_failed_insurer_gets_its_refund(founded):
    market = founded(2, partnership=TIED)
    failing = int(np.flatnonzero(market.agreements.upfront.sum(axis=0) > 0.0)[0])
    owed = market.agreements.unearned(3, market.scenario.market.discount_rate)[:, failing].sum()
    market.month = 2
    others = [insurer for insurer in market.insurers if insurer.index != failing]
    best = max(others, key=lambda insurer: insurer.capital).index
    fail(market, failing)
    due = market.agreements.upfront_due
    assert owed > 0.0
    assert due[:, failing].sum() == 0.0
    assert due[:, best].sum() == pytest.approx(-owed)
    model = market.banks[0].model
    market.month = 3
    model.step()  # the ledger closes with the refund in it
    assert (market.agreements.upfront_due == 0.0).all()


def test_a_failed_insurer_pays_nobody_any_more(founded):
    market = founded(
        0,
        market={"initial_capital": 30.0, "reinsurance": 0.0},
        incentives={"account_managers": 1.0},
    )
    model = market.banks[0].model
    gone = []
    while market.month < 20:
        model.step()
        for i in gone:
            assert market.insurers[i].assets == 0.0
            assert market.record["insurer_value"][-1][i] == 0.0
            assert manager_heads(market)[:, i].sum() == 0.0
        gone = [insurer.index for insurer in market.insurers if insurer.failed]
        assert not market.agreements.expected[:, gone].any()
        assert not market.sales_mix[:, gone].any()
    assert 0 < len(gone) < len(market.insurers)


def test_without_agreements_managers_are_out_of_work(founded):
    market = founded(1, incentives={"account_managers": 1.0})
    market.agreements.active[:] = False
    send_managers(market)
    assert manager_heads(market).sum() == 0.0


def test_the_hazard_of_a_break_up_grows_smoothly_with_the_term(founded):
    """None up to a year; then what the match makes it, the more the longer the partners are bound.

    Counted over many draws of pairs whose cultures do not match at all.
    """
    market = founded(1, partnership={"conflict": 6.0, "term": 12, "outlet_partners": 5})
    market.traits.culture[:] = 0.0
    agreements = market.agreements

    def broken(term, culture=0.0):
        market.traits.culture[:] = culture
        count = 0
        for month in range(400):
            market.month = month
            agreements.active[:] = True
            agreements.start[:], agreements.end[:] = month, month + term
            break_up(market)
            count += int((agreements.end == month).sum())
            market.fallen_out[:] = False
        return count / (400 * agreements.active.size)

    assert broken(6) == broken(12) == 0.0
    assert broken(13) < 0.08
    for term in (24, 120):
        chance = 1.0 - np.exp(-6.0 * (1.0 - 12.0 / term) / 12.0)
        assert broken(term) == pytest.approx(chance, abs=0.02)
    half = 1.0 - np.exp(-6.0 * 0.25 * 0.9 / 12.0)
    assert broken(120, culture=0.5) == pytest.approx(half, abs=0.02)
    assert broken(120, culture=1.0) == 0.0


def test_partners_who_fell_out_do_not_sign_again_at_once(founded):
    market = founded(1, partnership=TIED | {"conflict": 0.0})
    bank, old = 0, int(np.flatnonzero(market.agreements.active[0])[0])
    market.traits.culture[bank, old] = -1e6
    settings = replace(market.scenario.partnership, conflict=100.0)
    market.scenario = replace(market.scenario, partnership=settings)
    market.traits.culture[1:] = 1.0
    break_up(market)
    assert market.fallen_out[bank, old]
    assert market.fallen_out.sum() == 1
    assert market.agreements.due(bank, market.month)
    market.traits.culture[bank, old] = 0.5
    renew_bank(market, bank)
    assert not market.agreements.active[bank, old]
    assert not market.fallen_out.any()


def test_an_insurer_neither_refuses_its_owner_nor_falls_out_with_it(founded):
    group = {"form": "financial_group", "term": 120, "insurers_choose": True, "conflict": 0.0}
    market = founded(1, partnership=group)
    own = np.eye(3, 5, dtype=bool)
    assert (market.agreements.active == own).all()
    market.traits.culture[:] = -1e6
    settings = replace(market.scenario.partnership, conflict=100.0)
    market.scenario = replace(market.scenario, partnership=settings)
    break_up(market)
    assert not market.fallen_out.any()
    assert (market.agreements.end[own] > market.month).all()
    market.fallen_out[:] = own  # of times in which another form was in force
    for bank in range(3):
        assert bank in candidates_of(market, bank)


# --- who may be a partner, and where managers go --------------------------------------------


def test_candidates_come_in_the_order_of_the_first_branch(founded):
    market = founded(1, partnership={"conflict": 0.0})
    order = market.shelf_order[market.banks[0].branches[0]]
    np.testing.assert_array_equal(candidates_of(market, 0), order)
    market.insurers[order[0]].failed = True
    np.testing.assert_array_equal(candidates_of(market, 0), order[1:])
    market.fallen_out[0, order[1]] = True
    np.testing.assert_array_equal(candidates_of(market, 0), order[2:])
    market.fallen_out[0] = True  # nobody else is left
    np.testing.assert_array_equal(candidates_of(market, 0), order[1:])


def test_an_agency_hears_only_as_many_as_it_can_take(founded):
    for form, heard in (("part_time_agency", 2), ("panel", 5)):
        market = founded(0, partnership={"form": form, "partners": 2})
        assert len(candidates_of(market, 1)) == heard


def test_insurers_that_choose_stay_away_from_banks_below_their_median(founded):
    market = founded(0, partnership={"insurers_choose": True})
    culture = np.array(
        [[0.1, 0.9, 0.5, 0.2, 0.3], [0.5, 0.5, 0.1, 0.4, 0.3], [0.9, 0.1, 0.9, 0.6, 0.3]]
    )
    market.traits.culture[:] = culture
    assert set(candidates_of(market, 0)) == {1, 2, 4}
    assert set(candidates_of(market, 1)) == {0, 1, 3, 4}
    assert set(candidates_of(market, 2)) == {0, 2, 3, 4}
    settings = replace(market.scenario.partnership, insurers_choose=False)
    market.scenario = replace(market.scenario, partnership=settings)
    assert len(candidates_of(market, 0)) == 5


def test_a_score_is_the_mean_of_five_criteria():
    culture = np.array([[0.1, 0.9], [0.5, 0.5]])
    traits = Traits(culture, *(np.array(own) for own in ([1, 0.2], [0, 0.4], [1, 0.6], [0, 0.8])))
    np.testing.assert_allclose(traits.score(0), [2.1 / 5, 2.9 / 5])
    np.testing.assert_allclose(traits.score(1), [2.5 / 5, 2.5 / 5])


def test_screening_signs_the_best_score_whatever_it_pays(founded):
    market = founded(0, partnership={"form": "panel", "partners": 2, "selection": "screening"})
    facts = call_meeting(market, 0)
    signed = np.flatnonzero(market.form.negotiate(facts).expected)
    assert set(signed) == set(np.argsort(-market.traits.score(0))[:2])
    alone = replace(market.scenario.partnership, form="exclusive_alliance", partners=1)
    chosen = np.flatnonzero(ExclusiveAlliance(alone).negotiate(facts).expected)
    assert chosen.tolist() == [np.argmax(market.traits.score(0))]


def test_a_share_cap_suspends_who_sold_too_much_but_never_everybody(founded):
    market = founded(1, supervision={"insurer_share_cap": 0.3}, partnership={"conflict": 0.0})
    banks, insurers = market.agreements.active.shape
    assert market.agreements.active[:2].all()
    sold = np.zeros((banks, insurers, 2))
    sold[0, :, 0] = 10.0, 20.0, 40.0, 25.0, 5.0
    sold[1, :, 1] = 20.0
    sold[2, 0, 0] = 100.0
    market.agreements.active[2] = np.arange(insurers) == 0  # a sole partner
    market.record["sold_mode"] = [sold] * 12
    enforce_share_cap(market)
    assert not market.suspended.any()  # no year of sales to look at yet
    market.month = 12
    enforce_share_cap(market)
    assert np.argwhere(market.suspended).tolist() == [[0, 2]]
    rows = market.banks[0].branches
    assert not market.shelf[rows, 2].any()
    assert np.delete(market.shelf[rows], 2, axis=1).all()
    market.record["sold_mode"] = [np.ones_like(sold)] * 12
    enforce_share_cap(market)  # below the cap it comes back
    assert not market.suspended.any()
    assert market.shelf[rows].all()


def test_of_partners_who_are_all_above_the_share_cap_the_smallest_stays(founded):
    market = founded(1, supervision={"insurer_share_cap": 0.3}, partnership={"conflict": 0.0})
    sold = np.zeros((*market.agreements.active.shape, 2))
    market.agreements.active[0] = np.arange(5) < 3
    sold[0, :, 0] = 40.0, 31.0, 32.0, 0.0, 0.0
    market.record["sold_mode"] = [sold] * 12
    market.month = 12
    enforce_share_cap(market)
    assert np.argwhere(market.suspended).tolist() == [[0, 0], [0, 2]]
    assert (market.shelf[market.banks[0].branches] == (np.arange(5) == 1)).all()
    market.agreements.active[0] = np.arange(5) == 0  # signed before the next look at the shares
    stock_shelves(market, 0)
    assert (market.shelf[market.banks[0].branches] == (np.arange(5) == 0)).all()


def test_managers_go_where_the_business_is_expected(founded):
    market = founded(1, incentives={"account_managers": 1.0})
    agreements = market.agreements
    agreements.active[:] = False
    agreements.active[0, 1] = agreements.active[2, 3] = True
    agreements.expected[:] = 7.0  # of pairs without an agreement it does not count
    agreements.expected[0, 1] = 2.0, 4.0
    agreements.expected[2, 3] = 1.0, 2.0
    send_managers(market)
    heads = manager_heads(market)
    assert len(market.managers) == 9
    assert heads[0, 1] == 6.0
    assert heads[2, 3] == 3.0
    assert heads.sum() == 9.0
    branches = [len(bank.branches) for bank in market.banks]
    stationed = presence(market)
    assert stationed[0, 1] == pytest.approx(6.0 / branches[0])
    with_rules(market, stationing_ban=True)
    share = market.scenario.incentives.visiting_share
    np.testing.assert_allclose(presence(market), share * stationed)
