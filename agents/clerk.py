"""Bank clerks as arrays: they number thousands and decide by one rule."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

#: One clerk.
CLERK = np.dtype(
    [
        ("bank", np.int64),
        ("talent", np.float64),  # skill without training, pure number
        ("ethics", np.float64),  # intrinsic pay of honest advice, yuan a month
        ("training", np.float64),  # stock of training, hours
        ("selling", np.float64),  # effort
        ("advice", np.float64),  # effort
        ("precision", np.float64),  # of the suitability signal, standard deviations
    ]
)


class Clerks(NamedTuple):
    """State of all clerks in branch order; K clerks, C product classes."""

    clerk: NDArray[Any]  # (K,) of CLERK
    cutoff: NDArray[np.float64]  # (K, C) posterior at which a class is recommended

    def train(self, hours: float, depreciation: float) -> None:
        """Add a month's training hours to a stock that wears off."""
        self.clerk["training"] += hours - depreciation * self.clerk["training"]

    def copy(self) -> Clerks:
        """Clerks who decide independently of these."""
        return Clerks(self.clerk.copy(), self.cutoff.copy())


def hire(
    bank: NDArray[np.int64],
    talent: NDArray[np.float64],
    ethics: NDArray[np.float64],
    training: float,
    classes: int,
) -> Clerks:
    """Staff the branches with clerks who have not yet decided on their effort."""
    clerk = np.zeros(len(bank), CLERK)
    clerk["bank"] = bank
    clerk["talent"] = talent
    clerk["ethics"] = ethics
    clerk["training"] = training
    return Clerks(clerk, np.zeros((len(bank), classes)))
