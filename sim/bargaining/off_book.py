"""Fee caps and the waterbed: what may not be paid openly is paid off the books while it pays.

Where neither the capped fee nor what is paid beside it covers the bank's cost there is no deal.
"""

from __future__ import annotations

import numpy as np

from sim.bargaining.base import Array, Talks, split_margin

_ROUNDING = 1e-12


def split_at_cap(
    fee: Array,
    cap: Array,
    premium: Array,
    quarterly: float,
    fine_multiple: float,
    fixed_fine: float,
) -> tuple[Array, Array]:
    """Split the bargained fees at a cap into an open and a hidden part.

    The excess goes off the books if it is worth more than the fines that both sides expect on it.
    A case is fined a multiple of what was paid in the quarter, and a fixed amount:
    s P / 4 > 2 q (multiple s P / 4 + fixed), else the excess is given up.

    Args:
        fee: Bargained fees, share of premium, shape (I, 2); NaN without a deal.
        cap: Highest open fee per premium mode, shape (2,).
        premium: Expected premium, yuan a year, shape (I, 2).
        quarterly: q, perceived chance to be found out in a quarter.
        fine_multiple: Fine per yuan paid off the books, for each side.
        fixed_fine: Fine per proven case, yuan, for each side.

    Returns:
        Open fees and payments off the books, share of premium, shape (I, 2) each.
    """
    excess = np.maximum(0.0, fee - cap)
    amount = np.nan_to_num(excess * premium).sum(axis=1) / 4.0
    paid = amount > 2.0 * quarterly * (fine_multiple * amount + fixed_fine)
    side = np.where(paid[:, None], np.nan_to_num(excess), 0.0)
    return np.minimum(fee, cap), side


def covered(fee: Array, side: Array, talks: Talks, side_to_clerks: float, equity: float) -> Array:
    """Drop the deals on which the bank would lose at what it is paid in the end.

    Args:
        fee: Open fees, share of first premium, shape (I, 2); NaN without a deal.
        side: Payments off the books, share of first premium, shape (I, 2).
        talks: Facts of bargaining.
        side_to_clerks: The clerks' part of payments off the books.
        equity: The bank's share of the partner's profit.

    Returns:
        Open fees, NaN where there is no deal any more.
    """
    bank, _ = split_margin(
        fee, side, talks.margin, talks.bank_cost, talks.pass_through, side_to_clerks, equity
    )
    return np.where(bank >= -_ROUNDING, fee, np.nan)
