"""Imitation: now and then a firm copies a randomly met one that did better."""

from __future__ import annotations

import numpy as np

from sim.adaptation.base import NEUTRAL, AdaptationRule, Array, Choices


class Imitate(AdaptationRule):
    """Pairwise comparison, with experiments by firms that all do the same.

    A firm that looks around copies the firm it meets if that one earned more. With a tenth of that
    chance it tries a strategy at random instead, or nothing new could ever spread.
    """

    def revise(self, strategy: Choices, payoff: Array, draws: Array) -> Choices:
        """Compare, copy or experiment."""
        firms = len(strategy)
        looks, partner = draws
        met = (np.arange(firms) + 1 + (partner * max(1, firms - 1)).astype(np.int64)) % firms
        better = payoff[met] > payoff
        copied = np.where(better, strategy[met], strategy)
        tried = (partner * (2 * NEUTRAL + 1)).astype(np.int64)
        chance = self.settings.imitation
        revised = np.where(looks < chance, copied, strategy)
        return np.where(looks < 0.1 * chance, tried, revised)
