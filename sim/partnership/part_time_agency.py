"""Part-time agency: many partners on the shelf, fees talked over every year."""

from __future__ import annotations

import numpy as np

from sim.partnership.base import Deal, Meeting, PartnershipForm


class PartTimeAgency(PartnershipForm):
    """The bank talks to all candidates at once and takes everyone with a surplus."""

    takes_all = True

    def negotiate(self, meeting: Meeting) -> Deal:
        """Bargain with all candidates under the configured protocol; running fees only."""
        fees = meeting.protocol.settle(meeting.talks)
        expected = np.where(np.isnan(fees), 0.0, meeting.talks.premium).sum(axis=1)
        return Deal(fees, np.zeros(len(fees)), expected)
