"""Benefits by the equivalence principle, reserves by prospective valuation.

Annual steps. Premiums and annuity payments fall at the start of a policy year; death, illness and
accident benefits at the end of the year of the event; maturity benefits at the end of the term.
All amounts are per yuan of gross premium (single, or paid yearly); the net premium is one less the
loading. Lapses are not valued. Sources: Bowers et al. (1997), Actuarial Mathematics, chapters 4-8;
Dickson, Hardy & Waters (2013), Actuarial Mathematics for Life Contingent Risks, chapters 4-7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import rule
from sim.life_tables import N_AGES, N_BASES, LifeTables

Array = NDArray[np.float64]
Years = NDArray[np.int64]

CONTRACT_KINDS: Final = (
    "single_endowment",
    "term_critical_illness",
    "deferred_annuity",
    "account",
    "yearly_accident",
)
#: Longest duration in years: from issue at birth to the end of the table.
LAST_DURATION: Final = N_AGES
_DURATION: Final = np.arange(LAST_DURATION + 1)
_ISSUE_AGE: Final = np.arange(N_AGES)
_TO_TABLE_END: Final = N_AGES - _ISSUE_AGE


@dataclass(frozen=True)
class Contract:
    """Terms of one product class.

    Attributes:
        kind: One of ``CONTRACT_KINDS``.
        basis: Life table: PROTECTION, SAVINGS or ANNUITY of ``sim.life_tables``.
        term_years: Years of cover and of premiums; of a deferred annuity, the least deferral.
        interest: Technical interest, per year, in [0, 1).
        loading: Share of the gross premium that pays for expenses and profit, in [0, 1).
        critical_illness_ratio: Critical illnesses per death (term_critical_illness only).
        vesting_age: Age at the first annuity payment, 1 to 105 (deferred_annuity only).
        accident_probability: Per year, above 0 (yearly_accident only).

    Raises:
        ValueError: A field is out of range; the message starts with its name.
    """

    kind: str
    basis: int
    term_years: int
    interest: float
    loading: float
    critical_illness_ratio: float = 0.0
    vesting_age: int = 60
    accident_probability: float = 0.0

    def __post_init__(self) -> None:
        """Refuse terms that have no meaning; a NaN is within no bounds."""
        accident = self.kind == "yearly_accident"
        self._require("kind", self.kind in CONTRACT_KINDS, "one of " + ", ".join(CONTRACT_KINDS))
        self._require("basis", self.basis in range(N_BASES), "0, 1 or 2")
        whole = self.term_years >= 1 and self.term_years % 1 == 0
        self._require("term_years", whole, "a whole number of at least 1")
        if accident:
            self._require("term_years", self.term_years == 1, "1, the term of a yearly_accident")
        self._require("interest", 0.0 <= self.interest < 1.0, "in [0, 1)")
        self._require("loading", 0.0 <= self.loading < 1.0, "in [0, 1)")
        ratio = self.critical_illness_ratio
        self._require("critical_illness_ratio", 0.0 <= ratio < np.inf, "finite and at least 0")
        self._require("vesting_age", self.vesting_age in range(1, N_AGES), "whole, in 1 to 105")
        probability = self.accident_probability
        self._require("accident_probability", 0.0 <= probability <= 1.0, "in [0, 1]")
        if accident:
            self._require("accident_probability", probability > 0.0, "above 0")

    def _require(self, name: str, valid: bool, meaning: str) -> None:
        if not valid:
            raise ValueError(f"{name}: {getattr(self, name)!r} is not {meaning}")


@dataclass(frozen=True, eq=False)
class ValuationTables:
    """Benefits and reserves per yuan of gross premium; float64, contiguous, no NaN.

    Axes: class in the order of the contracts; sex (0 male, 1 female); issue age 0-105; duration in
    policy years 0-106. Terms that would outlive the table are cut at its end (age 106).

    Attributes:
        net_premium: One less the loading, shape (classes,).
        benefit: Lump sum on death, illness, accident or maturity, shape (classes, sexes, ages).
            Of an account, its value at a credited index of one. Of a deferred annuity 0: death
            before vesting refunds the reserve at the end of that year, later death pays nothing.
        annuity: Yearly payment for life from vesting, same shape; 0 for the other kinds.
        term: Years to maturity, expiry or vesting, same shape.
        premium_term: Number of yearly premiums, same shape; 1 if the premium is single.
        reserve: Net premium reserve just before the premium, annuity or maturity payment due at
            that duration, shape (classes, sexes, ages, durations). So 0 at issue for every kind,
            ``benefit`` at maturity of an endowment, ``annuity`` times the annuity-due at vesting.
            0 after the end of the contract, but an account keeps its value at every duration. It
            may be negative where mortality falls with age (regular premiums for children).
        reserve_after_payment: The same just after these payments (``reserve`` plus net premium
            less annuity or maturity benefit): where a policy year starts; it ends at
            ``reserve[..., duration + 1]``.
    """

    net_premium: Array
    benefit: Array
    annuity: Array
    term: Array
    premium_term: Array
    reserve: Array
    reserve_after_payment: Array


def value_contracts(tables: LifeTables, contracts: Sequence[Contract]) -> ValuationTables:
    """Value every contract at every issue age, for both sexes.

    Args:
        tables: Yearly death probabilities.
        contracts: One per product class; the classes keep this order.

    Raises:
        ValueError: There is no contract, or an insured event that cannot happen.
    """
    if not contracts:
        raise ValueError("contracts: at least one is needed")
    net_premium = np.array([1.0 - contract.loading for contract in contracts])
    values = [_value(contract, tables) for contract in contracts]
    # Turn "fields of each class" into "each field over the classes".
    stacked = _Value(*(np.stack(field) for field in zip(*values, strict=True)))
    premium_due = np.where(stacked.premium_term[..., None] > _DURATION, 1.0, 0.0)
    paid = premium_due * net_premium[:, None, None, None]
    return ValuationTables(
        net_premium=net_premium,
        benefit=stacked.benefit,
        annuity=stacked.annuity,
        term=stacked.term,
        premium_term=stacked.premium_term,
        reserve=stacked.reserve,
        reserve_after_payment=stacked.reserve + paid - stacked.survival_payment,
    )


@rule
def reserve_between(
    reserve_start_after_premium: float, reserve_end: float, fraction_of_year: float
) -> float:
    """Reserve within a policy year, linear between its ends (Bowers et al. 1997, chapter 8).

    Args:
        reserve_start_after_premium: ``reserve_after_payment`` at the last policy anniversary.
        reserve_end: ``reserve`` at the next one.
        fraction_of_year: Part of the policy year gone by, in [0, 1].
    """
    growth = reserve_end - reserve_start_after_premium
    return reserve_start_after_premium + fraction_of_year * growth


class _Value(NamedTuple):
    """One contract, or all once stacked; the last two fields end with the axis of durations."""

    benefit: Array
    annuity: Array
    term: Array
    premium_term: Array
    reserve: Array
    #: Annuity or maturity benefit, at the durations it is due.
    survival_payment: Array


def _value(contract: Contract, tables: LifeTables) -> _Value:
    # The last age has probability one, which stands for all ages beyond it.
    attained_age = np.minimum(_ISSUE_AGE[:, None] + _DURATION, N_AGES - 1)
    death = tables.yearly_death_probability[contract.basis][:, attained_age]
    term = np.minimum(contract.term_years, _TO_TABLE_END)
    single = np.ones_like(term)
    match contract.kind:
        case "single_endowment":
            return _insurance(contract, death, term, single, matures=True)
        case "term_critical_illness":
            # Whichever of death and illness comes first pays the benefit and ends the cover.
            either = np.minimum(1.0, death * (1.0 + contract.critical_illness_ratio))
            return _insurance(contract, either, term, term, matures=False)
        case "deferred_annuity":
            return _deferred_annuity(contract, death)
        case "yearly_accident":
            accident = np.full(death.shape, contract.accident_probability)
            return _insurance(contract, accident, term, single, matures=False)
        case _:
            return _account(contract, death.shape, term)


def _insurance(
    contract: Contract, decrement: Array, term: Years, premium_term: Years, *, matures: bool
) -> _Value:
    """A level benefit on the first event within the term and, if it matures, at its end."""
    discount = 1.0 / (1.0 + contract.interest)
    net_premium = 1.0 - contract.loading
    at_maturity = np.where(matures & (term[:, None] == _DURATION), 1.0, 0.0)
    insured = np.zeros(decrement.shape) + at_maturity
    for duration in range(LAST_DURATION - 1, -1, -1):
        probability = decrement[..., duration]
        later = insured[..., duration + 1]
        here = discount * (probability + (1.0 - probability) * later)
        insured[..., duration] = np.where(duration < term, here, insured[..., duration])
    premiums = net_premium * _annuity_due(decrement, premium_term, discount)
    if not np.all(insured[..., 0] > 0.0):
        raise ValueError("yearly_death_probability: 0 over a whole term, so nothing is insured")
    benefit = premiums[..., 0] / insured[..., 0]
    due = benefit[..., None]
    reserve = due * insured - premiums
    none = np.zeros_like(benefit)
    return _Value(benefit, none, none + term, none + premium_term, reserve, due * at_maturity)


def _deferred_annuity(contract: Contract, death: Array) -> _Value:
    """Premiums until vesting, refund of the reserve on death before, then a yearly life annuity."""
    # Payments start at 105 at the latest; issued at 105, at 106, which nobody reaches.
    deferral = np.maximum(contract.term_years, contract.vesting_age - _ISSUE_AGE)
    term = np.minimum(deferral, np.maximum(1, _TO_TABLE_END - 1))
    # As the reserve is refunded nothing is at risk, and premiums grow with interest alone.
    growth = (1.0 + contract.interest) ** _DURATION
    accumulated = (1.0 - contract.loading) * (np.cumsum(growth) - 1.0)
    annuity_due = _annuity_due(death, _TO_TABLE_END, 1.0 / (1.0 + contract.interest))
    # The annuity-due of a living person is worth at least its first payment.
    annuity = accumulated[term] / np.maximum(1.0, annuity_due[:, _ISSUE_AGE, term])
    in_payment = annuity[..., None] * annuity_due
    reserve = np.where(term[:, None] >= _DURATION, accumulated, in_payment)
    vested = (term[:, None] <= _DURATION) & (_TO_TABLE_END[:, None] > _DURATION)
    payment = np.where(vested, annuity[..., None], 0.0)
    none = np.zeros_like(annuity)
    return _Value(none, annuity, none + term, none + term, reserve, payment)


def _account(contract: Contract, shape: tuple[int, ...], term: Years) -> _Value:
    """The net single premium; the index credited to it is kept elsewhere."""
    benefit = np.full(shape[:-1], 1.0 - contract.loading)
    reserve = np.where(_DURATION > 0, benefit[..., None], 0.0)
    none = np.zeros_like(benefit)
    return _Value(benefit, none, none + term, none + 1.0, reserve, np.zeros(shape))


def _annuity_due(decrement: Array, term: Years, discount: float) -> Array:
    """Value at each duration of one yuan at the start of each remaining year of the term."""
    value = np.zeros(decrement.shape)
    for duration in range(LAST_DURATION - 1, -1, -1):
        later = discount * (1.0 - decrement[..., duration]) * value[..., duration + 1]
        value[..., duration] = np.where(duration < term, 1.0 + later, 0.0)
    return value
