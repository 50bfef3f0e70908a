"""Full suite: short and long term for every segment, sold inside the bank's wealth range."""

from __future__ import annotations

from sim.design.segmented import Segmented


class FullSuite(Segmented):
    """Segmented products that are offered together with what a customer already has."""

    def cross_selling(self) -> float:
        """The wealth range leads holders of one policy to the next."""
        return self.settings.cross_selling
