"""The search for good positions of levers: NSGA-II, asked generation by generation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from experiments.design import Axis, Place
from experiments.engine.plan import Plan, Point
from experiments.engine.store import DONE
from experiments.errors import UserError
from scenarios.check import ScenarioError
from scenarios.nearest import did_you_mean

if TYPE_CHECKING:
    import optuna

    from experiments.optimise import Optimise
    from experiments.session import Session
    from experiments.space import Composer


@dataclass(frozen=True)
class Goal:
    """An outcome that is made large (+1) or small (-1)."""

    outcome: str
    sign: int


def goals_of(words: Sequence[str]) -> list[Goal]:
    """Read objectives.

    Raises:
        UserError: If one is no outcome, or there are none.
    """
    from sim.outcomes import OUTCOMES

    goals = [Goal(word.removeprefix("-"), -1 if word.startswith("-") else 1) for word in words]
    names = [goal.outcome for goal in goals]
    problems = [
        f"objectives: {name}: no such outcome{did_you_mean(name, OUTCOMES)}"
        for name in names
        if name not in OUTCOMES
    ]
    problems += [f"objectives: {name}: stands twice" for name in names if names.count(name) > 1]
    if not goals:
        problems.append("objectives = []: name at least one outcome")
    if problems:
        raise UserError(list(dict.fromkeys(problems)))
    return goals


@dataclass
class Search:
    """A search that always takes the same way: its points follow from the seed and the outcomes.

    That is why it needs no memory of its own. Taken up again, it walks the same way through the
    runs that are stored, in no time, and goes on where it was stopped.

    Attributes:
        study: Generations, individuals, seeds.
        axes: What is searched.
        composer: Makes scenarios of positions.
        goals: What is wanted.
        points: Points tried; the first is the scenario as it is.
        generation: Of each point, the scenario itself is 0.
    """

    study: Optimise
    axes: Sequence[Axis]
    composer: Composer
    goals: Sequence[Goal]
    points: list[Point] = field(default_factory=list)
    generation: list[int] = field(default_factory=list)

    def run(self, session: Session) -> pd.DataFrame:
        """Carry the search out; returns the outcomes of all its runs."""
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        sampler = optuna.samplers.NSGAIISampler(
            population_size=self.study.individuals, seed=self.study.seed
        )
        asked = optuna.create_study(directions=["maximize"] * len(self.goals), sampler=sampler)
        self._take(self._itself(), 0)
        table = pd.DataFrame()
        for generation in range(1, self.study.generations + 1):
            trials = [asked.ask() for _ in range(self.study.individuals)]
            tried = [self._point(trial) for trial in trials]
            for point in tried:
                if point is not None:
                    self._take(point, generation)
            table = session.do(Plan(tuple(self.points), self.study.seeds()))
            means = point_values(table, self.goals)
            for trial, point in zip(trials, tried, strict=True):
                self._tell(asked, trial, None if point is None else means.get(point.config_hash))
        return table

    def _itself(self) -> Point:
        """The scenario as it is, placed where its settings are."""
        base = self.composer.point({})
        return Point(base.scenario, dict.fromkeys(axis.key for axis in self.axes))

    def _point(self, trial: optuna.Trial) -> Point | None:
        """Design point of a trial; None if its settings contradict each other."""
        place: Place = {axis.key: _suggest(trial, axis) for axis in self.axes}
        try:
            return self.composer.point(place)
        except ScenarioError:
            return None

    def _take(self, point: Point, generation: int) -> None:
        if point.config_hash not in {known.config_hash for known in self.points}:
            self.points.append(point)
            self.generation.append(generation)

    def _tell(
        self, asked: optuna.Study, trial: optuna.Trial, values: Sequence[float] | None
    ) -> None:
        import optuna

        if values is None or not all(map(math.isfinite, values)):
            asked.tell(trial, state=optuna.trial.TrialState.FAIL)
        else:
            asked.tell(trial, list(values))


def _suggest(trial: optuna.Trial, axis: Axis) -> Any:
    if not axis.interval:
        # Lists are no choice for Optuna: it is handed places.
        places = list(range(len(axis.values)))
        return axis.values[trial.suggest_categorical(axis.key, places)]
    if axis.whole:
        return trial.suggest_int(axis.key, int(axis.low), int(axis.high), log=axis.log)
    return trial.suggest_float(axis.key, axis.low, axis.high, log=axis.log)


def point_values(table: pd.DataFrame, goals: Sequence[Goal]) -> dict[str, list[float]]:
    """Goals of each design point, all to be made large: means over finished replicates."""
    done = table[table["status"] == DONE]
    means = done.groupby("config_hash")[[goal.outcome for goal in goals]].mean()
    return {
        str(mark): [goal.sign * float(row[goal.outcome]) for goal in goals]
        for mark, row in means.iterrows()
    }
