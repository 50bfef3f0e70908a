"""The state of a market that the phases of the month share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from agents.account_manager import AccountManager
from agents.bank import Bank
from agents.clerk import Clerks
from agents.customers import Customers
from agents.insurer import Insurer
from agents.supervisor import Supervisor
from scenarios.schema import Scenario
from sim.adaptation.base import AdaptationRule
from sim.bargaining.base import BargainingProtocol
from sim.design.base import ProductDesign
from sim.incentives.base import IncentiveScheme
from sim.ledger import Ledger
from sim.month_tables import Sums, Tables
from sim.partnership.agreements import Agreements
from sim.partnership.base import PartnershipForm
from sim.population import EntryRules
from sim.rates import Rates
from sim.supervision.base import SupervisionRegime
from sim.traits import Traits

if TYPE_CHECKING:
    from sim.conduct import Conduct

Array = NDArray[np.float64]


@dataclass
class Market:
    """Everything that changes, and the rules in force.

    Attributes:
        scenario: Settings in force this month.
        seed: Seed of the run.
        threads: Threads of the customer month.
        bank_of: Bank of each branch, shape (R,).
        customers_of: Places of each bank's customers.
        shelf_order: Order in which a branch shelves insurers, shape (R, I).
        shelf: Insurers on each branch's shelf, shape (R, I).
        suspended: Partners off the shelf for exceeding the share cap, shape (B, I).
        fallen_out: Partners whose agreement broke up and has not been replaced, shape (B, I).
        pay: Clerk's pay per sale of each product, yuan, shape (B, I, C).
        mean_pay: Its mean over a bank's shelf, yuan, shape (B,).
        sales_mix: Expected yearly sales of each product, policies, shape (B, I, C).
        persistency: Expected share of policies that stay another year, of regular ones of premiums
            paid on, shape (C,).
        agent_conversion: Yearly mean of purchases per own-agent contact, by class, shape (C,).
        sums: Flows and totals of the current month.
        relationship_spend: Spent since the books were last closed, yuan, shape (B, I, 2).
        link: Depth of the information link, 0 paper to 1 integrated, shape (B, I).
        months_unchecked: Since the last security inspection, shape (B,).
        outage: Banks whose link is down this month, shape (B,).
        breach: Share of each bank's customers hit this month, shape (B,).
        inspection_spend: Cost of this month's inspections, yuan, shape (B,).
        scandal: Trust lost to publicity since customers last heard of it, shape (B,).
        launched: Product variants on the market, shape (I, C, S).
        progress: Variants finished, counting the unfinished part, shape (I,).
        development_spend: Since the books were last closed, yuan, shape (I,).
        deferred: Pay held back each month, yuan, shape (B,) each.
        fined: Fines of the last quarter, each side, yuan, shape (B, I).
        operational: Operational losses of the month, yuan, shape (B,).
        bank_strategy: Sales pressure chosen, 0 to 2, shape (B,).
        insurer_strategy: Service effort chosen, 0 to 2, shape (I,).
        kept: Expected share of bank-sold policies that last 25 months.
        conduct: Files on violations and beliefs about their proof.
        month: Months since the start.
        record: What each month leaves for the panel, by name.
    """

    scenario: Scenario
    seed: int
    threads: int
    people: Customers
    klass: NDArray[Any]
    tables: Tables
    entry: EntryRules
    banks: list[Bank]
    insurers: list[Insurer]
    clerks: Clerks
    managers: list[AccountManager]
    supervisors: list[Supervisor]
    agreements: Agreements
    ledger: Ledger
    rates: Rates
    form: PartnershipForm
    protocol: BargainingProtocol
    scheme: IncentiveScheme
    design: ProductDesign
    regime: SupervisionRegime
    bank_rule: AdaptationRule
    insurer_rule: AdaptationRule
    traits: Traits
    bank_of: NDArray[np.int32]
    customers_of: list[NDArray[np.int64]]
    shelf_order: NDArray[np.int64]
    shelf: NDArray[np.bool_]
    suspended: NDArray[np.bool_]
    fallen_out: NDArray[np.bool_]
    pay: Array
    mean_pay: Array
    sales_mix: Array
    persistency: Array
    agent_conversion: Array
    sums: Sums
    relationship_spend: Array
    link: Array
    months_unchecked: Array
    outage: NDArray[np.bool_]
    breach: Array
    inspection_spend: Array
    scandal: Array
    launched: Array
    progress: Array
    development_spend: Array
    deferred: list[Array]
    fined: Array
    operational: Array
    bank_strategy: NDArray[np.int64]
    insurer_strategy: NDArray[np.int64]
    kept: float
    conduct: Conduct = field(init=False)
    month: int = 0
    record: dict[str, list[Array]] = field(default_factory=dict)

    def take_relationship_spend(self) -> Array:
        """Hand out what was spent on relationships since the books were last closed."""
        spent, self.relationship_spend = (
            self.relationship_spend,
            np.zeros_like(self.relationship_spend),
        )
        return spent

    def note(self, name: str, values: Array) -> None:
        """Keep this month's values of a quantity for the panel."""
        self.record.setdefault(name, []).append(values)

    @property
    def in_business(self) -> NDArray[np.bool_]:
        """Insurers that have not failed, shape (I,)."""
        return np.array([not insurer.failed for insurer in self.insurers])

    @property
    def agent_force(self) -> Array:
        """Shares of the own-agent forces, shape (I,); failed insurers keep none."""
        force = np.array([insurer.agent_force for insurer in self.insurers]) * self.in_business
        return np.asarray(force / max(force.sum(), 1e-300))
