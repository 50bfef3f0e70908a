"""How firms revise their strategy: attraction against closed forms, imitation by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.levers import Adaptation
from sim.adaptation.base import NEUTRAL, STRATEGIES
from sim.adaptation.ewa import ExperienceWeightedAttraction, update_attractions
from sim.adaptation.fixed import Fixed
from sim.adaptation.imitate import Imitate

quick = settings(deadline=None, derandomize=True, max_examples=40)
payoffs = st.lists(st.floats(-50.0, 50.0), min_size=STRATEGIES, max_size=STRATEGIES)


def learner(**changes):
    return ExperienceWeightedAttraction(replace(Adaptation(), rule="ewa", **changes))


def test_one_year_of_experience_by_hand():
    """phi 0.8, kappa 0.25, delta 0.5: N = 0.8 * 0.75 * 2 + 1 = 2.2."""
    attraction, experience = update_attractions(
        np.array([[1.0, 2.0, 3.0]]), 2.0, np.array([[4.0, 5.0, 6.0]]), np.array([1]), 0.8, 0.25, 0.5
    )
    assert experience == pytest.approx(2.2)
    expected = (0.8 * 2.0 * np.array([1.0, 2.0, 3.0]) + [2.0, 5.0, 3.0]) / 2.2
    np.testing.assert_allclose(attraction[0], expected)


@given(payoffs, st.floats(0.0, 0.95), st.floats(0.0, 1.0))
@quick
def test_under_lasting_payoffs_attractions_settle(payoff, decay, growth):
    """Means of payoffs without kappa, sums with it: A -> pi / N (1 - phi), N of the limit."""
    payoff, attraction, experience = np.array([payoff]), np.zeros((1, STRATEGIES)), 1.0
    for _ in range(2_000):
        attraction, experience = update_attractions(
            attraction, experience, payoff, np.array([0]), decay, growth, 1.0
        )
    limit = 1.0 / (1.0 - decay * (1.0 - growth))
    assert experience == pytest.approx(limit)
    np.testing.assert_allclose(attraction, payoff / (limit * (1.0 - decay)), atol=1e-9)


def test_the_response_is_a_logit_between_chance_and_the_best():
    firms = 3_000
    strategy = np.arange(firms) % STRATEGIES
    payoff = np.array([1.0, 3.0, 2.0])[strategy]
    draws = np.stack([(np.arange(firms) + 0.5) / firms, np.zeros(firms)])
    keen = learner(ewa_sensitivity=1_000.0, ewa_foregone=1.0).revise(strategy, payoff, draws)
    assert (keen == 1).all()
    blind = learner(ewa_sensitivity=0.0).revise(strategy, payoff, draws)
    np.testing.assert_allclose(np.bincount(blind, minlength=3) / firms, 1.0 / 3.0, atol=1e-3)
    # In the first year A = pi / N of what all earned, N = phi (1 - kappa) + 1.
    terms = {"ewa_sensitivity": 2.0, "ewa_foregone": 1.0, "ewa_decay": 0.9, "ewa_growth": 0.5}
    found = learner(**terms).revise(strategy, payoff, draws)
    weight = np.exp(2.0 * np.array([1.0, 3.0, 2.0]) / 2.0 / 1.45)
    np.testing.assert_allclose(
        np.bincount(found, minlength=3) / firms, weight / weight.sum(), atol=1e-3
    )


def test_what_nobody_has_tried_is_expected_to_earn_the_mean():
    rule = learner(ewa_sensitivity=1_000.0, ewa_foregone=1.0)
    strategy, payoff = np.array([0, 0, 2, 2]), np.array([1.0, 1.0, 2.0, 4.0])
    assert (rule.revise(strategy, payoff, np.full((2, 4), 0.5))[:2] == 2).all()


def test_imitation_copies_only_a_better_one_that_was_met():
    rule = Imitate(replace(Adaptation(), rule="imitate", imitation=0.5))
    strategy, payoff = np.array([0, 1, 2]), np.array([1.0, 2.0, 3.0])
    looks = np.array([0.2, 0.2, 0.2])  # looks around, no experiment
    nearest, other = np.zeros(3), np.full(3, 0.99)
    assert rule.revise(strategy, payoff, np.stack([looks, nearest])).tolist() == [1, 2, 2]
    assert rule.revise(strategy, payoff, np.stack([looks, other])).tolist() == [2, 1, 2]
    busy = np.full(3, 0.5)
    assert rule.revise(strategy, payoff, np.stack([busy, nearest])).tolist() == [0, 1, 2]
    tries = np.full(3, 0.049)  # a tenth of those who look try something
    tried = rule.revise(strategy, payoff, np.stack([tries, np.array([0.1, 0.5, 0.9])]))
    assert tried.tolist() == [0, 1, 2]
    alone = rule.revise(np.array([NEUTRAL]), np.array([1.0]), np.array([[0.2], [0.7]]))
    assert alone.tolist() == [NEUTRAL]


def test_who_is_fixed_stays():
    strategy = np.array([0, 2])
    assert Fixed(Adaptation()).revise(strategy, np.zeros(2), np.zeros((2, 2))) is strategy
