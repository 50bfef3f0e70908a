"""Customer choice: experienced and perceived utility, ticket size, nested logit.

Utilities are in util. The outside option (buy nothing today) has utility zero. Choice follows the
perceived utility, welfare the experienced one (McFadden 1974; Train 2015 for the correction).
"""

from __future__ import annotations

from math import exp, expm1, floor, log

from sim.compiled import rule

YOUNG, FAMILY, AFFLUENT, ELDER = range(4)


@rule
def segment_of(age: float, income: float, income_median: float) -> int:
    """Segment of a customer.

    Elder from 60, affluent above 1.8 times the median income, young below 35, family otherwise.
    """
    if age >= 60.0:
        return ELDER
    if income >= 1.8 * income_median:
        return AFFLUENT
    if age < 35.0:
        return YOUNG
    return FAMILY


@rule
def class_utility(
    taste: float,
    gain: float,
    protection: float,
    risk_aversion: float,
    trust: float,
    complexity: float,
    literacy: float,
    protection_weight: float,
    trust_weight: float,
    complexity_weight: float,
) -> float:
    """Experienced utility of a class before segment, brand and counter, in util.

    ``taste`` is the person's own lasting need, ``gain`` what the policy brings or costs in money:
    return above the deposit rate less loading, in yuan at the marginal utility of income.
    """
    return (
        taste
        + gain
        + protection_weight * protection * (risk_aversion - 0.5)
        + trust_weight * (trust - 0.5)
        - complexity_weight * complexity * (1.0 - literacy)
    )


@rule
def persuasion_wedge(
    push: float, literacy: float, advice: float, correction: float, untold: float
) -> float:
    """Perceived minus experienced utility of a pushed policy, in util, never negative.

    The push works on the less literate; advice and disclosure take it back.
    """
    return push * (1.0 - literacy) * exp(-correction * advice) * untold


@rule
def ticket_size(
    regular: bool,
    share: float,
    wealth: float,
    income: float,
    minimum: float,
    wedge: float,
    stretch: float,
    limit_on: bool,
    single_limit: float,
    regular_limit: float,
) -> float:
    """Premium a customer would pay, whole yuan; 0 if the policy is out of reach.

    A single premium is a share of liquid wealth, a regular one a share of yearly income; push
    stretches it up to twofold and to the customer's wealth at most. With the suitability rule
    on, limits bind in multiples of income.
    """
    base = income if regular else wealth
    ticket = round(share * base * min(2.0, 1.0 + stretch * wedge))
    # Limits are cut down to the whole yuan, so that they are never exceeded.
    if limit_on:
        ticket = min(ticket, floor(income * (regular_limit if regular else single_limit)))
    ticket = min(ticket, floor(wealth))
    return float(ticket) if ticket >= minimum else 0.0


@rule
def oversized(
    regular: bool, ticket: float, income: float, single_limit: float, regular_limit: float
) -> bool:
    """Whether a ticket is beyond what the suitability rule calls affordable."""
    return ticket > income * (regular_limit if regular else single_limit)


@rule
def perceived_gain(log_sum: float) -> float:
    """Expected gain over not buying that buyers perceive, util.

    In a logit the best utility does not depend on which alternative is the best, so of the log-sum
    L = -ln(p), p the share that does not buy, all falls to those who buy: L / (1 - p). It tends to
    one util as purchases become rare.
    """
    return log_sum / -expm1(-log_sum) if log_sum > 0.0 else 1.0


@rule
def undone_surplus(perceived: float, wedge: float, yuan_per_util: float) -> float:
    """Expected experienced surplus of a purchase that does not come about, yuan.

    What the buyer perceived less the wedge, which was never real. Negative where the buyer is
    better off without.
    """
    return (perceived - wedge) * yuan_per_util


@rule
def inclusive_value(exponential_sum: float, largest: float, similarity: float) -> float:
    """Expected best utility of a nest, similarity * log(sum exp(v / similarity)), in util.

    ``exponential_sum`` is the sum of exp((v - largest) / similarity).
    """
    return largest + similarity * log(exponential_sum)
