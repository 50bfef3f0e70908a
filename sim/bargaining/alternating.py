"""Alternating offers (Rubinstein 1982): impatience divides the surplus."""

from __future__ import annotations

from sim.bargaining.nash import NashInNash


def proposer_share(proposer_discount: float, responder_discount: float) -> float:
    """Share of the side that makes the first offer, (1 - d2) / (1 - d1 d2).

    As the period shrinks it tends to the Nash share ln d2 / (ln d1 + ln d2).
    """
    return (1.0 - responder_discount) / (1.0 - proposer_discount * responder_discount)


class AlternatingOffers(NashInNash):
    """The bank proposes first in every pair; pairs take each other's fees as given."""

    def bank_share(self) -> float:
        """Share of a proposer with the bank's discount factor."""
        return proposer_share(self.settings.bank_discount, self.settings.insurer_discount)
