"""Double-entry books: whatever is posted, money is conserved, and a mismatch is named."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.ledger import Account, Ledger, LedgerError

BANKS, INSURERS = 3, 4
ACCOUNTS = len(Account) + BANKS + INSURERS
quick = settings(deadline=None, derandomize=True, max_examples=40)
account = st.integers(0, ACCOUNTS - 1)
amount = st.floats(-1e9, 1e9)
postings = st.lists(st.tuples(account, account, amount), max_size=20)


def books(opening=()):
    ledger = Ledger(BANKS, INSURERS)
    for place, value in opening:
        ledger.open(place, value)
    return ledger


def holdings(ledger):
    """What the actors hold if they have taken every posting."""
    return (
        float(ledger.balances[Account.CUSTOMERS]),
        ledger.balances[ledger.banks].copy(),
        ledger.balances[ledger.insurers].copy(),
    )


def test_accounts_do_not_overlap():
    ledger = books()
    places = [*map(int, Account), *ledger.banks.tolist(), *ledger.insurers.tolist()]
    assert sorted(places) == list(range(ACCOUNTS))
    assert ledger.balances.shape == (ACCOUNTS,)


@given(st.lists(st.tuples(account, st.integers(0, 10**5)), max_size=8), postings)
@quick
def test_money_is_conserved_whatever_is_posted(opening, entries):
    ledger = books(opening)
    before = ledger.balances.sum()
    expected = ledger.balances.copy()
    for payer, payee, value in entries:
        ledger.post(payer, payee, value)
        expected[payer] -= value
        expected[payee] += value
    turnover = sum(abs(value) for _, _, value in entries)
    np.testing.assert_allclose(ledger.balances, expected, atol=1e-3)
    assert ledger.balances.sum() == pytest.approx(before, abs=1e-9 * max(turnover, before, 1.0))
    assert ledger.turnover == pytest.approx(turnover)
    assert ledger.close(*holdings(ledger)) <= Ledger.TOLERANCE
    assert ledger.turnover == 0.0


@given(postings)
@quick
def test_postings_in_one_array_are_postings_one_by_one(entries):
    together, apart = books(), books()
    for entry in entries:
        apart.post(*entry)
    if entries:
        payers, payees, values = zip(*entries, strict=True)
        together.post(list(payers), list(payees), list(values))
    np.testing.assert_allclose(together.balances, apart.balances, rtol=1e-12, atol=1e-3)
    assert together.turnover == pytest.approx(apart.turnover)


def test_amounts_broadcast_over_pairs():
    ledger = books()
    pairs = np.arange(1.0, 1.0 + BANKS * INSURERS).reshape(BANKS, INSURERS)
    ledger.post(ledger.insurers, ledger.banks[:, None], pairs)
    np.testing.assert_allclose(ledger.balances[ledger.banks], pairs.sum(axis=1))
    np.testing.assert_allclose(ledger.balances[ledger.insurers], -pairs.sum(axis=0))
    assert ledger.turnover == pairs.sum()
    ledger.post(Account.CUSTOMERS, ledger.insurers, 2.0)
    assert ledger.balances[Account.CUSTOMERS] == -2.0 * INSURERS


def test_a_negative_amount_flows_back():
    ledger = books()
    ledger.post(Account.CUSTOMERS, Account.OUTSIDE, -5.0)
    assert ledger.balances[Account.CUSTOMERS] == 5.0
    assert ledger.balances[Account.OUTSIDE] == -5.0
    assert ledger.turnover == 5.0


def test_opening_holdings_add_up():
    ledger = books()
    ledger.open(Account.CUSTOMERS, 100.0)
    ledger.open(ledger.insurers, [1.0, 2.0, 3.0, 4.0])
    ledger.open(ledger.insurers[0], 10.0)
    assert ledger.balances[ledger.insurers].tolist() == [11.0, 2.0, 3.0, 4.0]
    assert ledger.turnover == 0.0
    assert ledger.close(*holdings(ledger)) == 0.0


@given(st.sampled_from(["customers", "bank", "insurer"]), st.integers(0, 2), st.floats(1.0, 1e6))
@quick
def test_a_flow_taken_by_one_side_only_is_named(kind, which, missing):
    ledger = books([(Account.CUSTOMERS, 1e6)])
    ledger.post(Account.CUSTOMERS, ledger.insurers, 1e4)
    ledger.post(ledger.insurers[0], ledger.banks, 10.0)
    customers, banks, insurers = holdings(ledger)
    name = kind
    if kind == "customers":
        customers += missing
    elif kind == "bank":
        banks[which] -= missing
        name = f"bank {which}"
    else:
        insurers[which] += missing
        name = f"insurer {which}"
    with pytest.raises(LedgerError, match=rf"^books of {name} are off by "):
        ledger.close(customers, banks, insurers)


def test_money_from_nowhere_is_noticed():
    ledger = books()
    ledger.post(Account.CUSTOMERS, Account.OUTSIDE, 100.0)
    ledger.balances[Account.CLERKS] += 1.0
    with pytest.raises(LedgerError, match=r"^books of all accounts "):
        ledger.close(*holdings(ledger))


def test_a_missing_number_is_an_error():
    ledger = books()
    ledger.post(Account.CUSTOMERS, Account.OUTSIDE, 100.0)
    customers, banks, insurers = holdings(ledger)
    with pytest.raises(LedgerError):
        ledger.close(float("nan"), banks, insurers)
    banks[1] = np.nan
    with pytest.raises(LedgerError, match="bank 1"):
        ledger.close(customers, banks, insurers)


def test_rounding_is_not_an_error():
    ledger = books()
    ledger.post(Account.CUSTOMERS, Account.OUTSIDE, 1e6)
    customers, banks, insurers = holdings(ledger)
    assert ledger.close(customers + 1e-5, banks, insurers) == pytest.approx(1e-11, rel=1e-2)
    ledger.post(Account.CUSTOMERS, Account.OUTSIDE, 1e6)
    with pytest.raises(LedgerError):
        ledger.close(customers - 1e6 + 1e-2, banks, insurers)
