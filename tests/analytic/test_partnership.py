"""Partnership forms and relationship capital against quadrature, optimisation and Ho & Lee."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize_scalar

from scenarios.levers import PRODUCT_CLASSES, Bargaining, Partnership
from sim.bargaining.auction import Auction
from sim.bargaining.base import Talks
from sim.bargaining.nash import NashInNash
from sim.bargaining.posted import Posted
from sim.books import resolve_failures
from sim.demand import Demand
from sim.ledger import Account
from sim.model import PHASES
from sim.partnership.agreements import Agreements
from sim.partnership.base import Meeting, annuity
from sim.partnership.exclusive_alliance import ExclusiveAlliance
from sim.partnership.financial_group import FinancialGroup
from sim.partnership.joint_venture import JointVenture
from sim.partnership.panel import Panel
from sim.partnership.part_time_agency import PartTimeAgency
from sim.partnership.relationship import value_horizon, wanted_capital
from sim.products import REGULAR
from sim.renewal import (
    bank_cost,
    bonus_cost,
    break_up,
    call_meeting,
    candidates_of,
    common_fee,
    enforce_share_cap,
    invest_in_relationships,
    margins_now,
    pair_margins,
    pass_through,
    renew_bank,
    send_managers,
    stock_shelves,
)
from sim.traits import Traits
from sim.views import manager_heads, presence

quick = settings(deadline=None, derandomize=True, max_examples=50)
CLASSES = len(PRODUCT_CLASSES)
#: One class of each premium mode stands for its mode.
SINGLE_CLASS, REGULAR_CLASS = int(np.argmin(REGULAR)), int(np.argmax(REGULAR))


# --- the time value of a relationship -------------------------------------------------------


@given(st.integers(1, 400), st.floats(0.005, 0.4))
@quick
def test_an_annuity_is_the_integral_of_the_discount_factor(months, rate):
    expected = quad(lambda t: np.exp(-rate * t), 0.0, months / 12.0)[0]
    assert annuity(months, rate) == pytest.approx(expected, rel=1e-9)


def test_limits_of_an_annuity():
    assert annuity(0, 0.08) == 0.0
    assert annuity(120, 1e-6) == pytest.approx(10.0, rel=1e-4)
    assert annuity(100_000, 0.08) == pytest.approx(1.0 / 0.08)


@given(st.floats(0.0, 240.0), st.floats(0.001, 0.3), st.floats(0.0, 0.2))
@quick
def test_the_value_horizon_is_an_integral_over_the_term(months, rate, depreciation):
    decay = rate + 12.0 * depreciation
    expected = quad(lambda t: np.exp(-decay * t), 0.0, months / 12.0)[0]
    found = float(value_horizon(np.array(months), rate, depreciation))
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-12)
    assert found <= months / 12.0 + 1e-12


def test_limits_of_the_value_horizon():
    months = np.array([-6.0, 0.0, 12.0, 120.0])
    np.testing.assert_allclose(
        value_horizon(months, 1e-7, 0.0), [0.0, 0.0, 1.0, 10.0], rtol=1e-5, atol=1e-12
    )
    assert value_horizon(np.array(1e9), 0.08, 0.02) == pytest.approx(1.0 / 0.32)
    terms = value_horizon(np.arange(0.0, 240.0, 12.0), 0.08, 0.02)
    assert (np.diff(terms) > 0.0).all()
    assert (np.diff(terms, 2) < 0.0).all()  # the far end of a term is worth less


@given(st.floats(0.0, 1e7), st.floats(0.05, 5.0), st.floats(1.0, 1e6))
@quick
def test_wanted_capital_maximises_the_own_net_gain(value, horizon, cost):
    wanted = float(wanted_capital(np.array(value), np.array(horizon), np.array(cost)))
    weight = value * horizon

    def loss(capital):
        return cost * capital - weight * np.log1p(capital)

    top = max(1.0, 2.0 * weight / cost)
    found = minimize_scalar(loss, bounds=(0.0, top), method="bounded", options={"xatol": 1e-10})
    assert loss(wanted) <= found.fun + 1e-9 * (cost + weight)
    if wanted > 0.0:
        assert weight / (1.0 + wanted) == pytest.approx(cost, rel=1e-9)
    else:
        assert weight <= cost


def test_hold_up_cuts_investment():
    """Grossman & Hart (1986): a smaller own gain or a shorter term means less of it."""
    terms = {"horizon": np.array(3.0), "cost": np.array(1e5)}
    whole = wanted_capital(np.array(4e6), **terms)
    half = wanted_capital(np.array(2e6), **terms)
    assert whole == pytest.approx(119.0)
    assert half == pytest.approx(59.0)
    assert wanted_capital(np.array(0.0), **terms) == 0.0
    assert wanted_capital(np.array(-1e6), **terms) == 0.0  # who loses on a sale wants no more
    short = wanted_capital(np.array(4e6), **(terms | {"horizon": np.array(1.0)}))
    assert short == pytest.approx(39.0)


# --- meetings made by hand ------------------------------------------------------------------


def in_modes(values):
    """Sum over the classes of each premium mode."""
    single = values[..., ~REGULAR].sum(axis=-1)
    return np.stack((single, values[..., REGULAR].sum(axis=-1)), axis=-1)


def in_classes(values):
    """Put what is sold in each mode, (I, 2), into one class of the mode, (I, C)."""
    full = np.zeros((len(values), CLASSES))
    full[:, SINGLE_CLASS], full[:, REGULAR_CLASS] = values[:, 0], values[:, 1]
    return full


def demand_of(values):
    insurers = len(values)
    sold = in_classes(values)
    return Demand(sold, sold, np.zeros((insurers, 2, insurers, CLASSES)), np.zeros((insurers, 2)))


def meeting(premium, margin, cost, drive=0.0, power=0.5, **changes):
    """A meeting in which selling grows with the fee: premium times 1 + drive * fee."""
    premium, margin, cost = (np.asarray(values, float) for values in (premium, margin, cost))
    insurers = len(premium)

    def assess(fees):
        return demand_of(premium * (1.0 + drive * np.nan_to_num(fees)) * ~np.isnan(fees))

    table = {
        "premium": premium,
        "margin": margin,
        "bank_cost": cost,
        "pass_through": 0.15,
        "moved": np.zeros((insurers, 2, insurers, 2)),
        "insurer_recapture": np.zeros((insurers, 2)),
        "places": insurers,
    }
    table |= {name: changes.pop(name) for name in list(changes) if name in table}

    def lay_out(demand):
        return Talks(**(table | {"premium": in_modes(demand.sold)}))

    facts = {
        "bank": 0,
        "candidates": np.arange(insurers),
        "demand": demand_of(premium),
        "talks": Talks(**table),
        "assess": assess,
        "lay_out": lay_out,
        "margin_alone": margin,
        "recapture_value": np.zeros(insurers),
        "cap": np.ones(2),
        "protocol": NashInNash(replace(Bargaining(), bank_power=power)),
        "discount_rate": 0.08,
        "score": np.linspace(0.4, 0.6, insurers),
        "taken": np.zeros(insurers, bool),
    } | changes
    known = {field.name for field in fields(Meeting)}
    return Meeting(**{name: value for name, value in facts.items() if name in known})


def alliance(form=ExclusiveAlliance, **changes):
    terms = {"access_fee": True, "term": 120, "partners": 1, "selection": "fee", "equity": 0.0}
    return form(replace(Partnership(), **(terms | changes)))


def payoffs(deal, facts, chosen):
    """Yearly gains of bank and insurer under a deal, access fee as a level payment."""
    talks = facts.talks
    fee = deal.fees[chosen]
    sold = in_modes(facts.assess(np.broadcast_to(fee, facts.margin_alone.shape)).alone)[chosen]
    access = deal.upfront[chosen] / annuity(120, facts.discount_rate)
    net = (1.0 - talks.pass_through) * fee - talks.bank_cost[chosen]
    return (net * sold).sum() + access, ((facts.margin_alone[chosen] - fee) * sold).sum() - access


def best_surplus(facts, insurer):
    """Largest joint value of an alliance over running fees from cost to margin, on a fine grid."""
    talks = facts.talks
    low = talks.bank_cost / (1.0 - talks.pass_through)
    high = np.maximum(low, facts.margin_alone)
    best = -np.inf
    for step in np.linspace(0.0, 1.0, 100):
        fee = low + step * (high - low)
        sold = in_modes(facts.assess(fee).alone)[insurer]
        gain = facts.margin_alone - talks.bank_cost - talks.pass_through * fee
        best = max(best, float((gain[insurer] * sold).sum()))
    return best


markets = st.integers(1, 5).flatmap(
    lambda insurers: st.tuples(
        st.lists(
            st.tuples(st.floats(1e4, 1e7), st.floats(1e3, 1e6)),
            min_size=insurers,
            max_size=insurers,
        ),
        st.lists(
            st.tuples(st.floats(0.012, 0.06), st.floats(0.05, 0.4)),
            min_size=insurers,
            max_size=insurers,
        ),
        st.floats(0.0, 30.0),
        st.floats(0.05, 0.95),
    )
)


# --- exclusive alliance ---------------------------------------------------------------------


@given(markets)
@quick
def test_the_bank_gets_between_the_threat_of_replacement_and_the_whole(market):
    premium, margin, drive, power = market
    facts = meeting(premium, margin, np.full((len(premium), 2), 0.008), drive, power)
    deal = alliance().negotiate(facts)
    signed = np.flatnonzero(~np.isnan(deal.fees).all(axis=1))
    assert len(signed) == 1
    chosen = int(signed[0])
    bank, insurer = payoffs(deal, facts, chosen)
    whole = bank + insurer
    best = [best_surplus(facts, i) for i in range(len(premium))]
    slack = 1e-6 * whole
    assert bank >= power * whole - slack
    assert insurer >= -slack
    rivals = [best[i] for i in range(len(premium)) if i != chosen]
    if rivals:  # the grid of running fees is coarse, so the threat may fall short of its best
        assert best[chosen] >= 0.98 * max(rivals)
        assert bank >= min(whole, 0.98 * max(rivals)) - slack
    assert whole <= best[chosen] + 1e-2 * abs(best[chosen])

    low = 0.008 / 0.85
    fee = deal.fees[chosen]
    assert deal.upfront[chosen] >= 0.0
    assert (deal.upfront[np.arange(len(premium)) != chosen] == 0.0).all()
    assert (fee >= low - 1e-12).all()
    assert (fee <= np.maximum(low, facts.margin_alone[chosen]) + 1e-12).all()


def test_without_rivals_and_drive_the_access_fee_carries_the_banks_share():
    """Selling does not answer to the fee, so any leak to clerks is waste: fee at cost."""
    facts = meeting([[1e6, 1e5]], [[0.035, 0.2]], [[0.008, 0.002]], power=0.4)
    deal = alliance().negotiate(facts)
    np.testing.assert_allclose(deal.fees[0], np.array([0.008, 0.002]) / 0.85)
    bank, insurer = payoffs(deal, facts, 0)
    assert bank == pytest.approx(0.4 * (bank + insurer))
    assert deal.upfront[0] == pytest.approx(bank * annuity(120, 0.08))
    assert deal.expected[0] == pytest.approx(1.1e6)


def test_an_equal_rival_takes_the_partner_to_nothing():
    facts = meeting(np.full((2, 2), 1e6), np.full((2, 2), 0.035), np.full((2, 2), 0.008), power=0.2)
    bank, insurer = payoffs(alliance().negotiate(facts), facts, 0)
    assert insurer == pytest.approx(0.0, abs=1e-6 * bank)
    bank, insurer = payoffs(alliance(JointVenture).negotiate(facts), facts, 0)
    assert bank == pytest.approx(0.2 * (bank + insurer))  # committed: nobody to turn to


def test_the_partner_with_the_largest_surplus_is_chosen_among_the_free():
    margin = np.array([[0.03, 0.03], [0.05, 0.05], [0.04, 0.04]])
    facts = meeting(np.full((3, 2), 1e6), margin, np.full((3, 2), 0.008))
    assert np.flatnonzero(alliance().negotiate(facts).expected).tolist() == [1]
    taken = replace(facts, taken=np.array([False, True, False]))
    assert np.flatnonzero(alliance().negotiate(taken).expected).tolist() == [2]
    some = replace(facts, candidates=np.array([0]))
    assert np.flatnonzero(alliance().negotiate(some).expected).tolist() == [0]


def test_no_alliance_without_a_surplus():
    facts = meeting(np.full((2, 2), 1e6), np.full((2, 2), 0.007), np.full((2, 2), 0.008))
    deal = alliance().negotiate(facts)
    assert np.isnan(deal.fees).all()
    assert deal.upfront.sum() == deal.expected.sum() == 0.0


def test_own_agents_are_what_the_insurer_falls_back_on():
    facts = meeting(
        [[1e6, 0.0]], [[0.035, 0.0]], [[0.008, 0.008]], recapture_value=np.array([0.004])
    )
    bank, insurer = payoffs(alliance().negotiate(facts), facts, 0)
    fallback = 0.004 * 1e6
    surplus = bank + insurer - fallback
    assert bank == pytest.approx(0.5 * surplus)
    assert insurer - fallback == pytest.approx(0.5 * surplus)


def test_without_an_access_fee_the_running_fee_pays_the_bank():
    facts = meeting([[1e6, 0.0]], [[0.035, 0.0]], [[0.008, 0.008]])
    deal = alliance(access_fee=False).negotiate(facts)
    assert deal.upfront.sum() == 0.0
    bank, insurer = payoffs(deal, facts, 0)
    assert bank == pytest.approx((0.035 - 0.008 / 0.85) * 1e6 * 0.5, rel=0.1)
    assert insurer > 0.0


@pytest.mark.parametrize("equity", [0.0, 0.25, 0.5])
@pytest.mark.parametrize("form", [ExclusiveAlliance, JointVenture])
def test_an_equity_share_pays_part_of_what_the_bank_is_owed(form, equity):
    """The bank's gain is what it is paid and its share of the rest.

    An alliance never takes back what equity gives beyond that; the price of a stake does.
    """
    facts = meeting([[1e6, 0.0]], [[0.035, 0.0]], [[0.008, 0.008]], power=0.4)
    deal = alliance(form, equity=equity).negotiate(facts)
    bank, insurer = payoffs(deal, facts, 0)
    share = 0.4 if form is JointVenture else max(0.4, equity)
    stake = 0.0
    if form is JointVenture:  # its price is not part of the profit that is shared
        stake = deal.upfront[0] / annuity(alliance(form).settings.term, facts.discount_rate)
    dividend = equity * (insurer + stake)
    assert bank + dividend == pytest.approx(share * (bank + insurer))
    if form is ExclusiveAlliance:
        assert bank >= 0.0


@pytest.mark.parametrize("access_fee", [True, False])
def test_a_group_takes_the_best_running_fee_at_every_equity_share(access_fee):
    """Who owns how much moves the lump sum, never the fee that steers the clerks."""
    facts = meeting([[1e6, 1e5]], [[0.035, 0.2]], [[0.008, 0.002]], drive=60.0, power=0.4)
    shares = np.append(np.linspace(0.0, 0.99, 12), [0.999999, 1.0])
    deals = [
        alliance(FinancialGroup, equity=e, access_fee=access_fee).negotiate(facts) for e in shares
    ]
    for deal in deals:
        np.testing.assert_array_equal(deal.fees, deals[0].fees)
        assert sum(payoffs(deal, facts, 0)) == pytest.approx(best_surplus(facts, 0), rel=0.02)
    upfront = np.array([deal.upfront[0] for deal in deals])
    assert upfront[-1] == pytest.approx(upfront[-2], abs=1e-3)
    if access_fee:
        for equity, deal in zip(shares, deals, strict=True):
            bank, insurer = payoffs(deal, facts, 0)
            assert bank + equity * insurer == pytest.approx(max(0.4, equity) * (bank + insurer))
    else:
        assert (upfront == 0.0).all()


def test_a_group_sells_its_own_insurer_or_nothing():
    premium = np.full((3, 2), 1e6)
    facts = meeting(premium, np.array([[0.03] * 2, [0.05] * 2, [0.04] * 2]), np.full((3, 2), 0.008))
    for bank, captive in ((0, 0), (1, 1), (5, 2)):
        deal = alliance(FinancialGroup, equity=0.5).negotiate(replace(facts, bank=bank))
        assert np.flatnonzero(deal.expected).tolist() == [captive]
    refused = replace(facts, candidates=np.array([1, 2]))
    assert np.isnan(alliance(FinancialGroup).negotiate(refused).fees).all()


# --- alliances under a cap or a tariff ------------------------------------------------------


@pytest.mark.parametrize("form", [ExclusiveAlliance, JointVenture, FinancialGroup])
@pytest.mark.parametrize("cap", [0.0, 0.005, 0.015])
def test_under_a_cap_the_access_fee_pays_the_rest(form, cap):
    """The pair takes the best legal running fee; the split of what it brings is as agreed."""
    facts = meeting(
        [[1e6, 0.0]], [[0.035, 0.0]], [[0.008, 0.008]], drive=60.0, cap=np.array([cap, 1.0])
    )
    free = alliance(form).negotiate(replace(facts, cap=np.ones(2)))
    deal = alliance(form).negotiate(facts)
    assert deal.fees[0, 0] <= cap < free.fees[0, 0]
    low = 0.008 / 0.85
    legal = np.linspace(min(low, cap), cap, 50)
    values = [(0.027 - 0.15 * fee) * 1e6 * (1.0 + 60.0 * fee) for fee in legal]
    bank, insurer = payoffs(deal, facts, 0)
    assert bank + insurer == pytest.approx(max(values), rel=1e-9)
    assert bank == pytest.approx(0.5 * (bank + insurer))
    assert deal.upfront[0] > free.upfront[0]


def test_without_an_access_fee_the_cap_is_left_to_the_books():
    facts = meeting([[1e6, 0.0]], [[0.035, 0.0]], [[0.008, 0.008]], drive=60.0)
    free = alliance(access_fee=False).negotiate(facts)
    capped = replace(facts, cap=np.array([0.01, 1.0]))
    np.testing.assert_array_equal(alliance(access_fee=False).negotiate(capped).fees, free.fees)


@pytest.mark.parametrize("form", [ExclusiveAlliance, JointVenture, FinancialGroup])
def test_a_tariff_is_the_running_fee_of_an_alliance(form):
    posted = Posted(replace(Bargaining(), posted_single=0.025, posted_regular=0.05))
    premium, cost = [[1e6, 1e5]], [[0.008, 0.002]]
    for margin, fees in (
        ((0.035, 0.2), (0.025, 0.05)),
        ((0.024, 0.2), (np.nan, 0.05)),  # above the margin
        ((0.024, 0.04), (np.nan, np.nan)),
    ):
        facts = meeting(premium, [margin], cost, drive=20.0, protocol=posted)
        np.testing.assert_array_equal(alliance(form).negotiate(facts).fees, [fees])
    dear = meeting(premium, [[0.035, 0.2]], [[0.03, 0.002]], protocol=posted)
    deal = alliance(form).negotiate(dear)  # single premiums below break-even
    np.testing.assert_array_equal(deal.fees, [[np.nan, 0.05]])
    np.testing.assert_allclose(deal.premium, [[0.0, 1e5]])


# --- agencies and panels --------------------------------------------------------------------


def crowd():
    premium = np.array([[1e6, 1e5], [2e6, 0.0], [5e5, 2e5], [1e6, 1e5]])
    margin = np.array([[0.035, 0.2], [0.030, 0.2], [0.040, 0.2], [0.004, 0.001]])
    return meeting(premium, margin, np.full((4, 2), 0.008))


def test_an_agency_signs_everyone_with_a_surplus_and_drops_the_rest():
    facts = crowd()
    deal = PartTimeAgency(Partnership()).negotiate(facts)
    np.testing.assert_array_equal(deal.fees, facts.protocol.settle(facts.talks))
    assert np.isnan(deal.fees[3]).all()
    assert np.isnan(deal.fees[1, 1])  # sells no regular premium
    assert not np.isnan(deal.fees[:3, 0]).any()
    np.testing.assert_allclose(deal.expected, [1.1e6, 2e6, 7e5, 0.0])
    assert deal.upfront.sum() == 0.0


def test_a_panel_keeps_the_best_by_income_or_by_score():
    facts = crowd()
    income = np.nan_to_num(facts.protocol.settle(facts.talks) * facts.talks.premium).sum(axis=1)
    terms = replace(Partnership(), form="panel", partners=2)
    by_fee = Panel(replace(terms, selection="fee")).negotiate(facts)
    assert set(np.flatnonzero(by_fee.expected)) == set(np.argsort(-income)[:2])
    by_score = Panel(replace(terms, selection="screening")).negotiate(facts)
    assert np.flatnonzero(by_score.expected).tolist() == [1, 2]  # the last one has no surplus
    everyone = Panel(replace(terms, partners=10)).negotiate(facts)
    assert np.flatnonzero(everyone.expected).tolist() == [0, 1, 2]


def shared_shelf(weights, margin=0.035, cost=0.008, spend=1e6, **changes):
    """A meeting on a multinomial logit shelf for single premiums: who leaves makes room."""
    weights = np.asarray(weights, float)

    def expected(there):
        share = np.where(there, weights, 0.0) / (1.0 + weights[there].sum())
        return spend * np.stack((share, np.zeros_like(share)), axis=-1)

    def assess(fees):
        there = ~np.isnan(fees[:, 0])
        sold = expected(there)
        moved = np.zeros((len(weights), 2, len(weights), CLASSES))
        for i in np.flatnonzero(there):
            without = there & (np.arange(len(weights)) != i)
            moved[i, 0, :, SINGLE_CLASS] = (expected(without) - sold)[:, 0] * without
        nothing = np.zeros((len(weights), 2))
        return Demand(in_classes(sold), in_classes(sold), moved, nothing)

    def lay_out(demand):
        terms = facts.talks
        return replace(terms, premium=in_modes(demand.sold), moved=in_modes(demand.moved))

    premium = expected(np.ones(len(weights), bool))
    both = [
        np.stack((np.broadcast_to(v, len(weights)), np.zeros(len(weights))), axis=-1)
        for v in (margin, cost)
    ]
    facts = meeting(premium, *both, assess=assess, lay_out=lay_out, pass_through=0.0, **changes)
    demand = assess(np.zeros((len(weights), 2)))
    return replace(facts, demand=demand, talks=lay_out(demand))


def test_an_agency_expects_to_sell_what_those_left_out_do_not():
    facts = shared_shelf([0.3, 0.3, 0.3], margin=np.array([0.035, 0.035, 0.004]))
    deal = PartTimeAgency(Partnership()).negotiate(facts)
    assert np.isnan(deal.fees[2]).all()
    np.testing.assert_allclose(deal.expected, [1e6 * 0.3 / 1.6, 1e6 * 0.3 / 1.6, 0.0])


@pytest.mark.parametrize("partners", [1, 2, 4])
def test_a_panel_settles_on_its_own_shelf(partners):
    """Fees and expectations are those of a market with the panel's members only."""
    weight, count = 0.3, 5
    facts = shared_shelf(np.full(count, weight))
    deal = Panel(replace(Partnership(), form="panel", partners=partners)).negotiate(facts)
    chosen = ~np.isnan(deal.fees[:, 0])
    assert chosen.sum() == partners
    share = weight / (1.0 + partners * weight)
    np.testing.assert_allclose(deal.expected[chosen], 1e6 * share)
    rest = (partners - 1) * weight
    diversion = rest / (1.0 + rest)
    fee = 0.008 + 0.5 * 0.027 / (1.0 - 0.5 * diversion)
    np.testing.assert_allclose(deal.fees[chosen, 0], fee, atol=1e-9)


