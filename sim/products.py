"""Product classes as arrays: contracts, actuarial tables, and what a new policy is worth."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenarios.levers import ACCIDENT, PENSION, PRODUCT_CLASSES, Product, ProductClass
from sim.life_tables import ANNUITY, PROTECTION, SAVINGS, LifeTables, monthly_death_probability
from sim.month_tables import CLASS, Tables
from sim.valuation import Contract, value_contracts

_KINDS = {
    "savings": ("single_endowment", SAVINGS),
    "protection": ("term_critical_illness", PROTECTION),
    "pension": ("deferred_annuity", ANNUITY),
    "investment": ("account", SAVINGS),
    "accident": ("yearly_accident", PROTECTION),
}
#: Classes whose premium is paid every year; the rest are single premium. A one-year accident
#: policy is sold, and its fee bargained, with the regular ones.
REGULAR = np.array([False, True, True, False, True])
#: Age at which a pension, whose premiums run until vesting, is valued for pricing and bargaining.
_PRICING_AGE = 40
#: Classes in which customers compare the credited rate with the deposit rate.
SAVES = np.array([1.0, 0.0, 1.0, 1.0, 0.0])


def class_settings(product: Product) -> list[ProductClass]:
    """Settings of the classes in the order of the class axis."""
    return [getattr(product, name) for name in PRODUCT_CLASSES]


def lay_out_classes(
    product: Product, life: LifeTables, bonus: NDArray[np.float64]
) -> tuple[NDArray[Any], Tables]:
    """Value the contracts of all classes and lay out their terms as arrays.

    Args:
        product: Settings of the classes.
        life: Life tables.
        bonus: Index of profit participation that the rates move on, shape (C, months + 1).

    Returns:
        Records of ``CLASS`` (what changes from month to month still to be set), and actuarial
        tables.
    """
    settings = class_settings(product)
    contracts = [
        Contract(
            kind,
            basis,
            1 if name == "accident" else setting.term,
            setting.interest,
            setting.loading,
            setting.critical_illness,
            setting.vesting_age,
            setting.accident_rate if name == "accident" else 0.0,
        )
        for (name, (kind, basis)), setting in zip(_KINDS.items(), settings, strict=True)
    ]
    values = value_contracts(life, contracts)

    def column(name: str) -> NDArray[np.float64]:
        return np.array([getattr(setting, name) for setting in settings], np.float64)

    death = life.yearly_death_probability[PROTECTION]
    illness = np.minimum(0.999, product.protection.critical_illness * death)
    klass = np.zeros(len(settings), CLASS)
    klass["regular"] = REGULAR
    klass["ticket"] = column("ticket")
    klass["minimum"] = column("minimum_premium")
    klass["standard_complexity"] = column("complexity")
    for name in ("protection", "surrender_charge", "surrender_years"):
        klass[name] = column(name)
    klass["lapse_rate"] = column("lapse_rate")
    klass["monthly_accident"] = monthly_death_probability(column("accident_rate"))
    klass["agent_push"] = column("agent_push")
    tables = Tables(
        term=values.term.astype(np.int64),
        benefit=values.benefit + values.annuity,
        reserve=values.reserve,
        reserve_after_payment=values.reserve_after_payment,
        monthly_death=monthly_death_probability(death),
        monthly_illness=monthly_death_probability(illness),
        bonus=bonus,
    )
    return klass, tables


@dataclass(frozen=True)
class Margins:
    """Value of new business per yuan of first premium before any distribution cost, shape (C,)."""

    bank: NDArray[np.float64]
    agent: NDArray[np.float64]


def premium_years(product: Product) -> NDArray[np.int64]:
    """Premiums of a policy kept to its end, for pricing, shape (C,); one if it is single."""
    years = [
        setting.term if REGULAR[c] and c != ACCIDENT else 1
        for c, setting in enumerate(class_settings(product))
    ]
    years[PENSION] = max(years[PENSION], product.pension.vesting_age - _PRICING_AGE)
    return np.array(years)


def premium_annuity(
    product: Product, rate: float, persistency: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Present value of the premiums expected to be paid, in first premiums, shape (C,).

    sum_k (persistency / (1 + rate))^k over the years of payment; one for a single premium.

    Args:
        product: Terms of the classes.
        rate: Of discount, 1/year.
        persistency: Share of policies that stay another year, shape (C,).
    """
    ratio = persistency / (1.0 + rate)
    return np.array(
        [np.sum(r ** np.arange(n)) for r, n in zip(ratio, premium_years(product), strict=True)]
    )


