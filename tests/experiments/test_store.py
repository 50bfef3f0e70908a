"""The result folder: whole files, one study a folder, clear refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from experiments.errors import UserError
from experiments.execute import Job, Run
from experiments.manifest import PACKAGES, fingerprint, finish, make_manifest
from experiments.store import ResultFolder, outcome_table, panel_table
from experiments.study import Comparison, Study
from scenarios.check import scenario_hash, to_dict
from scenarios.schema import Scenario


def made_run(seed: int, error: str = "") -> Run:
    panel = pd.DataFrame({"month": [0, 1], "date": ["2009-01", "2009-02"], "trust": [0.5, 0.4]})
    job = Job(Scenario(name="a"), "f" * 16, seed, seed - 1)
    if error:
        return Run(job, 0.1, error=error)
    return Run(job, 0.1, {"trust": 0.5, "hhi": 0.1}, {"market": panel})


def test_a_failed_write_leaves_the_earlier_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = ResultFolder(tmp_path)
    folder.write_text("a.txt", "old")

    def broken(self: Path, content: bytes) -> int:
        with self.open("wb") as file:
            file.write(content[:1])
        raise OSError("disk full")

    monkeypatch.setattr(Path, "write_bytes", broken)
    with pytest.raises(OSError, match="disk full"):
        folder.write_text("a.txt", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_tables_have_the_columns_that_readers_rely_on(tmp_path: Path) -> None:
    folder = ResultFolder(tmp_path)
    folder.write_runs([made_run(1), made_run(2)], panel=True)
    outcomes = pd.read_parquet(tmp_path / "outcomes.parquet")
    first = ["scenario", "seed", "replicate", "config_hash", "wall_time"]
    assert list(outcomes) == [*first, "trust", "hhi"]
    assert list(outcomes["seed"]) == [1, 2]
    panel = pd.read_parquet(tmp_path / "panel_market.parquet")
    assert list(panel) == ["scenario", "seed", "month", "date", "trust"]
    assert len(panel) == 4


def test_a_failed_run_is_a_row_with_its_traceback() -> None:
    table = outcome_table([made_run(1), made_run(2, error="Traceback: boom")])
    assert list(table["error"].fillna("")) == ["", "Traceback: boom"]
    assert table["trust"].isna().tolist() == [False, True]
    assert len(panel_table([made_run(2, error="x")], "market")) == 0


def test_without_a_folder_asked_for_a_new_one_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folders = {ResultFolder.create("run-a/b c", None, "x").path for _ in range(3)}
    assert len(folders) == 3
    assert all(path.parent == Path("results") and path.is_dir() for path in folders)
    assert all(path.name.startswith("run-a-b-c-2") for path in folders)


def test_a_folder_is_used_again_for_the_same_settings_only(tmp_path: Path) -> None:
    folder = ResultFolder.create("run", str(tmp_path / "x"), "mark")
    folder.write_manifest({"fingerprint": "mark"})
    ResultFolder.create("run", str(tmp_path / "x"), "mark")
    with pytest.raises(UserError, match="holds the results of other settings"):
        ResultFolder.create("run", str(tmp_path / "x"), "other")


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in ("file", "file/below"):
        with pytest.raises(UserError, match="a file is in the way"):
            ResultFolder.create("run", str(tmp_path / path), "x")


def test_the_manifest_says_what_made_the_results() -> None:
    scenario = Scenario(name="a")
    manifest = make_manifest("run", ["bancassim", "run", "a=[b, c]"], Study(seed=5), [scenario])
    ended = finish(manifest, "finished", 5, 0, 1.5)
    assert json.loads(json.dumps(ended)) == ended
    assert ended["command"] == "bancassim run 'a=[b, c]'"
    assert ended["seeds"] == [5, 6, 7, 8, 9]
    assert ended["scenarios"][0]["config"] == to_dict(scenario)
    assert ended["scenarios"][0]["config_hash"] == scenario_hash(scenario)
    assert set(ended["versions"]) == {"python", *PACKAGES}
    assert ended["runs"] == {"planned": 5, "finished": 5, "failed": 0}
    assert ended["status"] == "finished"
    assert ended["started"] <= ended["finished"]
    assert ended["wall_time"] == 1.5
    assert {"system", "machine", "processors"} <= set(ended["platform"])


def test_the_fingerprint_is_of_what_decides_the_numbers() -> None:
    scenarios, study = [Scenario(name="a"), Scenario(name="b")], Study()
    mark = fingerprint("run", study, scenarios)
    assert mark == fingerprint("run", replace(study, workers=7, panel=False), scenarios)
    assert mark != fingerprint("run", replace(study, seed=2), scenarios)
    assert mark != fingerprint("compare", study, scenarios)


def test_replicates_have_the_same_seeds_in_every_scenario() -> None:
    assert Study(seed=3, replicates=3).seeds() == [3, 4, 5]
    assert Study(workers=8).processes(3) == 3
    assert Study(workers=1).processes(3) == 1


def test_each_job_of_a_multirun_has_its_own_folder() -> None:
    assert Study(output_dir="x").for_job(2).output_dir == str(Path("x") / "2")
    assert Study(output_dir="x").for_job(None).output_dir == "x"
    assert Study().for_job(2).output_dir is None


def test_scenarios_to_compare_are_two_or_more_and_differ() -> None:
    assert Comparison(scenarios=("a", "b")).problems() == []
    assert "at least two" in Comparison(scenarios=("a",)).problems()[0]
    assert "a stands twice" in Comparison(scenarios=("a", "b", "a")).problems()[0]