def test_bidders_for_a_panel_pay_what_the_first_left_out_would():
    margin = np.array([0.035, 0.030, 0.040, 0.020, 0.025])
    auction = Auction(Bargaining())
    facts = shared_shelf(np.full(5, 0.3), margin=margin, protocol=auction)
    terms = replace(Partnership(), form="panel", partners=2)
    fees = Panel(terms).negotiate(facts).fees[:, 0]
    np.testing.assert_allclose(fees, [0.030, np.nan, 0.030, np.nan, np.nan])


def test_the_hand_made_meeting_has_every_field_of_the_real_one():
    facts = crowd()
    assert {field.name for field in fields(Meeting)} <= set(vars(facts))


# --- investing together ---------------------------------------------------------------------

TIED = {
    "form": "exclusive_alliance",
    "term": 120,
    "access_fee": True,
    "relationship_cost": 0.01,
    "relationship_speed": 1.0,
    "trait_spread": 0.0,
    "conflict": 0.0,
}


def tied(founded, power=0.5, **changes):
    """A market of alliances in which relationship capital is built from nothing in one go."""
    terms = TIED | changes
    market = founded(1, partnership=terms, bargaining={"bank_power": power})
    market.agreements.capital[:] = 0.0
    spent = invest_in_relationships(market, 1)
    return market, spent, market.agreements.capital[market.agreements.active]


