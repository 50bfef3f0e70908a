"""Valuation against closed forms, Thiele's recursion and the equivalence principle."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from sim.life_tables import (
    ANNUITY,
    FEMALE,
    MALE,
    PROTECTION,
    SAVINGS,
    LifeTables,
    load_life_tables,
)
from sim.valuation import CONTRACT_KINDS, Contract, reserve_between, value_contracts

CHINA = load_life_tables()
ENDOWMENT = Contract("single_endowment", SAVINGS, 10, 0.025, 0.03)
TERM = Contract("term_critical_illness", PROTECTION, 20, 0.03, 0.3, critical_illness_ratio=2.5)
PENSION = Contract("deferred_annuity", ANNUITY, 10, 0.03, 0.12, vesting_age=60)
ACCOUNT = Contract("account", SAVINGS, 10, 0.02, 0.02)
ACCIDENT = Contract("yearly_accident", PROTECTION, 1, 0.02, 0.4, accident_probability=0.004)
CONTRACTS = {contract.kind: contract for contract in (ENDOWMENT, TERM, PENSION, ACCOUNT, ACCIDENT)}
# The same with other settings, among them an illness ratio that makes the decrement certain, no
# interest, and a term as long as the table.
VARIANTS = [
    *CONTRACTS.values(),
    replace(ENDOWMENT, term_years=106, interest=0.05, basis=PROTECTION),
    replace(ENDOWMENT, term_years=1, interest=0.0),
    replace(TERM, term_years=106, critical_illness_ratio=40.0),
    replace(TERM, term_years=1, critical_illness_ratio=0.0, interest=0.0),
    replace(PENSION, vesting_age=105, interest=0.0),
    replace(PENSION, term_years=25, vesting_age=1, loading=0.0),
    replace(ACCOUNT, loading=0.0),
    replace(ACCIDENT, accident_probability=1.0),
]
IDS = [f"{contract.kind}-{number}" for number, contract in enumerate(VARIANTS)]
DURATION = np.arange(107)
AGE = np.arange(106)


def constant_tables(probability):
    """Tables with one death probability at all ages but the last."""
    values = np.full((3, 2, 106), probability)
    values[..., -1] = 1.0
    return LifeTables(values)


def first(tables, contract):
    """Valuation of one contract with the class axis taken off."""
    valued = value_contracts(tables, [contract])
    return {name: array[0] for name, array in vars(valued).items()}


def yearly_decrement(contract, sex, age):
    """Probability that the insured event happens to a life of that attained age."""
    death = CHINA.yearly_death_probability[contract.basis, sex, age]
    if contract.kind == "term_critical_illness":
        return min(1.0, death * (1.0 + contract.critical_illness_ratio))
    return contract.accident_probability if contract.kind == "yearly_accident" else death


# --- closed forms ---------------------------------------------------------------------------


@pytest.mark.parametrize("term", [1, 7, 30])
def test_endowment_with_constant_mortality_is_a_geometric_series(term):
    death, interest, loading = 0.02, 0.04, 0.1
    contract = Contract("single_endowment", SAVINGS, term, interest, loading)
    valued = first(constant_tables(death), contract)
    ages = slice(0, 105 - term)  # the constant part of the table covers the term
    discounted_survival = (1.0 - death) / (1.0 + interest)

    def value_of_one_yuan(years):
        annuity = (1.0 - discounted_survival**years) / (1.0 - discounted_survival)
        return death / (1.0 + interest) * annuity + discounted_survival**years

    benefit = (1.0 - loading) / value_of_one_yuan(term)
    np.testing.assert_allclose(valued["benefit"][:, ages], benefit, rtol=1e-12)
    for duration in range(1, term + 1):
        expected = benefit * value_of_one_yuan(term - duration)
        np.testing.assert_allclose(valued["reserve"][:, ages, duration], expected, rtol=1e-12)


@pytest.mark.parametrize("ratio", [0.0, 1.5])
def test_term_insurance_with_constant_mortality_is_paid_year_by_year(ratio):
    # A = (1+i)^-1 q' (annuity-due), so each premium buys its own year and no reserve is needed.
    contract = replace(TERM, critical_illness_ratio=ratio)
    valued = first(constant_tables(0.02), contract)
    benefit = (1.0 - contract.loading) * (1.0 + contract.interest) / (0.02 * (1.0 + ratio))
    np.testing.assert_allclose(valued["benefit"][:, :86], benefit, rtol=1e-12)
    np.testing.assert_allclose(valued["reserve"][:, :86], 0.0, atol=1e-12)


def test_annuity_with_constant_mortality_is_a_geometric_series():
    interest, deferral, age = 0.03, 20, 40
    contract = replace(PENSION, interest=interest, loading=0.0)
    valued = first(constant_tables(0.01), contract)
    savings = ((1.0 + interest) ** deferral - 1.0) / (interest / (1.0 + interest))
    discounted_survival = 0.99 / (1.0 + interest)

    def annuity_due(payments):
        return (1.0 - discounted_survival**payments) / (1.0 - discounted_survival)

    expected = savings / annuity_due(46)  # payments at 60, 61, ..., 105
    np.testing.assert_allclose(valued["annuity"][:, age], expected, rtol=1e-12)
    np.testing.assert_allclose(valued["reserve"][:, age, deferral], savings, rtol=1e-12)
    np.testing.assert_allclose(
        valued["reserve"][:, age, 45], expected * annuity_due(21), rtol=1e-12
    )


def test_yearly_accident_and_account_by_hand():
    accident = first(CHINA, ACCIDENT)
    np.testing.assert_allclose(accident["benefit"], 0.6 * 1.02 / 0.004, rtol=1e-12)
    np.testing.assert_array_equal(accident["reserve"], 0.0)
    np.testing.assert_array_equal(accident["reserve_after_payment"][..., 0], 0.6)
    np.testing.assert_array_equal(accident["reserve_after_payment"][..., 1:], 0.0)
    account = first(CHINA, ACCOUNT)
    np.testing.assert_array_equal(account["benefit"], 0.98)
    np.testing.assert_array_equal(account["reserve_after_payment"], 0.98)
    np.testing.assert_array_equal(account["reserve"][..., 1:], 0.98)


# --- limits ---------------------------------------------------------------------------------


def test_endowment_without_mortality_is_a_savings_account():
    valued = first(constant_tables(0.0), ENDOWMENT)
    ages = slice(0, 96)
    np.testing.assert_allclose(valued["benefit"][:, ages], 0.97 * 1.025**10, rtol=1e-12)
    for duration in range(1, 11):
        np.testing.assert_allclose(
            valued["reserve"][:, ages, duration], 0.97 * 1.025**duration, rtol=1e-12
        )


def test_without_interest_an_endowment_gives_the_net_premium_back():
    valued = first(CHINA, replace(ENDOWMENT, interest=0.0))
    np.testing.assert_allclose(valued["benefit"], 0.97, rtol=1e-12)


@pytest.mark.parametrize("sex", [MALE, FEMALE])
def test_without_interest_values_are_expected_numbers_of_payments(sex):
    death = CHINA.yearly_death_probability
    term = first(CHINA, replace(TERM, interest=0.0, critical_illness_ratio=0.0))
    survival = np.concatenate([[1.0], np.cumprod(1.0 - death[PROTECTION, sex, 30:50])])
    expected = 0.7 * survival[:20].sum() / (1.0 - survival[20])
    assert term["benefit"][sex, 30] == pytest.approx(expected, rel=1e-12)

    pension = first(CHINA, replace(PENSION, interest=0.0))
    years_to_live = np.cumprod(1.0 - death[ANNUITY, sex, 60:]).sum()
    expected = 0.88 * 30 / (1.0 + years_to_live)
    assert pension["annuity"][sex, 30] == pytest.approx(expected, rel=1e-12)


# --- reserves -------------------------------------------------------------------------------


@pytest.mark.parametrize("contract", VARIANTS, ids=IDS)
def test_reserve_is_zero_at_issue(contract):
    np.testing.assert_allclose(first(CHINA, contract)["reserve"][..., 0], 0.0, atol=1e-12)


def test_reserve_at_the_end_of_the_term():
    endowment, term, pension = (first(CHINA, contract) for contract in (ENDOWMENT, TERM, PENSION))
    for valued, expected in (
        (endowment, endowment["benefit"]),
        (term, np.zeros((2, 106))),
        (pension, 0.88 * (1.03 ** pension["term"] - 1.0) / (0.03 / 1.03)),
    ):
        last = valued["term"].astype(int)[..., None]
        at_end = np.take_along_axis(valued["reserve"], last, axis=-1)[..., 0]
        np.testing.assert_allclose(at_end, expected, rtol=1e-12)
    for valued in (endowment, term):
        after = valued["term"][..., None] < DURATION
        np.testing.assert_array_equal(valued["reserve"][after], 0.0)
        finished = valued["term"][..., None] <= DURATION
        np.testing.assert_allclose(valued["reserve_after_payment"][finished], 0.0, atol=1e-12)


@pytest.mark.parametrize("contract", VARIANTS, ids=IDS)
def test_reserve_after_payment_adds_premiums_and_takes_off_the_annuity(contract):
    valued = first(CHINA, contract)
    assert valued["net_premium"] == 1.0 - contract.loading
    single = contract.kind not in {"term_critical_illness", "deferred_annuity"}
    np.testing.assert_array_equal(valued["premium_term"], 1.0 if single else valued["term"])
    paid = np.where(valued["premium_term"][..., None] > DURATION, valued["net_premium"], 0.0)
    alive = (valued["term"][..., None] <= DURATION) & (AGE[:, None] + DURATION <= 105)
    paid_out = np.where(alive, valued["annuity"][..., None], 0.0)
    expected = valued["reserve"] + paid - paid_out
    running = np.broadcast_to(valued["term"][..., None] != DURATION, expected.shape)
    if contract.kind != "single_endowment":  # at its maturity the benefit goes out too
        running = np.ones_like(running)
    np.testing.assert_allclose(
        valued["reserve_after_payment"][running], expected[running], rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("contract", VARIANTS, ids=IDS)
def test_thiele(contract):
    """(V + net premium - annuity)(1+i) = q death benefit + (1-q) next V, in every policy year."""
    valued = first(CHINA, contract)
    years = 0
    # An account is counted in units of its index, to which interest is credited elsewhere.
    growth = 1.0 if contract.kind == "account" else 1.0 + contract.interest
    for sex in (MALE, FEMALE):
        for age in AGE:
            term, premium_term = valued["term"][sex, age], valued["premium_term"][sex, age]
            annuity = valued["annuity"][sex, age]
            reserve = valued["reserve"][sex, age]
            whole_life = contract.kind == "deferred_annuity"
            for duration in range(106 - age if whole_life else int(term)):
                start = reserve[duration]
                if duration < premium_term:
                    start += 1.0 - contract.loading
                if duration >= term:
                    start -= annuity
                on_event = valued["benefit"][sex, age]
                if whole_life:  # refund before vesting, nothing after
                    on_event = reserve[duration + 1] if duration < term else 0.0
                event = yearly_decrement(contract, sex, age + duration)
                end = event * on_event + (1.0 - event) * reserve[duration + 1]
                assert start * growth == pytest.approx(end, rel=1e-9, abs=1e-9)
                years += 1
    assert years > 200


# --- equivalence principle ------------------------------------------------------------------


def present_values(contract, valued, sex, age):
    """Expected present values at issue of net premiums and of benefits, summed year by year."""
    term = int(valued["term"][sex, age])
    premium_term = int(valued["premium_term"][sex, age])
    discount = 1.0 if contract.kind == "account" else 1.0 / (1.0 + contract.interest)
    in_force, premiums, benefits = 1.0, 0.0, 0.0
    last = 106 - age if contract.kind == "deferred_annuity" else term
    for year in range(last):
        now = in_force * discount**year
        if year < premium_term:
            premiums += now * (1.0 - contract.loading)
        if year >= term:
            benefits += now * valued["annuity"][sex, age]
        event = yearly_decrement(contract, sex, age + year)
        on_event = valued["benefit"][sex, age]
        if contract.kind == "deferred_annuity":
            # Premiums paid so far with interest: the refund, without a look at the reserve.
            refund = sum((1.0 + contract.interest) ** k for k in range(1, year + 2))
            on_event = (1.0 - contract.loading) * refund if year < term else 0.0
        benefits += now * discount * event * on_event
        in_force *= 1.0 - event
    if contract.kind in {"single_endowment", "account"}:
        benefits += in_force * discount**last * valued["benefit"][sex, age]
    return premiums, benefits


@pytest.mark.parametrize("contract", VARIANTS, ids=IDS)
@pytest.mark.parametrize("sex", [MALE, FEMALE])
def test_premiums_and_benefits_are_worth_the_same(contract, sex):
    valued = first(CHINA, contract)
    for age in AGE:
        premiums, benefits = present_values(contract, valued, sex, age)
        assert premiums > 0.0
        assert benefits == pytest.approx(premiums, rel=1e-9), f"issue age {age}"


# --- terms ----------------------------------------------------------------------------------


def test_terms_are_cut_at_the_end_of_the_table():
    assert first(CHINA, ENDOWMENT)["term"][0, [0, 96, 97, 105]].tolist() == [10, 10, 9, 1]
    pension = first(CHINA, PENSION)["term"]
    assert pension[1, [0, 49, 50, 70, 95, 96, 104, 105]].tolist() == [60, 11, 10, 10, 10, 9, 1, 1]


@pytest.mark.parametrize("contract", VARIANTS, ids=IDS)
def test_every_number_is_finite_and_of_double_precision(contract):
    for name, array in first(CHINA, contract).items():
        assert np.isfinite(array).all(), name
        assert array.dtype == np.float64, name


def test_classes_keep_their_order():
    contracts = [PENSION, ENDOWMENT, ACCIDENT, ENDOWMENT, TERM, ACCOUNT]
    valued = value_contracts(CHINA, contracts)
    assert valued.benefit.shape == valued.annuity.shape == valued.term.shape == (6, 2, 106)
    assert valued.reserve.shape == valued.reserve_after_payment.shape == (6, 2, 106, 107)
    for position, contract in enumerate(contracts):
        for name, array in first(CHINA, contract).items():
            np.testing.assert_array_equal(vars(valued)[name][position], array)


def test_annuity_uses_its_own_table_and_women_live_longer():
    pension = first(CHINA, PENSION)["annuity"]
    assert (pension[FEMALE, 20:80] < pension[MALE, 20:80]).all()
    heavier = first(CHINA, replace(PENSION, basis=PROTECTION))["annuity"]
    assert (heavier[:, 20:80] > pension[:, 20:80]).all()


# --- monotonicity ---------------------------------------------------------------------------

loadings = st.floats(0.0, 0.9)


@given(st.sampled_from(list(CONTRACTS.values())), loadings, loadings)
def test_a_higher_loading_buys_less(contract, one, other):
    low, high = sorted((one, other))
    cheap = first(CHINA, replace(contract, loading=low))
    dear = first(CHINA, replace(contract, loading=high))
    field = "annuity" if contract.kind == "deferred_annuity" else "benefit"
    # Benefits are proportional to the net premium, so the order is strict.
    np.testing.assert_allclose(dear[field] * (1.0 - low), cheap[field] * (1.0 - high), rtol=1e-12)
    assert (dear[field] <= cheap[field]).all()
    if high - low > 1e-9:
        assert (dear[field] < cheap[field]).all()


@given(st.floats(1.01, 3.0), st.integers(1, 40), st.floats(0.0, 0.1))
def test_higher_mortality_buys_less_cover_and_more_pension(factor, term, interest):
    heavier = LifeTables(np.minimum(1.0, CHINA.yearly_death_probability * factor))
    ages = slice(0, 60)
    change = {}
    for contract in (ENDOWMENT, TERM, PENSION):
        terms = replace(contract, term_years=term, interest=interest, critical_illness_ratio=0.5)
        field = "annuity" if contract is PENSION else "benefit"
        change[contract.kind] = (
            first(heavier, terms)[field][:, ages] / first(CHINA, terms)[field][:, ages]
        )
    assert (change["term_critical_illness"] < 1.0).all()
    assert (change["single_endowment"] <= 1.0 + 1e-12).all()
    assert (change["deferred_annuity"] > 1.0).all()


@given(st.floats(0.0, 5.0), st.floats(0.001, 5.0))
def test_more_illness_buys_less_cover(ratio, more):
    mild = first(CHINA, replace(TERM, critical_illness_ratio=ratio))["benefit"]
    severe = first(CHINA, replace(TERM, critical_illness_ratio=ratio + more))["benefit"]
    assert (severe[:, :80] < mild[:, :80]).all()
    assert (severe <= mild * (1.0 + 1e-12)).all()


# --- within the year ------------------------------------------------------------------------


def test_reserve_between_is_linear_and_compiles_into_a_kernel():
    @njit
    def months(start, end):
        total = 0.0
        for month in range(13):
            total += reserve_between(start, end, month / 12)
        return total

    assert reserve_between(0.7, 1.3, 0.0) == 0.7
    assert reserve_between(0.7, 1.3, 1.0) == pytest.approx(1.3, rel=1e-15)
    assert reserve_between(0.7, 1.3, 0.25) == pytest.approx(0.85, rel=1e-15)
    assert months(0.7, 1.3) == pytest.approx(13.0, rel=1e-14)


# --- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("single_endowment", "kind", "endowment"),
        ("single_endowment", "basis", 3),
        ("single_endowment", "basis", -1),
        ("single_endowment", "term_years", 0),
        ("single_endowment", "term_years", 2.5),
        ("single_endowment", "term_years", np.nan),
        ("yearly_accident", "term_years", 2),
        ("single_endowment", "interest", -0.001),
        ("single_endowment", "interest", 2.5),
        ("single_endowment", "interest", np.nan),
        ("single_endowment", "loading", -0.1),
        ("single_endowment", "loading", 1.0),
        ("single_endowment", "loading", np.nan),
        ("term_critical_illness", "critical_illness_ratio", -0.1),
        ("term_critical_illness", "critical_illness_ratio", np.inf),
        ("deferred_annuity", "vesting_age", 0),
        ("deferred_annuity", "vesting_age", 106),
        ("yearly_accident", "accident_probability", 0.0),
        ("yearly_accident", "accident_probability", 1.1),
        ("yearly_accident", "accident_probability", np.nan),
    ],
)
def test_a_bad_value_is_named_in_one_line(kind, name, value):
    with pytest.raises(ValueError, match=rf"^{name}: ") as refusal:
        replace(CONTRACTS[kind], **{name: value})
    assert "\n" not in str(refusal.value)


def test_every_kind_is_covered_above():
    assert set(CONTRACTS) == set(CONTRACT_KINDS)


def test_nothing_to_value_or_to_insure_is_refused():
    with pytest.raises(ValueError, match=r"^contracts: "):
        value_contracts(CHINA, [])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match=r"^yearly_death_probability: "):
            value_contracts(constant_tables(0.0), [TERM])
