"""The information link between a bank and an insurer: days to issue, errors, drop-out."""

from __future__ import annotations

from math import exp

import numpy as np
from numpy.typing import NDArray

from sim.compiled import rule

Array = NDArray[np.float64]


def between(integration: Array, paper: float, integrated: float) -> Array:
    """Geometric interpolation between the paper and the integrated value of a process figure."""
    return np.asarray(paper ** (1.0 - integration) * integrated**integration)


@rule
def drop_out_chance(days: float, rate: float) -> float:
    """Chance that an applicant gives up while waiting; each day loses the same share."""
    return 1.0 - exp(-rate * days)
