"""From product classes to premium modes, single and regular, and back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.products import REGULAR

Array = NDArray[np.float64]


def by_mode(values: Array) -> Array:
    """Sum over the classes of each premium mode: shape (..., C) to (..., 2)."""
    single = values[..., ~REGULAR].sum(axis=-1)
    return np.stack((single, values[..., REGULAR].sum(axis=-1)), axis=-1)


def mode_mean(per_class: Array, weight: Array) -> Array:
    """Mean over the classes of each mode weighted by premium, shape (..., C) to (..., 2).

    Where nothing is sold in a mode the plain mean stands in.
    """
    total = by_mode(weight)
    plain = by_mode(per_class) / by_mode(np.ones_like(per_class))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0.0, by_mode(per_class * weight) / total, plain)


def class_deals(deal: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Deals by class from deals by premium mode: shape (..., 2) to (..., C)."""
    return np.ascontiguousarray(deal[..., REGULAR.astype(int)])
