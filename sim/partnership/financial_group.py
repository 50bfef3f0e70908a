"""Financial group: a captive insurer, given by ownership and not chosen on its merits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.base import Array
from sim.partnership.base import Meeting
from sim.partnership.joint_venture import JointVenture


class FinancialGroup(JointVenture):
    """The group sells its own insurer's policies at the running fee best for the group."""

    owned = True
    # The group has owned its insurer all along: a lump sum is no price but part of the profit
    # that is shared, moved within the group as its dividend policy likes.
    buys_stake = False

    def _ranking(self, meeting: Meeting, surplus: Array) -> NDArray[np.int64]:
        """The one insurer the group owns, if it brings anything."""
        captive = meeting.bank % len(surplus)
        owned = meeting.candidates[meeting.candidates == captive]
        return owned[surplus[owned] > 0.0] if len(owned) else np.array([], np.int64)
