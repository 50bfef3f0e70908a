"""The month's payments between banks, insurers, clerks, agents and suppliers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.development import level_charge
from sim.ledger import Account
from sim.modes import by_mode
from sim.month_tables import Flow, Total
from sim.products import REGULAR, class_settings
from sim.state import Array, Market
from sim.strategy import intensity
from sim.talks import margins_now
from sim.views import manager_heads


@dataclass(frozen=True)
class Payments:
    """The month's payments in the business between banks and insurers, yuan.

    B banks, I insurers; everything per pair is (B, I), per bank (B,), per insurer (I,).
    """

    fees: Array
    access: Array
    side_to_bank: Array
    side_to_clerks: Array
    managers: Array
    relationship: Array  # (B, I, 2) the bank's and the insurer's part
    links: Array  # each side pays it
    service: Array
    profit: Array  # the bank's share of the partner's profit
    clerks: Array  # per bank
    deposits: Array  # per bank
    counter: Array  # per bank
    control: Array  # per bank
    development: Array  # per bank, its part of joint teams
    compensation: Array  # per bank, to customers hit by a breach
    commissions: Array  # per insurer
    expenses: Array  # per insurer


def settle_fees(market: Market) -> None:
    """Fees to banks, commissions to own agents, and what both spend on the business.

    Fees on premiums that are refunded in the cooling-off period go back.
    """
    agreements = market.agreements
    flows = market.sums.flows
    net = flows[..., Flow.FIRST_PREMIUM] - flows[..., Flow.REFUNDS]
    sold = by_mode(net[:-1])
    fees = (agreements.fee * sold).sum(axis=2)
    side = (agreements.side * sold).sum(axis=2)
    # An access fee counts evenly over its term; its cash moves at signature (and at a break-up).
    discount_rate = market.scenario.market.discount_rate
    spread = np.where(agreements.active, agreements.access_per_month(discount_rate), 0.0)
    margins = margins_now(market)
    earned = net[:-1] @ margins.bank
    costs = _costs(market, net, fees, sold)
    to_clerks = market.scenario.incentives.side_to_clerks * side
    pair_cost = costs["managers"] + costs["relationship"][..., 1] + costs["links"]
    pair_cost = pair_cost + costs["service"]
    insurer_pair = earned - fees - spread - side - pair_cost
    # The price of a stake is paid outside the pair: it is no part of the profit that is shared.
    shared = insurer_pair + np.where(agreements.buys_stake, spread, 0.0)
    profit = agreements.equity * np.where(agreements.active, shared, 0.0)
    payments = Payments(
        fees=fees,
        access=agreements.upfront_due.copy(),
        side_to_bank=side - to_clerks,
        side_to_clerks=to_clerks,
        profit=profit,
        **costs,
    )
    agreements.upfront_due[:] = 0.0
    _post(market, payments)
    _hand_out(market, payments)
    bank_costs = payments.clerks + payments.deposits + payments.counter + payments.control
    bank_pairs = fees + spread + payments.side_to_bank + profit
    bank_pairs = bank_pairs - payments.relationship[..., 0] - payments.links - market.fined
    agents = net[-1] @ margins.agent - costs_of_agents(market)
    market.note("fees", fees)
    market.note("access", spread)
    market.note("side", side)
    market.note("profit_share", profit)
    developed = level_charge(market)
    bank_costs = bank_costs + banks_part(market, developed) + payments.compensation
    market.note("bank_value", bank_pairs.sum(axis=1) - bank_costs)
    developed = developed * (1.0 - joint_share(market))
    insurer_value = (insurer_pair - profit - market.fined).sum(axis=0) + agents - developed
    market.note("insurer_value", insurer_value)
    market.note("fee_weighted", agreements.fee * sold)
    market.note("sold_mode", sold)
    market.note("fines", np.array(2.0 * market.fined.sum()))
    market.note("operational_loss", market.operational)
    market.fined = np.zeros_like(market.fined)
    market.development_spend = np.zeros_like(market.development_spend)


def joint_share(market: Market) -> Array:
    """Part of each insurer's development that its banks pay: half in joint teams, (I,)."""
    joint = market.scenario.product.team == "joint"
    return np.where(joint & market.agreements.active.any(axis=0), 0.5, 0.0)


def banks_part(market: Market, developed: Array) -> Array:
    """What banks bear of the insurers' cost of development (I,), evenly among partners, (B,)."""
    active = market.agreements.active
    each = joint_share(market) * developed / np.maximum(1, active.sum(axis=0))
    return np.asarray((active * each).sum(axis=1))


def costs_of_agents(market: Market) -> Array:
    """Fixed cost of the insurers in a month, yuan, shape (I,)."""
    per_month = market.scenario.market.fixed_cost / 12.0 * len(market.people.person)
    return per_month * market.agent_force


