"""Founding: whole numbers split by shares, banks and branches, clerks and shelf orders."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare, kstest

from scenarios.schema import Scenario
from sim.founding import (
    bank_of_branches,
    deal_out,
    found_account_managers,
    found_banks,
    found_clerks,
    found_insurers,
    found_supervisors,
    shelf_orders,
    zipf_shares,
)
from sim.model import BancassuranceModel

quick = settings(deadline=None, derandomize=True, max_examples=80)
weights = st.lists(st.floats(0.0, 1e6), min_size=1, max_size=30).map(np.array)


# --- splitting ------------------------------------------------------------------------------


@given(st.integers(0, 10_000), weights)
@quick
def test_a_split_adds_up_and_is_within_one_of_exact(total, shares):
    parts = deal_out(total, shares)
    assert parts.dtype == np.int64
    if shares.sum() == 0.0:
        assert parts.tolist() == [0] * len(shares)
        return
    assert parts.sum() == total
    exact = total * shares / shares.sum()
    assert (np.abs(parts - exact) < 1.0 + 1e-9).all()
    assert (parts[shares == 0.0] == 0).all()


@given(st.integers(0, 500), weights)
@quick
def test_the_largest_remainders_get_one_more(total, shares):
    if shares.sum() == 0.0:
        return
    exact = total * shares / shares.sum()
    remainder = exact - np.floor(exact)
    more = deal_out(total, shares) > np.floor(exact)
    if more.any() and not more.all():
        assert remainder[more].min() >= remainder[~more].max() - 1e-9


def test_splits_by_hand():
    assert deal_out(10, np.array([1.0, 1.0, 1.0])).tolist() == [4, 3, 3]  # the first of equals
    assert deal_out(7, np.array([0.5, 0.3, 0.2])).tolist() == [4, 2, 1]
    assert deal_out(3, np.array([10.0, 0.0, 20.0])).tolist() == [1, 0, 2]
    assert deal_out(0, np.array([1.0, 2.0])).tolist() == [0, 0]
    assert deal_out(5, np.array([0.0, 0.0])).tolist() == [0, 0]


@given(st.integers(1, 60), st.floats(0.0, 3.0))
@quick
def test_sizes_follow_zipf(count, dispersion):
    shares = zipf_shares(count, dispersion)
    assert shares.sum() == pytest.approx(1.0)
    ranks = np.arange(1, count + 1)
    np.testing.assert_allclose(shares / shares[0], ranks**-dispersion, rtol=1e-12)


# --- banks and branches ---------------------------------------------------------------------


@given(st.integers(1, 20), st.integers(0, 200), st.floats(0.0, 3.0))
@quick
def test_every_bank_has_a_branch(banks, spare, dispersion):
    bank_of = bank_of_branches(banks, banks + spare, dispersion)
    assert bank_of.shape == (banks + spare,)
    assert bank_of.dtype == np.int32
    counts = np.bincount(bank_of, minlength=banks)
    assert counts.min() >= 1
    assert (np.diff(counts) <= 0).all()  # larger banks first
    expected = 1.0 + spare * zipf_shares(banks, dispersion)
    assert (np.abs(counts - expected) < 1.0 + 1e-9).all()


def test_branches_of_a_bank_are_spread_over_the_ring():
    bank_of = bank_of_branches(4, 100, 0.0)
    for bank in range(4):
        places = np.flatnonzero(bank_of == bank)
        assert np.diff(places).max() <= 8  # evenly every fourth place


class Shell:
    """The least of a Mesa model that an agent needs."""

    def __init__(self):
        self.agents = []
        self.rng = np.random.default_rng(0)
        self.random = None

    def register_agent(self, agent):
        self.agents.append(agent)
        agent.unique_id = len(self.agents)


def test_banks_own_their_branches_and_customers():
    bank_of = bank_of_branches(3, 12, 0.5)
    branch_of = np.arange(600) % 12
    banks = found_banks(Shell(), bank_of, branch_of)
    assert [bank.index for bank in banks] == [0, 1, 2]
    assert sorted(np.concatenate([bank.branches for bank in banks])) == list(range(12))
    for bank in banks:
        assert (bank_of[bank.branches] == bank.index).all()
        assert bank.customers == 50 * len(bank.branches)
        assert bank.cash == 0.0


def test_insurers_share_capital_by_size():
    scenario = Scenario()
    insurers = found_insurers(Shell(), scenario)
    force = np.array([insurer.agent_force for insurer in insurers])
    market = scenario.market
    np.testing.assert_allclose(force, zipf_shares(market.insurers, market.size_dispersion))
    capital = np.array([insurer.capital for insurer in insurers])
    assert capital.sum() == pytest.approx(market.initial_capital * scenario.population.size)
    np.testing.assert_allclose(capital / capital.sum(), force)
    assert not any(insurer.failed or insurer.reserves for insurer in insurers)


def test_supervisors_and_account_managers():
    assert [one.field for one in found_supervisors(Shell())] == ["banks", "securities", "insurance"]
    scenario = Scenario()
    per_branch = replace(scenario.incentives, account_managers=0.25)
    market = replace(scenario.market, branches=10)
    staffed = replace(scenario, incentives=per_branch, market=market)
    managers = found_account_managers(Shell(), staffed)
    assert len(managers) == 2  # two and a half, rounded to even
    assert all(manager.bank == manager.insurer == -1 for manager in managers)


# --- clerks ---------------------------------------------------------------------------------


def test_clerks_are_lognormal_in_talent_and_ethics():
    scenario = Scenario()
    terms = replace(scenario.incentives, skill_spread=0.3, ethics_mean=200.0, ethics_spread=0.5)
    market = replace(scenario.market, clerks_per_branch=4)
    bank_of = bank_of_branches(5, 1_000, 0.5)
    clerks = found_clerks(replace(scenario, incentives=terms, market=market), bank_of, 3)
    clerk = clerks.clerk
    assert len(clerk) == 4_000
    assert (clerk["bank"] == np.repeat(bank_of, 4)).all()
    talent, ethics = np.log(clerk["talent"]), np.log(clerk["ethics"] / 200.0)
    assert kstest(talent / 0.3, "norm").pvalue > 0.001
    assert kstest(ethics / 0.5, "norm").pvalue > 0.001
    assert abs(np.corrcoef(talent, ethics)[0, 1]) < 0.07
    # Hours in and hours worn off balance from the start.
    before = clerk["training"].copy()
    clerks.train(terms.training_hours, terms.training_depreciation)
    np.testing.assert_allclose(clerk["training"], before, rtol=1e-12)
    assert clerks.cutoff.shape[0] == 4_000


def test_a_market_without_clerks():
    scenario = Scenario()
    nobody = replace(scenario, market=replace(scenario.market, clerks_per_branch=0))
    assert len(found_clerks(nobody, bank_of_branches(2, 10, 0.0), 1).clerk) == 0


def test_training_wears_off_to_its_steady_state():
    scenario = Scenario()
    clerks = found_clerks(scenario, bank_of_branches(1, 1, 0.0), 1)
    clerks.clerk["training"] = 0.0
    for _ in range(400):
        clerks.train(3.0, 0.05)
    np.testing.assert_allclose(clerks.clerk["training"], 60.0, rtol=1e-6)


# --- shelves --------------------------------------------------------------------------------


def test_shelf_orders_are_fair_permutations():
    orders = shelf_orders(3_000, 6, 4)
    np.testing.assert_array_equal(np.sort(orders, axis=1), np.tile(np.arange(6), (3_000, 1)))
    for place in (0, 5):
        assert chisquare(np.bincount(orders[:, place], minlength=6)).pvalue > 0.001
    pairs = Counter(map(tuple, orders[:, :2].tolist()))
    assert chisquare(list(pairs.values())).pvalue > 0.001
    np.testing.assert_array_equal(orders, shelf_orders(3_000, 6, 4))
    assert (orders != shelf_orders(3_000, 6, 5)).any()


# --- the whole ------------------------------------------------------------------------------


def test_the_books_open_with_what_people_and_firms_hold():
    scenario = Scenario()
    small = replace(
        scenario,
        population=replace(scenario.population, size=300),
        market=replace(scenario.market, banks=2, branches=5, insurers=3),
    )
    market = BancassuranceModel(small, rng=2).market
    held = (
        float(market.people.person["wealth"].sum()),
        np.array([bank.cash for bank in market.banks]),
        np.array([insurer.assets for insurer in market.insurers]),
    )
    assert market.ledger.close(*held) == 0.0
    assert sum(len(places) for places in market.customers_of) == 300
    for bank, places in zip(market.banks, market.customers_of, strict=True):
        branches = market.people.person["branch"][places]
        assert (market.bank_of[branches] == bank.index).all()
        assert len(places) == bank.customers
