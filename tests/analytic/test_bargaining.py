"""Fees against direct maximisation, closed forms, fixed points and the rules of auctions."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from scenarios.levers import Bargaining
from sim.bargaining.alternating import AlternatingOffers, proposer_share
from sim.bargaining.auction import Auction, clearing_fee
from sim.bargaining.base import Talks, split_margin
from sim.bargaining.nash import NashInNash, split_surplus
from sim.bargaining.off_book import covered, split_at_cap
from sim.bargaining.posted import Posted

quick = settings(deadline=None, derandomize=True, max_examples=60)
MARGIN, COST = 0.035, 0.008  # the independent calculation in the model's reference
powers = st.floats(0.05, 0.95)


def nash(power=0.5, **changes):
    return NashInNash(replace(Bargaining(), bank_power=power, **changes))


def talks(premium, margin=MARGIN, cost=COST, **changes):
    """Talks of insurers who sell single premiums only, unless arrays of shape (I, 2) are given."""

    def both(values, fill):
        values = np.asarray(values, float)
        if values.ndim == 2:
            return values
        return np.stack([np.broadcast_to(values, count), np.full(count, fill)], axis=-1)

    premium = np.atleast_1d(np.asarray(premium, float))
    count = len(premium)
    values = {
        "premium": both(premium, 0.0),
        "margin": both(margin, 0.0),
        "bank_cost": both(cost, 0.0),
        "pass_through": 0.0,
        "moved": np.zeros((count, 2, count, 2)),
        "insurer_recapture": np.zeros((count, 2)),
        "places": count,
    }
    for name, value in changes.items():
        values[name] = both(value, 0.0) if name == "insurer_recapture" else value
    known = {field.name for field in fields(Talks)}
    return Talks(**{name: value for name, value in values.items() if name in known})


def logit_talks(weights, spend=1e6, recapture=0.0, **changes):
    """Talks on a multinomial logit shelf: what moves if a brand goes follows from its shares."""
    weights = np.asarray(weights, float)
    count = len(weights)
    share = weights / (1.0 + weights.sum())
    moved = np.zeros((count, 2, count, 2))
    for i in range(count):
        without = weights / (1.0 + weights.sum() - weights[i])
        moved[i, 0, :, 0] = spend * (without - share)
        moved[i, 0, i, 0] = 0.0
    premium = spend * share
    return talks(premium, moved=moved, insurer_recapture=recapture * premium, **changes)


# --- one pair -------------------------------------------------------------------------------


@given(
    st.floats(1e3, 1e8),
    st.floats(0.0, 0.1),
    st.floats(0.01, 0.4),
    st.floats(0.0, 0.3),
    st.floats(0.0, 0.3),
    powers,
)
@quick
def test_the_fee_maximises_the_nash_product(premium, cost, rent, bank_part, insurer_part, power):
    margin = cost + rent
    pie = rent * premium
    bank_else, insurer_else = bank_part * pie, insurer_part * pie
    fee = float(split_surplus(premium, margin, cost, bank_else, insurer_else, power)[0])
    low = cost + bank_else / premium
    high = margin - insurer_else / premium

    def loss(x):
        bank = (x - cost) * premium - bank_else
        insurer = (margin - x) * premium - insurer_else
        return -power * np.log(bank) - (1.0 - power) * np.log(insurer)

    edge = 1e-6 * (high - low)
    found = minimize_scalar(
        loss, bounds=(low + edge, high - edge), method="bounded", options={"xatol": 1e-12}
    )
    assert low <= fee <= high
    assert fee == pytest.approx(found.x, abs=2e-4 * (high - low))
    assert loss(fee) <= found.fun + 1e-7


@given(
    st.floats(1e3, 1e8),
    st.floats(0.0, 0.1),
    st.floats(0.0, 0.4),
    st.floats(0.0, 0.6),
    st.floats(0.0, 0.6),
    st.floats(0.0, 1.0),
)
@quick
def test_each_side_gets_its_disagreement_payoff_and_its_share(
    premium, cost, rent, bank_part, insurer_part, power
):
    margin, pie = cost + rent, rent * premium
    bank_else, insurer_else = bank_part * pie, insurer_part * pie
    surplus = pie - bank_else - insurer_else
    fee, found = split_surplus(premium, margin, cost, bank_else, insurer_else, power)
    scale = 1e-9 * premium
    assert found == pytest.approx(surplus, abs=scale)
    assert (fee - cost) * premium - bank_else == pytest.approx(power * surplus, abs=scale)
    assert (margin - fee) * premium - insurer_else == pytest.approx(
        (1.0 - power) * surplus, abs=scale
    )


def test_all_power_on_one_side_leaves_the_other_what_it_would_have_anyway():
    assert split_surplus(100.0, 0.3, 0.1, 4.0, 6.0, 0.0)[0] == pytest.approx(0.1 + 0.04)
    assert split_surplus(100.0, 0.3, 0.1, 4.0, 6.0, 1.0)[0] == pytest.approx(0.3 - 0.06)


def test_no_deal_without_a_surplus_or_a_sale():
    for recapture, deal in ((0.0, True), (19.9, True), (20.1, False)):
        meeting = talks(100.0, margin=0.3, cost=0.1, insurer_recapture=recapture)
        assert np.isfinite(nash().settle(meeting)[0, 0]) == deal
    fees = nash().settle(talks([100.0, 0.0, 50.0], margin=[0.3, 0.3, 0.05], cost=0.1))
    assert not np.isnan(fees[0, 0])
    assert np.isnan(fees[1:, 0]).all()
    assert np.isnan(fees[:, 1]).all()  # no regular premium is sold


@given(st.floats(0.001, 0.02), st.floats(0.0, 0.5), powers)
@quick
def test_a_single_partner_gets_the_closed_form(cost, recapture, power):
    fee = nash(power).settle(
        talks(5e5, cost=cost, insurer_recapture=recapture * (MARGIN - cost) * 5e5)
    )[0, 0]
    expected = cost + power * (MARGIN - cost - recapture * (MARGIN - cost))
    assert fee == pytest.approx(expected, abs=1e-9)


@given(st.floats(0.01, 0.3), powers)
@quick
def test_a_single_partner_pays_for_the_clerk_too(pass_through, power):
    """The fee maximises (f (1 - t) - c)^theta (m - f)^(1 - theta)."""
    fee = nash(power).settle(talks(5e5, pass_through=pass_through))[0, 0]
    lowest = COST / (1.0 - pass_through)
    assert fee == pytest.approx(lowest + power * (MARGIN - lowest), abs=1e-9)
    fees = np.linspace(lowest, MARGIN, 4001)[1:-1]
    product = (fees * (1.0 - pass_through) - COST) ** power * (MARGIN - fees) ** (1.0 - power)
    assert fee == pytest.approx(fees[np.argmax(product)], abs=2e-5)


@given(st.floats(0.0, 0.1), st.floats(0.0, 0.1), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
@quick
def test_a_yuan_of_premium_is_split_without_a_rest(fee, side, equity, to_clerks):
    bank, insurer = split_margin(fee, side, MARGIN, COST, 0.15, to_clerks, equity)
    clerks = 0.15 * fee + to_clerks * side
    assert bank + insurer + clerks + COST == pytest.approx(MARGIN)
    assert split_margin(fee, side, MARGIN, COST, 0.15, to_clerks, 1.0)[1] == 0.0
    alone = split_margin(fee, 0.0, MARGIN, COST, 0.15, to_clerks, 0.0)
    assert alone == (pytest.approx(0.85 * fee - COST), pytest.approx(MARGIN - fee))


# --- many pairs -----------------------------------------------------------------------------


@given(
    st.lists(st.floats(0.01, 1.0), min_size=1, max_size=6),
    st.floats(0.0, 0.25),
    powers,
    st.floats(0.0, 0.2),
)
@quick
def test_every_pair_answers_all_the_others(weights, pass_through, power, recapture):
    """The Nash-in-Nash fixed point, with the clerk's part in the cost."""
    meeting = logit_talks(weights, pass_through=pass_through, recapture=recapture * MARGIN)
    fees = nash(power).settle(meeting)
    deal = ~np.isnan(fees)
    assert deal[:, 0].any()
    fee = np.nan_to_num(fees)
    gain = np.where(deal, fee * (1.0 - pass_through) - meeting.bank_cost, 0.0)
    for i in np.flatnonzero(deal[:, 0]):
        bank_else = (meeting.moved[i, 0] * gain).sum()
        answer, surplus = split_surplus(
            meeting.premium[i, 0],
            MARGIN,
            meeting.bank_cost[i, 0],
            bank_else,
            meeting.insurer_recapture[i, 0],
            power,
            pass_through,
        )
        assert surplus >= -1e-6
        assert fees[i, 0] == pytest.approx(float(answer), abs=1e-8)
        assert gain[i, 0] * meeting.premium[i, 0] >= bank_else - 1e-6
        paid = (MARGIN - fees[i, 0]) * meeting.premium[i, 0]
        assert paid >= meeting.insurer_recapture[i, 0] - 1e-6


