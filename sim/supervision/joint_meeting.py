"""Joint meeting: authorities remember traces and pool them every few months."""

from __future__ import annotations

import numpy as np

from scenarios.levers import Supervision
from sim.supervision.base import Flags, SupervisionRegime


class JointMeeting(SupervisionRegime):
    """Files are kept until the next meeting and closed there."""

    def __init__(self, settings: Supervision) -> None:
        """Start with empty files."""
        super().__init__(settings)
        self._bank_file: Flags | None = None
        self._insurer_file: Flags | None = None
        self._last_meeting = 0

    def prove(self, bank_trace: Flags, insurer_trace: Flags, month: int) -> Flags:
        """At a meeting, every pair that is in both files."""
        if self._bank_file is None or self._insurer_file is None:
            self._bank_file = np.zeros_like(bank_trace)
            self._insurer_file = np.zeros_like(insurer_trace)
        self._bank_file |= bank_trace
        self._insurer_file |= insurer_trace
        if month - max(self.began, self._last_meeting) < self.settings.meeting_interval:
            return np.zeros_like(bank_trace)
        proven = self._bank_file & self._insurer_file
        self._bank_file = np.zeros_like(bank_trace)
        self._insurer_file = np.zeros_like(insurer_trace)
        self._last_meeting = month
        return proven

    def pending(self, like: Flags) -> Flags:
        """Whoever is in either file."""
        if self._bank_file is None or self._insurer_file is None:
            return np.zeros_like(like)
        return self._bank_file | self._insurer_file
