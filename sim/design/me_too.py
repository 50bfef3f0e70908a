"""Me-too products: everyone sells the same, nobody develops."""

from __future__ import annotations

import numpy as np

from sim.design.base import Array, ProductDesign


class MeToo(ProductDesign):
    """The market's standard contracts."""

    def fit(self, launched: Array, quality: Array) -> Array:
        """Nothing beyond the standard."""
        return np.zeros(launched.shape)
