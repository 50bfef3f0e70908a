"""The books by hand: learning, the payments of a month, losses, dividends, failures, reputation."""

from copy import copy
from types import SimpleNamespace

import numpy as np
import pytest

from agents.insurer import Insurer
from scenarios.levers import INVESTMENT, PENSION, PRODUCT_CLASSES, SAVINGS
from sim.books import learn, resolve_failures, suffer_operations, update_reputation
from sim.conduct import clerk_sanction
from sim.development import level_charge
from sim.month_tables import N_FLOWS, N_TOTALS, Flow, Sums, Total
from sim.payments import settle_fees
from sim.talks import margins_now

CLASSES = len(PRODUCT_CLASSES)


@pytest.fixture
def own(market):
    """The shared market with a record of its own."""
    mine = copy(market)
    mine.record = dict(market.record)
    return mine


def test_the_exit_rate_of_single_premiums_is_learned(own):
    """Half the old belief and half exp(-exits per policy-year), from both channels."""
    months = np.zeros((25, 2, CLASSES, N_FLOWS))
    months[:, 0, SAVINGS, Flow.IN_FORCE] = 80.0
    months[:, 1, SAVINGS, Flow.IN_FORCE] = 20.0
    months[:, :, SAVINGS, Flow.EXITS] = 1.0
    months[:, 0, INVESTMENT, Flow.IN_FORCE] = 19.0  # too few to learn from
    own.record["class_flows"] = list(months)
    before = own.persistency = np.full(CLASSES, 0.9)
    learn(own)
    assert own.persistency[SAVINGS] == pytest.approx(0.5 * (0.9 + np.exp(-24.0 / 100.0)))
    assert own.persistency[INVESTMENT] == before[INVESTMENT]
    for _ in range(60):
        learn(own)
    assert own.persistency[SAVINGS] == pytest.approx(np.exp(-0.24))


def test_persistency_of_regular_premiums_leaves_cancelled_policies_out(own):
    months = np.zeros((25, 2, CLASSES, N_FLOWS))
    months[:12, 0, PENSION, Flow.SALES] = 5.0
    months[:12, 0, PENSION, Flow.COOLED_OFF] = 1.0
    months[-12:, 0, PENSION, Flow.SURVIVE_13] = 3.0
    own.record["class_flows"] = list(months)
    own.persistency = np.full(CLASSES, 0.95)
    learn(own)
    assert own.persistency[PENSION] == pytest.approx(0.5 * (0.95 + 3.0 / 4.0))


# --- a month of payments --------------------------------------------------------------------

#: No spending but on what is sold.
BARE = {
    "incentives": {"account_managers": 0.0, "training_hours": 0.0},
    "market": {"banks": 3, "branches": 9, "insurers": 5, "fixed_cost": 0.0},
}
FEE, PREMIUM = 0.03, 50_000.0


def handmade(founded, **changes):
    """A market with one agreement, of bank 1 and insurer 2, and nothing sold yet."""
    settings = {name: BARE.get(name, {}) | changes.get(name, {}) for name in {*BARE, *changes}}
    market = founded(1, **settings)
    shape = market.agreements.active.shape
    for name in ("active", "deal", "fee", "side", "upfront", "upfront_due", "capital"):
        getattr(market.agreements, name)[:] = 0
    market.agreements.active[1, 2] = market.agreements.deal[1, 2, 0] = True
    market.agreements.fee[1, 2, 0] = FEE
    market.sums = Sums(
        np.zeros((shape[0] + 1, shape[1], CLASSES, N_FLOWS)), np.zeros((shape[0], N_TOTALS))
    )
    market.relationship_spend[:] = 0.0
    market.operational[:] = 0.0
    market.inspection_spend[:] = 0.0
    market.deferred = []
    return market


def sell(market, premium):
    """Put a month's sale of savings by the one partner into the sums."""
    flow = market.sums.flows[1, 2, SAVINGS]
    flow[:] = 0.0
    flow[[Flow.SALES, Flow.FIRST_PREMIUM]] = float(premium > 0.0), premium


