"""What an adaptation rule must answer."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from scenarios.levers import Adaptation

Array = NDArray[np.float64]
Choices = NDArray[np.int64]
#: Neighbouring strategies: less, as configured, more.
STRATEGIES = 3
NEUTRAL = 1


class AdaptationRule(ABC):
    """Revises the yearly strategies of one kind of firm."""

    def __init__(self, settings: Adaptation) -> None:
        """Keep the settings."""
        self.settings = settings

    @abstractmethod
    def revise(self, strategy: Choices, payoff: Array, draws: Array) -> Choices:
        """Strategies for the coming year, shape (firms,).

        Args:
            strategy: Strategies of the past year, 0 to STRATEGIES - 1, shape (firms,).
            payoff: What they brought, yuan per customer, shape (firms,).
            draws: Uniform draws, shape (2, firms).
        """
