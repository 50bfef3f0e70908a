"""Simple products for the counter: less to explain, less tailored."""

from __future__ import annotations

import numpy as np

from scenarios.levers import SEGMENTS
from sim.design.base import Array, ProductDesign


class OtcSimple(ProductDesign):
    """Standard contracts stripped of options."""

    def complexity(self, complexity: Array) -> Array:
        """A share of the complexity is gone."""
        return complexity * (1.0 - self.settings.simplification)

    def fit(self, launched: Array, quality: Array) -> Array:
        """The affluent miss the options."""
        fit = np.zeros(launched.shape)
        fit[:, :, SEGMENTS.index("affluent")] = -self.settings.simple_need_loss
        return fit