def _costs(market: Market, net: Array, fees: Array, sold: Array) -> dict[str, Array]:
    """What the month's business costs, by the fields of ``Payments``."""
    scenario, firm = market.scenario, market.scenario.market
    incentives, rules = scenario.incentives, scenario.supervision
    settings = class_settings(scenario.product)
    flows = market.sums.flows
    customers = np.array([bank.customers for bank in market.banks], np.float64)
    branches = np.array([len(bank.branches) for bank in market.banks], np.float64)
    intensity_bank = intensity(market, market.bank_strategy)
    intensity_insurer = intensity(market, market.insurer_strategy)

    expense = np.array([s.expense for s in settings])
    agent_expense = np.array([s.agent_expense for s in settings])
    commission = np.array([s.agent_commission for s in settings])
    upkeep = np.array([s.maintenance for s in settings])
    first = flows[..., Flow.FIRST_PREMIUM]
    renewals = flows[..., Flow.RENEWAL_PREMIUM].sum(axis=0)
    expenses = first[:-1].sum(axis=0) @ expense + first[-1] @ agent_expense + renewals @ upkeep
    expenses = expenses + costs_of_agents(market)
    expenses += market.development_spend * (1.0 - joint_share(market))

    per_head = incentives.account_manager_cost * customers / branches
    training = incentives.training_hours * incentives.training_cost * customers / 1000.0
    now = market.scheme.paid_now(fees, sold.sum(axis=2)).sum(axis=1) * intensity_bank
    held = market.scheme.deferred(fees).sum(axis=1) * intensity_bank
    market.deferred.append(held)
    due = market.deferred[-26] * market.kept if len(market.deferred) > 25 else np.zeros_like(held)
    advice = np.zeros(len(market.banks))
    if len(market.clerks.clerk):
        clerk = market.clerks.clerk
        heads = np.maximum(1, np.bincount(clerk["bank"], minlength=len(market.banks)))
        paid = market.scheme.advice_cost(clerk["advice"])
        advice = np.bincount(clerk["bank"], paid, minlength=len(market.banks)) / heads
        advice *= customers / 1000.0

    single_reserve = flows[:-1, :, ~REGULAR, Flow.RESERVE].sum(axis=(1, 2))
    return {
        "managers": manager_heads(market) * per_head[:, None] * intensity_insurer,
        "relationship": market.take_relationship_spend(),
        "links": scenario.platform.link_cost * market.link * customers[:, None],
        "service": scenario.service.follow_up_cost
        * flows[:-1, ..., Flow.CONTACTS].sum(axis=2)
        * (scenario.service.level == "proactive"),
        "clerks": now + due + advice + training * (firm.clerks_per_branch > 0),
        "deposits": firm.deposit_margin / 12.0 * firm.deposit_displacement * single_reserve,
        "counter": firm.counter_cost * first[:-1].sum(axis=(1, 2)),
        "control": market.inspection_spend
        + rules.risk_control * rules.risk_control_cost * customers
        + market.operational,
        "development": banks_part(market, market.development_spend),
        "compensation": market.sums.totals[:, Total.BREACH_COMPENSATION],
        "commissions": net[-1] @ commission,
        "expenses": expenses,
    }


def _post(market: Market, pay: Payments) -> None:
    """Enter the payments in the ledger."""
    ledger = market.ledger
    banks, insurers = ledger.banks[:, None], ledger.insurers
    ledger.post(insurers, banks, pay.fees + pay.access + pay.side_to_bank)
    ledger.post(insurers, banks, pay.profit)
    ledger.post(insurers, Account.CLERKS, pay.side_to_clerks)
    ledger.post(insurers, Account.OWN_AGENTS, pay.commissions)
    ledger.post(insurers, Account.OUTSIDE, pay.expenses + pay.relationship[..., 1].sum(axis=0))
    ledger.post(insurers, Account.OUTSIDE, pay.links + pay.service)
    ledger.post(insurers, Account.ACCOUNT_MANAGERS, pay.managers)
    ledger.post(ledger.banks, Account.CLERKS, pay.clerks)
    ledger.post(ledger.banks, Account.OUTSIDE, pay.deposits + pay.counter + pay.control)
    ledger.post(banks, Account.OUTSIDE, pay.relationship[..., 0] + pay.links)
    ledger.post(ledger.banks, Account.OUTSIDE, pay.development)
    ledger.post(ledger.banks, Account.CUSTOMERS, pay.compensation)


def _hand_out(market: Market, pay: Payments) -> None:
    """Let banks and insurers take and make the same payments in their own books."""
    for b, bank in enumerate(market.banks):
        bank.collect(
            float(pay.fees[b].sum()), float(pay.access[b].sum()), float(pay.side_to_bank[b].sum())
        )
        bank.share_profit(float(pay.profit[b].sum()))
        bank.spend(
            float(pay.deposits[b]),
            float(pay.counter[b]),
            float(pay.clerks[b]),
            float((pay.relationship[b, :, 0] + pay.links[b]).sum() + pay.development[b]),
            float(pay.control[b]),
        )
        bank.compensate(float(pay.compensation[b]))
    side = pay.side_to_bank + pay.side_to_clerks
    to_banks = (pay.fees + pay.access + side).sum(axis=0)
    running = pay.expenses + (
        pay.relationship[..., 1] + pay.managers + pay.links + pay.service
    ).sum(axis=0)
    for i, insurer in enumerate(market.insurers):
        insurer.distribute(float(to_banks[i]), float(pay.commissions[i]), float(running[i]))
        insurer.share_profit(float(pay.profit[:, i].sum()))
