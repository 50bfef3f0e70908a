"""Security of the link: vulnerability, inspections, the frequency and the bill of breaches."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.month_tables import Total
from sim.security import build_links, guard, vulnerability

quick = settings(deadline=None, derandomize=True, max_examples=40)


@given(st.floats(0.0, 1.0), st.floats(0.0, 600.0), st.floats(0.0, 2.0))
@quick
def test_vulnerability_grows_towards_the_depth_of_the_link(depth, months, growth):
    found = float(vulnerability(np.array(depth), np.array(months), growth))
    assert found == pytest.approx(depth * (1.0 - np.exp(-growth * months)), abs=1e-12)
    assert 0.0 <= found <= depth
    assert vulnerability(np.array(depth), np.array(0.0), growth) == 0.0


def linked(founded, **platform):
    market = founded(1, platform={"link": "integrated"} | platform)
    market.link[:] = market.agreements.active
    return market


def test_inspections_come_when_due_and_cost_by_the_customer(founded):
    market = linked(founded, inspection_interval=5, inspection_cost=0.3)
    market.months_unchecked[:] = [3.0, 4.0, 9.0]
    guard(market)
    customers = np.array([bank.customers for bank in market.banks])
    np.testing.assert_allclose(market.inspection_spend, [0.0, 0.3, 0.3] * customers)
    np.testing.assert_array_equal(market.months_unchecked, [4.0, 0.0, 0.0])


def test_breaches_and_outages_come_at_their_rates(founded):
    """Chance 1 - exp(-rate / 12 * vulnerability) a month; an inspection a month prevents all."""
    terms = {"breach_rate": 6.0, "outage_rate": 3.0, "inspection_interval": 6000}
    market = linked(founded, vulnerability_growth=5.0, **terms)
    months = 2_000
    seen = np.zeros(2)
    for month in range(months):
        market.month = month
        guard(market)
        seen += market.breach.astype(bool).mean(), market.outage.mean()
    # After a month without an inspection vulnerability is 1 - exp(-5): all but one.
    expected = 1.0 - np.exp(-np.array([6.0, 3.0]) / 12.0)
    error = np.sqrt(expected * (1.0 - expected) / months / 3.0)
    assert (np.abs(seen / months - expected) < 4.0 * error).all()
    assert market.scandal.max() > 0.0
    safe = linked(founded, vulnerability_growth=5.0, **terms | {"inspection_interval": 1})
    for month in range(200):
        safe.month = month
        guard(safe)
        assert not safe.breach.any()
        assert not safe.outage.any()


def test_nothing_breaks_on_paper(founded):
    market = founded(1, platform={"breach_rate": 100.0, "outage_rate": 100.0})
    for month in range(50):
        market.month = month
        guard(market)
        assert not market.breach.any()
        assert not market.outage.any()


def test_links_grow_by_a_share_of_what_is_missing_and_end_with_the_agreement(founded):
    alike = {"partnership": {"trait_spread": 0.0}}
    market = founded(1, platform={"link": "networked", "adoption": 0.25}, **alike)
    market.link[:] = 0.0
    for months in range(1, 6):
        build_links(market)
        depth = market.scenario.platform.network_depth * (1.0 - 0.75**months)
        np.testing.assert_allclose(market.link, depth * market.agreements.active)
    market.agreements.active[0] = False
    build_links(market)
    assert not market.link[0].any()


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_the_bank_returns_its_share_of_what_was_stolen(founded, share):
    """The same thieves whatever is returned; the books are checked in every month."""
    hit = {"link": "integrated", "adoption": 1.0, "breach_rate": 60.0, "vulnerability_growth": 5.0}
    market = founded(12, platform=hit | {"breach_compensation": share})
    totals = np.sum(market.record["totals"], axis=0)
    lost, returned = totals[:, Total.BREACH_LOSS], totals[:, Total.BREACH_COMPENSATION]
    stolen = lost + returned
    assert stolen.sum() > 0.0
    np.testing.assert_allclose(returned, share * stolen)
    assert max(market.record["ledger_residual"]) < 1e-9
