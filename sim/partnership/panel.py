"""Panel: a few partners for a few years, picked by fee or by screening."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.bargaining.base import Array
from sim.partnership.base import Deal, Meeting, PartnershipForm, running_fees


class Panel(PartnershipForm):
    """The bank hears all candidates, keeps the best ones and settles with these.

    By fee, best means the largest fee income expected; by screening, the highest score on the five
    criteria among those with a surplus.
    """

    def negotiate(self, meeting: Meeting) -> Deal:
        """Hear all, choose the panel, then bargain over what sells from the panel's shelf."""
        fees = self._choose(meeting)
        demand = meeting.assess(fees)
        if not meeting.protocol.competitive:
            fees = meeting.protocol.settle(meeting.lay_out(demand))
        return running_fees(fees, demand.sold)

    def _choose(self, meeting: Meeting) -> Array:
        """Fees of the first round, those of the insurers that are not chosen taken out."""
        talks, partners = meeting.talks, self.settings.partners
        screening = self.settings.selection == "screening"
        if not screening:  # bidders compete for the places on the panel
            talks = replace(talks, places=min(talks.places, partners))
        fees = meeting.protocol.settle(talks)
        income = np.nan_to_num(fees * talks.premium).sum(axis=1)
        rank = np.where(income > 0.0, meeting.score if screening else income, -np.inf)
        kept = np.argsort(-rank, kind="stable")[:partners]
        chosen = np.zeros(len(fees), bool)
        chosen[kept] = np.isfinite(rank[kept])
        return np.where(chosen[:, None], fees, np.nan)
