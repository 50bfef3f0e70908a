"""The result folder: one study, one command at a time, clear refusals; the manifest; seeds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.errors import UserError
from experiments.folder import ResultFolder
from experiments.manifest import PACKAGES, finish, make_manifest
from experiments.manifest import fingerprint as mark_of
from experiments.study import Comparison, Study
from scenarios.check import scenario_hash, to_dict
from scenarios.schema import Scenario


def test_without_a_folder_asked_for_a_new_one_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folders = {ResultFolder.make("run-a/b c", None).path for _ in range(3)}
    assert len(folders) == 3
    assert all(path.parent == Path("results") and path.is_dir() for path in folders)
    assert all(path.name.startswith("run-a-b-c-2") for path in folders)


def test_a_folder_is_used_again_for_the_same_settings_only(tmp_path: Path) -> None:
    folder = ResultFolder.make("run", str(tmp_path / "x"))
    with folder.taken("mark"):
        folder.write_manifest({"fingerprint": "mark"})
    with folder.taken("mark"):
        pass
    with pytest.raises(UserError, match="holds the results of other settings"), folder.taken("no"):
        pass


def test_a_damaged_manifest_keeps_nobody_out(tmp_path: Path) -> None:
    folder = ResultFolder.make("run", str(tmp_path))
    for content in ('{"fingerprint": "ma', "[]", ""):
        folder.write_text("manifest.json", content)
        assert folder.manifest() == {}
        with folder.taken("mark"):
            pass


def test_a_folder_is_for_one_command_at_a_time(tmp_path: Path) -> None:
    folder = ResultFolder.make("run", str(tmp_path))
    code = (
        "import sys; from experiments.folder import ResultFolder\n"
        "with ResultFolder.make('run', sys.argv[1]).taken('mark'):\n"
        "    print('in', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "in\n"
        with pytest.raises(UserError, match="another command is at work"), folder.taken("mark"):
            pass
        other.kill()  # however it ends, the folder is free again
    with folder.taken("mark"):
        pass


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in ("file", "file/below"):
        with pytest.raises(UserError, match="a file is in the way"):
            ResultFolder.make("run", str(tmp_path / path))


def test_the_manifest_says_what_made_the_results() -> None:
    scenario = Scenario(name="a")
    words = ["bancassim", "run", "a=[b, c]"]
    manifest = make_manifest("run", words, Study(seed=5), [scenario], "mark")
    ended = finish(manifest, "finished", (5, 6, 7), (3, 2, 1), 1.5)
    assert json.loads(json.dumps(ended)) == ended
    assert ended["command"] == "bancassim run 'a=[b, c]'"
    assert ended["seeds"] == [5, 6, 7]
    assert ended["scenarios"][0]["config"] == to_dict(scenario)
    assert ended["scenarios"][0]["config_hash"] == scenario_hash(scenario)
    assert set(ended["versions"]) == {"python", *PACKAGES}
    assert ended["runs"] == {"planned": 3, "finished": 2, "failed": 1}
    assert ended["status"] == "finished"
    assert ended["started"] <= ended["finished"]
    assert ended["wall_time"] == 1.5
    assert ended["fingerprint"] == "mark"
    assert len(ended["model"]) >= 16
    assert {"system", "machine", "processors"} <= set(ended["platform"])


def test_the_fingerprint_is_of_what_decides_the_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    mark = mark_of("run", ["1", "a:x"])
    assert mark == mark_of("run", ["1", "a:x"])
    assert len({mark, mark_of("run", ["2", "a:x"]), mark_of("compare", ["1", "a:x"])}) == 3
    monkeypatch.setattr("experiments.manifest.model_version", lambda: "newer")
    assert mark != mark_of("run", ["1", "a:x"])


def test_replicates_have_the_same_seeds_in_every_scenario() -> None:
    assert Study(seed=3, replicates=3).seeds() == (3, 4, 5)
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


def test_a_cluster_needs_an_address_and_nothing_else_does() -> None:
    assert "needs its address" in Study(executor="dask").problems()[0]
    assert "with executor=dask only" in Study(scheduler="tcp://x:1").problems()[0]
    assert Study(executor="dask", scheduler="tcp://x:1").problems() == []
