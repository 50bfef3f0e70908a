"""Hazards of leaving, monthly chances, surrender charges and the cooling-off period."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.customers import PERSON, POLICY
from sim.month_tables import N_FLOWS, RULES, Flow
from sim.policies import cool_off
from sim.policy_life import cooling_off_chance, exit_hazard, monthly_chance, surrender_charge
from sim.views import rules_of

compiled = settings(deadline=None, derandomize=True, max_examples=60)
SENSITIVITIES = {
    "rate_sensitivity": 25.0,
    "gap_sensitivity": 0.5,
    "trust_sensitivity": 1.0,
    "contact_relief": 0.7,
    "burden_sensitivity": 6.0,
    "charge_sensitivity": 5.0,
}
NEUTRAL = {
    "base": 0.08,
    "market_rate": 0.03,
    "credited_rate": 0.03,
    "known_gap": 0.0,
    "trust": 0.5,
    "coverage": 0.0,
    "burden": 0.1,
    "charge": 0.0,
}


def rules(**changes):
    record = np.zeros(1, RULES)
    for name, value in (SENSITIVITIES | changes).items():
        record[name] = value
    return record[0]


def hazard(sensitivities=None, **changes):
    return exit_hazard(*(NEUTRAL | changes).values(), rules(**(sensitivities or {})))


# --- hazards --------------------------------------------------------------------------------


def test_a_neutral_holder_has_the_baseline_hazard():
    assert hazard() == 0.08


@pytest.mark.parametrize(
    ("change", "value", "log_relative"),
    [
        ("market_rate", 0.05, 25.0 * 0.02),
        ("credited_rate", 0.05, -25.0 * 0.02),
        ("known_gap", 2.0, 0.5 * 2.0),
        ("trust", 0.2, 0.3),
        ("trust", 0.9, -0.4),
        ("coverage", 0.6, -0.7 * 0.6),
        ("burden", 0.25, 6.0 * 0.15),
        ("burden", 0.05, 0.0),  # a light premium is no reason to stay
        ("charge", 0.3, -5.0 * 0.3),
    ],
)
def test_each_reason_alone(change, value, log_relative):
    assert np.log(hazard(**{change: value}) / 0.08) == pytest.approx(log_relative, abs=1e-12)


@pytest.mark.parametrize(
    ("change", "low", "high", "sign"),
    [
        ("base", 0.05, 0.10, 1),
        ("market_rate", 0.03, 0.04, 1),
        ("credited_rate", 0.03, 0.04, -1),
        ("known_gap", 0.0, 1.0, 1),
        ("trust", 0.3, 0.6, -1),
        ("coverage", 0.0, 0.5, -1),
        ("burden", 0.15, 0.3, 1),
        ("charge", 0.0, 0.2, -1),
    ],
)
def test_signs(change, low, high, sign):
    assert sign * (hazard(**{change: high}) - hazard(**{change: low})) > 0.0


@given(st.floats(0.001, 2.0), st.floats(0.001, 2.0), st.floats(0.0, 5.0), st.floats(0.0, 1.0))
@compiled
def test_hazards_are_proportional(base, other, gap, trust):
    """The ratio of two holders' hazards does not depend on the class (Cox 1972)."""
    first = hazard(base=base, known_gap=gap, trust=trust) / hazard(base=base)
    second = hazard(base=other, known_gap=gap, trust=trust) / hazard(base=other)
    assert first == pytest.approx(second, rel=1e-12)


@given(st.floats(0.0, 3.0), st.floats(0.0, 1.0), st.floats(0.0, 0.5))
@compiled
def test_reasons_multiply(gap, coverage, burden):
    together = hazard(known_gap=gap, coverage=coverage, burden=burden) / 0.08
    apart = hazard(known_gap=gap) * hazard(coverage=coverage) * hazard(burden=burden) / 0.08**3
    assert together == pytest.approx(apart, rel=1e-12)


