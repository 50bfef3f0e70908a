"""Products designed per customer segment, developed one variant after the other."""

from __future__ import annotations

import numpy as np

from sim.design.base import SHAPE, Array, ProductDesign


class Segmented(ProductDesign):
    """Every insurer works through the segments, all classes of a segment at a time."""

    def variants(self) -> list[tuple[int, int]]:
        """Largest segments first: families, elders, the affluent, the young."""
        return [(c, s) for s in (1, 3, 2, 0) for c in range(SHAPE[0])]

    def fit(self, launched: Array, quality: Array) -> Array:
        """A variant fits its segment as well as the developers know it."""
        return np.asarray(self.settings.variant_quality * launched * quality[:, None, None])
