"""The supervisory authorities."""

from __future__ import annotations

import mesa


class Supervisor(mesa.Agent):
    """One authority: for banks, for securities or for insurance.

    Attributes:
        field: What it supervises.
        fines: Collected since the start, yuan.
    """

    def __init__(self, model: mesa.Model, field: str) -> None:
        """Set the authority up."""
        super().__init__(model)
        self.field = field
        self.fines = 0.0

    def collect(self, fines: float) -> None:
        """Take fines, yuan."""
        self.fines += fines
