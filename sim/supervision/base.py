"""What a supervision regime must answer."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from scenarios.levers import Supervision

Flags = NDArray[np.bool_]


class SupervisionRegime(ABC):
    """Turns traces seen on the books of banks and insurers into proven cases."""

    def __init__(self, settings: Supervision) -> None:
        """Keep the settings of the lever."""
        self.settings = settings
        #: Month in which the regime came into force.
        self.began = 0

    @abstractmethod
    def prove(self, bank_trace: Flags, insurer_trace: Flags, month: int) -> Flags:
        """Cases proven this quarter, shape (B, I).

        Args:
            bank_trace: Violations of which the bank authority sees a trace, shape (B, I).
            insurer_trace: The same of the insurance authority.
            month: Now.
        """

    def pending(self, like: Flags) -> Flags:
        """Pairs with a trace on file that has not led to a case yet, shape of ``like``."""
        return np.zeros_like(like)
