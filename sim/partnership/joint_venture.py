"""Joint venture: an exclusive alliance with a capital tie that rules replacement out."""

from __future__ import annotations

from sim.partnership.exclusive_alliance import ExclusiveAlliance


class JointVenture(ExclusiveAlliance):
    """The bank owns part of the partner's profit from it and has committed itself."""

    replaceable = False
    pays_both_ways = True
    buys_stake = True
