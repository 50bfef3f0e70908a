"""Experience-weighted attraction (Camerer & Ho 1999)."""

from __future__ import annotations

import numpy as np

from scenarios.levers import Adaptation
from sim.adaptation.base import STRATEGIES, AdaptationRule, Array, Choices


def update_attractions(
    attraction: Array,
    experience: float,
    payoff: Array,
    chosen: Choices,
    decay: float,
    growth: float,
    foregone: float,
) -> tuple[Array, float]:
    """One year of experience.

    N(t) = phi (1 - kappa) N(t-1) + 1 and A(t) = [phi N(t-1) A(t-1) + w pi] / N(t), where w is one
    for the chosen strategy and delta for the others.

    Args:
        attraction: A(t-1), shape (firms, strategies).
        experience: N(t-1).
        payoff: pi of every strategy, shape (firms, strategies).
        chosen: Shape (firms,).
        decay: phi.
        growth: kappa.
        foregone: delta.
    """
    weight = np.full_like(payoff, foregone)
    weight[np.arange(len(chosen)), chosen] = 1.0
    now = decay * (1.0 - growth) * experience + 1.0
    return (decay * experience * attraction + weight * payoff) / now, now


class ExperienceWeightedAttraction(AdaptationRule):
    """Logit response to attractions; foregone payoffs are what others earned with a strategy."""

    def __init__(self, settings: Adaptation) -> None:
        """Start without experience."""
        super().__init__(settings)
        self._attraction: Array | None = None
        self._experience = 1.0

    def revise(self, strategy: Choices, payoff: Array, draws: Array) -> Choices:
        """Learn from the year and draw the next strategy."""
        firms = len(strategy)
        scale = max(float(np.abs(payoff).mean()), 1e-12)
        relative = payoff / scale
        seen = np.full((firms, STRATEGIES), float(relative.mean()))
        for k in range(STRATEGIES):
            if (strategy == k).any():
                seen[:, k] = relative[strategy == k].mean()
        seen[np.arange(firms), strategy] = relative
        if self._attraction is None:
            self._attraction = np.zeros((firms, STRATEGIES))
        self._attraction, self._experience = update_attractions(
            self._attraction,
            self._experience,
            seen,
            strategy,
            self.settings.ewa_decay,
            self.settings.ewa_growth,
            self.settings.ewa_foregone,
        )
        utility = self.settings.ewa_sensitivity * self._attraction
        weight = np.exp(utility - utility.max(axis=1, keepdims=True))
        cumulative = np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)
        drawn = (draws[0][:, None] > cumulative).sum(axis=1)
        return np.asarray(np.minimum(drawn, STRATEGIES - 1))
