"""Part-time agency: many partners on the shelf, fees talked over every year."""

from __future__ import annotations

from sim.partnership.base import Deal, Meeting, PartnershipForm, running_fees


class PartTimeAgency(PartnershipForm):
    """The bank talks to all candidates at once and takes everyone with a surplus."""

    takes_all = True

    def negotiate(self, meeting: Meeting) -> Deal:
        """Bargain with all candidates under the configured protocol; running fees only."""
        return running_fees(meeting.protocol.settle(meeting.talks), meeting.demand.sold)
