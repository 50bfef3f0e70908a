"""The command line as a newcomer meets it: help, lists, composition, completion."""

from __future__ import annotations

import subprocess
import sys

import pytest

from experiments.list import TOPICS
from experiments.main import VERBS, main

HEAVY = ("mesa", "pandas", "numba", "matplotlib", "hydra", "scipy")


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["help"]])
def test_help_names_every_verb(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 0
    told = capsys.readouterr().out
    assert all(verb in told for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_help_of_a_verb_shows_what_to_type(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([verb, "seed=1", "--help"]) == 0
    assert f"usage: bancassim {verb}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [["--help"], ["run", "--help"], ["compare", "-h"], ["list", "-h"]]
)
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    code = (
        "import sys; from experiments.main import main; "
        f"main({words!r}); print([n for n in {HEAVY!r} if n in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("bancassim 0.")


def test_another_package_called_agents_is_noticed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("experiments.main.find_spec", lambda name: None)
    assert main(["run"]) == 1
    assert "`agents` found is not bancassim's" in capsys.readouterr().err


def test_the_overview_and_every_topic_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    assert "one_on_one_alliance" in capsys.readouterr().out
    for topic in TOPICS:
        assert main(["list", topic]) == 0
        assert len(capsys.readouterr().out.splitlines()) > 3


def test_parameters_are_found_by_a_part_of_their_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "parameters", "partnership.term"]) == 0
    told = capsys.readouterr().out
    assert "partnership.term" in told
    assert "1 to 600" in told
    assert "market.banks" not in told


def test_composed_settings_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["scenario=one_on_one_alliance", "partnership.term=60", "--cfg", "job"]
    assert main(["run", *words]) == 0
    told = capsys.readouterr().out
    assert "form: exclusive_alliance" in told
    assert "term: 60" in told
    assert main(["compare", "--info", "defaults"]) == 0


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("bancassim ", "compare"),
        ("bancassim ru", "run"),
        ("bancassim run partnership=", "partnership=exclusive_alliance"),
        ("bancassim compare horizon.", "horizon.months="),
        ("bancassim list ", "parameters"),
        ("bancassim sweep design", "design="),
    ],
)
def test_completion(
    line: str,
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COMP_LINE", line)
    assert main(["-sc", "query=bash"]) == 0
    assert expected in capsys.readouterr().out.split()


@pytest.mark.parametrize("verb", ["status", "export", "discover"])
def test_a_verb_that_reads_a_folder_leaves_completion_to_the_shell(
    verb: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMP_LINE", f"bancassim {verb} res")
    assert main(["-sc", "query=bash"]) == 0
    assert capsys.readouterr().out.split() == []


def test_completion_is_installed_for_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-sc", "install=bash"]) == 0
    assert capsys.readouterr().out.strip().endswith("bancassim")
