"""What plain customers meet in a month: settings, tables, random numbers, and sums to add to."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np

from sim.month_tables import N_FLOWS, N_TOTALS, World
from sim.state import Market
from sim.streams import Stream, gumbel, normal, stream_key, uniform

if TYPE_CHECKING:
    from tests.reference.customer import Customer, Policy


def rows(records: np.ndarray) -> list[SimpleNamespace]:
    """Records as objects with plain Python attributes."""
    return [
        SimpleNamespace(**dict(zip(records.dtype.names, record, strict=True)))
        for record in records.tolist()
    ]


class Month:
    """One month of the market, read from the scenario itself and from what banks and insurers set.

    Attributes:
        flows: Shape (banks + 1, insurers, classes, flows).
        totals: Shape (banks, totals).
    """

    def __init__(self, market: Market, world: World) -> None:
        scenario = market.scenario
        self.month, self.seed = market.month, market.seed
        self.people, self.market = scenario.population, scenario.market
        self.choice, self.life = self.people.choice, self.people.policy_life
        self.trust = self.people.trust
        self.incentives, self.platform = scenario.incentives, scenario.platform
        self.supervision = scenario.supervision
        self.tables, self.counter = world.tables, world.counter
        self.bank_of = self.counter.bank_of.tolist()
        self.scandal = self.counter.scandal.tolist()
        self.targeting = self.counter.targeting.tolist()
        self.breach = self.counter.breach.tolist()
        self.cross_selling = market.design.cross_selling()
        self.classes = rows(self.counter.klass)
        self.clerks = rows(self.counter.clerk)
        self.pairs = [rows(pairs) for pairs in self.counter.pair]
        banks, insurers = self.counter.pair.shape
        self.flows = np.zeros((banks + 1, insurers, len(self.classes), N_FLOWS))
        self.totals = np.zeros((banks, N_TOTALS))
        self._keys: dict[tuple[Stream, int], np.uint64] = {}

    def row(self, customer: Customer, policy: Policy) -> int:
        """Row of the flows in which a policy counts: its holder's bank, or the own agents."""
        return customer.bank(self) if policy.by_bank else -1

    def _key(self, stream: Stream, month: int) -> np.uint64:
        if (stream, month) not in self._keys:
            self._keys[stream, month] = np.uint64(stream_key(self.seed, stream, month))
        return self._keys[stream, month]

    def uniform(self, stream: Stream, entity: int) -> float:
        return uniform(self._key(stream, self.month), entity)

    def gumbel(self, stream: Stream, entity: int) -> float:
        return gumbel(self._key(stream, self.month), entity)

    def normal(self, stream: Stream, entity: int, month: int | None = None) -> float:
        """Standard normal draw of this month, or of the ``month`` given."""
        return normal(self._key(stream, self.month if month is None else month), entity)
