"""The documents: their examples run, their links lead somewhere, their lists are complete.

``python -m tests.docs.test_docs`` rewrites the generated block of ``docs/odd.md``.
"""

from __future__ import annotations

import io
import re
import shlex
from contextlib import redirect_stdout
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import pytest

from experiments.list import EVERY
from experiments.main import VERBS, main
from scenarios import levers
from scenarios.quantity import walk
from sim.model import PHASES
from sim.outcomes import OUTCOMES

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")])
EXECUTED = ("README.md", "docs/library.md")
#: Shell examples of these pages are composed; others may need files of the reader's own.
TYPED = ("README.md", "docs/sweeps.md", "docs/statistics.md")
#: Verbs that read a study which the reader has made before.
READERS = ("status", "export", "discover")
START, END = "<!-- phases: start", "<!-- phases: end -->"

each_page = pytest.mark.parametrize("page", DOCS, ids=lambda path: path.name)


def blocks(page: Path, language: str) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def commands(page: Path) -> list[list[str]]:
    """Words of every ``bancassim`` line in the shell blocks of a page, as a shell splits them."""
    lines = [line for block in blocks(page, "sh") for line in block.splitlines()]
    split = [shlex.split(line, comments=True) for line in lines]
    return [words[1:] for words in split if words and words[0].endswith("bancassim")]


def usage(verb: str) -> str:
    return str(import_module(f"experiments.{verb}").USAGE)


def phase_table() -> str:
    rows = ["| | phase | every | what happens |", "|---|---|---|---|"]
    rows += [
        f"| {place} | `{phase.name}` | {EVERY.get(phase.every, f'{phase.every} months')} "
        f"| {phase.note} |"
        for place, phase in enumerate(PHASES, start=1)
    ]
    return "\n".join(rows)


def with_phases(text: str) -> str:
    """The page with its generated block written anew."""
    head, rest = text.split(START)
    marker, rest = rest.split("\n", 1)
    return f"{head}{START}{marker}\n{phase_table()}\n{END}{rest.split(END)[1]}"


@pytest.mark.slow
@pytest.mark.parametrize("name", EXECUTED)
def test_examples_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = ROOT / name
    if any('"out/' in block for block in blocks(page, "python")):
        small = ["population.size=300", "horizon.months=30", "horizon.window=12", "replicates=2"]
        assert main(["compare", *small, "workers=1", "output_dir=out"]) == 0
    space: dict[str, object] = {"__name__": "example"}
    for block in blocks(page, "python"):
        with redirect_stdout(io.StringIO()):
            exec(compile(block, name, "exec"), space)


@pytest.mark.parametrize("name", TYPED)
def test_commands_can_be_typed(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    typed = commands(ROOT / name)
    assert typed
    for words in typed:
        verb, *rest = words
        assert verb in VERBS, words
        if verb in READERS:
            settings = [word for word in rest if "=" in word]
            assert all(f"{word.partition('=')[0]}=" in usage(verb) for word in settings), words
            continue
        shown = rest if verb == "list" else [*rest, "--cfg", "job"]
        assert main([verb, *shown]) == 0, (words, capsys.readouterr().err)


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith("http"):
            continue
        file, _, anchor = target.partition("#")
        found = (page.parent / file) if file else page
        assert found.exists(), target
        if anchor:
            titles = re.findall(r"^#+ (.*)$", found.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles]
            assert anchor in slugs, target


@each_page
def test_files_named_exist(page: Path) -> None:
    rooms = "agents|benchmarks|configs|docs|experiments|scenarios|sim|tests"
    named = re.findall(
        rf"`((?:{rooms})/[a-z_0-9/.]+\.(?:py|md|csv|yaml))`", page.read_text(encoding="utf-8")
    )
    assert [name for name in named if not (ROOT / name).exists()] == []


@each_page
def test_no_machine_is_named(page: Path) -> None:
    assert not re.search(r"/(?:home|Users|work|tmp|root)/", page.read_text(encoding="utf-8"))


def test_the_phases_in_the_odd_page_are_those_of_the_model() -> None:
    page = (ROOT / "docs" / "odd.md").read_text(encoding="utf-8")
    assert page == with_phases(page), "run: python -m tests.docs.test_docs"


def test_the_model_page_names_every_level_of_every_lever() -> None:
    text = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
    choices = [
        (key, choice)
        for lever in (
            levers.Product,
            levers.Partnership,
            levers.Bargaining,
            levers.Incentives,
            levers.Platform,
            levers.Service,
            levers.Supervision,
            levers.Adaptation,
        )
        for key, item, _ in walk(lever)
        for choice in item.metadata["choices"]
    ]
    assert len(choices) > 25
    assert [pair for pair in choices if f"`{pair[1]}`" not in text] == []


def test_settings_named_in_the_model_page_exist() -> None:
    from scenarios.schema import Scenario

    text = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
    keys = {key for key, _, _ in walk(Scenario)}
    dotted = set(re.findall(r"`([a-z]+\.[a-z_]+)`", text))
    groups = {field.name for field in fields(Scenario)}
    assert [key for key in sorted(dotted) if key.split(".")[0] in groups and key not in keys] == []


def test_columns_named_in_the_library_page_exist() -> None:
    from sim.month_tables import Flow, Total
    from sim.recorder import Results

    text = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
    known = {name.name.lower() for name in (*Flow, *Total)} | set(OUTCOMES)
    source = (ROOT / "sim" / "recorder.py").read_text(encoding="utf-8")
    known |= set(re.findall(r'"([a-z_]+)"', source))
    known |= {f"{kind}_{mode}" for kind in ("fee", "off_book") for mode in ("single", "regular")}
    rows = re.findall(r"^\| `results\.(\w+)` \| [^|]* \| (.*) \|$", text, re.MULTILINE)
    assert len(rows) == 5
    for panel, cell in rows:
        assert hasattr(Results, panel)
        words = re.findall(r"`(\w+)`", cell)
        assert [word for word in words if word not in known | {"bank", "agents"}] == []


if __name__ == "__main__":
    odd = ROOT / "docs" / "odd.md"
    odd.write_text(with_phases(odd.read_text(encoding="utf-8")), encoding="utf-8")
