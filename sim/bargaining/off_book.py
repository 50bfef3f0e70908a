"""Fee caps and the waterbed: what may not be paid openly is paid off the books while it pays."""

from __future__ import annotations

import numpy as np

from sim.bargaining.base import Array


def split_at_cap(
    fee: Array,
    cap: Array,
    premium: Array,
    belief: float,
    fine_multiple: float,
    fixed_fine: float,
) -> tuple[Array, Array]:
    """Split the bargained fees at a cap into an open and a hidden part.

    The excess goes off the books if, over a year, it is worth more than the fines expected on it:
    s P (1 - belief * multiple) > belief * fixed, else it is given up.

    Args:
        fee: Bargained fees, share of premium, shape (I, 2); NaN without a deal.
        cap: Highest open fee per premium mode, shape (2,).
        premium: Expected premium, yuan a year, shape (I, 2).
        belief: Perceived yearly chance to be found out.
        fine_multiple: Fine per yuan paid off the books.
        fixed_fine: Fine per proven case, yuan.

    Returns:
        Open fees and payments off the books, share of premium, shape (I, 2) each.
    """
    excess = np.maximum(0.0, fee - cap)
    worth = np.nan_to_num(excess * premium).sum(axis=1) * (1.0 - belief * fine_multiple)
    paid = worth > belief * fixed_fine
    side = np.where(paid[:, None], np.nan_to_num(excess), 0.0)
    return np.minimum(fee, cap), side
