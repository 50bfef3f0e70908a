"""Forms of partnership on meetings made by hand: who is chosen, and on what terms."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.levers import PRODUCT_CLASSES, Bargaining, Partnership
from sim.bargaining.auction import Auction
from sim.bargaining.base import Talks
from sim.bargaining.nash import NashInNash
from sim.bargaining.posted import Posted
from sim.demand import Demand
from sim.partnership.base import Meeting, annuity
from sim.partnership.exclusive_alliance import ExclusiveAlliance
from sim.partnership.financial_group import FinancialGroup
from sim.partnership.joint_venture import JointVenture
from sim.partnership.panel import Panel
from sim.partnership.part_time_agency import PartTimeAgency
from sim.products import REGULAR
from tests.analytic.forms import alliance

quick = settings(deadline=None, derandomize=True, max_examples=50)
CLASSES = len(PRODUCT_CLASSES)
#: One class of each premium mode stands for its mode.
SINGLE_CLASS, REGULAR_CLASS = int(np.argmin(REGULAR)), int(np.argmax(REGULAR))


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