@pytest.mark.parametrize("count", [1, 2, 3, 12])
def test_symmetric_partners_get_the_symmetric_closed_form(count):
    weight, power = 0.2, 0.5
    fees = nash(power).settle(logit_talks(np.full(count, weight)))[:, 0]
    np.testing.assert_allclose(fees, fees[0], rtol=0.0, atol=1e-12)
    # What a partner's exit moves to the others, per yuan of its premium: (n-1) v / (1 + (n-1) v).
    rest = (count - 1) * weight
    diversion = rest / (1.0 + rest)
    expected = COST + power * (MARGIN - COST) / (1.0 - (1.0 - power) * diversion)
    assert fees[0] == pytest.approx(expected, abs=1e-9)


def test_order_of_magnitude_of_the_reference_calculation():
    """Margin 3.5%, cost 0.8%, theta 0.5: about 2% with one partner, more with more."""
    fee = {
        count: nash().settle(logit_talks(np.full(count, 0.15), recapture=0.05 * MARGIN))[0, 0]
        for count in (1, 3, 12)
    }
    assert 0.0200 <= fee[1] <= 0.0215
    assert fee[1] < fee[3] < fee[12] < MARGIN
    assert 0.0205 <= fee[3] <= 0.0240
    assert 0.0240 <= fee[12] <= 0.0300