def years_held(term: float, rate: float, persistency: float) -> float:
    """Discounted years that a yuan is expected to stay in a policy.

    (1 - exp(-delta term)) / delta with delta = rate - ln(persistency): discount and exits.

    Args:
        term: Longest stay, years.
        rate: Of discount, 1/year.
        persistency: Share that stays another year.
    """
    if persistency <= 0.0:
        return 0.0
    decay = rate - log(persistency)
    return -expm1(-decay * term) / decay if decay > 0.0 else term


def yuan_years(
    product: Product, rate: float, persistency: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Discounted years that premiums are expected to earn interest, per first premium, (C,).

    A single premium stays ``years_held``; of yearly premiums each stays from its payment on.
    """
    total = np.zeros(len(persistency))
    settings, years = class_settings(product), premium_years(product)
    for c, (setting, share) in enumerate(zip(settings, persistency.tolist(), strict=True)):
        last = int(years[c]) if REGULAR[c] else setting.term
        for k in range(int(years[c])):
            paid = (share / (1.0 + rate)) ** k
            total[c] += paid * years_held(last - k, rate, share)
    return total


def buyer_gain(
    product: Product,
    credited: NDArray[np.float64],
    deposit: float,
    persistency: NDArray[np.float64],
) -> NDArray[np.float64]:
    """What a policy brings its buyer in money, present value per yuan of first premium, (C,).

    In classes that save, the credited above the deposit rate for the years that premiums are
    expected to stay; in all of them, less the loadings of the premiums expected to be paid. Buyers
    discount at the deposit rate, which is what their money would earn, and expect to stay as long
    as policies of the class have been seen to.

    Args:
        product: Terms of the classes.
        credited: Credited rates, 1/year, shape (C,).
        deposit: Deposit rate, 1/year.
        persistency: Share of policies that stay another year, shape (C,).
    """
    loading = np.array([setting.loading for setting in class_settings(product)])
    interest = SAVES * (credited - deposit) * yuan_years(product, deposit, persistency)
    return np.asarray(interest - loading * premium_annuity(product, deposit, persistency))


def new_business_margins(
    product: Product, discount_rate: float, persistency: NDArray[np.float64], portfolio_yield: float
) -> Margins:
    """Present value of loadings less the insurer's own costs, per yuan of first premium.

    A single premium brings its loading once. A regular one brings it every year that the policy
    stays, loading * sum_k (persistency / (1 + r))^k over the term, less upkeep after year one. On
    the reserve of a single premium the insurer also keeps, while the policy is expected to stay,
    the part of the yield above the technical rate that it does not pass on.

    Args:
        product: Loadings and costs of the classes.
        discount_rate: Of the insurer, 1/year.
        persistency: Expected share of policies that stay another year, shape (C,).
        portfolio_yield: Expected yield of the insurer's assets, 1/year.
    """
    bank, agent = [], []
    annuity = premium_annuity(product, discount_rate, persistency)
    for c, setting in enumerate(class_settings(product)):
        loadings = setting.loading * annuity[c] - setting.maintenance * (annuity[c] - 1.0)
        if not REGULAR[c]:
            stay = years_held(setting.term, discount_rate, float(persistency[c]))
            spread = (1.0 - setting.participation) * (portfolio_yield - setting.interest)
            loadings += (1.0 - setting.loading) * max(0.0, spread) * stay
        bank.append(loadings - setting.expense)
        agent.append(loadings - setting.agent_expense - setting.agent_commission)
    return Margins(np.array(bank), np.array(agent))


def first_persistency(product: Product) -> NDArray[np.float64]:
    """Share of policies that firms believe stay another year, before experience, shape (C,).

    Of regular premiums the share paid on; of single ones what the baseline hazard leaves.
    """
    settings = class_settings(product)
    paid_on = [setting.first_persistency for setting in settings]
    stay = [exp(-setting.lapse_rate) for setting in settings]
    return np.where(REGULAR, paid_on, stay)
