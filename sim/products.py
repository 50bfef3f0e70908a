"""Product classes as arrays: contracts, actuarial tables, and what a new policy is worth."""

from __future__ import annotations

from dataclasses import dataclass
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
        Records of ``CLASS`` (appeal and credited rate still to be set), and actuarial tables.
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
    for name in ("complexity", "protection", "surrender_charge", "surrender_years"):
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
        persistency: Expected share of policies that pay the next premium, shape (C,).
        portfolio_yield: Expected yield of the insurer's assets, 1/year.
    """
    bank, agent = [], []
    for c, setting in enumerate(class_settings(product)):
        years = setting.term if REGULAR[c] and c != ACCIDENT else 1
        if c == PENSION:
            years = max(years, setting.vesting_age - _PRICING_AGE)
        ratio = persistency[c] / (1.0 + discount_rate)
        annuity = float(np.sum(ratio ** np.arange(years)))
        loadings = setting.loading * annuity - setting.maintenance * (annuity - 1.0)
        if not REGULAR[c]:
            rate = discount_rate + setting.lapse_rate
            stay = (1.0 - np.exp(-rate * setting.term)) / rate
            spread = (1.0 - setting.participation) * (portfolio_yield - setting.interest)
            loadings += (1.0 - setting.loading) * max(0.0, spread) * float(stay)
        bank.append(loadings - setting.expense)
        agent.append(loadings - setting.agent_expense - setting.agent_commission)
    return Margins(np.array(bank), np.array(agent))


def first_persistency(product: Product) -> NDArray[np.float64]:
    """What insurers believe before they have experience, shape (C,); one for single premiums."""
    return np.where(REGULAR, [s.first_persistency for s in class_settings(product)], 1.0)