@given(st.floats(0.02, 1.0), powers, st.integers(1, 8))
@quick
def test_one_more_symmetric_partner_raises_the_fee(weight, power, count):
    few = nash(power).settle(logit_talks(np.full(count, weight)))[0, 0]
    many = nash(power).settle(logit_talks(np.full(count + 1, weight)))[0, 0]
    assert COST < few < many < MARGIN


@given(powers, st.floats(0.01, 0.04))
@quick
def test_power_and_cost_raise_the_fee_and_recapture_lowers_it(power, more):
    weights = [0.3, 0.1, 0.2]
    fees = nash(power).settle(logit_talks(weights))[:, 0]
    assert (nash(power + more).settle(logit_talks(weights))[:, 0] > fees).all()
    assert (nash(power).settle(logit_talks(weights, cost=COST + 0.001))[:, 0] > fees).all()
    assert (nash(power).settle(logit_talks(weights, margin=MARGIN + more))[:, 0] > fees).all()
    assert (nash(power).settle(logit_talks(weights, recapture=0.002))[:, 0] < fees).all()


def test_who_cannot_be_replaced_pays_less():
    """What the bank would recapture without a partner is its threat against that partner."""
    moved = np.zeros((2, 2, 2, 2))
    moved[0, 0, 1, 0] = 60.0  # the first one's customers would buy the other's products
    fees = nash().settle(talks([100.0, 100.0], moved=moved))[:, 0]
    assert fees[0] > fees[1] == pytest.approx(COST + 0.5 * (MARGIN - COST))


def test_modes_recapture_each_other():
    moved = np.zeros((1, 2, 1, 2))
    moved[0, 0, 0, 1] = 10.0
    margin, cost = np.array([[0.04, 0.30]]), np.array([[0.01, 0.02]])
    meeting = talks(np.array([[100.0, 50.0]]), margin, cost, moved=moved)
    fees = nash().settle(meeting)
    assert fees[0, 1] == pytest.approx(0.16)
    lost = 10.0 * (0.16 - 0.02) / 100.0
    assert fees[0, 0] == pytest.approx(0.01 + lost + 0.5 * (0.03 - lost))


