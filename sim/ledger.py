"""Double-entry books: every yuan moves between two accounts, and each month's close is checked."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Account(IntEnum):
    """Accounts of the sectors; banks and insurers follow, one account each."""

    CUSTOMERS = 0
    CLERKS = 1
    OWN_AGENTS = 2
    ACCOUNT_MANAGERS = 3
    SUPERVISORS = 4
    OUTSIDE = 5  # labour income, consumption, asset markets, shareholders, suppliers, heirs


class LedgerError(RuntimeError):
    """The books do not close: a flow was taken by one side only."""


class Ledger:
    """Balances of all accounts, yuan.

    Attributes:
        balances: Shape (accounts,).
        turnover: Sum of the amounts posted since the last close.
    """

    #: Largest residual, relative to the month's turnover, that rounding may leave.
    TOLERANCE = 1e-9

    def __init__(self, banks: int, insurers: int) -> None:
        """Open all accounts at zero."""
        self.banks = len(Account) + np.arange(banks)
        self.insurers = len(Account) + banks + np.arange(insurers)
        self.balances = np.zeros(len(Account) + banks + insurers)
        self._opening_sum = 0.0
        self.turnover = 0.0

    def open(self, account: ArrayLike, amount: ArrayLike) -> None:
        """Enter a holding that exists at the start."""
        np.add.at(self.balances, np.asarray(account), amount)
        self._opening_sum = float(self.balances.sum())

    def post(self, payer: ArrayLike, payee: ArrayLike, amount: ArrayLike) -> None:
        """Move amounts (negative ones flow back) from payers to payees; arguments broadcast."""
        payers, payees, amounts = np.broadcast_arrays(payer, payee, np.asarray(amount, np.float64))
        np.subtract.at(self.balances, payers, amounts)
        np.add.at(self.balances, payees, amounts)
        self.turnover += float(np.abs(amounts).sum())

    def close(
        self, customers: float, banks: NDArray[np.float64], insurers: NDArray[np.float64]
    ) -> float:
        """Close the month against what the actors themselves hold.

        Args:
            customers: Sum of the customers' liquid wealth, yuan.
            banks: Cash of the banks, shape (banks,).
            insurers: Assets of the insurers, shape (insurers,).

        Returns:
            Largest gap between a holding and its account, or of the sum of all accounts from its
            opening value, relative to the month's turnover.

        Raises:
            LedgerError: The residual is above the tolerance.
        """
        gaps = np.concatenate(
            (
                [self.balances[Account.CUSTOMERS] - customers],
                self.balances[self.banks] - banks,
                self.balances[self.insurers] - insurers,
                [self.balances.sum() - self._opening_sum],
            )
        )
        residual = float(np.abs(gaps).max() / max(self.turnover, 1.0))
        if not residual <= self.TOLERANCE:
            names = ["customers", *(f"bank {b}" for b in range(len(banks)))]
            names += [f"insurer {i}" for i in range(len(insurers))] + ["all accounts"]
            worst = names[int(np.argmax(np.abs(gaps)))]
            raise LedgerError(f"books of {worst} are off by {residual:.1e} of turnover")
        self.turnover = 0.0
        return residual
