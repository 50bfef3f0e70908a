"""Whatever is typed wrong gives clear lines, exit code 2, and no traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from experiments.main import main

CASES = [
    ("run partnership.tem=3", "partnership.tem: no such key; did you mean partnership.term?"),
    ("run population.size=", "population.size = '': must be a whole number"),
    ("run population.size=-5", "population.size = -5: must be a whole number from 1"),
    ("run population.size=300.0", "population.size = 300.0: must be a whole number"),
    ("run population.size=null", "population.size = null: must be a whole number"),
    ("run population.size=???", "population.size = '???': must be a whole number"),
    ("run market.risk_free_rate=nan", "market.risk_free_rate = nan: must be a number"),
    ("run seed=abc", "seed = 'abc': must be a whole number"),
    ("run seed=-1", "seed = -1: must be a whole number"),
    ("run replicates=0", "replicates = 0: must be a whole number from 1"),
    ("run workers=0", "workers = 0: must be a whole number from 1"),
    ("run panel=maybe", "panel = 'maybe': must be true or false"),
    ("run +typo=1", "typo: no such key"),
    ("run ++x.y=2", "x.y: no such key"),
    ("run +population.size=3", "population.size: exists already"),
    ("run ~population.size", "population.size: can be changed, not removed"),
    ("run ~scenario", "scenario: an option can be changed, not removed"),
    ("run scenario=one_on_one_aliance", "did you mean one_on_one_alliance?"),
    ("run partnership=exclusive_aliance", "did you mean exclusive_alliance?"),
    ("run population=300", "population=300: no such option; population has"),
    ("run partnership.form=exclusiv_alliance", "did you mean exclusive_alliance?"),
    ("run scenarios=a", "scenarios: no such key; did you mean scenario?"),
    ("run product.savings=3", "product.savings = 3: must hold the keys term"),
    ("run product.savings.need=[1,2]", "has 2 elements; must be a list of 4 numbers"),
    ("run product.savings.need=[1,2", "cannot be read; a ] is missing"),
    ("run horizon.months=36 horizon.window=60", "horizon.window = 60: must be at most"),
    ("run market.start=2009", "market.start = 2009: must be text (year-month)"),
    ("run population.size=1,2", "for one run each add -m"),
    ("run scenario=a,b", "for one run each add -m"),
    ("run -m scenario=multi_partner_agency,nope", "scenario=nope: no such option"),
    ("run -m seed=1,x", "seed = 'x': must be a whole number"),
    ("run population.size", "write key=value"),
    ("run =3", "write key=value"),
    ("run market@x=china_2010", "without the @"),
    ("run seed='1", "a quotation mark is missing"),
    ("run partnership.term=${nope}", "'nope' not found"),
    ("run hydra.nope=1", "hydra.nope"),
    ("run --nope", "--nope: no such flag"),
    ("run --cfg nope", "invalid choice: 'nope'"),
    ("run --config-dir nope", "--config-dir nope: no such folder"),
    ("run output_dir=file", "output_dir = file: cannot be made (a file is in the way)"),
    ("run output_dir=file/below", "cannot be made (a file is in the way)"),
    ("run output_dir=/proc/none/here", "output_dir = /proc/none/here: cannot be made"),
    ("compare scenarios=a", "scenarios = 'a': must be a list of words"),
    ("compare scenarios=[]", "scenarios = []: must be at least two"),
    ("compare scenarios=[multi_partner_agency]", "must be at least two"),
    ("compare scenarios=[a,a]", "a stands twice"),
    ("compare scenarios=[a,b", "a ] is missing"),
    ("compare scenarios=[multi_partner_agency,nope]", "scenario=nope: no such option"),
    ("compare scenario=a", "compare takes several"),
    ("list scenarois", "no such topic; bancassim list has"),
    ("list parameters nothing_like_it", "nothing_like_it: in no key"),
    ("list groups partnershp", "did you mean partnership?"),
    ("list groups a b", "at most one word"),
    ("runn", "runn: no such verb; bancassim has run, compare, claims, list; did you mean run?"),
    ("-sc install=nope", "-sc: write -sc install=bash"),
]


@pytest.mark.parametrize(("line", "words"), CASES, ids=[line for line, _ in CASES])
def test_one_clear_line_and_exit_code_two(
    line: str,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    assert main(line.split(" ")) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("error: ")
    assert words in told.err
    assert told.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_every_problem_has_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "foo.bar=1", "partnership.tem=3", "a"]) == 2
    assert capsys.readouterr().err.count("error: ") == 3
    assert main(["compare", "population.size=0", "seed=x", "horizon.months=0"]) == 2
    assert capsys.readouterr().err.count("error: ") == 3


def test_the_command_itself_ends_with_code_two(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "experiments.main", "run", "partnership.tem=3"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "error: partnership.tem: no such key; did you mean partnership.term?\n"
    assert done.stdout == ""


def test_a_value_in_a_file_of_the_users_own_is_checked_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "scenario").mkdir()
    text = "# @package _global_\nname: mine\npartnership:\n  tem: 3\n  term: 0\n"
    (tmp_path / "scenario" / "mine.yaml").write_text(text)
    assert main(["run", "--config-dir", str(tmp_path), "scenario=mine"]) == 2
    told = capsys.readouterr().err
    assert "partnership.tem: no such key; did you mean partnership.term?" in told
    assert "partnership.term = 0: must be a whole number" in told
