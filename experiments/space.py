"""From design points to scenarios: options are composed once, settings are put on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

from experiments.catalogue import groups
from experiments.compose import load_scenario
from experiments.design import Place
from experiments.engine.plan import Point
from experiments.errors import UserError, shorten
from scenarios.check import ScenarioError, build, to_dict
from scenarios.quantity import walk
from scenarios.schema import Scenario

if TYPE_CHECKING:
    from experiments.study import Study


def kinds() -> dict[str, type | None]:
    """What can vary: every setting with its type, every group with None."""
    found: dict[str, type | None] = dict.fromkeys(groups())
    # A tuple of numbers, say, is no plain type: it can take values, but spans no interval.
    found |= {key: object if get_args(hint) else hint for key, _, hint in walk(Scenario)}
    return found


@dataclass
class Composer:
    """Composes scenarios of one verb.

    Attributes:
        verb: Its root configuration.
        schema: Dataclass of its own settings.
        scenario: Name of the scenario to start from.
        overrides: What was typed beside what varies.
    """

    verb: str
    schema: type[Study]
    scenario: str
    overrides: Sequence[str]
    _bases: dict[tuple[tuple[str, str], ...], tuple[Scenario, dict[str, Any]]] = field(
        default_factory=dict
    )

    def point(self, place: Place) -> Point:
        """Compose one design point.

        Raises:
            ScenarioError: If a value is not allowed.
        """
        settings = {key: value for key, value in place.items() if "." in key or key in _LABELS}
        options = {key: str(value) for key, value in place.items() if key not in settings}
        base, values = self._base(options)
        if not settings:
            return Point(base, place)
        return Point(build(Scenario, put(values, settings)), place)

    def points(self, found: Sequence[Place]) -> tuple[Point, ...]:
        """Compose many design points.

        Raises:
            UserError: With the first few of all problems, each with its design point.
        """
        made, problems = [], []
        for number, place in enumerate(found):
            try:
                made.append(self.point(place))
            except ScenarioError as error:
                problems += [f"design point {number}: {problem}" for problem in error.problems]
        if problems:
            raise UserError(shorten(problems))
        return tuple(made)

    def _base(self, options: Mapping[str, str]) -> tuple[Scenario, dict[str, Any]]:
        """Compose options, each combination once: Hydra takes a tenth of a second."""
        key = tuple(sorted(options.items()))
        if key not in self._bases:
            words = [f"{group}={option}" for group, option in key if group != "scenario"]
            typed = [
                word for word in self.overrides if word.lstrip("+").partition("=")[0] not in options
            ]
            name = options.get("scenario", self.scenario)
            # Options first, so that settings typed beside them still win.
            scenario = load_scenario(name, [*words, *typed], self.verb, self.schema)
            self._bases[key] = scenario, to_dict(scenario)
        return self._bases[key]


_LABELS = frozenset({"name", "story", "watch", "calendar"})


def put(values: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Copy nested settings with some of them changed; what is not on the way is shared."""
    changed = dict(values)
    for key, value in settings.items():
        *path, last = key.split(".")
        section = changed
        for name in path:
            section[name] = dict(section[name])
            section = section[name]
        section[last] = value
    return changed
