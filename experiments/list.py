"""``bancassim list``: what there is to choose, set and read."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence

USAGE = """\
bancassim list: what there is to choose, set and read

usage: bancassim list [TOPIC [WORD]]

topics:
  scenarios            their stories and what to watch
  groups [GROUP]       configuration groups and their options
  parameters [WORD]    key, default, unit, bounds, source; only keys that contain the word
  claims [ID]          what is said about the countermeasures, and where it is looked for
  outcomes             what a run reports: name, unit, meaning
  phases               what happens in a month, in order
"""


EVERY = {1: "month", 3: "quarter", 12: "year"}


def main(argv: Sequence[str]) -> int:
    """Print one topic, or an overview without one."""
    from experiments.errors import UserError
    from scenarios.nearest import did_you_mean

    if not argv:
        print(_overview())
        return 0
    topic, *words = argv
    if topic not in TOPICS:
        hint = did_you_mean(topic, TOPICS)
        raise UserError(f"{topic}: no such topic; bancassim list has {', '.join(TOPICS)}{hint}")
    if len(words) > 1:
        raise UserError(f"{' '.join(words)}: at most one word after bancassim list {topic}")
    print(TOPICS[topic](words[0] if words else ""))
    return 0


def _overview() -> str:
    from experiments.catalogue import groups

    found = groups()
    lines = ["scenarios", *(f"  {name}" for name in found.pop("scenario")), "", "groups"]
    width = max(map(len, found))
    lines += [f"  {group:<{width}}  {', '.join(names)}" for group, names in found.items()]
    return "\n".join([*lines, "", f"more: bancassim list {' | '.join(TOPICS)}"])


def _scenarios(word: str) -> str:
    from experiments.catalogue import options

    parts = []
    for option in _narrowed([item for item in options() if item.group == "scenario"], word):
        values = option.values()
        story = textwrap.indent(str(values.get("story", "")), "  ")
        watch = values.get("watch")
        parts.append(f"{option.name}\n{story}" + (f"\n  watch: {watch}" if watch else ""))
    return "\n\n".join(parts)


def _groups(word: str) -> str:
    from experiments.catalogue import groups, options
    from experiments.console import table
    from experiments.errors import UserError
    from scenarios.nearest import did_you_mean

    known = groups()
    if word and word not in known:
        hint = did_you_mean(word, known)
        raise UserError(f"{word}: no such group; there are {', '.join(known)}{hint}")
    rows = [
        [option.group, option.name, option.first_comment()]
        for option in options()
        if option.group != "scenario" and word in ("", option.group)
    ]
    return table(["group", "option", "what it is"], rows)


def _parameters(word: str) -> str:
    from experiments.console import table
    from experiments.errors import UserError
    from experiments.study import Study
    from scenarios.nearest import did_you_mean
    from scenarios.quantity import values_of, walk
    from scenarios.schema import Scenario
    from scenarios.values import bounds, show

    defaults = {**values_of(Scenario()), **values_of(Study())}
    entries = [*walk(Scenario), *walk(Study)]
    rows = [
        [
            key,
            show(defaults[key]),
            field.metadata["unit"],
            bounds(field),
            field.metadata["source"],
            field.metadata["note"],
        ]
        for key, field, _ in entries
        if word.lower() in key.lower()
    ]
    if not rows:
        raise UserError(f"{word}: in no key{did_you_mean(word, defaults)}")
    return table(["key", "default", "unit", "allowed", "source", "note"], rows)


def _claims(word: str) -> str:
    from dataclasses import dataclass

    from scenarios.claims import Claim, claims

    @dataclass(frozen=True)
    class Named:
        name: str
        claim: Claim

    parts = []
    for item in _narrowed([Named(name, claim) for name, claim in claims().items()], word):
        claim = item.claim
        signs = ", ".join(
            f"{effect.outcome} {'up' if effect.sign > 0 else 'down'}" for effect in claim.effects
        )
        lines = [f"{item.name}  {claim.statement}", f"  expected: {signs}"]
        if claim.conditions:
            lines.append("  also when " + "; ".join(each.label for each in claim.conditions))
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _outcomes(word: str) -> str:
    from experiments.console import table
    from sim.outcomes import OUTCOMES

    rows = [
        [
            item.name,
            "" if item.unit == "1" else item.unit,
            f"{item.label}: {item.note}" if item.note else item.label,
        ]
        for item in _narrowed(list(OUTCOMES.values()), word)
    ]
    return table(["outcome", "unit", "meaning"], rows)


def _phases(word: str) -> str:
    from experiments.console import table
    from sim.model import PHASES

    rows = [
        [str(place), item.name, EVERY.get(item.every, f"{item.every} months"), item.note]
        for place, item in enumerate(PHASES, start=1)
        if word in item.name
    ]
    return table(["", "phase", "every", "what happens"], rows, right=(0,))


def _narrowed[Named](items: Sequence[Named], word: str) -> list[Named]:
    """Keep the items whose name contains a word; complain when none is left."""
    from experiments.errors import UserError
    from scenarios.nearest import did_you_mean

    names = {str(item.name): item for item in items}  # type: ignore[attr-defined]
    kept = [item for name, item in names.items() if word in name]
    if not kept:
        raise UserError(f"{word}: in no name{did_you_mean(word, names)}")
    return kept


TOPICS: dict[str, Callable[[str], str]] = {
    "scenarios": _scenarios,
    "groups": _groups,
    "parameters": _parameters,
    "claims": _claims,
    "outcomes": _outcomes,
    "phases": _phases,
}
