"""The month's money: who pays whom, entered in the ledger and taken by the actors themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.customers import Customers
from scenarios.levers import ACCIDENT
from sim.conduct import clerk_sanction
from sim.ledger import Account
from sim.month_tables import Flow, Total
from sim.products import REGULAR, class_settings
from sim.renewal import by_mode, invest_in_relationships, margins_now
from sim.state import Array, Market
from sim.strategy import intensity
from sim.streams import Stream, key_of, uniforms
from sim.views import manager_heads


def settle_customers(market: Market) -> None:
    """Customers' premiums and benefits, their income and consumption, deaths and entries.

    A reinsurer takes its share of the deviation of claims from what the tables expect: a modelled
    insurer has far fewer lives than a real one, and would fail by bad luck alone.
    """
    flows, totals = market.sums
    ledger, sums = market.ledger, flows.sum(axis=(0, 2))
    premiums = sums[:, Flow.FIRST_PREMIUM] + sums[:, Flow.RENEWAL_PREMIUM]
    benefits = sums[:, [Flow.CLAIMS, Flow.MATURITIES, Flow.SURRENDERS, Flow.REFUNDS]].sum(axis=1)
    ledger.post(Account.CUSTOMERS, ledger.insurers, premiums)
    ledger.post(ledger.insurers, Account.CUSTOMERS, benefits)
    share = market.scenario.market.reinsurance
    recovered = share * (sums[:, Flow.LOSSES] - sums[:, Flow.EXPECTED_LOSS])
    ledger.post(Account.OUTSIDE, ledger.insurers, recovered)
    ledger.post(Account.OUTSIDE, Account.CUSTOMERS, totals[:, Total.SAVING].sum())
    ledger.post(Account.CUSTOMERS, Account.OUTSIDE, totals[:, Total.ESTATES].sum())
    ledger.post(Account.OUTSIDE, Account.CUSTOMERS, totals[:, Total.ENDOWMENTS].sum())
    ledger.post(Account.CUSTOMERS, Account.OUTSIDE, totals[:, Total.BREACH_LOSS].sum())
    paid = benefits - recovered
    for insurer, premium, benefit in zip(market.insurers, premiums, paid, strict=True):
        insurer.underwrite(float(premium), float(benefit))


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
    # An access fee counts evenly over its term; its cash moves at signature.
    discount_rate = market.scenario.market.discount_rate
    spread = np.where(agreements.active, agreements.access_per_month(discount_rate), 0.0)
    margins = margins_now(market)
    earned = net[:-1] @ margins.bank
    costs = _costs(market, net, fees, sold)
    to_clerks = market.scenario.incentives.side_to_clerks * side
    pair_cost = costs["managers"] + costs["relationship"][..., 1] + costs["links"]
    pair_cost = pair_cost + costs["service"]
    insurer_pair = earned - fees - spread - side - pair_cost
    profit = market.scenario.partnership.equity * np.where(agreements.active, insurer_pair, 0.0)
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
    market.note("bank_value", bank_pairs.sum(axis=1) - bank_costs - payments.development)
    developed = market.development_spend * (1.0 - joint_share(market))
    insurer_value = (insurer_pair - profit - market.fined).sum(axis=0) + agents - developed
    market.note("insurer_value", insurer_value)
    market.note("fee_weighted", agreements.fee * sold)
    market.note("sold_mode", sold)
    market.note("fines", np.array(2.0 * market.fined.sum()))
    market.note("operational_loss", market.operational)
    market.fined = np.zeros_like(market.fined)
    market.development_spend = np.zeros_like(market.development_spend)


def joint_share(market: Market) -> float:
    """Part of development that banks pay: half in joint teams."""
    return 0.5 if market.scenario.product.team == "joint" else 0.0


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
    partners = np.maximum(1, market.agreements.active.sum(axis=0))
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
        "development": joint_share(market)
        * np.where(market.agreements.active, market.development_spend / partners, 0.0).sum(axis=1),
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
    side = pay.side_to_bank + pay.side_to_clerks
    to_banks = (pay.fees + pay.access + side).sum(axis=0)
    running = pay.expenses + (
        pay.relationship[..., 1] + pay.managers + pay.links + pay.service
    ).sum(axis=0)
    for i, insurer in enumerate(market.insurers):
        insurer.distribute(float(to_banks[i]), float(pay.commissions[i]), float(running[i]))
        insurer.share_profit(float(pay.profit[:, i].sum()))


def settle_sanctions(market: Market) -> None:
    """Clerks pay for the mis-sales that are found out: the expected share of them, every month."""
    cases = market.sums.flows[:-1, ..., Flow.MIS_SALES].sum()
    sanctions = float(clerk_sanction(market) * cases)
    market.ledger.post(Account.CLERKS, Account.SUPERVISORS, sanctions)
    market.supervisors[-1].collect(sanctions)


def suffer_operations(market: Market) -> None:
    """Operational losses strike banks once a year on average without risk control.

    Control makes them rarer: the monthly chance is (1 - control) / 12.
    """
    rules = market.scenario.supervision
    draws = uniforms(key_of(market.seed, Stream.OPERATIONS, market.month), len(market.banks))
    customers = np.array([bank.customers for bank in market.banks], np.float64)
    struck = draws < (1.0 - rules.risk_control) / 12.0
    market.operational = np.where(struck, 12.0 * rules.operational_loss * customers, 0.0)


def value_and_invest(market: Market) -> None:
    """Assets earn the month's return; reserves and required capital are written; dividends."""
    firm, ledger = market.scenario.market, market.ledger
    flows = market.sums.flows
    reserves = flows[..., Flow.RESERVE].sum(axis=(0, 2))
    at_risk = flows[..., Flow.SUM_AT_RISK].sum(axis=(0, 2))
    required = firm.capital_per_reserve * reserves + firm.capital_per_risk * at_risk
    gains, dividends = np.zeros(len(market.insurers)), np.zeros(len(market.insurers))
    for i, insurer in enumerate(market.insurers):
        gains[i] = insurer.invest(market.rates.monthly_return)
        insurer.value_policies(float(reserves[i]), float(required[i]))
        if market.month % 12 == 11 and not insurer.failed:
            dividends[i] = insurer.pay_dividend(firm.dividend_ratio)
    ledger.post(Account.OUTSIDE, ledger.insurers, gains)
    ledger.post(ledger.insurers, Account.OUTSIDE, dividends)