def test_the_values_of_a_month_with_one_sale(founded):
    market = handmade(founded)
    sell(market, PREMIUM)
    market.sums.flows[1, 2, SAVINGS, Flow.REFUNDS] = 10_000.0  # of earlier sales
    market.sums.flows[1, 2, SAVINGS, Flow.RESERVE] = 1e6
    market.sums.totals[1, Total.BREACH_COMPENSATION] = 70.0
    market.operational[1] = 25.0
    market.fined[1, 2] = 11.0
    cash, assets = market.banks[1].cash, market.insurers[2].assets
    settle_fees(market)
    firm, product = market.scenario.market, market.scenario.product
    net = PREMIUM - 10_000.0
    clerks = market.scenario.incentives.pass_through * FEE * net
    deposits = firm.deposit_margin / 12.0 * firm.deposit_displacement * 1e6
    counter = firm.counter_cost * PREMIUM
    value = FEE * net - clerks - deposits - counter - 25.0 - 70.0 - 11.0
    np.testing.assert_allclose(market.record["bank_value"][-1], [0.0, value, 0.0], atol=1e-9)
    # The fine was paid when it was imposed.
    assert market.banks[1].cash - cash == pytest.approx(value + 11.0)
    margin = margins_now(market).bank[SAVINGS]
    worth = np.zeros(5)
    worth[2] = (margin - FEE) * net - 11.0
    np.testing.assert_allclose(market.record["insurer_value"][-1], worth, atol=1e-9)
    paid = FEE * net + product.savings.expense * PREMIUM
    assert assets - market.insurers[2].assets == pytest.approx(paid)


@pytest.mark.parametrize("team", ["insurer", "joint"])
def test_variants_are_cash_at_launch_and_value_while_they_are_sold(founded, team):
    market = handmade(founded, product={"design": "segmented", "team": team, "variant_cost": 0.4})
    market.launched[:] = 0.0
    market.launched[2, 0, 1] = 1.0  # long ago: nothing is spent any more
    market.development_spend[:] = 0.0
    cash, assets = market.banks[1].cash, market.insurers[2].assets
    settle_fees(market)
    assert market.banks[1].cash == cash
    assert market.insurers[2].assets == assets
    charge = level_charge(market)[2]
    part = 0.5 if team == "joint" else 0.0
    assert charge > 0.0
    assert market.record["bank_value"][-1][1] == pytest.approx(-part * charge)
    assert market.record["insurer_value"][-1][2] == pytest.approx(-(1.0 - part) * charge)
    market.development_spend[2] = 80.0
    settle_fees(market)
    assert cash - market.banks[1].cash == pytest.approx(part * 80.0)
    assert assets - market.insurers[2].assets == pytest.approx((1.0 - part) * 80.0)
    assert market.record["bank_value"][-1][1] == pytest.approx(-part * charge)


def test_an_access_fee_is_cash_at_once_and_value_over_the_term(founded):
    market = handmade(founded)
    agreements, rate = market.agreements, market.scenario.market.discount_rate
    agreements.start[1, 2], agreements.end[1, 2] = 1, 61
    agreements.upfront[1, 2] = agreements.upfront_due[1, 2] = 9_000.0
    cash = market.banks[1].cash
    worth = 0.0
    for month in range(60):
        settle_fees(market)
        assert market.banks[1].cash - cash == pytest.approx(9_000.0)
        worth += market.record["bank_value"][-1][1] * np.exp(-rate * (month + 0.5) / 12.0)
    assert worth == pytest.approx(9_000.0, rel=1e-4)


def test_deferred_pay_comes_after_25_months_for_what_is_kept(founded):
    terms = BARE["incentives"] | {"scheme": "deferred", "deferred_share": 0.4}
    market = handmade(founded, incentives=terms)
    market.kept = 0.7
    commission = market.scenario.incentives.pass_through * FEE * PREMIUM
    pay = []
    for month in range(40):
        sell(market, PREMIUM if month == 0 else 0.0)
        before = market.banks[1].cash
        settle_fees(market)
        earned = (FEE - market.scenario.market.counter_cost) * PREMIUM if month == 0 else 0.0
        pay.append(earned - (market.banks[1].cash - before))
    expected = np.zeros(40)
    expected[0], expected[25] = 0.6 * commission, 0.7 * 0.4 * commission
    np.testing.assert_allclose(pay, expected, atol=1e-9)


# --- losses and sanctions -------------------------------------------------------------------


