"""A bargaining protocol from outside: half the margin goes to the bank, whoever else is there."""

import numpy as np

from sim.bargaining.base import Array, BargainingProtocol, Talks

SHARE = 0.5


class FixedSplit(BargainingProtocol):
    """Custom, not bargaining: the same split in every pair."""

    def settle(self, talks: Talks) -> Array:
        """Split the margin where the bank covers its cost by it and something is sold."""
        fee = SHARE * talks.margin
        signed = (fee >= talks.break_even_fee()) & (talks.premium > 0.0)
        return np.where(signed, fee, np.nan)

    def bank_share(self) -> float:
        """The same split in talks of two."""
        return SHARE
