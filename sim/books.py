"""The month's money: who pays whom, entered in the ledger and taken by the actors themselves."""

from __future__ import annotations

import numpy as np

from agents.customers import Customers
from scenarios.levers import ACCIDENT
from sim.conduct import clerk_sanction
from sim.ledger import Account
from sim.month_tables import Flow, Total
from sim.products import REGULAR
from sim.renewal import invest_in_relationships, send_managers
from sim.state import Market
from sim.streams import Stream, key_of, uniforms


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
    stolen = totals[:, Total.BREACH_LOSS] + totals[:, Total.BREACH_COMPENSATION]
    ledger.post(Account.CUSTOMERS, Account.OUTSIDE, stolen.sum())
    paid = benefits - recovered
    for insurer, premium, benefit in zip(market.insurers, premiums, paid, strict=True):
        insurer.underwrite(float(premium), float(benefit))


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
        # The month's books are closed: what is owed moves with the next month's.
        rate = market.scenario.market.discount_rate
        market.agreements.drop_insurer(i, successor.index, market.month + 1, rate)
        market.conduct.drop_insurer(i)
        market.sales_mix[:, i] = 0.0
        market.shelf[:, i] = False
        loss = market.scenario.population.trust.failure_loss
        person = market.people.person
        person["trust"] = np.maximum(person["trust"] - np.float32(loss), 0.0)
    if failures:
        send_managers(market)
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

    Persistency of regular policies is the share that paid the second premium, of single ones what
    the year's exits per policy in force leave; of all bank-sold ones it is also the share in force
    after 25 months. The conversion of own agents is purchases per contact. With fewer than 20 cases
    the belief stays.
    """
    record = market.record.get("class_flows", [])
    if len(record) < 24:
        return
    recent = np.sum(record[-12:], axis=0)
    # Cancelled policies bring no premium, so they are no case of a premium not paid on.
    cohort = np.sum(record[-25:-13], axis=0).sum(axis=0)
    sold = cohort[:, Flow.SALES] - cohort[:, Flow.COOLED_OFF]
    paid = recent[:, :, Flow.SURVIVE_13].sum(axis=0)
    paid_on = np.minimum(1.0, paid / np.where(sold > 0.0, sold, 1.0))
    policy_years = recent[:, :, Flow.IN_FORCE].sum(axis=0) / 12.0
    exits = recent[:, :, Flow.EXITS].sum(axis=0)
    stay = np.exp(-exits / np.where(policy_years > 0.0, policy_years, 1.0))
    seen = np.where(REGULAR, sold, policy_years) >= 20.0
    ratio = np.where(REGULAR, paid_on, stay)
    market.persistency = np.where(seen, 0.5 * (market.persistency + ratio), market.persistency)
    contacts = 12.0 * market.scenario.market.agent_contact_rate * len(market.people.person)
    if contacts >= 20.0:
        bought = recent[1, :, Flow.SALES] / contacts
        market.agent_conversion = 0.5 * (market.agent_conversion + bought)
    if len(record) >= 37:
        older = np.sum(record[-37:-25], axis=0)[0, :ACCIDENT, Flow.SALES].sum()
        if older >= 20.0:
            kept = recent[0, :ACCIDENT, Flow.SURVIVE_25].sum() / older
            market.kept = 0.5 * (market.kept + min(1.0, float(kept)))
