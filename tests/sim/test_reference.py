"""The compiled customer month does what one plain Mesa agent per customer does.

The rules themselves have analytic tests. This one is about everything around them: order, the
addresses of random numbers, whose account a flow goes to, blocks of customers and threads.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agents.customers import NO_POLICY
from scenarios.schema import Scenario
from sim import customer_month
from sim.model import BancassuranceModel
from sim.month_tables import Flow, Total
from sim.recorder import Results
from tests.reference.model import ReferenceModel

MONTHS = 30
FORMS = {
    "agency": {"form": "part_time_agency"},
    "alliance": {"form": "exclusive_alliance", "partners": 1, "term": 120, "access_fee": True},
}
#: Wealth is in double precision and a wedge is a difference of utilities: their last bits follow
#: the order in which customers were added up. All else is whole or rounded to single precision.
LAST_BITS = {"wealth": 1e-12, "gap": 1e-12}


def lively(form: str) -> Scenario:
    """A small market in which within 30 months everything happens that can happen."""
    scenario, product = Scenario(), Scenario().product
    people = scenario.population
    choice = replace(people.choice, inertia=3.0, taste_spread=1.0)
    life = replace(
        people.policy_life, discovery_rate=0.2, complaint_per_gap=0.5, cooling_off_base=0.1
    )
    classes = {
        "savings": replace(product.savings, term=2, lapse_rate=0.3),
        "protection": replace(
            product.protection, critical_illness=5.0, expense=0.1, lapse_rate=0.3
        ),
        "pension": replace(product.pension, vesting_age=40, term=2, expense=0.1, lapse_rate=0.3),
        "accident": replace(product.accident, accident_rate=0.05),
    }
    levers = {
        "market": {
            "banks": 2,
            "branches": 6,
            "insurers": 3,
            "clerks_per_branch": 2,
            "initial_capital": 700.0,
        },
        "population": {
            "size": 250,
            "visit_rate": 0.6,
            "oldest_start_age": 95,
            "choice": choice,
            "policy_life": life,
        },
        "product": {"design": "full_suite", "variant_months": 1, **classes},
        "partnership": FORMS[form],
        "platform": {"link": "integrated", "adoption": 0.5, "breach_rate": 10.0},
        "service": {"level": "proactive", "contacts": 0.2},
        "supervision": {"suitability": True, "disclosure": 0.1},
        "horizon": {"months": MONTHS, "burn_in": 0, "window": 24},
    }
    changed = {name: replace(getattr(scenario, name), **values) for name, values in levers.items()}
    return replace(scenario, **changed)


@pytest.fixture(params=[(form, seed) for form in FORMS for seed in (1, 3)], scope="module")
def pair(request):
    """The same market lived by both, month by month: the flows of every month are kept."""
    form, seed = request.param
    lived = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(customer_month, "_CHUNK_CUSTOMERS", 40)  # seven chunks, two threads
        for model in (
            BancassuranceModel(lively(form), seed, threads=2),
            ReferenceModel(lively(form), seed),
        ):
            sums = []
            while model.market.month < MONTHS:
                model.step()
                sums.append(model.market.sums)
            lived.append((model, sums))
    return lived


def assert_equal_records(fast: np.ndarray, slow: np.ndarray) -> None:
    for name in fast.dtype.names:
        tolerance = LAST_BITS.get(name, 0.0)
        np.testing.assert_allclose(
            fast[name], slow[name], rtol=tolerance, atol=tolerance, err_msg=name
        )


def test_persons_are_equal(pair):
    assert_equal_records(*(model.market.people.person for model, _ in pair))


def test_policies_are_equal(pair):
    fast, slow = (model.market.people.policy for model, _ in pair)
    np.testing.assert_array_equal(fast["insurer"], slow["insurer"])
    in_force = fast["insurer"] != NO_POLICY
    assert_equal_records(fast[in_force], slow[in_force])


@pytest.mark.parametrize("table", ["flows", "totals"])
def test_flows_and_totals_are_equal_in_every_month(pair, table):
    (_, fast), (_, slow) = pair
    ours = np.array([getattr(sums, table) for sums in fast])
    theirs = np.array([getattr(sums, table) for sums in slow])
    # Amounts of either sign may cancel in a sum, so the tolerance refers to the column's size.
    size = np.abs(theirs).max(axis=tuple(range(1, theirs.ndim - 1)), keepdims=True)
    differs = np.argwhere(np.abs(ours - theirs) > 1e-9 * size)
    columns = Flow if table == "flows" else Total
    assert [(int(at[0]), columns(at[-1]).name) for at in differs] == []


def test_outcomes_are_equal(pair):
    fast, slow = (Results(model.market).outcomes for model, _ in pair)
    residuals = fast.pop("ledger_residual"), slow.pop("ledger_residual")
    assert max(residuals) < 1e-9
    assert fast == pytest.approx(slow, rel=1e-9, nan_ok=True)


def test_everything_happened_that_can_happen(pair):
    """Otherwise the comparison would be one of zeros."""
    (model, sums), _ = pair
    flows = sum(month.flows for month in sums).sum(axis=(0, 1, 2))
    totals = sum(month.totals for month in sums).sum(axis=0)
    assert [flow.name for flow in Flow if flows[flow] == 0] == []
    assert [total.name for total in Total if totals[total] == 0] == []
    assert sum(model.market.record["failures"]) > 0