def resolve_failures(market: Market) -> int:
    """Run off insurers without capital: the largest solvent one takes over, a fund fills the hole.

    Returns:
        Number of failures this month. The last insurer cannot fail: the fund keeps it going.
    """
    failures = 0
    for i, insurer in enumerate(market.insurers):
        if insurer.failed or insurer.capital >= 0.0:
            continue
        solvent = [other for other in market.insurers if not other.failed and other is not insurer]
        ledger = market.ledger
        if not solvent:
            rescue = -insurer.capital
            ledger.post(Account.OUTSIDE, ledger.insurers[i], rescue)
            insurer.underwrite(rescue, 0.0)
            continue
        failures += 1
        successor = max(solvent, key=lambda other: other.capital)
        hole = max(0.0, -insurer.capital)
        reserves = insurer.reserves
        assets = insurer.hand_over()
        ledger.post(ledger.insurers[i], ledger.insurers[successor.index], assets)
        ledger.post(Account.OUTSIDE, ledger.insurers[successor.index], hole)
        successor.underwrite(assets + hole, 0.0)
        successor.value_policies(
            successor.reserves + reserves, successor.required_capital + insurer.required_capital
        )
        insurer.value_policies(0.0, 0.0)
        transfer_policies(market.people, i, successor.index)
        market.agreements.drop_insurer(i)
        market.shelf[:, i] = False
        loss = market.scenario.population.trust.failure_loss
        person = market.people.person
        person["trust"] = np.maximum(person["trust"] - np.float32(loss), 0.0)
    return failures


def transfer_policies(people: Customers, failed: int, successor: int) -> None:
    """Move all policies of a failed insurer to its successor."""
    holders = people.policy["insurer"]
    holders[holders == failed] = successor


def update_reputation(market: Market) -> None:
    """Reputation follows the premium-weighted trust of an insurer's customers, with memory."""
    memory = market.scenario.population.trust.reputation_memory
    weight = market.sums.flows[..., Flow.PREMIUM_IN_FORCE].sum(axis=(0, 2))
    trust = market.sums.flows[..., Flow.HOLDER_TRUST].sum(axis=(0, 2))
    for insurer, total, part in zip(market.insurers, weight, trust, strict=True):
        if total > 0.0:
            insurer.reputation = memory * insurer.reputation + (1.0 - memory) * part / total


def invest_quarterly(market: Market) -> None:
    """Spend on relationships for the coming quarter."""
    market.relationship_spend = market.relationship_spend + invest_in_relationships(market, 3)


def learn(market: Market) -> None:
    """Let firms learn yearly from experience, half old belief and half new evidence.

    Persistency is the share of regular policies that paid the second premium, and of all bank-sold
    ones the share in force after 25 months; the conversion of own agents is purchases per contact.
    With fewer than 20 cases the belief stays.
    """
    record = market.record.get("class_flows", [])
    if len(record) < 24:
        return
    recent = np.sum(record[-12:], axis=0)
    sold = np.sum(record[-25:-13], axis=0)[:, :, Flow.SALES].sum(axis=0)
    paid = recent[:, :, Flow.SURVIVE_13].sum(axis=0)
    seen = REGULAR & (sold >= 20.0)
    ratio = np.minimum(1.0, paid / np.where(sold > 0.0, sold, 1.0))
    market.persistency = np.where(seen, 0.5 * (market.persistency + ratio), market.persistency)
    contacts = 12.0 * market.scenario.market.agent_contact_rate * len(market.people.person)
    if contacts >= 20.0:
        bought = recent[1, :, Flow.SALES] / contacts
        market.agent_conversion = 0.5 * (market.agent_conversion + bought)
    if len(record) >= 37:
        cohort = np.sum(record[-37:-25], axis=0)[0, :ACCIDENT, Flow.SALES].sum()
        if cohort >= 20.0:
            kept = recent[0, :ACCIDENT, Flow.SURVIVE_25].sum() / cohort
            market.kept = 0.5 * (market.kept + min(1.0, float(kept)))