def test_capital_is_bought_at_its_cost_by_both_sides(founded):
    market, spent, capital = tied(founded)
    active = market.agreements.active
    assert spent.shape == (*active.shape, 2)
    assert (spent[~active] == 0.0).all()
    assert (capital > 0.0).all()
    customers = np.array([bank.customers for bank in market.banks])
    cost = TIED["relationship_cost"] * customers[np.argwhere(active)[:, 0]]
    np.testing.assert_allclose(spent.sum(axis=-1)[active], capital * cost, rtol=1e-9)


def test_capital_wears_off_and_ends_with_its_agreement(founded):
    market = tied(founded, relationship_depreciation=0.03)[0]
    agreements = market.agreements
    agreements.capital[:] = 1e6  # far more than anybody wants: nothing is added
    spent = invest_in_relationships(market, 3)
    assert (spent == 0.0).all()
    kept = np.where(agreements.active, 1e6 * 0.97**3, 0.0)
    np.testing.assert_allclose(agreements.capital, kept, rtol=1e-12)


def test_a_longer_term_means_more_capital(founded):
    years = [tied(founded, term=12 * term)[2].sum() for term in (1, 5, 10)]
    assert years[0] < years[1] < years[2]


def test_the_gap_is_closed_at_the_speed_configured(founded):
    whole = tied(founded)[2]
    part = tied(founded, relationship_speed=0.05)[2]
    np.testing.assert_allclose(part, 0.05 * whole, rtol=1e-9)


