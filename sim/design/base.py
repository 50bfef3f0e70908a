"""What a product design must answer."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from scenarios.levers import PRODUCT_CLASSES, SEGMENTS, Product

Array = NDArray[np.float64]
SHAPE = (len(PRODUCT_CLASSES), len(SEGMENTS))


class ProductDesign(ABC):
    """Turns what insurers have developed into what their products are to customers."""

    def __init__(self, settings: Product) -> None:
        """Keep the settings of the lever."""
        self.settings = settings

    def variants(self) -> list[tuple[int, int]]:
        """(class, segment) of the variants to develop, in order; none by default."""
        return []

    def complexity(self, complexity: Array) -> Array:
        """Complexity of the classes as sold, in [0, 1], shape (C,)."""
        return complexity

    @abstractmethod
    def fit(self, launched: Array, quality: Array) -> Array:
        """Utility that the design adds to a class's need, util, shape (I, C, S).

        Args:
            launched: Variants on the market, 0 or 1, shape (I, C, S).
            quality: Share of the possible fit that each insurer achieves, shape (I,).
        """

    def cross_selling(self) -> float:
        """Utility added per bank-sold policy a customer already holds, util."""
        return 0.0
