"""Part-time agency: many partners on the shelf, fees talked over every year."""

from __future__ import annotations

from sim.partnership.base import Deal, Meeting, PartnershipForm, running_fees


class PartTimeAgency(PartnershipForm):
    """The bank talks to all candidates at once and takes everyone with a surplus."""

    takes_all = True

    def negotiate(self, meeting: Meeting) -> Deal:
        """Bargain with all candidates under the configured protocol; running fees only.

        Who gets no deal leaves the shelf to the others: what they expect to sell is asked again.
        """
        fees = meeting.protocol.settle(meeting.talks)
        return running_fees(fees, meeting.assess(fees).sold)
