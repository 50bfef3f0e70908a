"""An account manager: an insurer's person in the branches of a partner bank."""

from __future__ import annotations

import mesa

UNASSIGNED = -1


class AccountManager(mesa.Agent):
    """Looks after the branches and customers of one partner bank for one insurer.

    Attributes:
        insurer: Employer, position on the insurer axis; UNASSIGNED while out of work.
        bank: Partner bank, position on the bank axis; UNASSIGNED while out of work.
    """

    def __init__(self, model: mesa.Model) -> None:
        """Enter the labour market."""
        super().__init__(model)
        self.insurer = UNASSIGNED
        self.bank = UNASSIGNED

    def recall(self) -> None:
        """Be out of work."""
        self.assign(UNASSIGNED, UNASSIGNED)

    def assign(self, bank: int, insurer: int) -> None:
        """Take up work for an insurer at a bank."""
        self.bank = bank
        self.insurer = insurer
