"""Proof by regime against Monte Carlo, beliefs against Beta-Bernoulli updating, delays."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.levers import Supervision
from scenarios.schema import Scenario
from sim.books import resolve_failures
from sim.conduct import Belief, supervise
from sim.supervision.integrated import Integrated
from sim.supervision.joint_meeting import JointMeeting
from sim.supervision.separate import Separate

quick = settings(deadline=None, derandomize=True, max_examples=40)


def chance(kind, bank, insurer, interval=6):
    """Long-run chance per quarter that a lasting violation is proven."""
    if kind is Separate:
        return bank * insurer
    if kind is Integrated:
        return bank + insurer - bank * insurer
    quarters = max(1, -(-interval // 3))
    filed = [1.0 - (1.0 - sight) ** quarters for sight in (bank, insurer)]
    return filed[0] * filed[1] / quarters


def regime(kind, interval=6):
    return kind(replace(Supervision(), meeting_interval=interval))


def proven_per_quarter(rule, bank_sight, insurer_sight, quarters=24, pairs=4_000):
    """Share of lasting violations proven per quarter, by drawing the traces."""
    rng = np.random.default_rng(8)
    cases = 0
    for quarter in range(1, quarters + 1):
        bank = rng.random((pairs, 1)) < bank_sight
        insurer = rng.random((pairs, 1)) < insurer_sight
        cases += int(rule.prove(bank, insurer, 3 * quarter).sum())
    return cases / quarters / pairs


@pytest.mark.parametrize(
    ("kind", "interval"), [(Separate, 6), (Integrated, 6), (JointMeeting, 6), (JointMeeting, 12)]
)
def test_the_chance_of_proof_is_what_comes_out(kind, interval):
    expected = chance(kind, 0.2, 0.3, interval)
    error = np.sqrt(expected / 24 / 4_000)
    assert abs(proven_per_quarter(regime(kind, interval), 0.2, 0.3) - expected) < 5.0 * error


def test_memory_proves_what_no_quarter_shows():
    yes, no = np.array([[True]]), np.array([[False]])
    files = regime(JointMeeting, 6)
    assert not files.prove(yes, no, 3)[0, 0]
    assert files.prove(no, yes, 6)[0, 0]
    assert not files.prove(no, yes, 9)[0, 0]
    assert not files.prove(no, no, 12)[0, 0]  # files are closed at the meeting
    assert not regime(Separate).prove(yes, no, 3)[0, 0]
    assert regime(Integrated).prove(yes, no, 3)[0, 0]


# --- beliefs --------------------------------------------------------------------------------


@given(st.floats(0.5, 20.0), st.floats(0.5, 20.0), st.lists(st.booleans(), max_size=15))
@quick
def test_beliefs_count_successes_and_failures(proven, unproven, seen):
    belief = Belief(proven, unproven, 1e6)
    for case in seen:
        belief.update(float(case), 1.0)
    total = proven + unproven + len(seen)
    assert belief.quarterly == pytest.approx((proven + sum(seen)) / total)
    assert belief.yearly == pytest.approx(1.0 - (1.0 - belief.quarterly) ** 4)


@pytest.mark.parametrize("kind", ["separate", "joint_meeting", "integrated"])
@pytest.mark.parametrize("recorded", [False, True])
def test_nobody_knows_beforehand_how_good_a_regime_is(founded, kind, recorded):
    market = founded(supervision={"regime": kind, "true_recording": recorded})
    rules = market.scenario.supervision
    for belief in (market.conduct.money, market.conduct.selling):
        assert belief.quarterly == pytest.approx(rules.bank_sight * rules.insurer_sight)
        assert belief.proven + belief.unproven == pytest.approx(rules.belief_strength)
    assert market.conduct.money is not market.conduct.selling


def test_deterrence_comes_from_proof_seen(founded):
    """What an authority sees in every quarter, everybody expects after a while."""
    sights = {"bank_sight": 0.3, "insurer_sight": 0.3}
    beliefs = {}
    for kind in ("separate", "integrated"):
        market = founded(1, supervision=sights | {"regime": kind})
        for month in range(3, 3 * 120, 3):
            quarter(market, month, [(b, i) for b in range(3) for i in range(5)])
        beliefs[kind] = market.conduct.money.quarterly
    assert beliefs["separate"] == pytest.approx(chance(Separate, 0.3, 0.3), abs=0.05)
    assert beliefs["integrated"] == pytest.approx(chance(Integrated, 0.3, 0.3), abs=0.08)


def test_old_evidence_fades():
    belief = Belief(2.0, 18.0, 20.0)
    for _ in range(400):
        belief.update(1.0, 4.0)
    assert belief.quarterly == pytest.approx(0.25, abs=1e-6)
    assert belief.proven + belief.unproven == pytest.approx(20.0)
    before = belief.quarterly
    belief.update(0.0, 0.0)  # nothing happened, nothing is learnt
    assert belief.quarterly == before
    belief.update(0.0, 4.0)
    assert belief.quarterly == pytest.approx(before * 19.0 / 20.0)


# --- delays ---------------------------------------------------------------------------------

ALL_SEEING = {"bank_sight": 1.0, "insurer_sight": 1.0, "mis_sale_trigger": 1.0}


def quarter(market, month, paying=()):
    """Close a quarter in which the given pairs paid off the books."""
    market.month = month
    for pair in paying:
        market.conduct.side_paid[pair] = 100.0
    supervise(market)
    return market.record["proven"][-1], market.record["delay"][-1]


def test_what_both_see_at_once_is_proven_within_the_quarter(founded):
    market = founded(1, supervision=ALL_SEEING | {"regime": "separate"})
    assert quarter(market, 30, [(0, 1), (2, 2)]) == (2.0, 6.0)
    assert quarter(market, 33) == (0.0, 0.0)


def test_proven_cases_cost_trust_everywhere_and_most_at_the_bank(founded):
    trust = replace(Scenario().population.trust, scandal_loss=0.004)
    told = {"regime": "separate", "publicity": 0.03}
    market = founded(1, supervision=ALL_SEEING | told, population={"trust": trust})
    market.conduct.mis_sold[:] = 0.0
    quarter(market, 30, [(0, 1), (0, 2), (2, 2)])
    np.testing.assert_allclose(market.scandal, [0.072, 0.012, 0.042])
    quarter(market, 33)
    np.testing.assert_allclose(market.scandal, [0.072, 0.012, 0.042])  # no case, no more loss


def test_a_case_from_the_files_has_the_delay_since_it_began(founded):
    yearly = {"regime": "joint_meeting", "meeting_interval": 12}
    market = founded(1, supervision=ALL_SEEING | yearly)
    quarter(market, 60)  # a meeting: the files are empty now
    assert quarter(market, 63, [(0, 1)]) == (0.0, 0.0)
    assert quarter(market, 66) == quarter(market, 69) == (0.0, 0.0)
    proven, delay = quarter(market, 72)
    assert proven == 1.0
    assert delay == 12.0  # paid from month 60 on


def test_files_on_a_failed_insurer_are_closed(founded):
    """Neither what was paid in the quarter nor a trace on file is fined any more."""
    yearly = {"regime": "joint_meeting", "meeting_interval": 12}
    market = founded(1, supervision=ALL_SEEING | yearly)
    quarter(market, 60)
    quarter(market, 63, [(0, 1), (0, 2)])  # traces that the next meeting pools
    market.conduct.side_paid[1, 1] = 100.0
    insurer = market.insurers[1]
    insurer.assets -= 1e12
    assert resolve_failures(market) == 1
    assert market.conduct.side_paid[:, 1].sum() == 0.0
    assert (market.conduct.since[:, 1] == -1).all()
    quarter(market, 66)
    assert quarter(market, 72) == (1.0, 12.0)
    assert insurer.assets == 0.0
    assert market.insurers[2].reputation < insurer.reputation
