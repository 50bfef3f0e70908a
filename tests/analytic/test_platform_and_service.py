"""The information link and after-sales contacts: interpolation, chances and their limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.platform import between
from sim.service import contact_chance, resolution, yearly_coverage
from sim.views import pairs_of

quick = settings(deadline=None, derandomize=True, max_examples=60)
share = st.floats(0.0, 1.0)
figure = st.floats(0.01, 100.0)


@given(figure, figure)
@quick
def test_the_ends_are_paper_and_full_integration(paper, integrated):
    ends = between(np.array([0.0, 1.0]), paper, integrated)
    np.testing.assert_allclose(ends, [paper, integrated], rtol=1e-12)


@given(figure, figure, share, share)
@quick
def test_equal_steps_of_integration_change_a_figure_by_equal_factors(paper, integrated, at, step):
    first, second, third = between(np.array([at, at + step, at + 2.0 * step]), paper, integrated)
    assert second**2 == pytest.approx(first * third, rel=1e-9)
    middle = between(np.array(0.5), paper, integrated)
    assert middle == pytest.approx(np.sqrt(paper * integrated), rel=1e-12)


@given(figure, figure, share)
@quick
def test_a_figure_stays_between_its_ends(paper, integrated, at):
    value = float(between(np.array(at), paper, integrated))
    low, high = sorted((paper, integrated))
    assert low * (1.0 - 1e-12) <= value <= high * (1.0 + 1e-12)


@given(st.floats(0.0, 1e5), st.floats(0.0, 1e6))
@quick
def test_contacts_are_capacity_over_policies_and_a_chance(capacity, policies):
    chance = float(contact_chance(np.array(capacity), np.array(policies)))
    assert 0.0 <= chance <= 1.0
    if policies >= 1.0:
        assert chance == pytest.approx(min(1.0, capacity / policies))
        assert chance * policies <= capacity * (1.0 + 1e-12)


def test_nobody_to_contact_and_nobody_to_do_it():
    found = contact_chance(np.array([5.0, 0.0, 5.0, 8.0]), np.array([0.0, 10.0, 10.0, 4.0]))
    np.testing.assert_array_equal(found, [0.0, 0.0, 0.5, 1.0])


@given(share)
@quick
def test_coverage_compounds_over_a_year(chance):
    covered = float(yearly_coverage(np.array(chance)))
    missed = 1.0
    for _ in range(12):
        missed *= 1.0 - chance
    assert covered == pytest.approx(1.0 - missed, abs=1e-12)
    assert chance - 1e-12 <= covered <= 1.0


@given(share, share)
@quick
def test_managers_give_a_complaint_a_second_chance(settled, coverage):
    found = float(resolution(np.array(settled), np.array(coverage)))
    assert settled - 1e-12 <= found <= 1.0 + 1e-12
    assert found == pytest.approx(settled + (1.0 - settled) * settled * coverage, abs=1e-12)
    assert float(resolution(np.array(settled), np.array(0.0))) == pytest.approx(settled, abs=1e-12)
    assert float(resolution(np.array(0.0), np.array(coverage))) == 0.0


def test_complaints_are_settled_where_managers_reach_the_holders(founded):
    settings = {"level": "proactive", "resolution": 0.4, "contacts": 0.5}
    alike = {"partnership": {"trait_spread": 0.0}, "service": settings}
    pair = pairs_of(founded(3, incentives={"account_managers": 1.0}, **alike))
    assert pair["coverage"].max() > 0.0
    np.testing.assert_allclose(pair["resolution"], 1.0 - 0.6 * (1.0 - 0.4 * pair["coverage"]))
    none = pairs_of(founded(3, service=settings | {"level": "none"}))
    np.testing.assert_array_equal(none["resolution"], 0.0)