def test_a_failed_talk_recaptures_nothing():
    """A partner whose margin does not cover the bank's cost is no threat to the other."""
    moved = np.zeros((2, 2, 2, 2))
    moved[0, 0, 1, 0] = moved[1, 0, 0, 0] = 50.0
    fees = nash().settle(talks([100.0, 100.0], margin=[MARGIN, 0.5 * COST], moved=moved))[:, 0]
    assert np.isnan(fees[1])
    assert fees[0] == pytest.approx(COST + 0.5 * (MARGIN - COST), abs=1e-9)


def test_a_pair_with_a_surplus_in_equilibrium_is_not_dropped_on_the_way():
    """Both pairs have a surplus at the fixed point; a high first guess must not cost one its deal.

    With theta 0.1 the strong partner's fee ends near 2%, far below the middle of its margin.
    """
    power, moved = 0.1, np.zeros((2, 2, 2, 2))
    moved[0, 0, 1, 0] = moved[1, 0, 0, 0] = 50.0
    margin = np.array([0.020, 0.100])
    # The linear fixed point of f = c + D / P + theta ((m - c) - D / P), D / P = (f_other - c) / 2.
    coupling = (1.0 - power) * 0.5
    gain = np.linalg.solve([[1.0, -coupling], [-coupling, 1.0]], power * (margin - COST))
    surplus = margin - COST - 0.5 * gain[::-1]
    assert (surplus > 0.0).all()
    fees = nash(power).settle(talks([100.0, 100.0], margin=margin, moved=moved))[:, 0]
    np.testing.assert_allclose(fees, COST + gain, atol=1e-8)


# --- alternating offers ---------------------------------------------------------------------

discounts = st.floats(0.01, 0.9999)


@given(discounts, discounts)
@quick
def test_offers_leave_the_responder_indifferent(first, second):
    """Rubinstein (1982): what is left equals what the responder would get by proposing later."""
    share = proposer_share(first, second)
    assert 0.0 <= share <= 1.0
    assert 1.0 - share == pytest.approx(second * proposer_share(second, first), abs=1e-9)


@given(st.floats(0.01, 3.0), st.floats(0.01, 3.0))
@quick
def test_short_rounds_tend_to_the_nash_share(rate, other):
    length = 1e-6
    share = proposer_share(np.exp(-rate * length), np.exp(-other * length))
    assert share == pytest.approx(other / (rate + other), abs=1e-4)


def test_patience_pays_and_the_first_word_helps():
    assert proposer_share(0.9, 0.9) == pytest.approx(1.0 / 1.9)
    assert proposer_share(0.95, 0.9) > proposer_share(0.9, 0.9) > proposer_share(0.9, 0.95)
    assert proposer_share(0.5, 0.0) == 1.0


def test_alternating_offers_are_nash_at_the_proposers_share():
    terms = replace(Bargaining(), bank_discount=0.9, insurer_discount=0.8)
    meeting = logit_talks([0.2, 0.5])
    share = proposer_share(0.9, 0.8)
    np.testing.assert_array_equal(
        AlternatingOffers(terms).settle(meeting), nash(share).settle(meeting)
    )


# --- auction --------------------------------------------------------------------------------

bids = st.lists(st.floats(0.0, 0.1), min_size=1, max_size=10).map(np.array)


@given(bids, st.integers(1, 12), st.floats(0.0, 0.05))
@quick
def test_the_clearing_fee_is_the_first_excluded_bid(values, places, reserve):
    fee = clearing_fee(values, places, reserve)
    ranked = sorted(values, reverse=True)
    excluded = ranked[places] if places < len(ranked) else 0.0
    assert fee == max(reserve, excluded)
    with_idle = np.append(values, np.nan)
    assert clearing_fee(with_idle, places, reserve) == fee


