"""One authority: a trace on either side is enough."""

from __future__ import annotations

from sim.supervision.base import Flags, SupervisionRegime


class Integrated(SupervisionRegime):
    """Sees both books of a pair."""

    def prove(self, bank_trace: Flags, insurer_trace: Flags, month: int) -> Flags:
        """Either side."""
        return bank_trace | insurer_trace
