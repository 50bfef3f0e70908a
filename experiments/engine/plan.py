"""The plan of a study: design points times replicates."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from experiments.engine.jobs import Job, Key
from experiments.errors import UserError, shorten
from scenarios.calendar import interventions
from scenarios.check import ScenarioError, scenario_hash

if TYPE_CHECKING:
    import pandas as pd

    from scenarios.schema import Scenario


@dataclass(frozen=True)
class Point:
    """One design point: a scenario and where it lies.

    Attributes:
        scenario: All its settings; its name labels the point in tables.
        place: What was varied, key to value; empty where scenarios are compared by name.
        config_hash: Hash of the settings.
    """

    scenario: Scenario
    place: Mapping[str, Any] = field(default_factory=dict)
    config_hash: str = ""

    def __post_init__(self) -> None:
        """Work out the hash, which checks the settings."""
        if not self.config_hash:
            object.__setattr__(self, "config_hash", scenario_hash(self.scenario))

    @property
    def label(self) -> str:
        """The point in words: what was varied, or the name of the scenario."""
        return " ".join(f"{key}={value}" for key, value in self.place.items()) or self.scenario.name


@dataclass(frozen=True)
class Plan:
    """All runs of a study: every point with every seed."""

    points: tuple[Point, ...]
    seeds: tuple[int, ...]

    @property
    def varied(self) -> list[str]:
        """Keys in which the points differ by design."""
        return list(dict.fromkeys(key for point in self.points for key in point.place))

    def jobs(self) -> list[Job]:
        """The runs to do, each once, replicate by replicate so that all points come early."""
        found: dict[Key, Job] = {}
        for seed in self.seeds:
            for point in self.points:
                key = Key(point.config_hash, seed)
                found.setdefault(key, Job(point.scenario, key))
        return list(found.values())

    def labels(self) -> pd.DataFrame:
        """One row a run, point by point: what it is called in tables, and its key."""
        import pandas as pd

        varied = self.varied
        rows: list[dict[str, Any]] = []
        for number, point in enumerate(self.points):
            head: dict[str, Any] = {"scenario": point.scenario.name}
            if varied:
                head |= {"point": number, **{key: point.place.get(key) for key in varied}}
            rows += [
                {**head, "seed": seed, "replicate": place, "config_hash": point.config_hash}
                for place, seed in enumerate(self.seeds)
            ]
        table = pd.DataFrame(rows)
        for key in varied:
            table[key] = uniform_column(table[key])
        return table


def uniform_column(values: pd.Series[Any]) -> pd.Series[Any]:
    """Give a column of settings one type: numbers if all are, else words."""
    import pandas as pd

    given = [item for item in values if not _missing(item)]
    if all(isinstance(item, int | float) and not isinstance(item, bool) for item in given):
        return pd.to_numeric(values.astype(object))
    words = [None if _missing(item) else _word(item) for item in values]
    return pd.Series(words, values.index, dtype="string")


def _missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def check_points(points: Iterable[Point]) -> None:
    """Check what only the calendar can refuse, of all points before any is run.

    Raises:
        UserError: With a line per problem, the first few.
    """
    problems: dict[str, None] = {}
    for point in points:
        if not point.scenario.calendar:
            continue
        try:
            interventions(point.scenario)
        except ScenarioError as error:
            problems |= dict.fromkeys(error.problems)
    if problems:
        raise UserError(shorten(list(problems)))
