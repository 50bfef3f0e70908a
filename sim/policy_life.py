"""What happens to a policy in force: reserve, surrender value, hazards of leaving."""

from __future__ import annotations

from math import exp
from typing import Any

from sim.compiled import rule


@rule
def monthly_chance(hazard: float) -> float:
    """Chance of an event in a month with a yearly hazard (constant force)."""
    return 1.0 - exp(-hazard / 12.0)


@rule
def surrender_charge(charge: float, years: float, duration: float) -> float:
    """Share of the reserve kept at surrender; linear from ``charge`` at issue to zero."""
    return charge * max(0.0, 1.0 - duration / years)


@rule
def exit_hazard(
    base: float,
    market_rate: float,
    credited_rate: float,
    known_gap: float,
    trust: float,
    coverage: float,
    burden: float,
    charge: float,
    rules: Any,
) -> float:
    """Yearly hazard of lapse or surrender (proportional hazards, Cox 1972).

    Args:
        base: Baseline of the class, 1/year.
        market_rate: Rate on new money, 1/year.
        credited_rate: Rate the policy earns, 1/year.
        known_gap: Expectation gap once discovered, util; 0 before.
        trust: In [0, 1]; one half is neutral.
        coverage: Share of holders reached by service within a year.
        burden: Regular premium over income; matters above one tenth.
        charge: Share of the reserve lost by leaving now.
        rules: Record with the sensitivities, see ``scenarios.market.PolicyLife``.
    """
    log_relative = (
        rules.rate_sensitivity * (market_rate - credited_rate)
        + rules.gap_sensitivity * known_gap
        + rules.trust_sensitivity * (0.5 - trust)
        - rules.contact_relief * coverage
        + rules.burden_sensitivity * max(0.0, burden - 0.1)
        - rules.charge_sensitivity * charge
    )
    return base * exp(min(log_relative, 20.0))


@rule
def cooling_off_chance(gap: float, days: float, base: float, per_gap: float) -> float:
    """Chance to cancel in the cooling-off period; proportional to its length up to one."""
    return min(1.0, (base + per_gap * gap) * days / 10.0)