def tied_at(founded, fee, term=120, equity=0.0, months_left=None):
    """What both sides want to build when all running fees are ``fee``, a part of the margin.

    Zero is the bank's break-even fee, one the whole margin. Returns the money spent, (pairs, 2),
    and the capital built.
    """
    market = founded(1, partnership=TIED | {"term": term})
    agreements, active = market.agreements, market.agreements.active
    agreements.equity[active] = equity
    low = (bank_cost(market) + bonus_cost(market)) / (1.0 - pass_through(market))
    margin = pair_margins(market)[1] / max(1e-12, 1.0 - equity) + agreements.fee
    agreements.fee[:] = np.where(active[..., None], low + fee * (margin - low), 0.0)
    agreements.capital[:] = 0.0
    if months_left is not None:
        agreements.end[:] = market.month + months_left
    spent = invest_in_relationships(market, 1)
    return spent[active], agreements.capital[active]


def test_the_running_fee_decides_who_invests(founded):
    """The access fee is sunk; what a further sale earns each side is left of the margin."""
    spent, capital = tied_at(founded, 0.0)
    assert (capital > 0.0).all()
    assert (spent[:, 0] == 0.0).all()  # the bank breaks even on every sale
    spent, capital = tied_at(founded, 1.0)
    assert (capital > 0.0).all()
    assert (spent[:, 1] == 0.0).all()  # nothing is left to the insurer