@given(bids, st.integers(1, 12))
@quick
def test_an_auction_fills_the_shelf_with_the_highest_bids(margins, places):
    meeting = talks(np.full(len(margins), 100.0), margin=margins, places=places)
    fees = Auction(Bargaining()).settle(meeting)[:, 0]
    winners = ~np.isnan(fees)
    assert winners.sum() <= places
    assert len(set(fees[winners])) <= 1  # one price
    if winners.any():
        price = fees[winners][0]
        assert (margins[winners] >= price).all()
        assert (margins[~winners] <= margins[winners].min()).all()
        assert price >= COST
        if len(margins) > places and winners.sum() == places:
            assert price == max(COST, np.sort(margins)[::-1][places])


def test_a_fee_war_takes_the_rent_of_equal_insurers():
    meeting = talks(np.full(5, 100.0), places=3)
    assert np.nanmax(Auction(Bargaining()).settle(meeting)) == pytest.approx(MARGIN)
    alone = talks(np.full(3, 100.0), places=3, pass_through=0.2)
    assert np.nanmax(Auction(Bargaining()).settle(alone)) == pytest.approx(COST / 0.8)


# --- posted fees and caps -------------------------------------------------------------------


def test_a_tariff_is_signed_between_cost_and_limit():
    terms = replace(Bargaining(), posted_single=0.025, posted_regular=0.05)
    meeting = talks(
        [100.0] * 4,
        margin=[0.035, 0.024, 0.035, 0.025],
        cost=[0.008, 0.008, 0.026, 0.008],
        insurer_recapture=[0.0, 0.0, 0.0, 1e-3],
    )
    fees = Posted(terms).settle(meeting)
    np.testing.assert_array_equal(fees[:, 0], [0.025, np.nan, np.nan, np.nan])
    assert np.isnan(fees[:, 1]).all()


caps = st.floats(0.0, 0.1)


@given(st.floats(0.0, 0.2), caps, st.floats(0.0, 1.0), st.floats(0.0, 5.0), st.floats(0.0, 100.0))
@quick
def test_a_cap_moves_what_it_cuts_or_nothing(fee, cap, belief, multiple, fixed):
    fees = np.array([[fee, np.nan], [np.nan, np.nan]])
    open_fee, side = split_at_cap(
        fees, np.array([cap, 1.0]), np.full((2, 2), 1_000.0), belief, multiple, fixed
    )
    assert open_fee[0, 0] == min(fee, cap)
    assert np.isnan(open_fee[0, 1])
    assert np.isnan(open_fee[1]).all()
    assert (side >= 0.0).all()
    assert side[0, 0] in (0.0, max(0.0, fee - cap))
    np.testing.assert_array_equal(side[1], 0.0)
    amount = max(0.0, fee - cap) * 250.0
    worth = amount - 2.0 * belief * (multiple * amount + fixed)
    assume(abs(worth) > 1e-9)
    assert (side[0, 0] > 0.0) == (worth > 0.0)


def test_fear_stops_the_waterbed():
    def paid(belief, fixed=0.0):
        fees, cap = np.array([[0.05, 0.0]]), np.array([0.03, 1.0])
        premium = np.array([[1e6, 1e6]])
        return split_at_cap(fees, cap, premium, belief, 3.0, fixed)[1][0, 0]

    assert paid(0.0) == pytest.approx(0.02)
    assert paid(0.16) == pytest.approx(0.02)
    assert paid(0.17) == 0.0
    assert paid(0.1, fixed=1e6) == 0.0


@given(
    st.floats(0.0, 0.05),
    st.floats(0.0, 0.05),
    st.floats(0.0, 0.5),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
)
@quick
def test_a_deal_stands_where_it_covers_the_banks_cost(fee, side, leak, to_clerks, equity):
    meeting = talks([100.0], pass_through=leak)
    kept = covered(np.array([[fee, np.nan]]), np.array([[side, 0.0]]), meeting, to_clerks, equity)
    gain = (1.0 - leak) * fee + (1.0 - to_clerks) * side + equity * (MARGIN - fee - side)
    assume(abs(gain - COST) > 1e-9)
    np.testing.assert_array_equal(kept, [[fee if gain > COST else np.nan, np.nan]])
