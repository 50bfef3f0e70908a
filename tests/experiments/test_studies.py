"""Whole studies at small size: what they say, what they leave behind, how they end."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.comparison import sentence
from experiments.engine import run as engine
from experiments.engine.jobs import PANELS, Failure, Job, Run, run_one
from experiments.main import main
from experiments.statistics import paired_difference
from sim.outcomes import OUTCOMES

SMALL = [
    "population.size=300",
    "market.branches=8",
    "horizon.months=15",
    "horizon.burn_in=3",
    "horizon.window=12",
]
ENDING = ["status", "stage", "message", "traceback"]
COLUMNS = ["scenario", "seed", "replicate", "config_hash", "model", "wall_time", *OUTCOMES, *ENDING]
KEPT = {"manifest.json", "plan.parquet", "outcomes.parquet", "summary.txt", "runs"}


def only_folder(path: Path) -> Path:
    (folder,) = (path / "results").iterdir()
    return folder


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_run_tells_and_stores(inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", *SMALL, "replicates=2", "seed=4", "workers=1", "partnership.term=24"]
    assert main(words) == 0
    told = capsys.readouterr().out
    assert "start-up by MSER-5" in told
    folder = only_folder(inside)
    assert folder.name.startswith("run-multi_partner_agency-")
    assert told.startswith("multi_partner_agency with population.size=300")
    assert "E106, E107" in told
    assert f"results in {folder.relative_to(inside)}" in told
    assert [path.name for path in inside.iterdir()] == ["results"]
    names = {path.name for path in folder.iterdir()}
    tables = {f"panel_{name}.parquet" for name in PANELS}
    figures = {"trajectory.png", "trajectory.svg"}
    assert names == {*KEPT, *tables, *figures}
    outcomes = pd.read_parquet(folder / "outcomes.parquet")
    assert list(outcomes) == COLUMNS
    assert list(outcomes["seed"]) == [4, 5]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["status"] == "finished"
    assert manifest["scenarios"][0]["config"]["partnership"]["term"] == 24
    assert manifest["scenarios"][0]["config_hash"] == outcomes["config_hash"][0]
    panel = pd.read_parquet(folder / "panel_market.parquet")
    assert list(panel.columns[:4]) == ["scenario", "seed", "month", "date"]
    assert len(panel) == 2 * 15


def test_compare_pairs_the_scenarios(inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *SMALL, "replicates=2", "panel=false", "output_dir=out/x"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("Against multi_partner_agency, one_on_one_alliance ")
    assert "results in out/x" in told
    assert "against multi_partner_agency" in told
    names = {path.name for path in Path("out/x").iterdir()}
    # The market's own table is what the figure over time is drawn from.
    assert [name for name in names if name.startswith("panel")] == ["panel_market.parquet"]
    assert "difference-one_on_one_alliance.svg" in names
    outcomes = pd.read_parquet("out/x/outcomes.parquet")
    assert list(outcomes["scenario"].unique()) == ["multi_partner_agency", "one_on_one_alliance"]
    assert list(outcomes["seed"]) == [1, 2, 1, 2]
    differences = pd.read_parquet("out/x/differences.parquet").set_index("outcome")
    wide = outcomes.pivot_table(index="seed", columns="scenario", values="bank_premium")
    gap = (wide["one_on_one_alliance"] - wide["multi_partner_agency"]).mean()
    assert differences.loc["bank_premium", "difference"] == pytest.approx(gap)
    assert list(differences.index) == list(OUTCOMES)


def test_the_same_command_may_be_repeated_and_another_may_not_share_its_folder(
    inside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["run", *SMALL, "replicates=1", "output_dir=out"]
    assert main(words) == 0
    capsys.readouterr()
    first = pd.read_parquet("out/outcomes.parquet").drop(columns="wall_time")
    assert main(words) == 0
    assert "1 of 1 runs were done before" in capsys.readouterr().err
    pd.testing.assert_frame_equal(
        first, pd.read_parquet("out/outcomes.parquet").drop(columns="wall_time")
    )
    capsys.readouterr()
    assert main([*words, "seed=9"]) == 2
    assert "holds the results of other settings" in capsys.readouterr().err


def test_workers_do_not_change_the_numbers(inside: Path) -> None:
    for workers in (1, 2):
        words = [f"workers={workers}", f"output_dir=out{workers}", "panel=false", "reuse=false"]
        assert main(["run", *SMALL, "replicates=3", *words]) == 0
    one, two = (
        pd.read_parquet(f"out{workers}/outcomes.parquet").drop(columns="wall_time")
        for workers in (1, 2)
    )
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_a_multirun_gives_each_job_its_folder_and_leaves_nothing_else(inside: Path) -> None:
    words = ["-m", "partnership.term=12,24", "replicates=1", "output_dir=out", "panel=false"]
    assert main(["run", *SMALL, *words]) == 0
    assert [path.name for path in inside.iterdir()] == ["out"]
    terms = []
    for job in ("0", "1"):
        manifest = json.loads(Path("out", job, "manifest.json").read_text())
        terms.append(manifest["scenarios"][0]["config"]["partnership"]["term"])
    assert terms == [12, 24]


def test_a_scenario_of_the_users_own(inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (inside / "mine" / "scenario").mkdir(parents=True)
    text = "# @package _global_\nname: mine\npartnership:\n  partners: 2\n"
    (inside / "mine" / "scenario" / "mine.yaml").write_text(text)
    words = ["--config-dir", "mine", "scenarios=[multi_partner_agency,mine]", "replicates=1"]
    assert main(["compare", *SMALL, *words, "output_dir=out"]) == 0
    assert "one replicate: no interval" in capsys.readouterr().out
    manifest = json.loads(Path("out/manifest.json").read_text())
    assert [item["config"]["partnership"]["partners"] for item in manifest["scenarios"]] == [12, 2]


def test_a_run_that_fails_is_told_and_the_others_are_kept(
    inside: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(job: Job, panels: object, on_month: object = None) -> Run:
        if job.key.seed == 2:
            failure = Failure("month 3, close_books", "LedgerError: off", "Traceback\nboom\n")
            return Run(job.key, 0.1, failure=failure)
        return run_one(job, PANELS)

    words = ["run", *SMALL, "replicates=3", "workers=1", "output_dir=out"]
    with monkeypatch.context() as patch:
        patch.setattr(engine.carry_out, "__defaults__", (broken,))
        assert main(words) == 1
    told = capsys.readouterr()
    assert "boom" in told.err
    assert "1 of 3 runs failed, the first (seed 2) at month 3, close_books: LedgerError" in told.err
    outcomes = pd.read_parquet("out/outcomes.parquet")
    assert list(outcomes["status"]) == ["done", "failed", "done"]
    manifest = json.loads(Path("out/manifest.json").read_text())
    assert manifest["runs"] == {"planned": 3, "finished": 2, "failed": 1}
    assert main(words) == 1  # repeated, it is told again and not tried again
    assert main([*words, "--retry-failed"]) == 0
    assert list(pd.read_parquet("out/outcomes.parquet")["status"]) == ["done"] * 3


def test_a_calendar_that_only_the_model_reads_is_checked_before_anything_is_made(
    inside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["run", *SMALL, "calendar=['2010-01: market.banks=3']", "output_dir=out"]
    assert main(words) == 2
    told = capsys.readouterr().err
    assert "market.banks is fixed when the market is founded" in told
    assert told.count("\n") == 1
    assert not Path("out").exists()


def kept_after_interrupt() -> int:
    manifest = json.loads(Path("out/manifest.json").read_text())
    assert manifest["status"] == "interrupted"
    assert len(pd.read_parquet("out/outcomes.parquet")) == manifest["runs"]["finished"]
    return int(manifest["runs"]["finished"])


def test_an_interrupt_keeps_what_is_finished(
    inside: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(job: Job, panels: object, on_month: object = None) -> Run:
        if job.key.seed == 3:
            raise KeyboardInterrupt
        return run_one(job, PANELS)

    monkeypatch.setattr(engine.carry_out, "__defaults__", (stopped,))
    assert main(["run", *SMALL, "replicates=4", "workers=1", "output_dir=out"]) == 130
    told = capsys.readouterr().err
    assert told == "interrupted: 2 of 4 runs finished, kept in out\n"
    assert kept_after_interrupt() == 2


@pytest.mark.slow
def test_ctrl_c_stops_the_workers_in_one_line(inside: Path) -> None:
    words = [*SMALL[:2], "horizon.months=600", "replicates=400", "workers=2", "output_dir=out"]
    command = [sys.executable, "-m", "experiments.main", "run", *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if re.match(r"[1-9]\d*/400 runs, ", line):
                break
        process.send_signal(signal.SIGINT)
        told = process.stderr.read().splitlines()
    assert process.returncode == 130
    assert [line for line in told if "/400 runs, " not in line] == [
        f"interrupted: {kept_after_interrupt()} of 400 runs finished, kept in out"
    ]


def test_the_sentence_says_who_gains() -> None:
    base = list(np.random.default_rng(1).normal(10, 0.1, 6))
    up, down, same = [v * 1.1 for v in base], [v * 0.8 for v in base], list(reversed(base))
    changes = {"bank_value": up, "insurer_value": up, "customer_welfare": up, "fee_total": down}
    items = {name: paired_difference(base, values) for name, values in changes.items()}
    assert sentence("a", "b", items, dict.fromkeys(items, "yuan")) == (
        "Against a, b raises bank value by 10.0%, insurer value by 10.0% and customer welfare "
        "by 10.0% and lowers the fee in all by 20.0%: a win-win "
        "(6 paired replicates, 95% intervals)."
    )
    items["insurer_value"] = paired_difference(base, same)
    items["bank_value"] = paired_difference(base, down)
    assert sentence("a", "b", items, dict.fromkeys(items, "yuan")) == (
        "Against a, b raises customer welfare by 10.0%, lowers the fee in all by 20.0% and bank "
        "value by 20.0% and changes insurer value not clearly: not a win-win "
        "(6 paired replicates, 95% intervals)."
    )
