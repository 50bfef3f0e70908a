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
    ("runn", "runn: no such verb; bancassim has run, compare, sweep, "),
    ("compare --until", "--until: needs a value, for example --until halfwidth=1%"),
    ("compare --until halfwidth=1", "must read like halfwidth=5%"),
    ("compare --until halfwidth=0%", "must read like halfwidth=5%, above zero"),
    ("compare until_outcomes=[bankvalue] --until halfwidth=1%", "did you mean bank_value?"),
    ("compare study=nope", "study = nope: no such folder"),
    ("compare study=.", "holds no study"),
    ("run executor=dask", "executor=dask needs its address"),
    ("run executor=mpi", "executor = 'mpi': must be one of serial, local, dask"),
    ("run scheduler=tcp://127.0.0.1:1", "is used with executor=dask only"),
    ("run executor=dask scheduler=tcp://127.0.0.1:1", "nobody answers there"),
    ("sweep", "nothing varies; write several values"),
    ("sweep partnership.term=12,x", "partnership.term = 'x': must be a whole number"),
    ("sweep partnership.tem=12,24", "did you mean partnership.term?"),
    ("sweep partnership=panel,nope", "partnership=nope: no such option"),
    ("sweep partnership=interval(1,2)", "an interval needs a key that is a number"),
    ("sweep bargaining.bank_power=interval(0.2,0.8)", "a grid needs values"),
    ("sweep bargaining.bank_power=interval(0.2,8) design=random", "bank_power = 8: must be"),
    ("sweep bargaining.bank_power=interval(0.2", "a ) is missing"),
    ("sweep partnership.term=range(12,24,0)", "a range needs a start, a stop and a step"),
    ("sweep partnership.term=range(24,12)", "the range is empty"),
    ("sweep partnership.term=range(0,1000000000)", "more than 1,000,000 values"),
    ("sweep partnership=glob(*)", "glob(...) is not understood here"),
    ("sweep hydra.verbose=true,false", "hydra.verbose: cannot be set here"),
    ("run hydra.mode=MULTIRUN", "hydra.mode: cannot be set here"),
    ("run -m hydra.sweeper.params={a:b} seed=1,2", "hydra.sweeper.params: cannot be set here"),
    ("run output_dir=''", "name a folder, or null"),
    ("compare --until=", "must read like halfwidth=5%"),
    ("sensitivity outcomes=[trust,trust]", "trust: stands twice"),
    ("sensitivity settings=['']", "'' is in every key"),
    ("run executor=dask scheduler=ucx://127.0.0.1:1", "nobody answers there"),
    ("sweep seed=1,2", "seed: belongs to the study as a whole and cannot vary"),
    ("sweep -m partnership.term=12,24", "-m: is for other verbs"),
    ("sweep design=csv", "design=csv needs the file"),
    ("sweep design=csv points=nope.csv", "points = nope.csv: cannot be read"),
    ("sweep design=grid2 partnership.term=1,2", "must be one of grid, random"),
    ("sweep horizon.months=36,60 horizon.window=48", "design point 0: horizon.window = 48"),
    ("sweep design=sobol samples=3 bargaining.bank_power=interval(0,1)", "takes a power of two"),
    ("sweep partnership.term=12,24 partnership.term=36,48", "partnership.term: varies twice"),
    ("sweep 'calendar=[\"x\"],[]'", "cannot be read"),
    ("sensitivity samples=2", "samples = 2: too few for morris"),
    ("sensitivity method=sobol samples=8", "too few for sobol"),
    ("sensitivity method=sobol samples=100", "for example 128"),
    ("sensitivity settings=[nope_at_all]", "nope_at_all: in no key whose value is a number"),
    ("sensitivity outcomes=[bankvalue]", "did you mean bank_value?"),
    ("sensitivity outcomes=[]", "name at least one"),
    ("sensitivity settings=[bargaining.bank_power]", "1 settings vary"),
    ("optimise", "nothing varies"),
    ("optimise service=none,reactive objectives=[nope]", "objectives: nope: no such outcome"),
    ("optimise service=none,reactive --dry-run", "a search finds its points on the way"),
    ("status", "takes one study: bancassim status FOLDER"),
    ("status nope", "study = nope: no such folder"),
    ("status --all", "--all: no such flag"),
    ("export file", "study = file: no such folder"),
    ("export . format=csv frmat=x", "frmat: no such key; did you mean format?"),
    ("discover . outcome=trust below=1", "holds no study"),
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
