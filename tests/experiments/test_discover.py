"""PRIM finds a box that is known to be there, and says when there is nothing to find."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.discover import choose, find_boxes
from experiments.engine.jobs import Key, Run
from experiments.engine.plan import Plan, Point
from experiments.engine.store import RunStore
from experiments.main import main
from scenarios.schema import Scenario
from sim.outcomes import OUTCOMES


def space(points: int) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "bargaining.bank_power": rng.random(points),
            "supervision.fee_cap": rng.random(points),
            "partnership": rng.choice(["panel", "agency", "alliance"], points),
        }
    )


def test_the_box_that_is_there_is_found() -> None:
    points = space(1000)
    inside = (points["bargaining.bank_power"] > 0.6) & (points["partnership"] == "panel")
    boxes, limits = find_boxes(points, inside)
    chosen = choose(boxes, 0.6)
    assert boxes.loc[chosen, "density"] > 0.95
    assert boxes.loc[chosen, "coverage"] > 0.6
    box = limits[chosen]
    assert box["bargaining.bank_power"].iloc[0] == pytest.approx(0.6, abs=0.1)
    assert box["partnership"].iloc[0] == {"panel"}
    assert boxes.loc[chosen, "res_dim"] == 2  # the cap does not matter, and is not restricted
    assert boxes.loc[0, "mass"] == 1.0


def test_options_left_alone_are_a_level_of_their_own() -> None:
    points = space(400).astype({"partnership": "string"})
    points.loc[points["partnership"] == "agency", "partnership"] = None
    boxes, limits = find_boxes(points, points["partnership"].isna())
    assert limits[choose(boxes, 0.6)]["partnership"].iloc[0] == {"as it is"}


def test_more_coverage_takes_a_larger_box() -> None:
    points = space(1000)
    luck = np.random.default_rng(2).random(1000)
    cases = (points["bargaining.bank_power"] + 0.5 * luck) > 1.0
    boxes, _ = find_boxes(points, cases)
    few, many = choose(boxes, 0.2), choose(boxes, 0.9)
    assert boxes.loc[few, "density"] >= boxes.loc[many, "density"]
    assert boxes.loc[many, "coverage"] >= 0.9


def stored_sweep(folder: Path, points: int) -> None:
    """A sweep on disk whose welfare is below zero where the bank is strong."""
    base = Scenario()
    made = []
    for power in np.linspace(0.05, 0.95, points):
        scenario = replace(base, bargaining=replace(base.bargaining, bank_power=float(power)))
        made.append(Point(scenario, {"bargaining.bank_power": float(power)}))
    plan = Plan(tuple(made), (1, 2))
    store = RunStore(folder, writing=True)
    for point in made:
        outcomes = dict.fromkeys(OUTCOMES, 1.0)
        outcomes["customer_welfare"] = 70.0 - 100.0 * point.place["bargaining.bank_power"]
        store.add([Run(Key(point.config_hash, seed), 0.1, outcomes) for seed in (1, 2)])
    labels = plan.labels()
    labels.to_parquet(folder / "plan.parquet", index=False)
    (folder / "manifest.json").write_text('{"verb": "sweep"}')
    store.settle(labels)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stored_sweep(tmp_path, 60)
    words = ["discover", str(tmp_path), "outcome=customer_welfare"]
    assert main([*words, "below=0"]) == 0
    told = capsys.readouterr().out
    assert "customer_welfare below 0: 17 of 60 design points (28%)" in told
    assert "in the box: 100% of the points are cases, 100% of all cases are there" in told
    assert "bargaining.bank_power from 0.69" in told
    boxes = pd.read_parquet(tmp_path / "boxes.parquet")
    assert {"coverage", "density", "bargaining.bank_power from"} <= set(boxes)
    for typed, expected in (
        (["below=-1000"], "holds for 0 of 60 points"),
        (["below=1000"], "holds for 60 of 60 points"),
        ([], "above, below: give one of them"),
        (["below=0", "above=1"], "above, below: give one of them"),
        (["below=x"], "below = x: must be a number"),
        (["below=0", "coverage=2"], "must be a share above 0"),
    ):
        assert main([*words, *typed]) == 2
        assert expected in capsys.readouterr().err


def test_few_points_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stored_sweep(tmp_path, 20)
    assert main(["discover", str(tmp_path), "outcome=customer_welfare", "below=0"]) == 2
    assert "20 design points are too few for boxes" in capsys.readouterr().err