def test_the_side_that_earns_more_decides_how_much_is_built(founded):
    """Capital is worth the same whoever paid for it: the other's first unit no longer pays."""
    built = {fee: tied_at(founded, fee)[1] + 1.0 for fee in (0.0, 0.2, 0.4)}
    np.testing.assert_allclose(built[0.2] / built[0.0], 0.8, rtol=1e-6)
    np.testing.assert_allclose(built[0.4] / built[0.0], 0.6, rtol=1e-6)


def test_a_stake_makes_the_bank_count_what_the_insurer_earns(founded):
    at_cost = tied_at(founded, 0.0)[1] + 1.0
    for equity in (0.0, 0.3, 0.7):
        spent, capital = tied_at(founded, 0.0, equity=equity)
        np.testing.assert_allclose((capital + 1.0) / at_cost, max(equity, 1.0 - equity), rtol=1e-6)
        assert (spent[:, 0] > 0.0).all() == (equity > 0.5)
    spent, _ = tied_at(founded, 0.0, equity=1.0 - 1e-9)
    assert (spent[:, 1] == 0.0).all()


def test_money_off_the_books_counts_like_the_fee_it_stands_for(founded):
    market = founded(1, partnership=TIED)
    active = market.agreements.active
    bank, insurer = (margin[active] for margin in pair_margins(market))
    market.agreements.side[active] = 0.004
    richer, poorer = (margin[active] for margin in pair_margins(market))
    to_clerks = market.scenario.incentives.side_to_clerks
    np.testing.assert_allclose(richer - bank, 0.004 * (1.0 - to_clerks))
    np.testing.assert_allclose(poorer - insurer, -0.004)


def test_nobody_invests_in_an_agreement_that_ends(founded):
    by_term = [tied_at(founded, 0.5, months_left=left)[1].sum() for left in (0, 1, 12, 120)]
    assert by_term[0] == 0.0
    assert (np.diff(by_term) > 0.0).all()


def test_a_shorter_first_term_pays_the_access_fee_of_its_own_length(founded):
    market = founded(0, partnership=TIED | {"relationship_fit": 0.0})
    bank = len(market.banks) - 1  # the one whose first term is shortest
    market.rates.risk_free = market.scenario.market.risk_free_rate
    deal = market.form.negotiate(call_meeting(market, bank))
    renew_bank(market, bank)
    term = int(market.agreements.end[bank].max())
    assert term < 120
    rate = market.scenario.market.discount_rate
    fair = deal.upfront * annuity(term, rate) / annuity(120, rate)
    np.testing.assert_allclose(market.agreements.upfront[bank], fair, rtol=1e-9)


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