@pytest.mark.parametrize("control", [0.0, 0.5, 1.0])
def test_control_makes_operational_losses_rarer_by_its_share(founded, control):
    market = founded(1, supervision={"risk_control": control, "operational_loss": 0.3})
    customers = np.array([bank.customers for bank in market.banks])
    months, struck = 3_000, 0
    for month in range(months):
        market.month = month
        suffer_operations(market)
        hit = market.operational > 0.0
        np.testing.assert_allclose(market.operational[hit], 12.0 * 0.3 * customers[hit])
        struck += hit.mean()
    chance = (1.0 - control) / 12.0
    error = np.sqrt(chance * (1.0 - chance) / months / 3.0)
    assert abs(struck / months - chance) <= 4.0 * error


def test_a_clerk_is_sanctioned_unless_all_three_miss_the_case(founded):
    rules = {"detection": 0.2, "risk_control": 0.6, "sanction": 1000.0}
    market = founded(supervision=rules)
    market.conduct.selling.proven, market.conduct.selling.unproven = 1.0, 3.0
    assert clerk_sanction(market) == pytest.approx(1000.0 * (1.0 - 0.8 * 0.7 * 0.75))


# --- insurers -------------------------------------------------------------------------------


def test_reputation_follows_the_trust_of_holders_with_memory(founded):
    market = handmade(founded)
    market.insurers[2].reputation = 0.8
    before = [insurer.reputation for insurer in market.insurers]
    flow = market.sums.flows
    flow[0, 2, SAVINGS, [Flow.PREMIUM_IN_FORCE, Flow.HOLDER_TRUST]] = 300.0, 300.0 * 0.2
    flow[-1, 2, PENSION, [Flow.PREMIUM_IN_FORCE, Flow.HOLDER_TRUST]] = 100.0, 100.0 * 0.6
    memory = market.scenario.population.trust.reputation_memory
    update_reputation(market)
    assert market.insurers[2].reputation == pytest.approx(0.8 * memory + 0.3 * (1.0 - memory))
    for _ in range(500):
        update_reputation(market)
    assert market.insurers[2].reputation == pytest.approx(0.3)
    assert [market.insurers[i].reputation for i in (0, 1, 3, 4)] == [
        before[i] for i in (0, 1, 3, 4)
    ]


@pytest.mark.parametrize(
    ("assets", "dividend"),
    [(900.0, 0.0), (1_350.0, 0.0), (1_400.0, 50.0)],  # 500 of reserves, 850 to keep
)
def test_dividends_leave_the_requirement_and_the_opening_capital(assets, dividend):
    insurer = SimpleNamespace(
        assets=assets, capital=assets - 500.0, required_capital=200.0, opening_capital=850.0
    )
    assert Insurer.pay_dividend(insurer, 3.0) == dividend
    assert insurer.assets == assets - dividend
    rich = SimpleNamespace(assets=9e3, capital=9e3, required_capital=2e3, opening_capital=850.0)
    assert Insurer.pay_dividend(rich, 3.0) == 3e3


def test_a_failed_insurer_is_run_off_and_the_fund_fills_the_hole(founded):
    market = founded(8)
    failed, ledger = market.insurers[0], market.ledger
    others = sum(insurer.assets for insurer in market.insurers[1:])
    successor = max(market.insurers[1:], key=lambda insurer: insurer.capital)
    capital, reserves = successor.capital, failed.reserves
    held = (market.people.policy["insurer"] == 0).sum()
    of_successor = (market.people.policy["insurer"] == successor.index).sum()
    trust = market.people.person["trust"].mean()
    # Its assets are lost outside.
    hole = 0.3 * reserves
    lost = failed.assets - (reserves - hole)
    failed.underwrite(0.0, lost)
    ledger.balances[ledger.insurers[0]] -= lost
    assert resolve_failures(market) == 1
    assert failed.failed
    assert failed.assets == failed.reserves == 0.0
    assert sum(i.assets for i in market.insurers) == pytest.approx(others + reserves)
    assert successor.capital == pytest.approx(capital)
    policies = market.people.policy["insurer"]
    assert held > 0
    assert (policies == 0).sum() == 0
    assert (policies == successor.index).sum() == of_successor + held
    assert not market.agreements.active[:, 0].any()
    assert not market.shelf[:, 0].any()
    loss = market.scenario.population.trust.failure_loss
    assert market.people.person["trust"].mean() == pytest.approx(trust - loss, abs=1e-3)
    np.testing.assert_allclose(
        ledger.balances[ledger.insurers],
        [insurer.assets for insurer in market.insurers],
        atol=1e-6,
    )
    assert resolve_failures(market) == 0
