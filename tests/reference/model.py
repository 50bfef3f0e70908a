"""The market with one plain Mesa agent per customer; banks and insurers are those of the model."""

from __future__ import annotations

from time import process_time
from unittest.mock import patch

import sim.model
from agents.customers import NO_POLICY, Customers
from scenarios.schema import Scenario
from sim.model import BancassuranceModel
from sim.month_tables import Now, Sums, World
from tests.reference.customer import Customer, Policy
from tests.reference.month import Month

_TRAITS = (
    "wealth",
    "birth_month",
    "entry_month",
    "branch",
    "income",
    "wealth_target",
    "risk_aversion",
    "literacy",
    "disposition",
    "trust",
    "sex",
)
_POLICY = ("insurer", "channel", "issue_month", "premium", "gap", "perceived", "known",
           "mis_sold")  # fmt: skip


class ReferenceModel(BancassuranceModel):
    """A ``BancassuranceModel`` whose customers are Mesa agents, last place first.

    The other actors look at customers through ``market.people``: the agents' state is written
    there at the end of their month, and what a failure of an insurer changed is read at the start.

    Attributes:
        seconds: Processor time that customers took to live, without that exchange.
    """

    def __init__(self, scenario: Scenario, rng: int = 1) -> None:
        super().__init__(scenario, rng)
        people = self.market.people
        self.customers = [Customer(self, n) for n in range(len(people.person))]
        for customer in self.customers:
            for name in _TRAITS:
                setattr(customer, name, people.person[customer.place][name].item())
            around = people.neighbours[customer.place].tolist()
            customer.neighbours = [self.customers[n] for n in around]
        self.seconds = 0.0

    def live_customers(self) -> None:
        """Run the phase as it is, with the plain customers in place of the compiled ones."""
        with patch.object(sim.model, "live", self._live):
            super().live_customers()

    def _live(self, people: Customers, now: Now, world: World, threads: int) -> Sums:
        """Let every customer live the month, the last one first: no order is better."""
        self._read_what_others_changed()
        started = process_time()
        month = Month(self.market, world)
        agents = self.agents_by_type[Customer]
        agents.do("remember_trust")
        agents.sort("place", ascending=False).do("live", month)
        self.seconds += process_time() - started
        self._write_state()
        return Sums(month.flows, month.totals)

    def _read_what_others_changed(self) -> None:
        people = self.market.people
        insurer, trust = people.policy["insurer"].tolist(), people.person["trust"].tolist()
        for customer in self.customers:
            customer.trust = trust[customer.place]
            for c, policy in customer.policies.items():
                policy.insurer = insurer[customer.place][c]

    def _write_state(self) -> None:
        people, customers = self.market.people, self.customers
        for name in _TRAITS:
            people.person[name] = [getattr(customer, name) for customer in customers]
        none = Policy(NO_POLICY, 0, 0, 0.0, 0.0, 0.0)
        for c in range(people.policy.shape[1]):
            held = [customer.policies.get(c, none) for customer in customers]
            for name in _POLICY:
                people.policy[name][:, c] = [getattr(policy, name) for policy in held]
        people.trust_before[:] = [customer.trust_before for customer in customers]
