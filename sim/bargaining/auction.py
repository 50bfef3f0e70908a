"""Auction for shelf places: the fee war. Insurers bid up to what a place is worth to them."""

from __future__ import annotations

import numpy as np

from sim.bargaining.base import Array, BargainingProtocol, Talks


def clearing_fee(bids: Array, places: int, reserve: float) -> float:
    """Uniform price of an auction of ``places``: the first excluded bid, at least the reserve.

    Args:
        bids: Reservation fees of the bidders; NaN for those who do not bid.
        places: Places for sale.
        reserve: Lowest fee the seller accepts.
    """
    ranked = np.sort(bids[~np.isnan(bids)])[::-1]
    return max(reserve, float(ranked[places])) if len(ranked) > places else reserve


class Auction(BargainingProtocol):
    """All partners pay the clearing fee; those who bid less are not on the shelf."""

    competitive = True

    def bank_share(self) -> float:
        """With rivals bidding the bank keeps everything above the best excluded rival's offer."""
        return 0.0

    def settle(self, talks: Talks) -> Array:
        """Clear the auction of each premium mode."""
        bids, reserve = talks.reservation_fee(), talks.break_even_fee()
        fees = np.full_like(bids, np.nan)
        for mode in range(bids.shape[1]):
            price = clearing_fee(bids[:, mode], talks.places, float(reserve[:, mode].max()))
            # At the margin, ties go by the order of insurers so that no more win than fit.
            ranked = np.argsort(-np.nan_to_num(bids[:, mode], nan=-np.inf), kind="stable")
            winners = [i for i in ranked[: talks.places] if bids[i, mode] >= price]
            fees[winners, mode] = price
        return fees
