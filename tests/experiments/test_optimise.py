"""The search: what is not beaten, the same way twice, taken up again, seeds never searched."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.design import Axis
from experiments.engine.plan import Plan
from experiments.engine.store import DONE
from experiments.errors import UserError
from experiments.front import not_beaten
from experiments.main import main
from experiments.optimise import Optimise
from experiments.search import Goal, Search, goals_of
from experiments.space import Composer
from tests.experiments.fakes import TINY


def test_the_front_is_what_no_other_point_beats() -> None:
    values = np.array([[1, 4], [2, 3], [3, 1], [2, 2], [1, 4], [0, 5], [np.nan, 9]], float)
    assert not_beaten(values).tolist() == [True, True, True, False, True, True, False]
    rng = np.random.default_rng(1)
    cloud = rng.normal(size=(200, 3))
    plain = [
        not any((other >= row).all() and (other > row).any() for other in cloud) for row in cloud
    ]
    assert not_beaten(cloud).tolist() == plain


def test_objectives_are_outcomes_with_a_direction() -> None:
    assert goals_of(["bank_value", "-misselling_rate"]) == [
        Goal("bank_value", 1), Goal("misselling_rate", -1),
    ]  # fmt: skip
    for words, told in (
        (["nope"], "no such outcome"),
        ([], "at least one"),
        (["hhi"] * 2, "twice"),
    ):
        with pytest.raises(UserError, match=told):
            goals_of(words)


class FakeSession:
    """Answers with a function of the design point instead of runs."""

    def __init__(self) -> None:
        self.plans: list[Plan] = []

    def do(self, plan: Plan) -> pd.DataFrame:
        self.plans.append(plan)
        table = plan.labels()
        power = [point.scenario.bargaining.bank_power for point in plan.points]
        share = [point.scenario.incentives.pass_through for point in plan.points]
        levels = [point.scenario.service.level == "proactive" for point in plan.points]
        value = dict(enumerate(zip(power, share, levels, strict=True)))
        # Best: little pass-through and proactive service; power trades bank against insurer.
        table["bank_value"] = [value[p][0] - value[p][1] + value[p][2] for p in table["point"]]
        table["insurer_value"] = [
            1 - value[p][0] - value[p][1] + value[p][2] for p in table["point"]
        ]
        table["status"] = DONE
        return table


def search(generations: int, seed: int = 1) -> tuple[Search, FakeSession]:
    study = Optimise(
        seed=seed, generations=generations, individuals=20, replicates=2,
        objectives=("bank_value", "insurer_value"),
    )  # fmt: skip
    axes = [
        Axis("bargaining.bank_power", (), 0.1, 0.9),
        Axis("incentives.pass_through", (), 0.05, 0.5),
        Axis("service.level", ("none", "reactive", "proactive")),
    ]
    composer = Composer("optimise", Optimise, "multi_partner_agency", ())
    made, session = Search(study, axes, composer, goals_of(study.objectives)), FakeSession()
    made.run(session)
    return made, session


def test_the_search_finds_what_is_best() -> None:
    made, session = search(15)
    table = session.do(Plan(tuple(made.points), (1,)))
    values = table[["bank_value", "insurer_value"]].to_numpy()
    front = [p.place for p, best in zip(made.points, not_beaten(values), strict=True) if best]
    assert len(front) > 5
    assert {place["service.level"] for place in front} == {"proactive"}
    assert max(place["incentives.pass_through"] for place in front) < 0.1
    spread = [place["bargaining.bank_power"] for place in front]
    assert max(spread) - min(spread) > 0.4  # both ends of the trade stay
    # The search got there: the first generation had nothing like it.
    best = values.sum(axis=1)
    assert best[21:].max() > best[1:21].max() + 0.05
    session.plans.pop()
    assert {plan.seeds for plan in session.plans} == {(1, 2)}  # the same everywhere
    assert made.generation[0] == 0
    assert made.points[0].scenario.bargaining.bank_power == 0.5  # the scenario as it is


def test_the_search_takes_the_same_way_and_goes_on_where_it_was() -> None:
    short, longer = search(3)[0], search(6)[0]
    marks = [point.config_hash for point in longer.points]
    assert [point.config_hash for point in short.points] == marks[: len(short.points)]
    assert [p.config_hash for p in search(3, seed=2)[0].points][1:] != marks[1 : len(short.points)]


@pytest.mark.slow
def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["optimise", *TINY, "individuals=4", "replicates=2", "workers=2", "output_dir=out"]
    words += ["service=none,reactive", "bargaining.bank_power=interval(0.3,0.7)"]
    assert main([*words, "generations=1"]) == 0
    capsys.readouterr()
    assert main([*words, "generations=2"]) == 0
    told = capsys.readouterr()
    assert "10 of 10 runs were done before" in told.err
    assert "on the Pareto front" in told.out
    assert "as it is" in told.out
    front = pd.read_parquet("out/front.parquet")
    assert front["front"].any()
    assert front["generation"].iloc[0] == 0
    assert front["generation"].max() == 2
    one = pd.read_parquet("out/outcomes.parquet").drop(columns="wall_time")
    assert main([*words[:-3], "output_dir=other", *words[-2:], "generations=2", "reuse=false"]) == 0
    two = pd.read_parquet("other/outcomes.parquet").drop(columns="wall_time")
    pd.testing.assert_frame_equal(one, two, check_exact=True)
