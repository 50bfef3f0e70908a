"""Violations, the beliefs that deter them, and what follows when they are proven.

A pair violates the rules in a quarter by paying off the books, or by mis-selling: that is the
likelier to leave a trace the larger its share of the pair's sales, and sure to at a trigger share.
The chance is linear in the rate, so it hardly depends on how many customers are modelled.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.ledger import Account
from sim.month_tables import Flow
from sim.state import Market
from sim.streams import Stream, key_of, uniforms
from sim.supervision.base import Flags

Array = NDArray[np.float64]
#: Weight of the last quarter's sales in the next: a half-life of a year.
_QUARTER_MEMORY = 0.84


@dataclass
class Belief:
    """Beta-Bernoulli belief about the chance per quarter that a violation is proven.

    Attributes:
        proven: Cases proven, counting the prior.
        unproven: Violations that got away, counting the prior.
        strength: Weight that old evidence can reach; beyond it the past fades.
    """

    proven: float
    unproven: float
    strength: float

    @property
    def quarterly(self) -> float:
        """Mean of the Beta distribution."""
        return self.proven / (self.proven + self.unproven)

    @property
    def yearly(self) -> float:
        """Chance to be found out at least once in four quarters."""
        return 1.0 - (1.0 - self.quarterly) ** 4

    def update(self, proven: float, violations: float) -> None:
        """See how many of a quarter's violations were proven, as a share."""
        if violations <= 0.0:
            return
        total = self.proven + self.unproven
        if total + 1.0 > self.strength:
            fade = max(0.0, self.strength - 1.0) / total
            self.proven *= fade
            self.unproven *= fade
        share = proven / violations
        self.proven += share
        self.unproven += 1.0 - share


@dataclass
class Conduct:
    """Memory of violations: who violates since when, and what is believed about proof.

    Attributes:
        money: Belief about payments off the books.
        selling: Belief about mis-selling.
        since: Month in which a pair's current spell of violations began, -1 if none, (B, I).
        side_paid: Paid off the books in the quarter or while a file is open, yuan, (B, I).
        mis_sold: Mis-sales of late, the past fading, (B, I).
        sold: Sales of late, likewise, (B, I).
    """

    money: Belief
    selling: Belief
    since: NDArray[np.int64]
    side_paid: Array = field(init=False)
    mis_sold: Array = field(init=False)
    sold: Array = field(init=False)

    def __post_init__(self) -> None:
        """Start with clean files."""
        shape = self.since.shape
        self.side_paid, self.mis_sold, self.sold = (np.zeros(shape) for _ in range(3))

    def set_strength(self, strength: float) -> None:
        """Let old evidence reach another weight than before in both beliefs."""
        self.money.strength = self.selling.strength = strength

    def drop_insurer(self, insurer: int) -> None:
        """Close the files of an insurer that has failed: there is nobody left to fine."""
        self.since[:, insurer] = -1
        for counts in (self.side_paid, self.mis_sold, self.sold):
            counts[:, insurer] = 0.0

    def forget_quarter(self, pending: Flags) -> None:
        """Begin to count anew; money in an open file and the rate of mis-selling are remembered."""
        self.side_paid = np.where(pending, self.side_paid, 0.0)
        self.mis_sold *= _QUARTER_MEMORY
        self.sold *= _QUARTER_MEMORY


def open_files(market: Market) -> Conduct:
    """Set up beliefs: what separate authorities would prove, whatever the regime.

    Nobody knows beforehand how good a new regime is. It deters by the cases that it proves.
    """
    rules = market.scenario.supervision
    strength, chance = rules.belief_strength, rules.bank_sight * rules.insurer_sight

    def prior() -> Belief:
        return Belief(strength * chance, strength * (1.0 - chance), strength)

    return Conduct(prior(), prior(), np.full(market.agreements.active.shape, -1))


