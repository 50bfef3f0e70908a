"""The evidence table shipped with the project, and the figures a run is put beside."""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

POINT_TOLERANCE = 0.1
"""A single figure counts as met within a tenth of it: sources round and define differently."""


@dataclass(frozen=True)
class Evidence:
    """One figure: what, where, when, how much, how reliable and who says so.

    ``value`` is not a number where the source states a rule or a fact in words.
    """

    id: str
    use: str
    topic: str
    country: str
    year: str
    metric: str
    value: float
    unit: str
    reliability: str
    source: str
    url: str
    note: str


@dataclass(frozen=True)
class Target:
    """What evidence says about one outcome, in the outcome's own unit.

    Attributes:
        outcome: Name of the simulated outcome.
        label: The figure in words.
        low: Smallest figure of the rows.
        high: Largest figure of the rows; equal to ``low`` for a single figure.
        unit: Unit of ``low`` and ``high``.
        evidence: Ids of the rows.
        market: The market the rows describe.
    """

    outcome: str
    label: str
    low: float
    high: float
    unit: str
    evidence: tuple[str, ...]
    market: str = "china_2010"

    def met(self, value: float) -> bool:
        """Tell whether a simulated value lies in the range, or near a single figure."""
        slack = POINT_TOLERANCE * abs(self.low) if self.low == self.high else 0.0
        return self.low - slack <= value <= self.high + slack


def load_evidence() -> pd.DataFrame:
    """Read the whole table: one figure a row, columns as in ``Evidence``."""
    import pandas as pd

    return pd.DataFrame([vars(row) for row in _table().values()])


def evidence(id: str) -> Evidence:
    """Look up one row by its id.

    Raises:
        KeyError: If no row has that id.
    """
    return _table()[id]


@cache
def _table() -> dict[str, Evidence]:
    path = files("scenarios") / "data" / "bancassurance_evidence.csv"
    names = [field.name for field in fields(Evidence)]
    rows = {}
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        words = {name: row[name] for name in names if name != "value"}
        rows[row["id"]] = Evidence(value=float(row["value"] or "nan"), **words)
    return rows


def _value(id: str) -> float:
    return evidence(id).value


def _percent(
    outcome: str, label: str, *ids: str, unit: str = "1", market: str = "china_2010"
) -> Target:
    """Make a target of rows in percent, as a share."""
    shares = [_value(id) / 100 for id in ids]
    return Target(outcome, label, min(shares), max(shares), unit, ids, market)


def _complement(outcome: str, label: str, id: str) -> Target:
    """Make a target of what a row in percent leaves to one hundred."""
    share = 1 - _value(id) / 100
    return Target(outcome, label, share, share, "1", (id,))


def _single_share_later() -> Target:
    """Single premium over all new bank premium, 2020 and 2021."""
    shares = [
        _value("E040") / (_value("E039") + _value("E040")),
        _value("E048") / _value("E046"),
    ]
    label = "single premium of new bank premium, 2020-21"
    ids = ("E039", "E040", "E046", "E048")
    return Target("single_share", label, min(shares), max(shares), "1", ids, "china_2021")


TARGETS: tuple[Target, ...] = (
    _percent("bank_share", "bank channel of life premium, 2010-11", "E025", "E018", "E075"),
    _complement("single_share", "single premium of first-year bank premium, 2010", "E076"),
    _percent("fee_single", "fee on single premium, 2011", "E106", "E107"),
    _percent("fee_regular", "fee on regular premium, 2011", "E105"),
    _percent("surrender_rate", "surrenders a year, bank channel, 2010-11", "E211"),
    _percent("felt_misled", "bank users who felt misled, 2009-10", "E237", "E238"),
    _complement("own_intent_share", "bank buyers by own intent, 2011", "E241"),
    _single_share_later(),
)
"""Figures to compare with; those of another market than a run's are not shown by default."""


def targets(market: str = "china_2010") -> tuple[Target, ...]:
    """Select the targets that describe one market."""
    return tuple(target for target in TARGETS if target.market == market)
