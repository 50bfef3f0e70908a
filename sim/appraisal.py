"""The quarter's appraisal: what selling pays, and the effort clerks choose in answer."""

from __future__ import annotations

from math import exp, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.clerk import Clerks
from agents.customers import Customers
from scenarios.schema import Scenario
from sim.compiled import rule
from sim.effort import advice_effort, precision_value, recommendation_cutoff, selling_effort
from sim.incentives.base import IncentiveScheme
from sim.products import REGULAR

Array = NDArray[np.float64]


def mean_tickets(people: Customers, klass: NDArray[Any]) -> Array:
    """Premium of an average customer in each class, yuan, shape (C,)."""
    income = people.person["income"].mean(dtype=np.float64)
    base = np.where(klass["regular"], income, people.person["wealth"].mean())
    return np.asarray(np.maximum(klass["minimum"], klass["ticket"] * base))


def product_pay(
    scheme: IncentiveScheme, fee: Array, side: Array, tickets: Array, persistency: float
) -> Array:
    """What a clerk earns by one sale of each product, yuan, shape (B, I, C).

    Args:
        scheme: Incentive scheme.
        fee: Running fees, share of first premium, shape (B, I, 2).
        side: The clerks' part of payments off the books, same shape.
        tickets: Premium per class, yuan, shape (C,).
        persistency: Share of policies that last 25 months.
    """
    mode = REGULAR.astype(int)
    open_pay = scheme.pay_per_sale(
        fee[:, :, mode] * tickets, np.broadcast_to(tickets, fee[:, :, mode].shape), persistency
    )
    # Fancy indexing leaves an order of axes that would make Numba compile a second version.
    return np.ascontiguousarray(open_pay + side[:, :, mode] * tickets)


def shelf_mean(pay: Array, weight: Array) -> Array:
    """Mean pay per bank over the products on its shelf, weighted by expected sales, (B,)."""
    total = weight.sum(axis=(1, 2))
    return np.asarray((pay * weight).sum(axis=(1, 2)) / np.where(total > 0.0, total, 1.0))


def tilts(pay: Array, mean_pay: Array, time: Array) -> Array:
    """Relative push of each product, at most 3, shape (B, I, C).

    A clerk pushes what pays most per hour: pay over the shelf's mean, divided by the time the
    class takes to explain relative to the mean class. Where selling pays nothing only time counts.

    Args:
        pay: Yuan per sale, shape (B, I, C).
        mean_pay: Its mean over the shelf, yuan, shape (B,).
        time: Time per sale, shape (C,).
    """
    mean = mean_pay[:, None, None]
    relative = np.where(mean > 0.0, pay / np.where(mean > 0.0, mean, 1.0), 1.0)
    return np.ascontiguousarray(np.clip(relative * time.mean() / time, 0.0, 3.0))


@rule
def _choose(
    clerks: Clerks,
    sales_pay: Array,
    quality_pay: Array,
    mean_pay: Array,
    class_pay: Array,
    cost_of_error: Array,
    capacity: float,
    cost: float,
    substitution: float,
    training_gain: float,
    signal_precision: float,
    signal_per_advice: float,
) -> None:
    for k in range(len(clerks.clerk)):
        clerk = clerks.clerk[k]
        skill = clerk.talent * exp(training_gain * log(1.0 + clerk.training))
        # Judged as the clerk works now: where effort has settled this is the first-order condition.
        precision = signal_precision * skill + signal_per_advice * clerk.advice
        saved = precision_value(mean_pay[clerk.bank], cost_of_error[k], precision)
        quality = quality_pay[clerk.bank] + clerk.ethics + capacity * signal_per_advice * saved
        clerk.selling = selling_effort(skill, sales_pay[clerk.bank], quality, cost, substitution)
        clerk.advice = advice_effort(skill, sales_pay[clerk.bank], quality, cost, substitution)
        clerk.precision = signal_precision * skill + signal_per_advice * clerk.advice
        for c in range(clerks.cutoff.shape[1]):
            clerks.cutoff[k, c] = recommendation_cutoff(class_pay[clerk.bank, c], cost_of_error[k])


def choose_effort(
    clerks: Clerks,
    scenario: Scenario,
    sanction: float,
    sales_pay: Array,
    quality_pay: Array,
    class_pay: Array,
) -> None:
    """Let every clerk choose selling and advice effort and the cut-off of recommendation.

    Args:
        clerks: Changed in place.
        scenario: Settings.
        sanction: Expected cost of a mis-sale beside the own conscience, yuan.
        sales_pay: Marginal pay of selling effort per bank, yuan a month, shape (B,).
        quality_pay: Marginal pay of advice per bank beside ethics and the sanctions that better
            judgement saves, yuan a month, shape (B,).
        class_pay: Pay per sale in each class, yuan, shape (B, C).
    """
    settings, choice = scenario.incentives, scenario.population.choice
    capacity = settings.sales_capacity
    _choose(
        clerks,
        sales_pay,
        quality_pay,
        (sales_pay - settings.base_drive) / capacity if capacity else np.zeros_like(sales_pay),
        class_pay,
        sanction + settings.guilt * clerks.clerk["ethics"],
        capacity,
        settings.effort_cost,
        settings.effort_substitution,
        settings.training_gain,
        choice.signal_precision,
        choice.signal_per_advice,
    )
