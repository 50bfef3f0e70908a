"""Sweeps as they are typed: plans, repetition, kills, other workers, what is left to read."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from experiments.main import main
from tests.experiments.fakes import TINY

GRID = ["partnership=part_time_agency,panel", "supervision.fee_cap=0.02,1"]


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def outcomes(folder: str) -> pd.DataFrame:
    return pd.read_parquet(Path(folder, "outcomes.parquet")).drop(columns="wall_time")


def test_a_sweep_from_plan_to_export(inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["sweep", *TINY, *GRID, "replicates=2", "output_dir=out", "workers=1"]
    assert main([*words, "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("4 design points x 2 replicates = 8 runs\n")
    assert "  partnership=panel supervision.fee_cap=0.02\n" in told
    assert "8 to run, about " in told
    assert not Path("out").exists()

    assert main(words) == 0
    told = capsys.readouterr()
    assert "4 design points around multi_partner_agency, 2 replicates" in told.out
    assert told.err == ""
    table = outcomes("out")
    assert list(table)[:4] == ["scenario", "point", "partnership", "supervision.fee_cap"]
    assert list(table["point"]) == [0, 0, 1, 1, 2, 2, 3, 3]
    assert list(table["seed"]) == [1, 2] * 4
    points = pd.read_parquet("out/points.parquet")
    settings = [json.loads(text) for text in points["settings"]]
    assert [each["supervision"]["fee_cap"] for each in settings] == [0.02, 1.0, 0.02, 1.0]
    assert settings[2]["partnership"]["form"] == "panel"
    names = {path.name for path in Path("out").iterdir()}
    assert names == {
        "manifest.json", "plan.parquet", "points.parquet", "outcomes.parquet", "means.parquet",
        "summary.txt", "response.png", "response.svg", "runs",
    }  # fmt: skip

    # More replicates: what is there is kept, the rest is added.
    assert main([*words[:-3], "replicates=3", *words[-2:], "--dry-run"]) == 0
    assert "8 done before" in capsys.readouterr().out
    assert main([*words[:-3], "replicates=3", *words[-2:]]) == 0
    assert "8 of 12 runs were done before" in capsys.readouterr().err
    pd.testing.assert_frame_equal(
        outcomes("out").query("seed < 3").reset_index(drop=True), table, check_exact=True
    )

    assert main(["status", "out"]) == 0
    told = capsys.readouterr().out
    assert "done     12 of 12 runs (100%)" in told
    assert "sweep, finished" in told
    assert main(["compare", "study=out", "baseline=1"]) == 0
    told = capsys.readouterr().out
    assert "Against partnership=part_time_agency supervision.fee_cap=1, " in told
    differences = pd.read_parquet("out/differences.parquet")
    assert differences["treatment"].nunique() == 3
    assert main(["compare", "study=out", "baseline=9"]) == 2
    assert "no such design point" in capsys.readouterr().err
    assert main(["export", "out"]) == 0
    again = pd.read_csv("out/export/outcomes.csv")
    assert list(again["bank_premium"]) == list(outcomes("out")["bank_premium"])
    assert main(["export", "out", "format=xlsx", "tables=outcomes,means", "to=x"]) == 0
    assert Path("x/study.xlsx").stat().st_size > 1000
    capsys.readouterr()
    assert main(["export", "out", "tables=nope"]) == 2
    assert "nope: not in this study" in capsys.readouterr().err


def test_points_that_look_alike_are_told_apart(
    inside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["sweep", *TINY, "replicates=1", "workers=1", "output_dir=out"]
    varied = ["scenario=multi_partner_agency,fee_war", "supervision.fee_cap=0.02,0.02000001"]
    assert main([*words, *varied]) == 0
    capsys.readouterr()
    assert main(["compare", "study=out", "baseline=3"]) == 0
    told = capsys.readouterr().out
    assert "against scenario=fee_war supervision.fee_cap=0.02000001" in told
    differences = pd.read_parquet("out/differences.parquet")
    assert differences["treatment"].nunique() == 3
    table = outcomes("out").set_index("point")["bank_premium"]
    row = differences.query("outcome == 'bank_premium'").iloc[0]
    assert (row["baseline_mean"], row["treatment_mean"]) == (table[3], table[0])


def test_calendars_vary(inside: Path) -> None:
    words = ["sweep", *TINY, "replicates=1", "workers=1", "output_dir=out"]
    assert main([*words, "calendar=['2009-03: service.level=none'],[]"]) == 0
    assert len(outcomes("out")) == 2


def test_a_damaged_table_is_not_exported(inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["sweep", *TINY, *GRID, "replicates=1", "workers=1", "panel=true", "output_dir=out"]
    assert main(words) == 0
    path = Path("out/panel_banks.parquet")
    content = bytearray(path.read_bytes())
    middle = len(content) // 3
    content[middle : middle + 64] = bytes(64)
    path.write_bytes(content)
    capsys.readouterr()
    assert main(["export", "out", "tables=panel_banks"]) == 2
    assert "panel_banks.parquet: cannot be read" in capsys.readouterr().err
    assert not Path("out/export").exists()


def test_other_studies_runs_are_taken(inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", *TINY, *GRID, "replicates=1", "output_dir=a", "workers=1"]) == 0
    wider = ["partnership=part_time_agency,panel", "supervision.fee_cap=0.02,0.03,1"]
    capsys.readouterr()
    assert main(["sweep", *TINY, *wider, "replicates=1", "output_dir=b", "workers=1"]) == 0
    assert "4 taken from a" in capsys.readouterr().err
    alone = ["output_dir=c", "reuse=false"]
    assert main(["sweep", *TINY, *wider, "replicates=1", "workers=1", *alone]) == 0
    pd.testing.assert_frame_equal(outcomes("b"), outcomes("c"), check_exact=True)
    # A run of the same market by another verb is the same run.
    words = ["supervision.fee_cap=0.02", "replicates=1", "panel=false", "output_dir=d"]
    capsys.readouterr()
    assert main(["claims", *TINY, "only=[1d]", *words, "replicates=1", "workers=1"]) == 0


def test_points_from_a_file_and_from_a_sample(inside: Path) -> None:
    Path("points.csv").write_text("partnership,bargaining.bank_power\npanel,0.4\n,0.6\n")
    words = ["replicates=1", "workers=1"]
    csv = ["design=csv", "points=points.csv", "output_dir=csv"]
    assert main(["sweep", *TINY, *words, *csv]) == 0
    table = outcomes("csv")
    assert list(table["partnership"].fillna("-")) == ["panel", "-"]
    assert list(table["bargaining.bank_power"]) == [0.4, 0.6]
    drawn = ["bargaining.bank_power=interval(0.2,0.8)", "design=sobol", "samples=4"]
    assert main(["sweep", *TINY, *words, *drawn, "output_dir=drawn"]) == 0
    assert outcomes("drawn")["bargaining.bank_power"].between(0.2, 0.8).all()


def start(folder: str, workers: int, *more: str) -> subprocess.Popen[str]:
    words = ["sweep", *TINY, *GRID, "replicates=6", f"output_dir={folder}", "reuse=false"]
    return subprocess.Popen(
        [sys.executable, "-m", "experiments.main", *words, f"workers={workers}", *more],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on_and_ends_the_same(inside: Path) -> None:
    """Under another number of workers each time, with monthly tables, and a damaged file."""
    with start("whole", 2, "panel=true") as process:
        assert process.wait() == 0
    luck = random.Random(3)
    for attempt in range(4):
        with start("killed", 1 + attempt % 2, "panel=true") as process:
            deadline = time.monotonic() + luck.uniform(4.0, 8.0)
            while process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
            process.send_signal(signal.SIGKILL)
    for path in sorted(Path("killed", "runs").glob("outcomes-*"))[:1]:
        path.write_bytes(path.read_bytes()[:100])
    with start("killed", 2, "panel=true") as process:
        assert process.wait() == 0
    pd.testing.assert_frame_equal(outcomes("whole"), outcomes("killed"), check_exact=True)
    for name in ("market", "banks", "insurers", "agreements", "classes"):
        one, two = (pd.read_parquet(f"{f}/panel_{name}.parquet") for f in ("whole", "killed"))
        pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert not list(Path("killed").rglob("*.tmp"))


@pytest.mark.slow
def test_two_at_once_in_one_study(inside: Path) -> None:
    with start("out", 1) as first, start("out", 1) as second:
        codes = sorted([first.wait(), second.wait()])
        told = [process.stderr.read() for process in (first, second) if process.stderr]
    assert codes == [0, 2]
    assert sum("another command is at work there" in text for text in told) == 1
    assert len(outcomes("out")) == 24


@pytest.mark.slow
def test_sigterm_is_a_stop_like_any_other(inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with start("out", 1) as process:
        while not list(Path("out", "runs").glob("outcomes-*")) and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 130
        assert process.stderr is not None
        assert "interrupted: " in process.stderr.read()
    assert json.loads(Path("out/manifest.json").read_text())["status"] == "interrupted"
    assert main(["status", "out"]) == 1
    assert " of 24 runs" in capsys.readouterr().out


def test_a_full_disk_is_told_and_nothing_is_lost(
    inside: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from experiments.engine.store import RunStore

    honest, calls = RunStore.add, []

    def full(store: RunStore, runs: object) -> None:
        calls.append(runs)
        if len(calls) > 2:
            raise OSError(28, os.strerror(28))
        honest(store, runs)

    words = ["sweep", *TINY, *GRID, "replicates=3", "output_dir=out", "workers=1"]
    with monkeypatch.context() as patch:
        patch.setattr(RunStore, "add", full)
        assert main(words) == 1
    told = capsys.readouterr().err
    assert "out: cannot be written (No space left on device); " in told
    assert "of 12 runs finished, kept in out; mend it and repeat the command to go on" in told
    before = len(outcomes("out"))
    assert before >= 2
    assert main(words) == 0
    assert f"{before} of 12 runs were done before" in capsys.readouterr().err


def test_until_the_intervals_are_narrow(inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["compare", *TINY, "replicates=2", "workers=1", "panel=false", "output_dir=out"]
    goal = ["until_outcomes=[bank_premium]", "most_replicates=5"]
    assert main([*words, *goal, "--until", "halfwidth=100000%"]) == 0
    assert "needed" not in capsys.readouterr().err
    assert main([*words, *goal, "--until", "halfwidth=0.001%"]) == 0
    told = capsys.readouterr()
    assert "not met with 5 replicates" in told.err
    assert "5 replicates of 200 customers" in told.out
    assert outcomes("out")["seed"].tolist() == [1, 2, 3, 4, 5] * 2
