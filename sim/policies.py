"""One month in the life of a policy in force: claims, lapses, maturities, death, stock-taking."""

from __future__ import annotations

from math import exp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.customers import BANK_CHANNEL, NO_POLICY, Customers
from scenarios.levers import ACCIDENT, INVESTMENT, PENSION, PRODUCT_CLASSES, PROTECTION, SAVINGS
from sim.choice import undone_surplus
from sim.compiled import rule, step
from sim.month_tables import Floats, Flow, Now, Sums, Tables, Total, World
from sim.policy_life import cooling_off_chance, exit_hazard, monthly_chance, surrender_charge
from sim.population import enter
from sim.streams import Stream, uniform
from sim.trust import gap_loss

_CLASSES = len(PRODUCT_CLASSES)
Keys = NDArray[np.uint64]
#: A gap above it is remembered as having been misled, util.
MISLED = 0.5


@step
def reserve_of(
    person: Any, policy: Any, c: int, month: int, premium_paid: bool, tables: Tables
) -> float:
    """Reserve of a policy in force with its bonus, yuan; linear between policy anniversaries.

    ``premium_paid`` says whether a premium (or annuity) that falls due this month has been paid.
    """
    issue = policy.issue_month
    issue_age = (issue - person.birth_month) // 12
    year = (month - issue) // 12
    months = (month - issue) % 12
    if months == 0 and not premium_paid:
        level = tables.reserve[c, person.sex, issue_age, year]
    else:
        start = tables.reserve_after_payment[c, person.sex, issue_age, year]
        end = tables.reserve[c, person.sex, issue_age, year + 1]
        level = start + (end - start) * months / 12.0
    bonus = tables.bonus[c, month] / tables.bonus[c, issue]
    return float(np.float64(policy.premium) * max(0.0, level) * bonus)


@step
def benefit_of(person: Any, policy: Any, c: int, month: int, tables: Tables) -> float:
    """Sum insured (or yearly annuity) of a policy with its bonus, whole yuan."""
    issue = policy.issue_month
    issue_age = (issue - person.birth_month) // 12
    amount = np.float64(policy.premium) * tables.benefit[c, person.sex, issue_age]
    return float(round(amount * tables.bonus[c, month] / tables.bonus[c, issue]))


@rule
def end_policy(person: Any, policy: Any, paid: float) -> None:
    """Take a policy out of force and pay its holder."""
    policy.insurer = NO_POLICY
    person.wealth += paid


@rule
def cool_off(person: Any, policy: Any, rules: Any, draw: float, flow: Floats) -> bool:
    """In the month after issue a holder may cancel and get the premium back; True if so.

    Who cancels a mis-sale has lost nothing. The mis-sale itself stays on file: it was recommended.
    """
    chance = cooling_off_chance(
        np.float64(policy.gap),
        rules.cooling_off_days,
        rules.cooling_off_base,
        rules.cooling_off_per_gap,
    )
    if draw >= chance:
        return False
    premium = np.float64(policy.premium)
    flow[Flow.REFUNDS] += premium
    flow[Flow.COOLED_OFF] += 1.0
    gap = np.float64(policy.gap)
    perceived = np.float64(policy.perceived)
    flow[Flow.UNDONE_SURPLUS] += undone_surplus(perceived, gap, rules.yuan_per_util)
    if policy.mis_sold == 1:
        flow[Flow.MIS_SELLING_LOSS] -= gap * rules.yuan_per_util
    end_policy(person, policy, premium)
    return True


@rule
def discover_gap(
    policy: Any, pair: Any, rules: Any, keys: Keys, entity: int, flow: Floats
) -> float:
    """A holder may find out what the policy really is, and complain; returns the change of trust.

    Only policies bought at the bank touch trust in bank-sold insurance.
    """
    if policy.known == 1 or uniform(keys[Stream.DISCOVERY], entity) >= rules.discovery_rate:
        return 0.0
    policy.known = 1
    gap = np.float64(policy.gap)
    by_bank = policy.channel == BANK_CHANNEL
    resolved = False
    if uniform(keys[Stream.COMPLAINT], entity) < rules.complaint_per_gap * gap:
        resolved = by_bank and uniform(keys[Stream.RESOLUTION], entity) < pair.resolution
        if not resolved:
            flow[Flow.COMPLAINTS] += 1.0
    return -gap_loss(gap, rules.gap_loss, resolved, rules.resolved_share) if by_bank else 0.0


