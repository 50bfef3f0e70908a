"""Claims on trial: the statistics by hand, the verdicts, and the command as a whole."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from experiments.claims import judge_runs, plan
from experiments.claims_report import claim_figure, markdown, text
from experiments.main import main
from experiments.statistics import Difference, contrast, holm
from experiments.trial import Finding, Turn, judge, measure
from scenarios.claims import Claim, Effect, claims
from scenarios.schema import Scenario

NAN = math.nan
SMALL = [
    "population.size=300",
    "market.branches=8",
    "horizon.months=15",
    "horizon.burn_in=3",
    "horizon.window=12",
    "replicates=3",
]
CLAIM = Claim("9a", "x", "Said", "Why.", (), ("b=1",), (Effect("trust", 1),))


def pair(baseline: list[float], treatment: list[float]) -> Difference:
    return contrast([(-1.0, baseline), (1.0, treatment)])


def finding(values: list[float], sign: int = 1, turns: tuple[list[float], ...] = ()) -> Finding:
    base = [0.0] * len(values)
    main_effect = pair(base, values)
    tried = tuple(
        Turn(f"c{k}", pair(base, turn), contrast([(-1.0, values), (1.0, turn)]))
        for k, turn in enumerate(turns)
    )
    return Finding(CLAIM, Effect("trust", sign), main_effect, tried)


def test_the_contrast_of_two_markets_is_the_paired_t_test() -> None:
    base, treated = [10.0, 12.0, 11.0, 13.0], [11.0, 15.0, 12.0, 15.0]
    item = pair(base, treated)
    # By hand: differences 1, 3, 1, 2; mean 1.75; sum of squares 2.75; sd sqrt(2.75 / 3).
    assert item.change.mean == 1.75
    assert (item.baseline, item.treatment) == (11.5, 13.25)
    assert item.standardised == pytest.approx(1.75 / math.sqrt(2.75 / 3))
    half = 3.182446305284263 * math.sqrt(2.75 / 3) / 2.0  # t(0.975, 3)
    assert (item.change.low, item.change.high) == pytest.approx((1.75 - half, 1.75 + half))
    assert item.relative == pytest.approx(1.75 / 11.5)
    assert item.p == pytest.approx(stats.ttest_rel(treated, base).pvalue)


def test_an_interaction_is_what_the_whole_does_beyond_the_parts() -> None:
    base, whole = [1.0, 2.0, 0.0], [9.0, 9.0, 6.0]
    first, second = [3.0, 4.0, 1.0], [4.0, 5.0, 2.0]
    item = contrast([(1.0, base), (1.0, whole), (-1.0, first), (-1.0, second)])
    assert item.values == (3.0, 2.0, 3.0)
    assert item.treatment == 8.0
    # The parts add up to 1 + (8/3 - 1) + (11/3 - 1) = 16/3.
    assert item.baseline == pytest.approx(16 / 3)
    assert item.change.mean == pytest.approx(8 - 16 / 3)


def test_replicates_without_a_value_in_any_market_are_left_out() -> None:
    item = contrast([(-1.0, [1.0, NAN, 3.0]), (1.0, [2.0, 5.0, 6.0])])
    assert item.change.n == 2
    assert (item.baseline, item.treatment) == (2.0, 4.0)
    nothing = pair([NAN], [1.0])
    assert math.isnan(nothing.change.mean)
    assert math.isnan(nothing.p)


def test_effects_without_spread_have_a_p_all_the_same() -> None:
    assert pair([1.0, 2.0], [1.0, 2.0]).p == 1.0
    assert pair([1.0, 2.0], [1.0, 2.0]).standardised == 0.0
    assert pair([1.0, 2.0], [2.0, 3.0]).p == 0.0
    assert pair([1.0, 2.0], [0.0, 1.0]).standardised == -math.inf
    assert math.isnan(pair([1.0], [2.0]).p)


def test_holm_by_its_formula() -> None:
    # Sorted 0.005, 0.01, 0.03, 0.04: times 4, 3, 2, 1, made never to fall.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.9]) == [1.0, 1.0]
    assert holm([]) == []
    adjusted = holm([0.02, NAN, 0.01])
    assert math.isnan(adjusted[1])
    assert adjusted[::2] == pytest.approx([0.02, 0.02])
    p = np.random.default_rng(1).uniform(size=20)
    direct = [
        max(min(1.0, (20 - k) * np.sort(p)[k]) for k in range(int((p < value).sum()) + 1))
        for value in p
    ]
    assert holm(list(p)) == pytest.approx(direct)


UP, NONE = [1.0, 1.1, 0.9, 1.05, 0.95, 1.0], [1.0, -1.1, 0.9, -1.0, 0.3, -0.2]
DOWN, SMALLER = [-value for value in UP], [0.01, -0.02, 0.01, 0.0, 0.015, -0.01]


def test_verdicts() -> None:
    judged = judge([finding(UP), finding(UP, -1), finding(DOWN, -1), finding(NONE)])
    assert [item.verdict for item in judged] == [
        "supported", "contradicted", "supported", "no effect found",
    ]  # fmt: skip
    assert judge([finding([1.0])])[0].verdict == "no effect found"


@pytest.mark.parametrize(
    ("values", "turn", "words"),
    [
        (UP, DOWN, "turns round when c0"),
        (UP, SMALLER, "is gone when c0"),
        ([value / 9 for value in SMALLER], UP, "only when c0"),
        (UP, [2.0 * value for value in UP], ""),
        (UP, [0.7 * value for value in UP], ""),
        (UP, NONE, ""),
    ],
    ids=["flips", "vanishes", "appears", "grows", "shrinks", "not clearly different"],
)
def test_a_condition_makes_a_claim_conditional_only_if_the_effect_turns(
    values: list[float], turn: list[float], words: str
) -> None:
    (judged,) = judge([finding(values, turns=(turn,))])
    assert judged.condition == words
    assert (judged.verdict == "conditional") == bool(words)


def test_many_tests_need_more() -> None:
    weak = [1.0, 0.2, 1.4, 0.9, 0.1, 1.2]
    assert judge([finding(weak)])[0].verdict == "supported"
    assert judge([finding(weak), *[finding(NONE)] * 20])[0].verdict == "no effect found"


def test_measures_made_of_outcomes() -> None:
    run = {"bank_value": 2.0, "insurer_value": 3.0, "proven_cases": 2.0, "violations": 8.0}
    assert measure("joint_value", run) == 5.0
    assert measure("proof_rate", run) == 0.25
    assert measure("bank_value", run) == 2.0
    assert math.isnan(measure("proof_rate", run | {"violations": 0.0}))


def test_equal_markets_are_simulated_once() -> None:
    known = claims()
    markets, trials = plan([known["3b"], known["3b-quality"], known["6c"]], Scenario(), True)
    asked = sum(len(arms) for _, _, arms in trials)
    assert (asked, len(markets.scenarios)) == (12, 10)
    assert len({item.name for item in markets.scenarios.values()}) == 10
    assert len(plan([known["3b"]], Scenario(), False)[0].scenarios) == 2


def test_runs_are_paired_by_seed() -> None:
    _, trials = plan([claims()["3a"]], Scenario(), False)
    ((_, _, arms),) = trials
    (_, base), (_, treated) = arms
    names = ("bank_premium", "misselling_rate", "bank_value")
    runs = {
        base: {seed: dict.fromkeys(names, float(seed)) for seed in (1, 2, 3)},
        treated: {seed: dict.fromkeys(names, 10.0 * seed) for seed in (3, 2, 4)},
    }
    assert [item.result.values for item in judge_runs(trials, runs)] == [(18.0, 27.0)] * 3


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_the_command_leaves_tables_a_figure_and_a_manifest(
    inside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["claims", "only=[3b,7b]", *SMALL]
    for workers in (1, 2):
        assert main([*words, f"workers={workers}", f"output_dir=out{workers}"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("3 claims on 13 markets, 3 replicates of 300 customers")
    assert "3b Sales in the appraisal raise volume" in told
    assert "customer_welfare (beyond the sum of parts)" in told
    folder = Path("out1")
    names = {path.name for path in folder.iterdir()}
    tables = {f"{name}.parquet" for name in ("outcomes", "claims", "conditions")}
    assert names == {
        "manifest.json",
        "plan.parquet",
        "runs",
        "summary.txt",
        "claims.md",
        "claims.png",
        "claims.svg",
        *tables,
    }
    one, two = (pd.read_parquet(f"out{workers}/claims.parquet") for workers in (1, 2))
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert list(one["claim"].unique()) == ["3b", "3b-quality", "7b"]
    assert set(one["verdict"]) <= {"supported", "contradicted", "no effect found", "conditional"}
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["status"] == "finished"
    assert manifest["study"]["only"] == ["3b", "7b"]
    outcomes = pd.read_parquet(folder / "outcomes.parquet").pivot_table(
        index="seed", columns="scenario", values="bank_premium"
    )
    gap = outcomes["incentives.scheme=sales_kpi"] - outcomes["multi_partner_agency"]
    row = one[(one["claim"] == "3b") & (one["outcome"] == "bank_premium")].iloc[0]
    assert row["effect"] == pytest.approx(gap.mean())
    assert row["standardised"] == pytest.approx(gap.mean() / gap.std())
    assert "| 3b | bank_premium |" in (folder / "claims.md").read_text()


def test_every_verdict_can_be_drawn_and_written() -> None:
    items = judge(
        [finding(UP), finding(DOWN), finding(NONE), finding(UP, turns=(DOWN,)), finding([NAN])]
    )
    assert len(claim_figure(items).axes) == 1
    assert "conditional (supported as it stands, turns round when c0)" in text(items)
    assert markdown(items, "heading").count("| 9a |") == len(items)


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("only=[2z]", "only: 2z: no such claim; there are 1a, "),
        ("only=[3b-qualty]", "did you mean 3b-quality?"),
        ("only=2a", "only = '2a': must be a list of words"),
        ("only=[1e,2e,9x]", "9x: no such claim"),
        ("conditions=perhaps", "conditions = 'perhaps': must be true or false"),
    ],
)
def test_an_unknown_claim_is_told(
    word: str, told: str, inside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["claims", word]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert not list(inside.iterdir())


def test_claims_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "claims"]) == 0
    told = capsys.readouterr().out
    assert all(f"{claim.id}  {claim.statement}" in told for claim in claims().values())
    assert main(["list", "claims", "6c"]) == 0
    assert "fee_off_book down" in capsys.readouterr().out
