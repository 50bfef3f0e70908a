"""Scenarios by name: YAML options composed by Hydra, checked against the schema."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hydra import compose, initialize_config_module
from hydra.core.global_hydra import GlobalHydra
from omegaconf import OmegaConf

from experiments.study import Study, split
from scenarios.check import ScenarioError, build
from scenarios.schema import Scenario


def load_scenario(
    name: str,
    overrides: Sequence[str] = (),
    root: str = "run",
    schema: type[Study] = Study,
) -> Scenario:
    """Compose and check one scenario of ``configs/scenario``.

    Inside a command the search path of that command is used, ``--config-dir`` included.

    Args:
        name: File name without ending, for example ``one_on_one_alliance``.
        overrides: Further overrides as typed on the command line, ``partnership.term=60``.
        root: Root configuration that knows the keys in ``overrides``.
        schema: Dataclass of the study settings in that root.

    Returns:
        The checked scenario.

    Raises:
        ScenarioError: If a value is not allowed.
        hydra.errors.HydraException: If there is no such scenario or an override is malformed.
    """
    words = [*overrides, f"scenario={name}"]
    if GlobalHydra.instance().is_initialized():
        config = compose(root, words)
    else:
        with initialize_config_module("configs", version_base="1.3"):
            config = compose(root, words)
    settings: Any = OmegaConf.to_container(config, resolve=True)
    return build(Scenario, split(schema, settings)[1])


def build_both[S: Study](schema: type[S], settings: dict[str, Any]) -> tuple[S, Scenario]:
    """Check the study's and the scenario's settings together, so that all problems are told."""
    study_values, scenario_values = split(schema, settings)
    problems: list[str] = []
    study = scenario = None
    try:
        study = build(schema, study_values)
    except ScenarioError as error:
        problems += error.problems
    try:
        scenario = build(Scenario, scenario_values)
    except ScenarioError as error:
        problems += error.problems
    if study is None or scenario is None:
        raise ScenarioError(problems)
    return study, scenario