@step
def suffer_loss(
    person: Any,
    policy: Any,
    n: int,
    c: int,
    now: Now,
    world: World,
    flow: Floats,
) -> bool:
    """The insured accident or critical illness may strike and end the policy; True if so."""
    deadly = 0.0
    avoided = 0.0
    if policy.channel == BANK_CHANNEL:
        bank = world.counter.bank_of[person.branch]
        avoided = world.counter.pair[bank, policy.insurer].prevented
    if c == ACCIDENT:
        chance = world.counter.klass[c].monthly_accident
        draw = uniform(now.keys[Stream.ACCIDENT], n)
    elif c == PROTECTION:
        age = (now.month - person.birth_month) // 12
        chance = world.tables.monthly_illness[person.sex, age]
        deadly = world.tables.monthly_death[person.sex, age]
        draw = uniform(now.keys[Stream.ILLNESS], n)
    else:
        return False
    chance *= 1.0 - avoided
    paid = benefit_of(person, policy, c, now.month, world.tables)
    flow[Flow.EXPECTED_LOSS] += (chance + deadly) * paid
    if draw >= chance:
        return False
    flow[Flow.CLAIMS] += paid
    flow[Flow.LOSSES] += paid
    end_policy(person, policy, paid)
    return True


@step
def mature(
    person: Any, policy: Any, c: int, months_over: int, month: int, tables: Tables, flow: Floats
) -> float:
    """The term is over: pay the maturity benefit, or the yearly annuity; returns the amount."""
    paid = 0.0
    if c == PENSION:
        if months_over % 12 == 0:
            paid = benefit_of(person, policy, c, month, tables)
            person.wealth += paid
    else:
        if c in (SAVINGS, INVESTMENT):
            paid = float(round(reserve_of(person, policy, c, month, False, tables)))
        end_policy(person, policy, paid)
    flow[Flow.MATURITIES] += paid
    return paid


@rule
def leaving_hazard(
    person: Any,
    policy: Any,
    klass: Any,
    pair: Any,
    rules: Any,
    trust: float,
    market_rate: float,
    charge: float,
) -> float:
    """Yearly hazard of a holder to leave; service and trust matter for bank-sold policies only."""
    by_bank = policy.channel == BANK_CHANNEL
    return exit_hazard(
        klass.lapse_rate,
        market_rate,
        klass.credited,
        np.float64(policy.gap) if policy.known == 1 else 0.0,
        trust if by_bank else 0.5,
        pair.coverage if by_bank else 0.0,
        np.float64(policy.premium) / np.float64(person.income) if klass.regular else 0.0,
        charge,
        rules,
    )


@step
def leave_or_pay(
    people: Customers,
    n: int,
    c: int,
    duration: int,
    pair: Any,
    now: Now,
    world: World,
    flow: Floats,
) -> bool:
    """A holder may lapse or surrender, else pays what falls due; True if the policy ended.

    A regular premium is decided on once a year, when it falls due; a single premium any month.
    """
    person, policy, klass = people.person[n], people.policy[n, c], world.counter.klass[c]
    due = klass.regular and duration % 12 == 0
    if klass.regular and not due:
        return False
    charge = surrender_charge(klass.surrender_charge, klass.surrender_years, duration / 12.0)
    hazard = leaving_hazard(
        person,
        policy,
        klass,
        pair,
        world.rules[0],
        np.float64(people.trust_before[n]),
        world.counter.market_rate,
        charge,
    )
    chance = 1.0 - exp(-hazard) if due else monthly_chance(hazard)
    premium = np.float64(policy.premium)
    leaves = uniform(now.keys[Stream.EXIT], n * 8 + c) < chance
    if leaves or (due and person.wealth < premium):
        reserve = reserve_of(person, policy, c, now.month, False, world.tables)
        paid = float(round(reserve * (1.0 - charge)))
        flow[Flow.SURRENDERS] += paid
        flow[Flow.EXITS] += 1.0
        end_policy(person, policy, paid)
        return True
    if due:
        person.wealth -= premium
        flow[Flow.RENEWAL_PREMIUM] += premium
    return False


