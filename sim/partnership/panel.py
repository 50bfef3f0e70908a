"""Panel: a few partners for a few years, picked by fee or by screening."""

from __future__ import annotations

import numpy as np

from sim.partnership.base import Deal, Meeting, PartnershipForm, running_fees


class Panel(PartnershipForm):
    """The bank bargains with all candidates and keeps the best ones.

    By fee, best means the largest fee income expected; by screening, the highest score on the five
    criteria among those with a surplus.
    """

    def negotiate(self, meeting: Meeting) -> Deal:
        """Bargain, rank, keep as many partners as the panel has places."""
        fees = meeting.protocol.settle(meeting.talks)
        income = np.nan_to_num(fees * meeting.talks.premium).sum(axis=1)
        rank = meeting.score if self.settings.selection == "screening" else income
        rank = np.where(income > 0.0, rank, -np.inf)
        kept = np.argsort(-rank, kind="stable")[: self.settings.partners]
        chosen = np.zeros(len(fees), bool)
        chosen[kept] = np.isfinite(rank[kept])
        return running_fees(np.where(chosen[:, None], fees, np.nan), meeting.demand.sold)
