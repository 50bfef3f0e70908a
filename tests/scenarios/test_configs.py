"""The YAML values agree with the schema, and every option composes."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hydra import compose, initialize_config_module
from omegaconf import OmegaConf

from experiments.catalogue import groups, options
from experiments.compose import load_scenario
from experiments.study import Comparison, Study, split
from scenarios.check import build, to_dict
from scenarios.evidence import evidence
from scenarios.quantity import walk
from scenarios.schema import Scenario
from scenarios.write_configs import config_files

ROOTS: dict[str, type[Study]] = {"run": Study, "compare": Comparison}


def settings(root: str, *overrides: str) -> dict[str, Any]:
    with initialize_config_module("configs", version_base="1.3"):
        config = compose(root, list(overrides))
    plain: Any = OmegaConf.to_container(config, resolve=True)
    return dict(plain)


def _has(values: Any, key: str) -> bool:
    head, _, rest = key.partition(".")
    return head in values and (not rest or _has(values[head], rest))


@pytest.mark.parametrize("name", sorted(config_files()))
def test_generated_files_are_up_to_date(name: str) -> None:
    text = (Path(str(files("configs"))) / name).read_text(encoding="utf-8")
    assert text == config_files()[name], "run python -m scenarios.write_configs"


@pytest.mark.parametrize("root", ROOTS)
def test_the_roots_compose_the_whole_schema_and_its_defaults(root: str) -> None:
    study, scenario = split(ROOTS[root], settings(root))
    missing = [key for key, _, _ in walk(Scenario) if not _has(scenario, key)]
    assert not missing, "put them into configs/config.yaml or write the configs again"
    made = build(Scenario, scenario)
    expected = to_dict(Scenario())
    found = to_dict(made)
    for label in ("name", "story", "watch"):
        expected.pop(label), found.pop(label)
    assert found == expected
    assert set(study) == {key for key, _, _ in walk(ROOTS[root])}
    build(ROOTS[root], study)


@pytest.mark.parametrize(
    ("group", "option"), [(group, name) for group, names in groups().items() for name in names]
)
def test_every_option_composes_and_builds(group: str, option: str) -> None:
    _, values = split(Study, settings("run", f"{group}={option}"))
    build(Scenario, values)


@pytest.mark.parametrize("name", groups()["scenario"])
def test_a_scenario_says_its_name_story_and_what_to_watch(name: str) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    assert len(scenario.story.splitlines()) == 2
    assert scenario.watch


def test_options_carry_only_what_differs_with_unit_and_source() -> None:
    generated = set(config_files())
    for option in options():
        path = f"{option.group}/{option.name}.yaml"
        if path in generated or option.group == "scenario":
            continue
        for line in option.path.read_text(encoding="utf-8").splitlines():
            if ": " in line and not line.lstrip().startswith(("#", "-")):
                assert "# unit " in line, f"{path}: {line}"
                assert "; source " in line, f"{path}: {line}"


def test_sources_are_evidence_rows_or_named_assumptions() -> None:
    for key, field, _ in walk(Scenario):
        source = field.metadata["source"]
        if source.startswith("E") and source[1:].isdigit():
            evidence(source)
        else:
            assert source == "assumption" or len(source) > 8, key


def test_a_scenario_may_choose_options_and_the_user_may_choose_again() -> None:
    alliance = load_scenario("one_on_one_alliance", ["partnership.term=60"])
    assert (alliance.partnership.form, alliance.partnership.term) == ("exclusive_alliance", 60)
    agency = load_scenario("one_on_one_alliance", ["partnership=part_time_agency"])
    assert agency.partnership == Scenario().partnership
