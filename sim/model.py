"""The month: the phases of the market in order, and the model that steps through them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mesa
import numpy as np

from scenarios.calendar import interventions
from scenarios.check import validate
from scenarios.levers import PRODUCT_CLASSES
from scenarios.schema import Scenario
from sim import books
from sim.adaptation.base import NEUTRAL
from sim.appraisal import choose_effort, mean_tickets, product_pay, shelf_mean
from sim.conduct import clerk_sanction, open_files, supervise, watch
from sim.customer_month import live
from sim.design.base import SHAPE
from sim.development import develop
from sim.founding import (
    bank_of_branches,
    found_account_managers,
    found_banks,
    found_clerks,
    found_insurers,
    found_supervisors,
    shelf_orders,
)
from sim.ledger import Account, Ledger
from sim.life_tables import load_life_tables
from sim.month_tables import Sums
from sim.partnership.agreements import Agreements
from sim.payments import settle_fees
from sim.population import entry_rules, found_population
from sim.products import class_settings, first_persistency, lay_out_classes
from sim.rates import move_rates, opening_rates
from sim.recorder import Results, record_month
from sim.registry import make_rule
from sim.renewal import (
    break_up,
    enforce_share_cap,
    fee_rules,
    renew_bank,
    send_managers,
    stock_shelves,
)
from sim.security import build_links, guard
from sim.state import Market
from sim.strategy import intensity, revise_strategies
from sim.talks import clerk_pay, fee_per_sale
from sim.traits import draw_traits, factor
from sim.views import now_of, presence, shelf_places, world_of


@dataclass(frozen=True)
class Phase:
    """One phase of the month: the method of the model that runs it, and how often."""

    name: str
    note: str
    every: int = 1


#: The month in order. A phase is a method of ``BancassuranceModel``.
PHASES = (
    Phase("apply_policy", "dated interventions of the policy calendar come into force"),
    Phase("move_rates", "interest rates and asset returns move; policies are credited"),
    Phase("revise_strategies", "banks and insurers may learn from the past year", 12),
    Phase("renew_agreements", "partners fall out or renew: banks choose, fees are bargained"),
    Phase("invest_in_relationships", "partners invest in each other while it pays", 3),
    Phase("develop_products", "insurers, alone or with banks, bring variants to market"),
    Phase("run_platform", "links are built and inspected; breaches and outages happen"),
    Phase("supervise", "traces, proof, fines, publicity; share caps are enforced", 3),
    Phase("appraise_clerks", "clerks see what selling pays and choose their effort", 3),
    Phase("train_clerks", "training adds to skill, which wears off"),
    Phase("live_customers", "customers visit, choose, claim, leave, are served, talk, save, die"),
    Phase("close_books", "every payment is made, the ledger closed and checked"),
    Phase("check_solvency", "insurers without capital are run off"),
    Phase("form_reputations", "insurers are known by the trust of their customers"),
    Phase("learn_persistency", "firms learn how long policies stay", 12),
    Phase("record", "the month is written into the panel"),
)

#: Where the market keeps a rule in force: its family, the lever it belongs to, and the setting of
#: the lever that names it.
_RULES = {
    "form": ("partnership", "partnership", "form"),
    "protocol": ("bargaining", "bargaining", "protocol"),
    "scheme": ("incentives", "incentives", "scheme"),
    "design": ("design", "product", "design"),
    "regime": ("supervision", "supervision", "regime"),
    "bank_rule": ("adaptation", "adaptation", "rule"),
    "insurer_rule": ("adaptation", "adaptation", "rule"),
}


class BancassuranceModel(mesa.Model):
    """A bancassurance market.

    Args:
        scenario: Settings; ``Scenario()`` is the default market.
        rng: Seed of every random draw, a whole number.
        threads: Threads of the customer month; results do not depend on it.

    Raises:
        ScenarioError: A setting is out of range, or settings contradict each other.
    """

    def __init__(self, scenario: Scenario, rng: int = 1, threads: int = 1) -> None:
        """Found the market."""
        super().__init__(rng=rng)
        #: Phase that runs, or ran last: where an error came from.
        self.phase = "founding"
        validate(scenario)
        self._calendar = dict(interventions(scenario))
        self.market = self._found(self._calendar.pop(-1, scenario), rng, threads)
        self.market.conduct = open_files(self.market)
        self._appraise()

    def step(self) -> None:
        """Run the phases of one month in order."""
        for phase in PHASES:
            if self.market.month % phase.every == 0:
                self.phase = phase.name
                getattr(self, phase.name)()
        self.market.month += 1

    def run(self, progress: Callable[[int], None] | None = None) -> Results:
        """Run to the horizon.

        Args:
            progress: Called after each month with the number of months done.

        Returns:
            Monthly panels and long-run outcomes.
        """
        while self.market.month < self.market.scenario.horizon.months:
            self.step()
            if progress is not None:
                progress(self.market.month)
        return Results(self.market)

    # Phases, in the order of PHASES.

    def apply_policy(self) -> None:
        """Put dated interventions into force."""
        scenario = self._calendar.get(self.market.month)
        if scenario is not None:
            self._adopt(scenario)

    def revise_strategies(self) -> None:
        """Let firms revise their strategies."""
        revise_strategies(self.market)

    def move_rates(self) -> None:
        """Draw the month's rates."""
        market = self.market
        settings = class_settings(market.scenario.product)
        interest = np.array([setting.interest for setting in settings])
        participation = np.array([setting.participation for setting in settings])
        move_rates(
            market.rates, market.scenario.market, interest, participation, market.month, market.seed
        )

    def renew_agreements(self) -> None:
        """Break up what does not hold, then hold the talks of all banks that need them."""
        market = self.market
        break_up(market)
        due = [b for b in range(len(market.banks)) if market.agreements.due(b, market.month)]
        for bank in due:
            renew_bank(market, bank)
        if due:
            send_managers(market)

    def invest_in_relationships(self) -> None:
        """Let partners invest in their relationship."""
        books.invest_quarterly(self.market)

    def develop_products(self) -> None:
        """Develop products."""
        self.market.development_spend += develop(self.market)

    def run_platform(self) -> None:
        """Build links and guard them; operational accidents strike."""
        build_links(self.market)
        guard(self.market)
        books.suffer_operations(self.market)

    def supervise(self) -> None:
        """Look for violations and enforce the share cap."""
        supervise(self.market)
        enforce_share_cap(self.market)

    def appraise_clerks(self) -> None:
        """Show clerks what selling pays and let them choose their effort."""
        self._appraise()

    def train_clerks(self) -> None:
        """Train all clerks."""
        settings = self.market.scenario.incentives
        hours = settings.training_hours
        if settings.manager_role == "trainer" and len(self.market.clerks.clerk):
            skill = factor(self.market.traits.experience)
            extra = settings.manager_hours * (presence(self.market) * skill).sum(axis=1)
            hours = hours + extra[self.market.clerks.clerk["bank"]]
        self.market.clerks.train(hours, settings.training_depreciation)

    def live_customers(self) -> None:
        """Live the month of all customers."""
        market = self.market
        market.sums = live(market.people, now_of(market), world_of(market), market.threads)
        market.scandal = np.zeros_like(market.scandal)

    def close_books(self) -> None:
        """Make the month's payments, then check the actors' holdings against the ledger."""
        market = self.market
        books.settle_customers(market)
        settle_fees(market)
        books.settle_sanctions(market)
        watch(market)
        books.value_and_invest(market)
        residual = market.ledger.close(
            float(market.people.person["wealth"].sum()),
            np.array([bank.cash for bank in market.banks]),
            np.array([insurer.assets for insurer in market.insurers]),
        )
        market.note("ledger_residual", np.array(residual))

    def check_solvency(self) -> None:
        """Run off failed insurers."""
        self.market.note("failures", np.array(float(books.resolve_failures(self.market))))

    def form_reputations(self) -> None:
        """Update the insurers' reputations."""
        books.update_reputation(self.market)

    def learn_persistency(self) -> None:
        """Let insurers see how many policies paid on, and how many contacts ended in a sale."""
        books.learn(self.market)

    def record(self) -> None:
        """Write the month into the panel."""
        record_month(self.market)

    def _appraise(self) -> None:
        market = self.market
        tickets = mean_tickets(market.people, market.klass)
        agreements, settings = market.agreements, market.scenario.incentives
        side = settings.side_to_clerks * agreements.side
        pressure = intensity(market, market.bank_strategy)[:, None, None]
        pay = product_pay(market.scheme, agreements.fee, side, tickets, market.kept)
        market.pay = pay * pressure
        market.mean_pay = shelf_mean(market.pay, market.sales_mix)
        fee = fee_per_sale(agreements.fee, market.sales_mix, tickets)
        effort = clerk_pay(market, market.pay, market.mean_pay, market.sales_mix, fee)
        choose_effort(market.clerks, market.scenario, clerk_sanction(market), *effort)

    def _adopt(self, scenario: Scenario) -> None:
        """Put the settings of a scenario into force in a running market."""
        market, before = self.market, self.market.scenario
        on_fees = fee_rules(market)
        market.scenario = scenario
        self._adopt_rules(before)
        if fee_rules(market) != on_fees:
            # Rules on commission apply to all business written from their date on.
            market.agreements.reopen(market.month, scenario.market.discount_rate)
        market.entry = entry_rules(scenario.population)
        market.conduct.set_strength(scenario.supervision.belief_strength)
        if scenario.product != before.product:
            market.klass, market.tables = lay_out_classes(
                scenario.product, load_life_tables(), market.rates.bonus
            )
        if shelf_places(scenario) != shelf_places(before):
            for bank in range(len(market.banks)):
                stock_shelves(market, bank)

    def _adopt_rules(self, before: Scenario) -> None:
        """Give the rules in force their new settings, and replace those that others supersede.

        A rule that stays keeps its memory: files of the authorities, experience of the firms.
        """
        market = self.market
        for place, (family, lever, level) in _RULES.items():
            settings = getattr(market.scenario, lever)
            if getattr(settings, level) == getattr(getattr(before, lever), level):
                getattr(market, place).settings = settings
                continue
            setattr(market, place, make_rule(family, getattr(settings, level), settings))
            if place == "regime":
                market.regime.began = market.month

    def _found(self, scenario: Scenario, seed: int, threads: int) -> Market:
        firm, tables = scenario.market, load_life_tables()
        people = found_population(scenario.population, firm.branches, tables, seed)
        bank_of = bank_of_branches(firm.banks, firm.branches, firm.size_dispersion)
        banks = found_banks(self, bank_of, people.person["branch"])
        insurers = found_insurers(self, scenario)
        ledger = Ledger(firm.banks, firm.insurers)
        ledger.open(Account.CUSTOMERS, people.person["wealth"].sum())
        ledger.open(ledger.insurers, [insurer.assets for insurer in insurers])
        n_classes = len(PRODUCT_CLASSES)
        pairs = (firm.banks, firm.insurers)
        rates = opening_rates(firm, n_classes, scenario.horizon.months)
        klass, class_tables = lay_out_classes(scenario.product, tables, rates.bonus)
        return Market(
            scenario=scenario,
            seed=seed,
            threads=threads,
            people=people,
            klass=klass,
            tables=class_tables,
            entry=entry_rules(scenario.population),
            banks=banks,
            insurers=insurers,
            clerks=found_clerks(scenario, bank_of, seed),
            managers=found_account_managers(self, scenario),
            supervisors=found_supervisors(self),
            agreements=Agreements(*pairs),
            ledger=ledger,
            rates=rates,
            **_first_rules(scenario),
            traits=draw_traits(*pairs, scenario.partnership.trait_spread, seed),
            bank_of=bank_of,
            customers_of=[
                np.flatnonzero(bank_of[people.person["branch"]] == b) for b in range(firm.banks)
            ],
            shelf_order=shelf_orders(firm.branches, firm.insurers, seed),
            shelf=np.zeros((firm.branches, firm.insurers), bool),
            pay=np.zeros((*pairs, n_classes)),
            mean_pay=np.zeros(firm.banks),
            sales_mix=np.zeros((*pairs, n_classes)),
            persistency=first_persistency(scenario.product),
            agent_conversion=np.full(n_classes, 0.02),
            sums=Sums(np.zeros(0), np.zeros(0)),
            suspended=np.zeros(pairs, bool),
            fallen_out=np.zeros(pairs, bool),
            relationship_spend=np.zeros((*pairs, 2)),
            link=np.zeros(pairs),
            months_unchecked=np.zeros(firm.banks),
            outage=np.zeros(firm.banks, bool),
            breach=np.zeros(firm.banks),
            inspection_spend=np.zeros(firm.banks),
            scandal=np.zeros(firm.banks),
            launched=np.zeros((firm.insurers, *SHAPE)),
            progress=np.zeros(firm.insurers),
            development_spend=np.zeros(firm.insurers),
            deferred=[],
            fined=np.zeros(pairs),
            operational=np.zeros(firm.banks),
            bank_strategy=np.full(firm.banks, NEUTRAL),
            insurer_strategy=np.full(firm.insurers, NEUTRAL),
            kept=0.8,
        )


def _first_rules(scenario: Scenario) -> dict[str, Any]:
    """Make the rules that a market is founded with, by where it keeps them."""
    rules = {}
    for place, (family, lever, level) in _RULES.items():
        settings = getattr(scenario, lever)
        rules[place] = make_rule(family, getattr(settings, level), settings)
    return rules


def warm_up() -> None:
    """Compile the customer month and put it into the disk cache, once per machine."""
    from dataclasses import replace

    scenario = Scenario()
    small = replace(scenario.population, size=64)
    market = replace(scenario.market, branches=8)
    horizon = replace(scenario.horizon, months=2, burn_in=0, window=1)
    BancassuranceModel(replace(scenario, population=small, market=market, horizon=horizon)).run()
