"""Every setting of the schema is read by the model or by a command: none is there for show."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from scenarios.quantity import walk
from scenarios.schema import Scenario

ROOT = Path(__file__).resolve().parents[2]
READERS = ("sim", "agents", "experiments")


def names_read(text: str) -> Iterator[str]:
    """Names that a file may read settings by: attributes, and words to get attributes by.

    The fields of a named tuple count, as ``EntryRules`` is filled by the names of its own.
    """
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.ClassDef) and any(
            isinstance(base, ast.Name) and base.id == "NamedTuple" for base in node.bases
        ):
            yield from (
                item.target.id
                for item in node.body
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
            )


def unread(names: set[str]) -> list[str]:
    """Settings whose name is not among those read."""
    return [key for key, _, _ in walk(Scenario) if key.rpartition(".")[2] not in names]


def test_every_setting_is_read() -> None:
    files = [file for folder in READERS for file in (ROOT / folder).rglob("*.py")]
    assert len(files) > 50
    read = {name for file in files for name in names_read(file.read_text(encoding="utf-8"))}
    assert unread(read) == []


def test_a_setting_that_is_only_written_or_named_in_passing_counts_as_unread() -> None:
    text = '"""Of visit_rate."""\nself.visit_rate = 1\nvisit_rate = 2  # visit_rate\n'
    assert "population.visit_rate" in unread(set(names_read(text)))
    read = 'rules = ("visit_rate",)\nprint(people.literacy_mean)\n'
    left = unread(set(names_read(read)))
    assert not {"population.visit_rate", "population.literacy_mean"} & set(left)
