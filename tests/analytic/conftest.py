"""A small founded market that several analytic tests look at but never change."""

from dataclasses import replace

import pytest

from scenarios.schema import Scenario
from sim.model import BancassuranceModel


def small_scenario(**changes):
    """A market of three banks and five insurers with all partners on every shelf."""
    scenario = Scenario()
    sections = {
        "population": {"size": 900},
        "market": {"banks": 3, "branches": 9, "insurers": 5, "clerks_per_branch": 2},
        "horizon": {"months": 40, "burn_in": 1, "window": 12},
        "partnership": {"outlet_partners": 5},
    }
    for name, values in changes.items():
        sections[name] = sections.get(name, {}) | values
    made = {name: replace(getattr(scenario, name), **values) for name, values in sections.items()}
    return replace(scenario, **made)


@pytest.fixture(scope="session")
def founded():
    """Make a small market with changed settings: ``founded(months, section={...})``."""

    def found(months=0, seed=5, **changes):
        model = BancassuranceModel(small_scenario(**changes), rng=seed)
        for _ in range(months):
            model.step()
        return model.market

    return found


@pytest.fixture(scope="session")
def market(founded):
    """A market after eight months: policies in force, fees bargained, effort chosen."""
    return founded(8)
