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
#: The rest of the state is written in single precision, which swallows the last bit of libm.
DOUBLE = ("wealth",)


def lively(form: str) -> Scenario:
    """A small market in which within 30 months everything happens that can happen."""
    scenario, product = Scenario(), Scenario().product
    people, firms = scenario.population, scenario.market
    choice = replace(people.choice, inertia=3.0, taste_spread=1.0)
    life = replace(
        people.policy_life, discovery_rate=0.2, complaint_per_gap=0.5, cooling_off_base=0.1
    )
    classes = {
        "savings": replace(product.savings, term=2, lapse_rate=0.3),
        "protection": replace(product.protection, critical_illness=5.0, expense=0.1, lapse_rate=0.3),
        "pension": replace(product.pension, vesting_age=40, term=2, expense=0.1, lapse_rate=0.3),
        "accident": replace(product.accident, accident_rate=0.05),
    }
    return replace(
        scenario,
        market=replace(firms, banks=2, branches=6, insurers=3, clerks_per_branch=2),
        population=replace(
            people,
            size=250,
            visit_rate=0.6,
            oldest_start_age=95,
            choice=choice,
            policy_life=life,
        ),
        product=replace(product, **classes),
        partnership=replace(scenario.partnership, **FORMS[form]),
        supervision=replace(scenario.supervision, suitability=True, disclosure=0.1),
        horizon=replace(scenario.horizon, months=MONTHS, burn_in=0, window=24),
    )


@pytest.fixture(params=[(form, seed) for form in FORMS for seed in (1, 20)], scope="module")
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


def test_persons_are_equal(pair):
    fast, slow = (model.market.people.person for model, _ in pair)
    for name in fast.dtype.names:
        tolerance = 1e-12 if name in DOUBLE else 0.0
        np.testing.assert_allclose(fast[name], slow[name], rtol=tolerance, atol=0.0, err_msg=name)


def test_policies_are_equal(pair):
    fast, slow = (model.market.people.policy for model, _ in pair)
    np.testing.assert_array_equal(fast["insurer"], slow["insurer"])
    in_force = fast["insurer"] != NO_POLICY
    np.testing.assert_array_equal(fast[in_force], slow[in_force])


def test_flows_and_totals_are_equal_in_every_month(pair):
    (_, fast), (_, slow) = pair
    for month, (ours, theirs) in enumerate(zip(fast, slow, strict=True)):
        for name in ("flows", "totals"):
            # Sums of amounts of either sign may cancel, so the tolerance refers to their size.
            columns = np.abs(getattr(theirs, name)).max(axis=tuple(range(getattr(theirs, name).ndim - 1)))
            gap = np.abs(getattr(ours, name) - getattr(theirs, name))
            assert (gap <= 1e-9 * columns).all(), f"{name} of month {month}"


def test_outcomes_are_equal(pair):
    fast, slow = (Results(model.market).outcomes for model, _ in pair)
    residuals = fast.pop("ledger_residual"), slow.pop("ledger_residual")
    assert max(residuals) < 1e-9
    assert fast == pytest.approx(slow, rel=1e-9, nan_ok=True)


def test_everything_happened_that_can_happen(pair):
    """Otherwise the comparison would be one of zeros."""
    (_, sums), _ = pair
    flows = sum(month.flows for month in sums).sum(axis=(0, 1, 2))
    totals = sum(month.totals for month in sums).sum(axis=0)
    assert [flow.name for flow in Flow if flows[flow] == 0] == []
    assert [total.name for total in Total if totals[total] == 0] == []
