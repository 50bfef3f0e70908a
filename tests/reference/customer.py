"""One customer as a plain Mesa agent: the month of ``sim.customer_month`` told a second time.

Written apart from the compiled month and as plainly as possible: attributes, a dictionary of
policies, one draw after the other. Only the scalar rules (uncompiled) and the random numbers are
shared. Where the compiled state is in single precision, so is this one: see ``single``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from math import erf, exp, expm1, log, sqrt
from operator import add

import mesa
import numpy as np

from agents.customers import AGENT_CHANNEL, BANK_CHANNEL
from scenarios.levers import ACCIDENT, INVESTMENT, PENSION, PRODUCT_CLASSES, PROTECTION, SAVINGS
from sim import choice, effort, platform, policy_life, trust
from sim.month_tables import Flow, Total
from sim.streams import Stream
from tests.reference.month import Month

CLASSES = range(len(PRODUCT_CLASSES))
#: The scalar rules, as Python runs them.
class_utility = choice.class_utility.py_func
inclusive_value = choice.inclusive_value.py_func
oversized = choice.oversized.py_func
persuasion_wedge = choice.persuasion_wedge.py_func
segment_of = choice.segment_of.py_func
ticket_size = choice.ticket_size.py_func
posterior = effort.posterior.py_func
drop_out_chance = platform.drop_out_chance.py_func
cooling_off_chance = policy_life.cooling_off_chance.py_func
exit_hazard = policy_life.exit_hazard.py_func
monthly_chance = policy_life.monthly_chance.py_func
surrender_charge = policy_life.surrender_charge.py_func
gap_loss = trust.gap_loss.py_func
next_trust = trust.next_trust.py_func


def single(value: float) -> float:
    """Round to single precision, in which the compiled state keeps all but wealth."""
    return float(np.float32(value))


def add_up(values: Iterable[float]) -> float:
    """Sum from left to right, as the compiled code does; ``sum`` itself compensates rounding."""
    return reduce(add, values, 0.0)


@dataclass
class Policy:
    """A policy in force."""

    insurer: int
    channel: int
    issue_month: int
    premium: float
    gap: float
    perceived: float
    known: bool = False
    mis_sold: bool = False

    @property
    def by_bank(self) -> bool:
        return self.channel == BANK_CHANNEL


@dataclass
class Offer:
    """A class as a customer sees it on a shelf; utilities by insurer."""

    value: dict[int, float]
    perceived: dict[int, float]
    inclusive: float
    mean_wedge: float
    recommended: bool


class Customer(mesa.Agent):
    """A customer, and after its death the young one who takes its place."""

    def __init__(self, model: mesa.Model, place: int) -> None:
        super().__init__(model)
        self.place = place
        self.neighbours: list[Customer] = []
        self.policies: dict[int, Policy] = {}
        self.wealth = 0.0
        self.birth_month = 0
        self.entry_month = -1
        self.branch = 0
        self.income = 0.0
        self.wealth_target = 0.0
        self.risk_aversion = 0.0
        self.literacy = 0.0
        self.disposition = 0.0
        self.trust = 0.0
        self.trust_before = 0.0
        self.sex = 0

    # Who I am.

    def age(self, m: Month) -> int:
        return (m.month - self.birth_month) // 12

    def bank(self, m: Month) -> int:
        return m.bank_of[self.branch]

    def taste(self, m: Month, c: int) -> float:
        return m.normal(Stream.TASTE, 8 * self.place + c, self.entry_month)

    def remember_trust(self) -> None:
        """Before anyone moves: neighbours see the trust of the start of the month."""
        self.trust_before = self.trust

    # The month.

    def live(self, m: Month) -> None:
        if m.uniform(Stream.VISIT, self.place) < m.people.visit_rate:
            self.visit_bank(m)
        if m.uniform(Stream.AGENT, self.place) < m.market.agent_contact_rate:
            self.meet_own_agent(m)
        experience = add_up(
            self.age_policy(m, c)
            for c in CLASSES
            if c in self.policies and self.policies[c].issue_month < m.month
        )
        self.form_trust(m, experience)
        self.suffer_breach(m)
        saving = m.people.wealth_adjustment * (self.wealth_target - self.wealth)
        self.wealth += saving
        m.totals[self.bank(m), Total.SAVING] += saving
        if m.uniform(Stream.DEATH, self.place) < m.tables.monthly_death[self.sex, self.age(m)]:
            self.die(m)
        self.take_stock(m)

    def form_trust(self, m: Month, experience: float) -> None:
        around = [other.trust_before for other in self.neighbours] or [self.trust_before]
        moved = next_trust(
            self.trust_before,
            experience,
            add_up(around) / len(around),
            self.disposition,
            m.scandal[self.bank(m)],
            m.trust.neighbour_weight,
            m.trust.recovery,
        )
        self.trust = single(moved)

    def suffer_breach(self, m: Month) -> None:
        """Thieves got at the bank's data, and perhaps at mine."""
        bank = self.bank(m)
        if m.uniform(Stream.BREACH, self.place) < m.breach[bank]:
            stolen = min(m.platform.breach_loss, self.wealth)
            returned = m.platform.breach_compensation * stolen
            self.wealth -= stolen - returned
            m.totals[bank, Total.BREACH_LOSS] += stolen - returned
            m.totals[bank, Total.BREACH_COMPENSATION] += returned

    # Buying.

    def ticket(self, m: Month, c: int, wedge: float) -> float:
        rules = m.supervision
        return ticket_size(
            m.classes[c].regular,
            m.classes[c].ticket,
            self.wealth,
            self.income,
            m.classes[c].minimum,
            wedge,
            m.choice.ticket_stretch,
            rules.suitability,
            rules.single_premium_limit,
            rules.regular_premium_limit,
        )

    def base_utility(self, m: Month, c: int, complexity: float) -> float:
        return class_utility(
            m.choice.taste_spread * self.taste(m, c),
            m.classes[c].gain * self.ticket(m, c, 0.0) / m.choice.yuan_per_util,
            m.classes[c].protection,
            self.risk_aversion,
            self.trust,
            complexity,
            self.literacy,
            m.choice.protection_weight,
            m.choice.trust_weight,
            m.choice.complexity_weight,
        )

    def segment(self, m: Month) -> int:
        return segment_of(float(self.age(m)), self.income, m.people.income_median)

    def experienced(self, m: Month, c: int) -> dict[int, float]:
        """Utility of a class from each insurer on the branch's shelf."""
        bank, values = self.bank(m), {}
        held = [policy for policy in self.policies.values() if policy.by_bank]
        base = self.base_utility(m, c, m.classes[c].complexity) + m.cross_selling * len(held)
        sold = m.counter.shelf[self.branch] & m.counter.offered[bank, :, c]
        for i in np.flatnonzero(sold).tolist():
            pair = m.pairs[bank][i]
            at_counter = (
                pair.fit
                + m.choice.reputation_weight * (m.counter.reputation[i] - 0.5)
                - m.choice.wait_weight * (pair.wait + pair.error * m.platform.error_days)
                - (m.choice.transfer_weight * pair.transfer_cost if c == INVESTMENT else 0.0)
            )
            values[i] = float(base + m.counter.fit[i, c, self.segment(m)] + at_counter)
        return values

    def wedge(self, m: Month, clerk: int, i: int, c: int) -> float:
        bank, seller = self.bank(m), m.clerks[clerk]
        push = m.choice.persuasion * seller.selling * float(m.counter.tilt[bank, i, c])
        untold = m.pairs[bank][i].untold
        return persuasion_wedge(push, self.literacy, seller.advice, m.choice.correction, untold)

    def look(self, m: Month, clerk: int, approached: bool) -> dict[int, Offer]:
        """What the shelf is worth to me, by class; only what I can buy."""
        offers = {}
        for c in CLASSES:
            if c in self.policies or self.ticket(m, c, 0.0) == 0.0:
                continue
            value = self.experienced(m, c)
            if not value:
                continue
            recommended = False
            if approached:
                noise = m.normal(Stream.SIGNAL, 8 * self.place + c)
                suits = max(value.values()) >= 0.0
                belief = posterior(suits, noise, m.clerks[clerk].precision)
                recommended = bool(belief >= m.counter.cutoff[clerk, c])
            perceived = {
                i: value[i] - m.choice.inertia + (self.wedge(m, clerk, i, c) if recommended else 0)
                for i in value
            }
            similarity, largest = m.choice.brand_similarity, max(perceived.values())
            weights = {i: exp((perceived[i] - largest) / similarity) for i in value}
            total = add_up(weights.values())
            wedges = {i: perceived[i] - value[i] + m.choice.inertia for i in value}
            mean_wedge = add_up(weights[i] * wedges[i] for i in value) / total
            inclusive = inclusive_value(total, largest, similarity)
            offers[c] = Offer(value, perceived, inclusive, mean_wedge, recommended)
        return offers

    def choose(self, m: Month, offers: dict[int, Offer], stream: Stream) -> int | None:
        """The class with the highest utility and shock; none if doing nothing is better."""
        shocked = {
            c: offer.inclusive + m.gumbel(stream, 8 * self.place + c) for c, offer in offers.items()
        }
        nothing = m.gumbel(stream, 8 * self.place + len(CLASSES))
        best = max(shocked, key=shocked.__getitem__, default=None)
        return best if best is not None and shocked[best] > nothing else None

    def choose_brand(self, m: Month, offer: Offer) -> int:
        """An insurer, by its share in the class."""
        largest = max(offer.perceived.values())
        weights = [
            exp((utility - largest) / m.choice.brand_similarity)
            for utility in offer.perceived.values()
        ]
        target = m.uniform(Stream.BRAND, self.place) * add_up(weights)
        reached = 0.0
        for i, weight in zip(offer.perceived, weights, strict=True):
            reached += weight
            if reached >= target:
                return i
        return list(offer.perceived)[-1]

    def count_welfare(self, m: Month, offers: dict[int, Offer]) -> None:
        """Expected surplus: log-sum of the perceived utilities less the expected wedge."""
        best = self.log_sum(offers)
        wedge = add_up(exp(o.inclusive - best) * o.mean_wedge for o in offers.values())
        m.totals[self.bank(m), Total.WELFARE] += m.choice.yuan_per_util * (best - wedge)

    def log_sum(self, offers: dict[int, Offer]) -> float:
        largest = max([0.0, *(offer.inclusive for offer in offers.values())])
        masses = [exp(offer.inclusive - largest) for offer in offers.values()]
        return largest + log(add_up([exp(-largest), *masses]))

    def gain(self, offers: dict[int, Offer]) -> float:
        """What a buyer perceives to gain over not buying."""
        best = self.log_sum(offers)
        return best / -expm1(-best)

    def approach_chance(self, m: Month, clerk: int) -> float:
        """A shared database lets clerks turn to those whose need looks largest."""
        chance = 1.0 - exp(-m.incentives.approach_rate * m.clerks[clerk].selling)
        targeting = m.targeting[self.bank(m)]
        if targeting > 0.0:
            missing = [c for c in CLASSES if c not in self.policies]
            need = add_up(self.taste(m, c) for c in missing)
            rank = 0.5 * (1.0 + erf(need / sqrt(2.0 * max(1, len(missing)))))
            chance += targeting * min(chance, 1.0 - chance) * (2.0 * rank - 1.0)
        return chance

    def visit_bank(self, m: Month) -> None:
        bank, per_branch = self.bank(m), len(m.clerks) // len(m.bank_of)
        m.totals[bank, Total.VISITS] += 1
        if per_branch == 0:
            return
        clerk = self.branch * per_branch + int(m.uniform(Stream.CLERK, self.place) * per_branch)
        enquires = m.uniform(Stream.ENQUIRY, self.place) < m.people.enquiry_share
        approached = m.uniform(Stream.APPROACH, self.place) < self.approach_chance(m, clerk)
        if not enquires and not approached:
            return
        m.totals[bank, Total.OFFERS] += 1
        m.totals[bank, Total.APPROACHES] += approached
        offers = self.look(m, clerk, approached)
        self.count_welfare(m, offers)
        c = self.choose(m, offers, Stream.CLASS)
        if c is None:
            return
        offer, i = offers[c], self.choose_brand(m, offers[c])
        wedge = offer.perceived[i] - offer.value[i] + m.choice.inertia
        premium = self.ticket(m, c, wedge)
        flow, pair = m.flows[bank, i, c], m.pairs[bank][i]
        flow[Flow.APPLICATIONS] += 1
        wrong = m.uniform(Stream.ERROR, self.place) < pair.error
        days = pair.wait + (m.platform.error_days if wrong else 0.0)
        flow[Flow.ERRORS] += wrong
        flow[Flow.WAIT_DAYS] += days
        gives_up = drop_out_chance(days, m.platform.drop_out)
        if m.uniform(Stream.DROP_OUT, self.place) < gives_up:
            flow[Flow.DROP_OUTS] += 1
            flow[Flow.UNDONE_SURPLUS] += (self.gain(offers) - wedge) * m.choice.yuan_per_util
            return
        self.buy(m, c, i, BANK_CHANNEL, premium, wedge, self.gain(offers))
        flow[Flow.OWN_INTENT] += enquires
        if offer.recommended:
            self.judge_sale(m, c, flow, offer.value[i], wedge, premium)

    def meet_own_agent(self, m: Month) -> None:
        draw = m.uniform(Stream.AGENT_FIRM, self.place)
        i = next(k for k, reached in enumerate(m.counter.agent_share.tolist()) if reached >= draw)
        offers = {}
        for c in CLASSES:
            if c in self.policies or self.ticket(m, c, 0.0) == 0.0:
                continue
            push = m.market.agent_persuasion * m.classes[c].agent_push * (1.0 - self.literacy)
            value = self.base_utility(m, c, m.classes[c].standard_complexity)
            value += float(m.counter.need[c, self.segment(m)])
            value += m.choice.reputation_weight * float(m.counter.reputation[i] - 0.5)
            perceived = value - m.choice.inertia + push
            offers[c] = Offer({i: value}, {i: perceived}, perceived, push, True)
        self.count_welfare(m, offers)
        c = self.choose(m, offers, Stream.AGENT_CLASS)
        if c is None:
            return
        offer = offers[c]
        premium = self.ticket(m, c, offer.mean_wedge)
        self.buy(m, c, i, AGENT_CHANNEL, premium, offer.mean_wedge, self.gain(offers))
        self.judge_sale(m, c, m.flows[-1, i, c], offer.value[i], offer.mean_wedge, premium)

    def buy(
        self,
        m: Month,
        c: int,
        i: int,
        channel: int,
        premium: float,
        wedge: float,
        gain: float,
    ) -> None:
        self.policies[c] = Policy(i, channel, m.month, single(premium), single(wedge), single(gain))
        self.wealth -= premium
        flow = m.flows[m.row(self, self.policies[c]), i, c]
        flow[Flow.SALES] += 1
        flow[Flow.FIRST_PREMIUM] += premium

    def judge_sale(
        self, m: Month, c: int, flow: np.ndarray, value: float, wedge: float, premium: float
    ) -> None:
        """A recommended policy that does not suit, or is too large, is a mis-sale."""
        limits = m.supervision.single_premium_limit, m.supervision.regular_premium_limit
        if value < 0.0 or oversized(m.classes[c].regular, premium, self.income, *limits):
            self.policies[c].mis_sold = True
            flow[Flow.MIS_SALES] += 1
            flow[Flow.MIS_SELLING_LOSS] += wedge * m.choice.yuan_per_util

    # Holding.

    def end_policy(self, c: int, paid: float) -> None:
        del self.policies[c]
        self.wealth += paid

    def issue_age(self, policy: Policy) -> int:
        return (policy.issue_month - self.birth_month) // 12

    def bonus(self, m: Month, c: int) -> tuple[float, float]:
        """Index of profit participation now and at issue."""
        index = m.tables.bonus[c]
        return float(index[m.month]), float(index[self.policies[c].issue_month])

    def reserve(self, m: Month, c: int, settled: bool) -> float:
        """Reserve, before or after (``settled``) what falls due this month."""
        policy = self.policies[c]
        age = self.issue_age(policy)
        years, months = divmod(m.month - policy.issue_month, 12)
        if months == 0 and not settled:
            level = float(m.tables.reserve[c, self.sex, age, years])
        else:
            start = float(m.tables.reserve_after_payment[c, self.sex, age, years])
            end = float(m.tables.reserve[c, self.sex, age, years + 1])
            level = start + (end - start) * months / 12.0
        now, at_issue = self.bonus(m, c)
        return policy.premium * max(0.0, level) * (now / at_issue)

    def benefit(self, m: Month, c: int) -> float:
        """Sum insured, or yearly annuity, whole yuan."""
        policy = self.policies[c]
        amount = policy.premium * float(m.tables.benefit[c, self.sex, self.issue_age(policy)])
        now, at_issue = self.bonus(m, c)
        return float(round(amount * now / at_issue))

    def age_policy(self, m: Month, c: int) -> float:
        """One month of a policy; returns what it does to trust."""
        policy = self.policies[c]
        flow = m.flows[m.row(self, policy), policy.insurer, c]
        pair = m.pairs[self.bank(m)][policy.insurer]
        duration = m.month - policy.issue_month
        over = duration - 12 * int(m.tables.term[c, self.sex, self.issue_age(policy)])
        gain = m.trust.claim_gain if policy.by_bank else 0.0
        if duration == 1 and self.cools_off(m, c, flow):
            return 0.0
        change = self.discover(m, c, pair, flow)
        flow[Flow.SURVIVE_13] += duration == 13
        flow[Flow.SURVIVE_25] += duration == 25
        if over <= 0 and self.suffers_loss(m, c, pair, flow):
            return change + gain
        if over >= 0:
            return change + (gain if self.mature(m, c, over, flow) > 0.0 else 0.0)
        if self.leaves(m, c, duration, pair, flow):
            return change
        if policy.by_bank and m.uniform(Stream.CONTACT, 8 * self.place + c) < pair.contact:
            flow[Flow.CONTACTS] += 1
            return change + m.trust.contact_gain
        return change

    def cools_off(self, m: Month, c: int, flow: np.ndarray) -> bool:
        policy = self.policies[c]
        days, base = m.supervision.cooling_off_days, m.life.cooling_off_base
        chance = cooling_off_chance(policy.gap, days, base, m.life.cooling_off_per_gap)
        if m.uniform(Stream.COOLING_OFF, 8 * self.place + c) >= chance:
            return False
        flow[Flow.REFUNDS] += policy.premium
        flow[Flow.COOLED_OFF] += 1
        undone = policy.perceived - policy.gap
        flow[Flow.UNDONE_SURPLUS] += undone * m.choice.yuan_per_util
        if policy.mis_sold:
            flow[Flow.MIS_SELLING_LOSS] -= policy.gap * m.choice.yuan_per_util
        self.end_policy(c, policy.premium)
        return True

    def discover(self, m: Month, c: int, pair: object, flow: np.ndarray) -> float:
        policy, entity = self.policies[c], 8 * self.place + c
        if policy.known or m.uniform(Stream.DISCOVERY, entity) >= m.life.discovery_rate:
            return 0.0
        policy.known = True
        complains = m.uniform(Stream.COMPLAINT, entity) < m.life.complaint_per_gap * policy.gap
        settled = policy.by_bank and m.uniform(Stream.RESOLUTION, entity) < pair.resolution
        flow[Flow.COMPLAINTS] += complains and not settled
        if not policy.by_bank:
            return 0.0
        resolved = complains and settled
        return -gap_loss(policy.gap, m.trust.gap_loss, resolved, m.trust.resolved_share)

    def suffers_loss(self, m: Month, c: int, pair: object, flow: np.ndarray) -> bool:
        if c not in (ACCIDENT, PROTECTION):
            return False
        if c == ACCIDENT:
            chance, deadly, stream = m.classes[c].monthly_accident, 0.0, Stream.ACCIDENT
        else:
            chance = float(m.tables.monthly_illness[self.sex, self.age(m)])
            deadly = float(m.tables.monthly_death[self.sex, self.age(m)])
            stream = Stream.ILLNESS
        if self.policies[c].by_bank:
            chance *= 1.0 - pair.prevented
        paid = self.benefit(m, c)
        flow[Flow.EXPECTED_LOSS] += (chance + deadly) * paid
        if m.uniform(stream, self.place) >= chance:
            return False
        flow[Flow.CLAIMS] += paid
        flow[Flow.LOSSES] += paid
        self.end_policy(c, paid)
        return True

    def mature(self, m: Month, c: int, over: int, flow: np.ndarray) -> float:
        paid = 0.0
        if c == PENSION:
            if over % 12 == 0:
                paid = self.benefit(m, c)
                self.wealth += paid
        else:
            if c in (SAVINGS, INVESTMENT):
                paid = float(round(self.reserve(m, c, settled=False)))
            self.end_policy(c, paid)
        flow[Flow.MATURITIES] += paid
        return paid

    def leaves(self, m: Month, c: int, duration: int, pair: object, flow: np.ndarray) -> bool:
        policy, klass = self.policies[c], m.classes[c]
        if klass.regular and duration % 12 > 0:
            return False
        charge = surrender_charge(klass.surrender_charge, klass.surrender_years, duration / 12.0)
        hazard = exit_hazard(
            klass.lapse_rate,
            m.counter.market_rate,
            klass.credited,
            policy.gap if policy.known else 0.0,
            self.trust_before if policy.by_bank else 0.5,
            pair.coverage if policy.by_bank else 0.0,
            policy.premium / self.income if klass.regular else 0.0,
            charge,
            m.life,
        )
        chance = 1.0 - exp(-hazard) if klass.regular else monthly_chance(hazard)
        wants = m.uniform(Stream.EXIT, 8 * self.place + c) < chance
        if wants or (klass.regular and self.wealth < policy.premium):
            paid = float(round(self.reserve(m, c, settled=False) * (1.0 - charge)))
            flow[Flow.SURRENDERS] += paid
            flow[Flow.EXITS] += 1
            self.end_policy(c, paid)
            return True
        if klass.regular:
            self.wealth -= policy.premium
            flow[Flow.RENEWAL_PREMIUM] += policy.premium
        return False

    # Dying, and being counted.

    def death_benefit(self, m: Month, c: int) -> float:
        policy = self.policies[c]
        if c == ACCIDENT:
            return 0.0
        if c == PENSION:
            term = int(m.tables.term[c, self.sex, self.issue_age(policy)])
            if (m.month - policy.issue_month) // 12 >= term:
                return 0.0
        if c in (PENSION, INVESTMENT):
            return float(round(self.reserve(m, c, settled=True)))
        return self.benefit(m, c)

    def die(self, m: Month) -> None:
        for c in sorted(self.policies):
            policy, paid = self.policies[c], self.death_benefit(m, c)
            flow = m.flows[m.row(self, policy), policy.insurer, c]
            flow[Flow.CLAIMS] += paid
            if c == PROTECTION:
                flow[Flow.LOSSES] += paid
            self.end_policy(c, paid)
        bank = self.bank(m)
        m.totals[bank, Total.DEATHS] += 1
        m.totals[bank, Total.ESTATES] += self.wealth
        self.be_replaced(m)
        m.totals[bank, Total.ENDOWMENTS] += self.wealth

    def be_replaced(self, m: Month) -> None:
        """A young customer takes the place in the same branch, among the same neighbours."""
        people = m.people

        def trait(mean: float, spread: float, which: int) -> float:
            drawn = mean + spread * m.normal(Stream.ENTRY, 8 * self.place + which)
            return single(min(1.0, max(0.0, drawn)))

        draws = [m.normal(Stream.ENTRY, 8 * self.place + which) for which in (1, 2)]
        income = people.income_median * exp(people.income_spread * draws[0])
        target = people.wealth_ratio * income * exp(people.wealth_spread * draws[1])
        self.birth_month = m.month - 12 * people.entry_age
        self.entry_month = m.month
        self.sex = int(m.uniform(Stream.ENTRY, 16 * self.place) >= 0.5)
        self.income = single(income)
        self.wealth_target = single(target)
        self.wealth = float(round(0.25 * target))
        self.risk_aversion = trait(0.5, people.risk_aversion_spread, 3)
        self.literacy = trait(people.literacy_mean, people.literacy_spread, 4)
        self.disposition = trait(people.initial_trust, 0.1, 5)
        self.trust = self.disposition

    def take_stock(self, m: Month) -> None:
        for c in sorted(self.policies):
            policy = self.policies[c]
            flow = m.flows[m.row(self, policy), policy.insurer, c]
            reserve = self.reserve(m, c, settled=True)
            flow[Flow.IN_FORCE] += 1
            flow[Flow.RESERVE] += reserve
            if c in (SAVINGS, PROTECTION, ACCIDENT):
                flow[Flow.SUM_AT_RISK] += max(0.0, self.benefit(m, c) - reserve)
            flow[Flow.HOLDER_TRUST] += self.trust * policy.premium
            flow[Flow.PREMIUM_IN_FORCE] += policy.premium
            flow[Flow.FELT_MISLED] += policy.known and policy.gap > 0.5
        totals = m.totals[self.bank(m)]
        totals[Total.CUSTOMERS] += 1
        totals[Total.TRUST] += self.trust
        totals[Total.WEALTH] += self.wealth
