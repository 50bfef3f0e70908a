"""The month's money: who pays whom, entered in the ledger and taken by the actors themselves."""

from __future__ import annotations

import numpy as np

from agents.customers import Customers
from sim.ledger import Account
from sim.month_tables import Flow, Total
from sim.products import REGULAR, class_settings
from sim.renewal import by_mode, invest_in_relationships, margins_now
from sim.state import Market
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
    paid = benefits - recovered
    for insurer, premium, benefit in zip(market.insurers, premiums, paid, strict=True):
        insurer.underwrite(float(premium), float(benefit))


def settle_fees(market: Market) -> None:
    """Fees to banks, commissions to own agents, and what banks and insurers spend on the business.

    Fees on premiums that are refunded in the cooling-off period go back.
    """
    scenario, agreements, ledger = market.scenario, market.agreements, market.ledger
    firm, settings = scenario.market, class_settings(scenario.product)
    flows = market.sums.flows
    net = flows[..., Flow.FIRST_PREMIUM] - flows[..., Flow.REFUNDS]
    sold = by_mode(net[:-1])
    fees = (agreements.fee * sold).sum(axis=2)
    access = agreements.upfront_due.copy()
    agreements.upfront_due[:] = 0.0
    side = agreements.side * sold
    side_pay = side.sum(axis=2)
    clerk_side = scenario.incentives.side_to_clerks * side_pay
    bank_side = side_pay - clerk_side
    clerk_pay = market.scheme.paid_out(fees)

    expense = np.array([s.expense for s in settings])
    agent_expense = np.array([s.agent_expense for s in settings])
    commission = np.array([s.agent_commission for s in settings])
    upkeep = np.array([s.maintenance for s in settings])
    customers = np.array([bank.customers for bank in market.banks], np.float64)
    renewals = flows[..., Flow.RENEWAL_PREMIUM].sum(axis=0)
    fixed = firm.fixed_cost / 12.0 * customers.sum() * market.agent_force
    commissions = net[-1] @ commission
    expenses = flows[:-1, ..., Flow.FIRST_PREMIUM].sum(axis=0) @ expense
    expenses += flows[-1, ..., Flow.FIRST_PREMIUM] @ agent_expense + renewals @ upkeep + fixed

    heads = manager_heads(market)
    branches = np.array([len(bank.branches) for bank in market.banks], np.float64)
    per_head = scenario.incentives.account_manager_cost * customers / branches
    managers = heads * per_head[:, None]

    single_reserve = flows[:-1, :, ~REGULAR, Flow.RESERVE].sum(axis=(1, 2))
    deposits = firm.deposit_margin / 12.0 * firm.deposit_displacement * single_reserve
    counter = firm.counter_cost * flows[:-1, ..., Flow.FIRST_PREMIUM].sum(axis=(1, 2))
    incentives = scenario.incentives
    training = incentives.training_hours * incentives.training_cost * customers / 1000.0
    training *= firm.clerks_per_branch > 0
    relationship = market.relationship_spend
    market.relationship_spend = np.zeros_like(relationship)

    ledger.post(ledger.insurers, ledger.banks[:, None], fees + access + bank_side)
    ledger.post(ledger.insurers, Account.CLERKS, clerk_side)
    ledger.post(ledger.insurers, Account.OWN_AGENTS, commissions)
    ledger.post(ledger.insurers, Account.OUTSIDE, expenses + relationship[..., 1].sum(axis=0))
    ledger.post(ledger.insurers, Account.ACCOUNT_MANAGERS, managers)
    ledger.post(ledger.banks[:, None], Account.CLERKS, clerk_pay)
    ledger.post(ledger.banks, Account.OUTSIDE, deposits + counter + training)
    ledger.post(ledger.banks[:, None], Account.OUTSIDE, relationship[..., 0])

    for b, bank in enumerate(market.banks):
        bank.collect(float(fees[b].sum()), float(access[b].sum()), float(bank_side[b].sum()))
        bank.spend(
            float(deposits[b]),
            float(counter[b]),
            float(clerk_pay[b].sum() + training[b]),
            float(relationship[b, :, 0].sum()),
        )
    for i, insurer in enumerate(market.insurers):
        insurer.distribute(
            float((fees + access + side_pay)[:, i].sum()),
            float(commissions[i]),
            float(expenses[i] + relationship[:, i, 1].sum() + managers[:, i].sum()),
        )

    # An access fee counts evenly over its term; its cash moves at signature.
    spread = np.where(agreements.active, agreements.access_per_month(firm.discount_rate), 0.0)
    margins = margins_now(market)
    earned = net[:-1] @ margins.bank
    market.note("fees", fees)
    market.note("access", spread)
    market.note("side", side_pay)
    market.note(
        "bank_value",
        (fees + spread + bank_side - clerk_pay - relationship[..., 0]).sum(axis=1)
        - deposits
        - counter
        - training,
    )
    insurer_costs = fees + spread + side_pay + relationship[..., 1] + managers
    market.note(
        "insurer_value",
        (earned - insurer_costs).sum(axis=0) + net[-1] @ margins.agent - fixed,
    )
    market.note("fee_weighted", agreements.fee * sold)
    market.note("sold_mode", sold)


def settle_sanctions(market: Market) -> None:
    """Clerks pay for the mis-sales that are found out; the expected share of them, every month."""
    rules = market.scenario.supervision
    cases = market.sums.flows[:-1, ..., Flow.MIS_SALES].sum()
    fines = float(rules.detection * rules.sanction * cases)
    market.ledger.post(Account.CLERKS, Account.SUPERVISORS, fines)
    market.supervisors[-1].collect(fines)
    market.note("fines", np.array(fines))


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
    """Let insurers learn yearly from their own experience, half old belief and half new evidence.

    Persistency is the share of regular policies that paid the second premium; the conversion of
    own agents is purchases per contact. With fewer than 20 cases the belief stays.
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
