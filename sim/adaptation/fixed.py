"""Fixed: firms do what the scenario says."""

from __future__ import annotations

from sim.adaptation.base import AdaptationRule, Array, Choices


class Fixed(AdaptationRule):
    """No revision."""

    def revise(self, strategy: Choices, payoff: Array, draws: Array) -> Choices:
        """Last year's strategies."""
        return strategy