@step
def age_policy(people: Customers, n: int, c: int, now: Now, world: World, flow: Floats) -> float:
    """One month in the life of a policy in force; returns the change of trust it causes."""
    person, policy, rules = people.person[n], people.policy[n, c], world.rules[0]
    pair = world.counter.pair[world.counter.bank_of[person.branch], policy.insurer]
    entity = n * 8 + c
    duration = now.month - policy.issue_month
    issue_age = (policy.issue_month - person.birth_month) // 12
    months_over = duration - 12 * world.tables.term[c, person.sex, issue_age]
    by_bank = policy.channel == BANK_CHANNEL
    satisfaction = rules.claim_gain if by_bank else 0.0
    if duration == 1 and cool_off(
        person, policy, rules, uniform(now.keys[Stream.COOLING_OFF], entity), flow
    ):
        return 0.0
    experience = discover_gap(policy, pair, rules, now.keys, entity, flow)
    if duration == 13:
        flow[Flow.SURVIVE_13] += 1.0
    elif duration == 25:
        flow[Flow.SURVIVE_25] += 1.0
    if months_over <= 0 and suffer_loss(person, policy, n, c, now, world, flow):
        return experience + satisfaction
    if months_over >= 0:
        paid = mature(person, policy, c, months_over, now.month, world.tables, flow)
        return experience + (satisfaction if paid > 0.0 else 0.0)
    if leave_or_pay(people, n, c, duration, pair, now, world, flow):
        return experience
    if by_bank and uniform(now.keys[Stream.CONTACT], entity) < pair.contact:
        flow[Flow.CONTACTS] += 1.0
        experience += rules.contact_gain
    return experience


@step
def settle_death(people: Customers, n: int, now: Now, world: World, sums: Sums) -> None:
    """A customer dies: benefits join the estate, heirs take it away, a young entrant comes."""
    person, tables = people.person[n], world.tables
    bank = world.counter.bank_of[person.branch]
    for c in range(_CLASSES):
        policy = people.policy[n, c]
        if policy.insurer == NO_POLICY:
            continue
        channel = bank if policy.channel == BANK_CHANNEL else sums.flows.shape[0] - 1
        paid = 0.0
        if c in (PENSION, INVESTMENT):
            issue_age = (policy.issue_month - person.birth_month) // 12
            years = (now.month - policy.issue_month) // 12
            if c == INVESTMENT or years < tables.term[c, person.sex, issue_age]:
                paid = float(round(reserve_of(person, policy, c, now.month, True, tables)))
        elif c != ACCIDENT:
            paid = benefit_of(person, policy, c, now.month, tables)
        if c == PROTECTION:
            sums.flows[channel, policy.insurer, c, Flow.LOSSES] += paid
        sums.flows[channel, policy.insurer, c, Flow.CLAIMS] += paid
        end_policy(person, policy, paid)
    sums.totals[bank, Total.ESTATES] += person.wealth
    birth_month = now.month - 12 * world.entry.entry_age
    enter(people, n, now.month, birth_month, False, now.keys[Stream.ENTRY], world.entry)
    sums.totals[bank, Total.ENDOWMENTS] += person.wealth
    sums.totals[bank, Total.DEATHS] += 1.0


@step
def take_stock(people: Customers, n: int, now: Now, world: World, sums: Sums) -> None:
    """Count a customer's policies in force, reserves and sums at risk at the end of the month."""
    person = people.person[n]
    bank = world.counter.bank_of[person.branch]
    for c in range(_CLASSES):
        policy = people.policy[n, c]
        if policy.insurer == NO_POLICY:
            continue
        channel = bank if policy.channel == BANK_CHANNEL else sums.flows.shape[0] - 1
        flow = sums.flows[channel, policy.insurer, c]
        premium = np.float64(policy.premium)
        reserve = reserve_of(person, policy, c, now.month, True, world.tables)
        flow[Flow.IN_FORCE] += 1.0
        flow[Flow.RESERVE] += reserve
        if c != PENSION and c != INVESTMENT:
            insured = benefit_of(person, policy, c, now.month, world.tables)
            flow[Flow.SUM_AT_RISK] += max(0.0, insured - reserve)
        flow[Flow.HOLDER_TRUST] += np.float64(person.trust) * premium
        flow[Flow.PREMIUM_IN_FORCE] += premium
        if policy.known == 1 and policy.gap > MISLED:
            flow[Flow.FELT_MISLED] += 1.0
    sums.totals[bank, Total.CUSTOMERS] += 1.0
    sums.totals[bank, Total.TRUST] += np.float64(person.trust)
    sums.totals[bank, Total.WEALTH] += person.wealth
