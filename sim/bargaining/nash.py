"""Nash-in-Nash (Horn & Wolinsky 1988): every pair splits its surplus given all other deals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.base import Array, BargainingProtocol, Talks

_ROUNDS = 500
_TOLERANCE = 1e-11


def split_surplus(
    premium: Array,
    margin: Array,
    cost: Array,
    bank_else: Array,
    insurer_else: Array,
    power: float,
    leak: float = 0.0,
) -> tuple[Array, Array]:
    """Fee of the asymmetric Nash solution (Nash 1950).

    The bank keeps 1 - t of the fee, the rest goes to the clerk, so it needs at least
    (c + D_b / P) / (1 - t); the insurer can pay m - D_i / P. The fee lies a share theta above the
    lower limit. Without a leak this is c + D_b / P + theta S / P with S = (m - c) P - D_b - D_i:
    the bank gains theta S, the insurer (1 - theta) S.

    Args:
        premium: P > 0, yuan a year.
        margin: m, share of premium.
        cost: c, share of premium.
        bank_else: D_b, what the bank recaptures without the deal, yuan a year.
        insurer_else: D_i, the same of the insurer.
        power: theta in [0, 1].
        leak: t, share of the fee that goes to the clerk.

    Returns:
        Fee, share of premium, and room between the limits in yuan a year (S without a leak); a
        deal needs it not to be negative.
    """
    lowest = (cost + bank_else / premium) / (1.0 - leak)
    room = margin - insurer_else / premium - lowest
    return lowest + power * room, room * premium


class NashInNash(BargainingProtocol):
    """Solves all pairs of a bank together: each takes the others' fees as given."""

    def bank_share(self) -> float:
        """Bargaining power of the bank."""
        return self.settings.bank_power

    def settle(self, talks: Talks) -> Array:
        """Solve all deals at once; where one has no surplus, drop the worst and solve again."""
        dealt = talks.premium > 0.0
        while True:
            fee, surplus = self._fixed_point(talks, dealt)
            worst = np.unravel_index(np.argmin(surplus), surplus.shape)
            if not surplus[worst] < 0.0:
                return np.where(dealt, fee, np.nan)
            dealt[worst] = False

    def _fixed_point(self, talks: Talks, dealt: NDArray[np.bool_]) -> tuple[Array, Array]:
        """Fees of the given deals at which no pair would change its own, and their surpluses.

        The update is a contraction: a yuan more on the other products raises a fee by what they
        recapture times (1 - theta), which is less than one.
        """
        power = self.bank_share()
        fee = np.where(dealt, talks.bank_cost, 0.0)
        share = np.where(dealt, talks.premium, 1.0)
        leak = talks.pass_through
        for _ in range(_ROUNDS):
            # A product without a deal is not there to recapture anything.
            gain = np.where(dealt, fee * (1.0 - leak) - talks.bank_cost, 0.0)
            bank_else = np.maximum(0.0, np.tensordot(talks.moved, gain, axes=2))
            new, surplus = split_surplus(
                share,
                talks.margin,
                talks.bank_cost,
                bank_else,
                talks.insurer_recapture,
                power,
                leak,
            )
            new = np.where(dealt, new, 0.0)
            change = float(np.abs(new - fee).max(initial=0.0))
            fee = new
            if change < _TOLERANCE:
                break
        return fee, np.where(dealt, surplus, np.inf)
