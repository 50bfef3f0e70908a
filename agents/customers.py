"""Customers as arrays of records, so that millions fit in memory and in a compiled loop."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenarios.levers import PRODUCT_CLASSES

NO_POLICY = -1
BANK_CHANNEL, AGENT_CHANNEL = 0, 1

#: One customer. Wealth is double precision because the ledger checks its sum; the rest is single
#: precision to halve the memory traffic.
PERSON = np.dtype(
    [
        ("wealth", np.float64),  # liquid, yuan
        ("birth_month", np.int32),  # negative before the start
        ("entry_month", np.int32),  # -1 for the initial population
        ("branch", np.int32),  # home branch
        ("income", np.float32),  # household, yuan a year
        ("wealth_target", np.float32),  # yuan
        ("risk_aversion", np.float32),  # in [0, 1]
        ("literacy", np.float32),  # in [0, 1]
        ("disposition", np.float32),  # trust without experience, in [0, 1]
        ("trust", np.float32),  # in [0, 1]
        ("sex", np.int32),  # 0 male, 1 female
    ]
)

#: The policy of one class; ``insurer`` is NO_POLICY if none is in force.
POLICY = np.dtype(
    [
        ("issue_month", np.int32),
        ("premium", np.float32),  # whole yuan, single or yearly
        ("gap", np.float32),  # expectation gap, util
        ("perceived", np.float32),  # gain over not buying that the buyer expected to have, util
        ("insurer", np.int8),
        ("channel", np.int8),  # BANK_CHANNEL or AGENT_CHANNEL
        ("known", np.int8),  # 1 once the holder has discovered the gap
        ("mis_sold", np.int8),  # 1 if it did not suit when it was sold
    ]
)


class Customers(NamedTuple):
    """State of all customers; N customers, K neighbours, C product classes."""

    person: NDArray[Any]  # (N,) of PERSON
    policy: NDArray[Any]  # (N, C) of POLICY
    neighbours: NDArray[np.int32]  # (N, K)
    trust_before: NDArray[np.float32]  # (N,) at the start of the month: neighbours read this


def allocate(size: int, neighbours: int) -> Customers:
    """Make room for ``size`` customers without any policy."""
    policy = np.zeros((size, len(PRODUCT_CLASSES)), POLICY)
    policy["insurer"] = NO_POLICY
    return Customers(
        np.zeros(size, PERSON),
        policy,
        np.zeros((size, neighbours), np.int32),
        np.zeros(size, np.float32),
    )
