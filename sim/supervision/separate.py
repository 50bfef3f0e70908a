"""Separate authorities: each sees one side; proof needs both in the same quarter."""

from __future__ import annotations

from sim.supervision.base import Flags, SupervisionRegime


class Separate(SupervisionRegime):
    """A trace seen by one authority alone leads nowhere and is forgotten."""

    def prove(self, bank_trace: Flags, insurer_trace: Flags, month: int) -> Flags:
        """Both at once."""
        return bank_trace & insurer_trace
