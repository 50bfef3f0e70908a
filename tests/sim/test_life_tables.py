"""The shipped life tables are the published ones, and the months make up the year."""

import csv
import warnings
from importlib.resources import files

import numpy as np
import pytest

from sim.life_tables import (
    ANNUITY,
    FEMALE,
    MALE,
    PROTECTION,
    SAVINGS,
    LifeTables,
    load_life_tables,
    monthly_death_probability,
)

# Archive id -> where the table belongs, and how the archive describes it.
TABLES = {
    3375: ("CL1", PROTECTION, MALE, "Male. Basis: Non-Annuity, Protection."),
    3376: ("CL2", PROTECTION, FEMALE, "Female. Basis: Non-Annuity, Protection."),
    3377: ("CL3", SAVINGS, MALE, "Male. Basis: Non-Annuity, Saving."),
    3378: ("CL4", SAVINGS, FEMALE, "Female. Basis: Non-Annuity, Saving."),
    3379: ("CL5", ANNUITY, MALE, "Male. Basis: Annuity."),
    3380: ("CL6", ANNUITY, FEMALE, "Female. Basis: Annuity."),
}


@pytest.fixture(scope="module")
def archive():
    """Description and yearly death probabilities of each table, as pymort carries them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from pymort import MortXML  # here, as it warns when imported

        tables = {number: MortXML.from_id(number) for number in TABLES}
        return {
            number: (table.ContentClassification.TableDescription, table.Tables[0].Values["vals"])
            for number, table in tables.items()
        }


@pytest.fixture(scope="module")
def rows():
    source = files("sim").joinpath("data", "china_life_tables_2010_2013.csv")
    with source.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("number", TABLES)
def test_file_equals_pymort_to_the_printed_digit(archive, rows, number):
    published = archive[number][1]
    printed = [(int(row["age"]), row["qx"]) for row in rows if int(row["soa_id"]) == number]
    assert printed == [(age, f"{value:.6f}") for age, value in published.items()]
    assert [float(text) for _, text in printed] == published.tolist()  # nothing was rounded away


@pytest.mark.parametrize("number", TABLES)
def test_sex_and_use_are_those_of_the_archive(archive, rows, number):
    name, basis, sex, description = TABLES[number]
    assert f" {name} " in archive[number][0]
    assert f" {description}" in archive[number][0]
    labels = {
        (row["table"], row["sex"], row["use"]) for row in rows if int(row["soa_id"]) == number
    }
    use = {PROTECTION: "protection", SAVINGS: "savings", ANNUITY: "annuity"}[basis]
    assert labels == {(name, {MALE: "male", FEMALE: "female"}[sex], use)}


@pytest.mark.parametrize("number", TABLES)
def test_each_table_is_loaded_at_its_place(archive, number):
    _, basis, sex, _ = TABLES[number]
    loaded = load_life_tables().yearly_death_probability[basis, sex]
    np.testing.assert_array_equal(loaded, archive[number][1].to_numpy())


def test_tables_are_complete_and_loaded_once(rows):
    tables = load_life_tables()
    assert len(rows) == 6 * 106
    assert tables.yearly_death_probability.shape == (3, 2, 106)
    assert tables.yearly_death_probability.dtype == np.float64
    assert load_life_tables() is tables


def test_shared_tables_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        load_life_tables().yearly_death_probability[0, 0, 0] = 0.5


@pytest.mark.parametrize("value", [-0.01, 1.01, np.nan])
def test_a_value_that_is_no_probability_is_refused(value):
    probability = load_life_tables().yearly_death_probability.copy()
    probability[1, 1, 50] = value
    with pytest.raises(ValueError, match=r"^yearly_death_probability: .*outside \[0, 1\]$"):
        LifeTables(probability)


def test_a_table_without_end_or_of_another_shape_is_refused():
    probability = load_life_tables().yearly_death_probability.copy()
    with pytest.raises(ValueError, match=r"^yearly_death_probability: shape \(3, 2, 105\)"):
        LifeTables(probability[..., :-1])
    probability[2, 0, -1] = 0.5
    with pytest.raises(ValueError, match=r"^yearly_death_probability: the last age"):
        LifeTables(probability)


def test_twelve_months_make_the_year():
    yearly = load_life_tables().yearly_death_probability
    monthly = monthly_death_probability(yearly)
    assert monthly.shape == yearly.shape
    np.testing.assert_allclose(1.0 - (1.0 - monthly) ** 12, yearly, rtol=1e-10)


def test_monthly_probability_of_certain_and_impossible_death():
    monthly = monthly_death_probability(np.array([0.0, 1.0 - 0.5**12, 1.0]))
    np.testing.assert_allclose(monthly, [0.0, 0.5, 1.0], rtol=1e-12)


def test_axis_numbers_stay_as_configurations_use_them():
    assert (PROTECTION, SAVINGS, ANNUITY, MALE, FEMALE) == (0, 1, 2, 0, 1)