def watch(market: Market) -> None:
    """Add the month's payments and sales to the quarter's files."""
    conduct, flows = market.conduct, market.sums.flows[:-1]
    conduct.side_paid += market.record["side"][-1]
    conduct.mis_sold += flows[..., Flow.MIS_SALES].sum(axis=2)
    conduct.sold += flows[..., Flow.SALES].sum(axis=2)


def supervise(market: Market) -> None:
    """Close the quarter: traces, proof, fines, publicity, and what everybody learns from it."""
    rules, conduct = market.scenario.supervision, market.conduct
    shape = conduct.since.shape
    money = conduct.side_paid > 0.0
    pairs = shape[0] * shape[1]
    draws = uniforms(key_of(market.seed, Stream.SUPERVISION, market.month), 3 * pairs)
    draws = draws.reshape(3, *shape)
    rate = conduct.mis_sold / np.maximum(conduct.sold, 1.0)
    selling = draws[2] < rate / rules.mis_sale_trigger
    sharp = money & rules.true_recording
    violates = money | selling
    bank_trace = violates & (draws[0] < np.where(sharp, rules.recording_sight, rules.bank_sight))
    insurer_trace = violates & (
        draws[1] < np.where(sharp, rules.recording_sight, rules.insurer_sight)
    )
    proven = market.regime.prove(bank_trace, insurer_trace, market.month) & market.in_business
    started = violates & (conduct.since < 0)
    conduct.since[started] = market.month - 3
    delays = (market.month - conduct.since)[proven]
    _punish(market, proven)
    conduct.money.update(float((proven & money).sum()), float(money.sum()))
    conduct.selling.update(float((proven & selling).sum()), float(selling.sum()))
    pending = market.regime.pending(proven) & ~proven
    conduct.since[proven | ~(violates | pending)] = -1
    market.note("violations", np.array(float(violates.sum())))
    market.note("proven", np.array(float(proven.sum())))
    market.note("delay", np.array(float(delays.sum())))
    conduct.forget_quarter(pending)


def _punish(market: Market, proven: NDArray[np.bool_]) -> None:
    """Fine both sides, publish the case, and put an end to the payments."""
    rules, conduct, ledger = market.scenario.supervision, market.conduct, market.ledger
    customers = np.array([bank.customers for bank in market.banks], np.float64)[:, None]
    fine = rules.fine_multiple * conduct.side_paid + rules.fixed_fine * customers
    fines = np.where(proven, fine, 0.0)
    ledger.post(ledger.banks, Account.SUPERVISORS, fines.sum(axis=1))
    ledger.post(ledger.insurers, Account.SUPERVISORS, fines.sum(axis=0))
    for bank, amount in zip(market.banks, fines.sum(axis=1), strict=True):
        bank.pay_fine(float(amount))
    for insurer, amount in zip(market.insurers, fines.sum(axis=0), strict=True):
        insurer.pay_fine(float(amount))
        cases = float(proven[:, insurer.index].sum())
        insurer.reputation = max(0.0, insurer.reputation - rules.reputation_fine * cases)
    market.supervisors[0].collect(float(fines.sum()))
    market.supervisors[-1].collect(float(fines.sum()))
    market.fined = fines
    market.agreements.side[proven] = 0.0
    # The bank's own customers hear most of it; a little trust is lost in banks as sellers at large.
    everywhere = market.scenario.population.trust.scandal_loss * proven.sum()
    market.scandal += rules.publicity * proven.sum(axis=1) + everywhere


def clerk_sanction(market: Market) -> float:
    """Expected cost of a mis-sale to the clerk beside the own conscience, yuan.

    Found out by complaint (``detection``), by the bank's own risk control, or because the bank
    fears the supervisor and looks itself.
    """
    rules = market.scenario.supervision
    unseen = (1.0 - rules.detection) * (1.0 - 0.5 * rules.risk_control)
    unseen *= 1.0 - market.conduct.selling.quarterly
    return (1.0 - unseen) * rules.sanction
