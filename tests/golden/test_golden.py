"""Two pinned runs of shipped scenarios: results change on purpose or not at all."""

from __future__ import annotations

import json

import pytest

from tests.golden.update import FILE, SCENARIOS, pinned_run

ADVICE = (
    "If this change of results is meant: run `make golden` and flag the entry in CHANGELOG.md "
    "with **results change**."
)


def same(found: float | None, pinned: float | None) -> bool:
    if found is None or pinned is None:
        return found is pinned
    return found == pytest.approx(pinned, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", SCENARIOS)
def test_results_are_the_pinned_ones(name):
    pinned, found = json.loads(FILE.read_text(encoding="utf-8"))[name], pinned_run(name)
    moved = [
        f"  {key}: pinned {pinned.get(key)}, now {found.get(key)}"
        for key in dict.fromkeys([*pinned, *found])
        if key not in pinned or key not in found or not same(found[key], pinned[key])
    ]
    assert not moved, "\n".join([f"{name} gives other results:", *moved, ADVICE])
