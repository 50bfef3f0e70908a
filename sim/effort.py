"""Clerks: multitask effort (Holmstrom & Milgrom 1991), mis-selling (Inderst & Ottaviani 2009)."""

from __future__ import annotations

from math import exp, log, pi, sqrt

from sim.compiled import rule


@rule
def selling_effort(
    skill: float, sales_pay: float, quality_pay: float, cost: float, substitution: float
) -> float:
    """Selling effort s* that maximises pay less cost c/2h (s^2 + q^2 + 2 k s q), s, q >= 0.

    Args:
        skill: h, a pure number.
        sales_pay: m_s, yuan a month per unit effort.
        quality_pay: m_q, yuan a month per unit advice.
        cost: c, yuan a month.
        substitution: k in [0, 1).
    """
    if quality_pay <= substitution * sales_pay:
        return skill * max(0.0, sales_pay) / cost
    interior = sales_pay - substitution * quality_pay
    return skill * max(0.0, interior) / (cost * (1.0 - substitution * substitution))


@rule
def advice_effort(
    skill: float, sales_pay: float, quality_pay: float, cost: float, substitution: float
) -> float:
    """Advice effort q*: the same problem with the tasks exchanged."""
    return selling_effort(skill, quality_pay, sales_pay, cost, substitution)


@rule
def recommendation_cutoff(pay: float, sanction: float) -> float:
    """Lowest posterior of suitability at which a sale is recommended, 1 - pay/sanction.

    Where pay covers the sanction everything is recommended (cut-off 0), as it is without a
    sanction. Without pay nothing is worth a risk: only certainty would be recommended (cut-off 1).
    """
    if sanction <= 0.0:
        return 0.0
    return max(0.0, 1.0 - pay / sanction)


@rule
def posterior(suits: bool, noise: float, precision: float) -> float:
    """Clerk's posterior that the product suits, prior one half.

    The signal is normal with mean ``precision`` if it suits and 0 if not, unit variance.
    """
    signal = noise + (precision if suits else 0.0)
    return 1.0 / (1.0 + exp(0.5 * precision * precision - precision * signal))


@rule
def precision_value(pay: float, sanction: float, precision: float) -> float:
    """Value to a clerk of a unit of precision of the suitability signal, yuan per judgement.

    Sharper judgement saves sanctions for mis-sales and pay for sales wrongly left. With prior one
    half a clerk who recommends above the signal z = d/2 + ln((sanction - pay) / pay) / d expects
    [pay P(d - z) - (sanction - pay) P(-z)] / 2, with P the normal distribution function. At the
    best cut-off its slope in the precision d is (sanction - pay) p(z) / 2, with p the density:
    what is at stake, times how many cases are in doubt. Nothing where everything or nothing is
    recommended anyway.

    Args:
        pay: Per sale, yuan.
        sanction: Expected cost of a mis-sale, the own conscience included, yuan.
        precision: d, standard deviations.
    """
    if pay <= 0.0 or pay >= sanction or precision <= 0.0:
        return 0.0
    z = 0.5 * precision + log((sanction - pay) / pay) / precision
    return 0.5 * (sanction - pay) * exp(-0.5 * z * z) / sqrt(2.0 * pi)