def test_a_hazard_is_capped_and_finite():
    assert hazard(known_gap=1e6) == pytest.approx(0.08 * np.exp(20.0))
    assert hazard(known_gap=40.0) == pytest.approx(0.08 * np.exp(20.0))
    assert hazard(known_gap=39.0) == pytest.approx(0.08 * np.exp(19.5))
    assert hazard(base=0.0, known_gap=1e6) == 0.0
    assert hazard({"charge_sensitivity": 100.0}, charge=100.0) == 0.0


# --- months and years -----------------------------------------------------------------------


@given(st.floats(0.0, 20.0))
@compiled
def test_twelve_months_compound_to_the_year(yearly):
    stays = (1.0 - monthly_chance(yearly)) ** 12
    assert stays == pytest.approx(np.exp(-yearly), rel=1e-9)


def test_monthly_chance_is_a_chance():
    assert monthly_chance(0.0) == 0.0
    assert monthly_chance(1e9) == 1.0
    assert monthly_chance(1e-6) == pytest.approx(1e-6 / 12.0, rel=1e-6)


# --- leaving early --------------------------------------------------------------------------


@given(st.floats(0.0, 1.0), st.integers(1, 30), st.floats(0.0, 40.0))
@compiled
def test_the_surrender_charge_falls_to_zero(charge, years, duration):
    now = surrender_charge(charge, float(years), duration)
    assert 0.0 <= now <= charge
    assert now == pytest.approx(charge * max(0.0, 1.0 - duration / years), abs=1e-15)
    assert surrender_charge(charge, float(years), duration + 0.5) <= now


def test_ends_of_the_surrender_charge():
    assert surrender_charge(0.06, 5.0, 0.0) == 0.06
    assert surrender_charge(0.06, 5.0, 2.5) == pytest.approx(0.03)
    assert surrender_charge(0.06, 5.0, 5.0) == 0.0
    assert surrender_charge(0.06, 5.0, 9.0) == 0.0


@given(st.floats(0.0, 10.0), st.floats(0.0, 60.0), st.floats(0.0, 0.1), st.floats(0.0, 0.1))
@compiled
def test_cooling_off_grows_with_its_length_and_the_gap(gap, days, base, per_gap):
    chance = cooling_off_chance(gap, days, base, per_gap)
    assert 0.0 <= chance <= 1.0
    assert chance == pytest.approx(min(1.0, (base + per_gap * gap) * days / 10.0), rel=1e-12)
    assert cooling_off_chance(gap, days + 5.0, base, per_gap) >= chance
    assert cooling_off_chance(gap + 1.0, days, base, per_gap) >= chance


def test_no_cooling_off_period_no_cancellation():
    assert cooling_off_chance(5.0, 0.0, 0.01, 0.03) == 0.0
    assert cooling_off_chance(5.0, 1e6, 0.01, 0.03) == 1.0


@pytest.mark.parametrize("mis_sold", [False, True])
def test_who_cancels_a_mis_sale_has_lost_nothing(market, mis_sold):
    """The loss counted at the sale is taken back; the mis-sale itself stays on file."""
    rules = rules_of(market)[0]
    person, policy = np.recarray(1, PERSON)[0], np.recarray(1, POLICY)[0]
    person.wealth = 0.0
    policy["premium"], policy["gap"], policy["mis_sold"] = 5_000.0, 0.75, mis_sold
    policy["perceived"] = 1.25
    flow = np.zeros(N_FLOWS)
    assert cool_off(person, policy, rules, 0.0, flow)
    assert person["wealth"] == flow[Flow.REFUNDS] == 5_000.0
    loss = 0.75 * rules["yuan_per_util"] if mis_sold else 0.0
    assert flow[Flow.MIS_SELLING_LOSS] == -loss
    assert flow[Flow.MIS_SALES] == 0.0
    assert flow[Flow.UNDONE_SURPLUS] == 0.5 * rules["yuan_per_util"]
    assert not cool_off(person, policy, rules, 1.0, flow)
