"""Trust: fixed points, bounds, linearity, and DeGroot's consensus on a ring."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sim.trust import gap_loss, next_trust

compiled = settings(deadline=None, derandomize=True, max_examples=60)
share = st.floats(0.0, 1.0)
change = st.floats(-2.0, 2.0)


@given(share, share, share)
@compiled
def test_agreement_is_a_fixed_point(trust, neighbour_weight, recovery):
    after = next_trust(trust, 0.0, trust, trust, 0.0, neighbour_weight, recovery)
    assert after == pytest.approx(trust, abs=1e-15)


@given(share, change, share, share, share, share, share)
@compiled
def test_trust_stays_in_bounds(
    trust, experience, neighbours, disposition, scandal, weight, recovery
):
    after = next_trust(trust, experience, neighbours, disposition, scandal, weight, recovery)
    assert 0.0 <= after <= 1.0
    moved = trust + experience - scandal
    moved += weight * (neighbours - trust) + recovery * (disposition - trust)
    assert after == pytest.approx(min(1.0, max(0.0, moved)), abs=1e-12)


def test_bounds_bind():
    assert next_trust(0.9, 0.5, 0.9, 0.9, 0.0, 0.1, 0.1) == 1.0
    assert next_trust(0.1, 0.0, 0.1, 0.1, 0.5, 0.1, 0.1) == 0.0


@given(share, share, share, st.floats(0.0, 0.4), st.floats(0.0, 0.4), share)
@compiled
def test_trust_is_linear_inside_the_bounds(one, other, common, weight, recovery, mix):
    def after(trust, neighbours):
        return next_trust(trust, 0.0, neighbours, common, 0.0, weight, recovery)

    blended = after(mix * one + (1.0 - mix) * other, mix * other + (1.0 - mix) * one)
    apart = mix * after(one, other) + (1.0 - mix) * after(other, one)
    assert blended == pytest.approx(apart, abs=1e-12)


@given(share, share, st.floats(0.01, 0.5), st.floats(0.01, 0.5), st.floats(0.0, 0.02))
@compiled
def test_a_lasting_scandal_moves_the_resting_point(
    neighbours, disposition, weight, recovery, scandal
):
    rest = (weight * neighbours + recovery * disposition - scandal) / (weight + recovery)
    assume(0.0 < rest < 1.0)
    after = next_trust(rest, 0.0, neighbours, disposition, scandal, weight, recovery)
    assert after == pytest.approx(rest, abs=1e-12)
    trust = 0.5
    for _ in range(int(30.0 / (weight + recovery))):
        trust = next_trust(trust, 0.0, neighbours, disposition, scandal, weight, recovery)
    assert trust == pytest.approx(rest, abs=1e-9)


def test_good_experience_and_a_scandal_cancel():
    assert next_trust(0.5, 0.1, 0.5, 0.5, 0.1, 0.1, 0.1) == pytest.approx(0.5, abs=1e-15)
    assert next_trust(0.5, 0.1, 0.5, 0.5, 0.0, 0.1, 0.1) == pytest.approx(0.6)
    assert next_trust(0.5, 0.0, 0.5, 0.5, 0.1, 0.1, 0.1) == pytest.approx(0.4)


def talk(trust, disposition, weight, recovery):
    """One month of word of mouth on a ring with two neighbours each."""
    means = 0.5 * (np.roll(trust, 1) + np.roll(trust, -1))
    terms = zip(trust, means, disposition, strict=True)
    return np.array([next_trust(t, 0.0, m, d, 0.0, weight, recovery) for t, m, d in terms])


def test_neighbours_alone_lead_to_consensus():
    """DeGroot (1974): on a ring everyone ends at the mean of the first opinions."""
    first = np.random.default_rng(3).random(11)
    trust = first
    for _ in range(800):
        trust = talk(trust, first, 0.4, 0.0)
        assert trust.mean() == pytest.approx(first.mean(), abs=1e-12)
    np.testing.assert_allclose(trust, first.mean(), atol=1e-9)


def test_consensus_comes_at_the_rate_of_the_second_eigenvalue():
    people, weight = 9, 0.5
    wave = 0.2 * np.cos(2.0 * np.pi * np.arange(people) / people)
    after = talk(0.5 + wave, np.full(people, 0.5), weight, 0.0) - 0.5
    eigenvalue = 1.0 - weight * (1.0 - np.cos(2.0 * np.pi / people))
    np.testing.assert_allclose(after, eigenvalue * wave, atol=1e-12)


def test_dispositions_keep_opinions_apart():
    disposition = np.tile([0.2, 0.8], 5)
    trust = np.full(10, 0.5)
    for _ in range(400):
        trust = talk(trust, disposition, 0.1, 0.05)
    # Two neighbouring levels l, h: 0.1 (h - l) = 0.05 (l - 0.2), and the mirror image.
    np.testing.assert_allclose(trust, np.tile([0.44, 0.56], 5), atol=1e-9)


@given(st.floats(0.0, 5.0), share, share)
@compiled
def test_redress_wins_part_of_the_loss_back(gap, per_gap, resolved_share):
    loss = gap_loss(gap, per_gap, False, resolved_share)
    assert loss == pytest.approx(gap * per_gap)
    redressed = gap_loss(gap, per_gap, True, resolved_share)
    assert redressed == pytest.approx(loss * (1.0 - resolved_share), abs=1e-12)
    assert 0.0 <= redressed <= loss
