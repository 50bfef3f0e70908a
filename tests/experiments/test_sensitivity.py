"""Sensitivity indices against functions whose indices are known, then the command as a whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.design import Axis
from experiments.errors import UserError
from experiments.indices import (
    around_values,
    design,
    index_figure,
    index_table,
    index_text,
    settings_at,
)
from experiments.main import main
from experiments.sensitivity import DEFAULT_SETTINGS, STRUCTURAL, Sensitivity
from scenarios.schema import Scenario
from tests.experiments.fakes import TINY

AXES = [Axis("a", (), 0.0, 2.0), Axis("b", (), 10.0, 20.0), Axis("c", (), 0.0, 1.0)]


def runs(shares: np.ndarray, values: np.ndarray, replicates: int = 2) -> pd.DataFrame:
    """Outcomes of every point, the replicates around the value."""
    parts = [
        pd.DataFrame({"point": np.arange(len(values)), "trust": values + shift})
        for shift in np.linspace(-0.1, 0.1, replicates)
    ]
    return pd.concat(parts, ignore_index=True)


def indices(method: str, samples: int, function: object) -> pd.DataFrame:
    study = Sensitivity(method=method, samples=samples, outcomes=("trust",))
    shares = design(method, AXES, samples, study.seed)
    table = index_table(study, AXES, shares, runs(shares, function(*shares.T)))
    return table.set_index("setting")


def test_morris_gives_the_slopes_of_a_plane() -> None:
    table = indices("morris", 10, lambda a, b, c: 3.0 * a - 1.0 * b + 0.0 * c)
    assert list(table.index) == ["a", "b", "c"]
    assert list(table["mu_star"]) == pytest.approx([3.0, 1.0, 0.0])
    assert list(table["mu"]) == pytest.approx([3.0, -1.0, 0.0])
    assert table["sigma"].abs().max() < 1e-9
    assert list(table["clear"]) == [True, True, False]
    assert table["noise"].iloc[0] == pytest.approx(0.1)  # sd 0.1414 of two replicates over root 2


def test_sobol_gives_the_shares_of_variance() -> None:
    # y = 4a + 2b + cb' would interact; here a and b are additive: shares 16/20 and 4/20.
    table = indices("sobol", 512, lambda a, b, c: 4.0 * a + 2.0 * b)
    assert table.loc["a", "ST"] == pytest.approx(0.8, abs=0.05)
    assert table.loc["b", "S1"] == pytest.approx(0.2, abs=0.05)
    assert abs(table.loc["c", "ST"]) < 0.01
    product = indices("sobol", 1024, lambda a, b, c: (a - 0.5) * (b - 0.5))
    assert product.loc["a", "S1"] == pytest.approx(0.0, abs=0.1)  # all of it is interaction
    assert product.loc["a", "ST"] == pytest.approx(1.0, abs=0.1)


def test_the_same_seed_gives_the_same_design_and_indices() -> None:
    for method, samples in (("morris", 6), ("sobol", 32)):
        one, two = (design(method, AXES, samples, 5) for _ in range(2))
        assert np.array_equal(one, two)
        assert not np.array_equal(one, design(method, AXES, samples, 6))
        first, second = (indices(method, samples, lambda a, b, c: a * b) for _ in range(2))
        pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_points_lie_on_the_axes() -> None:
    axes = [Axis("n", (), 1.0, 4.0, whole=True), Axis("w", ("x", "y"))]
    places = settings_at(axes, np.array([[0.0, 0.0], [1.0, 1.0], [1 / 3, 1 / 3]]))
    assert places == [{"n": 1, "w": "x"}, {"n": 4, "w": "y"}, {"n": 2, "w": "x"}]


def test_settings_vary_around_their_values_within_their_bounds() -> None:
    base = Scenario()
    (axis,) = around_values(base, ["bargaining.bank_power"], 0.2, STRUCTURAL)
    assert (axis.low, axis.high) == pytest.approx((0.4, 0.6))
    (axis,) = around_values(base, ["bargaining.bank_discount"], 0.2, STRUCTURAL)
    assert axis.high == 0.9999  # its bound
    (axis,) = around_values(base, ["partnership.term"], 0.5, STRUCTURAL)
    assert (axis.low, axis.high, axis.whole) == (6.0, 18.0, True)
    keys = [axis.key for axis in around_values(base, ["population."], 0.2, STRUCTURAL)]
    assert "population.choice.persuasion" in keys
    assert "population.size" not in keys
    assert len(around_values(base, DEFAULT_SETTINGS, 0.2, STRUCTURAL)) == len(DEFAULT_SETTINGS)
    with pytest.raises(UserError, match="in no key"):
        around_values(base, ["partnership.equity"], 0.2, STRUCTURAL)  # it is zero


def test_an_outcome_without_values_or_without_change_says_so() -> None:
    study = Sensitivity(method="sobol", samples=32, outcomes=("trust", "hhi"))
    shares = design("sobol", AXES, 32, 1)
    outcomes = runs(shares, np.ones(len(shares)))
    outcomes["hhi"] = np.where(outcomes["point"] == 3, np.nan, outcomes["point"])
    table = index_table(study, AXES, shares, outcomes)
    notes = table.groupby("outcome")["note"].first()
    assert notes["trust"] == "the same at every design point"
    assert notes["hhi"] == "1 design points have no value"
    assert table["ST"].isna().all()
    assert not table["clear"].any()
    assert "design points have no value" in index_text(table, "sobol")
    assert len(index_figure(table, "sobol").axes) == 2


@pytest.mark.slow
def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["sensitivity", *TINY, "samples=4", "replicates=2", "output_dir=out", "workers=2"]
    words += ["bargaining.bank_power=interval(0.2,0.8)", "settings=[choice.persuasion]"]
    assert main([*words, "outcomes=[fee_single,trust]"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("morris: 2 settings, 12 design points, 2 replicates each")
    table = pd.read_parquet("out/indices.parquet")
    assert set(table["outcome"]) == {"fee_single", "trust"}
    fees = table[table["outcome"] == "fee_single"]
    assert fees.iloc[0]["setting"] == "bargaining.bank_power"
    assert Path("out/indices.svg").stat().st_size > 1000
    assert len(pd.read_parquet("out/outcomes.parquet")) == 24
    assert main([*words, "outcomes=[fee_single]"]) == 0  # another outcome of the same runs
    # Trajectories cross: twelve design points are six different ones.
    assert "12 of 12 runs were done before" in capsys.readouterr().err
