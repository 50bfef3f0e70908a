"""China Life Insurance Mortality Tables (2010-2013), CL1 to CL6.

Source: China Association of Actuaries, "Report on China Assured Lives: Mortality Investigation
(2010-2013)"; see ``sim/data/README.md``.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

#: First axis: the business whose mortality the table describes.
PROTECTION: Final = 0
SAVINGS: Final = 1
ANNUITY: Final = 2
#: Second axis: sex.
MALE: Final = 0
FEMALE: Final = 1

N_BASES: Final = 3
N_SEXES: Final = 2
#: Third axis: ages 0 to 105; nobody reaches 106.
N_AGES: Final = 106

_BASES: Final = {"protection": PROTECTION, "savings": SAVINGS, "annuity": ANNUITY}
_SEXES: Final = {"male": MALE, "female": FEMALE}


@dataclass(frozen=True, eq=False)
class LifeTables:
    """Death probabilities by basis, sex and age.

    Attributes:
        yearly_death_probability: Probability that a life of the given age dies within one year,
            shape (bases, sexes, ages) = (3, 2, 106).

    Raises:
        ValueError: The shape is wrong, a value lies outside [0, 1], or the table does not end
            (probability 1 at the last age).
    """

    yearly_death_probability: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Refuse a table that no valuation could use."""
        probability = self.yearly_death_probability
        shape = (N_BASES, N_SEXES, N_AGES)
        if probability.shape != shape:
            raise ValueError(f"yearly_death_probability: shape {probability.shape} is not {shape}")
        # Written so that a missing value (NaN) fails too.
        if not np.all((probability >= 0.0) & (probability <= 1.0)):
            raise ValueError("yearly_death_probability: a value is missing or outside [0, 1]")
        if not np.all(probability[..., -1] == 1.0):
            raise ValueError("yearly_death_probability: the last age must have probability 1")


@cache
def load_life_tables() -> LifeTables:
    """Read the tables shipped with the package; the one copy is shared and read-only."""
    probability = np.full((N_BASES, N_SEXES, N_AGES), np.nan)
    source = files("sim").joinpath("data", "china_life_tables_2010_2013.csv")
    with source.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            probability[_BASES[row["use"]], _SEXES[row["sex"]], int(row["age"])] = float(row["qx"])
    probability.setflags(write=False)
    return LifeTables(probability)


def monthly_death_probability(
    yearly_death_probability: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Probability of dying within a month, with a constant force of mortality within the year.

    Twelve months in a row give back the yearly probability (Dickson, Hardy & Waters 2013,
    section 3.3.2).

    Args:
        yearly_death_probability: Any shape, values in [0, 1].

    Returns:
        Same shape.
    """
    return np.asarray(1.0 - (1.0 - yearly_death_probability) ** (1.0 / 12.0))
