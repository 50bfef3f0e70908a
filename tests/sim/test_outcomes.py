"""Long-run outcomes in markets of few sales: what can be measured makes sense, the rest is NaN."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scenarios.schema import Scenario
from sim.model import BancassuranceModel
from sim.month_tables import Flow
from sim.outcomes import long_run_outcomes

BANK, AGENTS, SAVINGS = 0, 1, 0
#: Outcomes that are parts of a whole.
SHARES = (
    "bank_share",
    "single_share",
    "fee_single",
    "fee_regular",
    "fee_off_book",
    "misselling_rate",
    "felt_misled",
    "own_intent_share",
    "persistency_13",
    "persistency_25",
    "cooling_off_rate",
    "trust",
    "hhi",
    "recorded_share",
    "conversion",
    "investment_share",
)


def tiny(**sections: dict[str, object]) -> Scenario:
    """Forty customers of two banks; keywords change single settings of a section."""
    scenario = Scenario()
    small: dict[str, dict[str, object]] = {
        "market": {"banks": 2, "branches": 4, "insurers": 3},
        "population": {"size": 40},
        "horizon": {"months": 30, "burn_in": 0, "window": 6},
    }
    for name in {*small, *sections}:
        values = small.get(name, {}) | sections.get(name, {})
        scenario = replace(scenario, **{name: replace(getattr(scenario, name), **values)})
    return scenario


@pytest.mark.parametrize("size", [40, 150])
@pytest.mark.parametrize(
    "sections",
    [
        {},
        {"supervision": {"fee_cap": 0.01, "fee_cap_regular": 0.01}},
        {"partnership": {"form": "joint_venture", "equity": 0.3, "access_fee": True, "term": 36}},
    ],
    ids=["default", "capped", "joint venture"],
)
def test_shares_lie_between_nothing_and_all_or_are_not_measured(size, sections):
    life = replace(Scenario().population.policy_life, cooling_off_base=0.6)
    people = {"population": {"size": size, "policy_life": life}}
    measured = 0
    for seed in range(6):
        found = BancassuranceModel(tiny(**people, **sections), rng=seed).run().outcomes
        for name in SHARES:
            if not np.isnan(found[name]):
                assert 0.0 <= found[name] <= 1.0 + 1e-9, (name, seed)
                measured += 1
    assert measured > 30


# --- ratio by ratio ---------------------------------------------------------------------------


@pytest.fixture
def quiet() -> tuple[dict[str, np.ndarray], Scenario]:
    """The record of a run in which nobody bought anything: 30 months, the window is the last 6."""
    nobody = tiny(population={"visit_rate": 0.0}, market={"agent_contact_rate": 0.0})
    model = BancassuranceModel(nobody, rng=1)
    model.run()
    return {name: np.array(values) for name, values in model.market.record.items()}, nobody


def test_without_sales_nothing_is_measured(quiet):
    found = long_run_outcomes(*quiet)
    for name in ("bank_share", "fee_single", "fee_total", "recorded_share", "cooling_off_rate"):
        assert np.isnan(found[name]), name


def test_where_more_is_refunded_than_sold_nothing_is_measured(quiet):
    record, scenario = quiet
    record["class_flows"][-3, BANK, SAVINGS, Flow.REFUNDS] = 1000.0
    record["class_flows"][-3, AGENTS, SAVINGS, Flow.FIRST_PREMIUM] = 1500.0
    record["sold_mode"][-3, 0, 0, 0] = -1000.0
    record["fee_weighted"][-3, 0, 0, 0] = -30.0
    record["side"][-3, 0, 0] = -10.0
    record["fee"][:] = 0.03
    found = long_run_outcomes(record, scenario)
    for name in ("bank_share", "fee_single", "fee_off_book", "fee_access", "fee_total", "hhi"):
        assert np.isnan(found[name]), name


def test_refunds_of_one_pair_against_sales_of_another_give_no_fee(quiet):
    record, scenario = quiet
    record["fee"][..., 0, 0], record["fee"][..., 1, 0] = 0.02, 0.05
    record["sold_mode"][-3, 0, :2, 0] = 1000.0, -900.0
    record["fee_weighted"][-3, 0, :2, 0] = 20.0, -45.0
    assert np.isnan(long_run_outcomes(record, scenario)["fee_single"])
    record["sold_mode"][-3, 0, 1, 0] = 1000.0
    record["fee_weighted"][-3, 0, 1, 0] = 50.0
    assert long_run_outcomes(record, scenario)["fee_single"] == pytest.approx(0.035)


def test_cancellations_are_compared_with_the_sales_they_cancel(quiet):
    record, scenario = quiet
    sales = record["class_flows"][:, BANK, SAVINGS]
    sales[-7, Flow.SALES], sales[-6, Flow.COOLED_OFF] = 4.0, 3.0  # sold just before the window
    sales[-1, Flow.SALES] = 2.0  # could not be cancelled yet
    assert long_run_outcomes(record, scenario)["cooling_off_rate"] == pytest.approx(0.75)


def test_the_price_of_a_stake_is_no_negative_agency_income(quiet):
    record, scenario = quiet
    record["fees"][-6:, 0, 0] = 30.0
    record["side"][-6:, 0, 0] = 10.0
    record["access"][-6:, 0, 0] = -100.0  # the bank pays for its part of the partner
    assert long_run_outcomes(record, scenario)["recorded_share"] == pytest.approx(0.75)
    record["access"][-6:, 0, 0] = 50.0
    assert long_run_outcomes(record, scenario)["recorded_share"] == pytest.approx(80.0 / 90.0)
