"""The customer month as a whole: threads, common random numbers, closed books, odd markets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agents.customers import AGENT_CHANNEL, NO_POLICY
from scenarios.schema import Scenario
from sim.customer_month import chunk_bounds
from sim.ledger import LedgerError
from sim.model import BancassuranceModel
from sim.month_tables import Flow, Total
from sim.recorder import Results
from sim.views import now_of

ALLIANCE = {"form": "exclusive_alliance", "partners": 1, "term": 120, "access_fee": True}


def scenario(months: int = 6, size: int = 400, **sections: dict[str, Any]) -> Scenario:
    """A small market; keywords change single settings of a section."""
    made = Scenario()
    small = {
        "market": {"banks": 2, "branches": 6, "insurers": 3},
        "population": {"size": size},
        "horizon": {"months": months, "burn_in": 0, "window": months},
    }
    for section in {*small, *sections}:
        values = small.get(section, {}) | sections.get(section, {})
        made = replace(made, **{section: replace(getattr(made, section), **values)})
    return made


def run(made: Scenario, seed: int = 1, threads: int = 1) -> BancassuranceModel:
    model = BancassuranceModel(made, seed, threads)
    model.run()
    return model


def record(model: BancassuranceModel) -> dict[str, np.ndarray]:
    return {name: np.array(values) for name, values in model.market.record.items()}


def in_force(model: BancassuranceModel) -> np.ndarray:
    return model.market.people.policy["insurer"] != NO_POLICY


def assert_same(one: BancassuranceModel, other: BancassuranceModel) -> None:
    """All that ``one`` recorded is what ``other`` did in the same months, to the last bit."""
    ours, theirs = record(one), record(other)
    assert ours.keys() == theirs.keys()
    for name, values in ours.items():
        np.testing.assert_array_equal(values, theirs[name][: len(values)], err_msg=name)


@pytest.mark.parametrize("form", [{}, ALLIANCE], ids=["agency", "alliance"])
def test_results_do_not_depend_on_threads(form):
    made = scenario(months=6, size=7000, partnership=form)
    assert len(chunk_bounds(7000)) > 4
    one, two = run(made, threads=1), run(made, threads=2)
    assert_same(one, two)
    for ours, theirs in zip(one.market.people, two.market.people, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_chunks_cover_everyone_once_and_depend_on_the_size_alone():
    for size in (1, 2047, 2048, 2049, 7000, 1_000_000):
        bounds = chunk_bounds(size)
        assert bounds[0] == 0
        assert bounds[-1] == size
        assert (np.diff(bounds) > 0).all()
        assert len(bounds) <= 65


def test_a_run_can_be_repeated_and_seeds_differ():
    first, again, other = (run(scenario(), seed) for seed in (1, 1, 2))
    assert_same(first, again)
    for name in ("totals", "class_flows", "rates"):
        assert not np.array_equal(record(first)[name], record(other)[name]), name
    assert not np.array_equal(first.market.people.person, other.market.people.person)


def test_scenarios_share_the_luck_that_their_difference_leaves_alone():
    """Who visits, dies and is born, and the rates: the same under either form of partnership."""
    agency = run(scenario(months=24, size=1000))
    alliance = run(scenario(months=24, size=1000, partnership=ALLIANCE))
    ours, theirs = record(agency), record(alliance)
    assert not np.array_equal(ours["class_flows"], theirs["class_flows"])
    np.testing.assert_array_equal(ours["rates"], theirs["rates"])
    np.testing.assert_array_equal(now_of(agency.market).keys, now_of(alliance.market).keys)
    assert now_of(agency.market).seed == now_of(alliance.market).seed
    shared = [Total.CUSTOMERS, Total.VISITS, Total.DEATHS, Total.ENDOWMENTS]
    assert (ours["totals"][..., shared].sum(axis=(0, 1)) > 0).all()
    np.testing.assert_array_equal(ours["totals"][..., shared], theirs["totals"][..., shared])
    one, other = agency.market.people.person, alliance.market.people.person
    for trait in ("birth_month", "entry_month", "income", "literacy", "disposition", "sex"):
        np.testing.assert_array_equal(one[trait], other[trait], err_msg=trait)


@pytest.mark.parametrize("form", [{}, ALLIANCE], ids=["agency", "alliance"])
def test_a_longer_horizon_leaves_the_earlier_months_alone(form):
    short = run(scenario(months=14, partnership=form))
    long = run(scenario(months=38, partnership=form))
    assert_same(short, long)


@pytest.mark.parametrize("form", [{}, ALLIANCE], ids=["agency", "alliance"])
def test_the_books_close_in_every_month(form):
    residual = record(run(scenario(months=36, partnership=form)))["ledger_residual"]
    assert len(residual) == 36
    assert residual.max() < 1e-9


def steal_from_bank(model):
    model.market.banks[1].cash += 1.0


def steal_from_insurer(model):
    model.market.insurers[2].assets -= 1.0


def steal_from_customer(model):
    model.market.people.person["wealth"][17] += 1.0


def steal_from_nobody(model):
    model.market.ledger.balances[:2] += [1.0, 0.0]


def miscount_a_flow(model):
    model.market.sums.flows[0, 0, 0, Flow.FIRST_PREMIUM] += 1.0


def miscount_saving(model):
    model.market.sums.totals[0, Total.SAVING] -= 1.0


@pytest.mark.parametrize(
    ("tamper", "account"),
    [
        (steal_from_bank, "bank 1"),
        (steal_from_insurer, "insurer 2"),
        (steal_from_customer, "customers"),
        (steal_from_nobody, "customers|all accounts"),
        (miscount_a_flow, "customers"),
        (miscount_saving, "customers"),
    ],
)
def test_a_yuan_that_only_one_side_sees_is_found(tamper, account, monkeypatch):
    model = BancassuranceModel(scenario())
    model.step()
    live = model.live_customers

    def live_and_tamper():
        live()
        tamper(model)

    monkeypatch.setattr(model, "live_customers", live_and_tamper)
    with pytest.raises(LedgerError, match=account):
        model.step()


def test_a_single_customer_makes_a_market():
    model = run(scenario(months=24, size=1, market={"branches": 2}, population={"size": 1}))
    totals = record(model)["totals"]
    assert totals[..., Total.CUSTOMERS].sum(axis=1).tolist() == [1.0] * 24
    assert model.market.people.neighbours.shape == (1, 0)
    outcomes = Results(model.market).outcomes
    assert 0.0 <= outcomes["trust"] <= 1.0
    assert outcomes["ledger_residual"] < 1e-9


def test_without_neighbours_nobody_follows_them():
    rules = [replace(Scenario().population.trust, neighbour_weight=pull) for pull in (0.0, 0.9)]
    deaf, keen = (
        run(scenario(months=24, population={"neighbours": 0, "trust": trust})) for trust in rules
    )
    assert deaf.market.people.neighbours.shape == (400, 0)
    assert_same(deaf, keen)
    assert deaf.market.people.person["trust"].std() > 0.0


def test_without_clerks_only_own_agents_sell():
    model = run(scenario(months=24, market={"clerks_per_branch": 0}))
    outcomes = Results(model.market).outcomes
    assert outcomes["bank_premium"] == 0.0
    assert outcomes["bank_share"] == 0.0
    assert (model.market.people.policy["channel"][in_force(model)] == AGENT_CHANNEL).all()
    flows = record(model)["class_flows"]
    assert flows[:, 1, :, Flow.FIRST_PREMIUM].sum() > 0.0
    assert record(model)["totals"][..., Total.VISITS].sum() > 0.0
    assert record(model)["totals"][..., Total.APPROACHES].sum() == 0.0


@pytest.mark.parametrize("form", [{}, ALLIANCE], ids=["agency", "alliance"])
def test_one_bank_and_one_insurer(form):
    only = {"banks": 1, "insurers": 1, "branches": 3}
    model = run(scenario(months=36, size=1000, market=only, partnership=form))
    outcomes = Results(model.market).outcomes
    assert 0.0 < outcomes["bank_share"] < 1.0
    assert outcomes["hhi"] == pytest.approx(1.0)
    assert 0.0 < outcomes["fee_total"] < 0.5
    assert set(np.unique(model.market.people.policy["insurer"])) == {NO_POLICY, 0}


def test_records_stay_within_what_they_mean():
    model = run(scenario(months=60, size=2000))
    person, policy = model.market.people.person, model.market.people.policy[in_force(model)]
    for trait in ("trust", "disposition", "literacy", "risk_aversion"):
        assert person[trait].min() >= 0.0
        assert person[trait].max() <= 1.0
    assert person["wealth"].min() >= 0.0
    assert policy["premium"].min() > 0.0
    np.testing.assert_array_equal(policy["premium"], policy["premium"].round())
    assert policy["gap"].min() > -1e-12
    assert policy["issue_month"].max() <= 59
    holders = np.broadcast_to(person["entry_month"][:, None], in_force(model).shape)
    assert (policy["issue_month"] >= holders[in_force(model)]).all()
    flows = record(model)["class_flows"]
    assert (flows[..., [Flow.SALES, Flow.IN_FORCE, Flow.RESERVE, Flow.SUM_AT_RISK]] >= 0.0).all()
    assert flows[-1, ..., Flow.IN_FORCE].sum() == in_force(model).sum()


@pytest.mark.parametrize(
    "extreme",
    [
        {"effort_cost": 0.001},
        {"base_drive": 1e6},
        {"sales_capacity": 1000.0},
        {"training_gain": 5.0},
    ],
    ids=lambda extreme: next(iter(extreme)),
)
def test_clerks_who_push_beyond_measure_leave_numbers(extreme):
    model = run(scenario(months=8, incentives=extreme))
    for name, values in record(model).items():
        assert np.isfinite(values).all(), name
