"""After-sales service: who is reached by the account managers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def contact_chance(capacity: Array, policies: Array) -> Array:
    """Monthly chance that a policy's holder is contacted: capacity over policies, at most one.

    Args:
        capacity: Contacts a month, any shape.
        policies: Policies in force, same shape; where there are none the chance is zero.
    """
    return np.asarray(
        np.where(policies > 0.0, np.minimum(1.0, capacity / np.maximum(policies, 1.0)), 0.0)
    )


def resolution(settled: Array, coverage: Array) -> Array:
    """Share of complaints settled before the regulator hears of them.

    A complaint is settled with chance ``settled`` when it comes in. Account managers take up what
    is left with the holders they reach, with the same chance: 1 - (1 - s)(1 - s * coverage).

    Args:
        settled: Chance of one attempt, any shape.
        coverage: Share of holders contacted within a year, same shape.
    """
    return np.asarray(1.0 - (1.0 - settled) * (1.0 - settled * coverage))


def yearly_coverage(chance: Array) -> Array:
    """Share of holders contacted at least once in twelve months."""
    return np.asarray(1.0 - (1.0 - chance) ** 12)
