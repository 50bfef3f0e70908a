"""How a setting is declared: its default, unit, bounds and source live together in the field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import Field, field, fields, is_dataclass
from operator import attrgetter
from typing import Any, get_type_hints


def quantity(
    default: Any,
    unit: str,
    source: str,
    low: float | None = None,
    high: float | None = None,
    choices: Sequence[str] = (),
    note: str = "",
    family: str = "",
) -> Any:
    """Declare one setting of the schema.

    Args:
        default: Value in the default market (China around 2010).
        unit: Unit in words; ``"1"`` for a pure number.
        source: An id of the evidence table (``"E103"``) or ``"assumption"``.
        low: Smallest allowed value (each element, for a tuple).
        high: Largest allowed value.
        choices: Allowed words, for settings that name a rule.
        family: Family of decision rules whose entry points add to the choices.
        note: One clause that says what the setting does.

    Returns:
        A dataclass field whose metadata carries everything above but the default.
    """
    metadata = {
        "unit": unit,
        "source": source,
        "low": low,
        "high": high,
        "choices": tuple(choices),
        "note": note,
        "family": family,
    }
    return field(default=default, metadata=metadata)


def section(factory: type) -> Any:
    """Declare a nested group of settings with its own defaults."""
    return field(default_factory=factory)


def values_of(instance: object) -> dict[str, Any]:
    """Every setting of a schema instance by its dotted key."""
    return {key: attrgetter(key)(instance) for key, _, _ in walk(type(instance))}


def walk(schema: type, prefix: str = "") -> Iterator[tuple[str, Field[Any], type]]:
    """Yield ``(dotted key, field, type)`` for every setting below a schema class, in order."""
    hints = get_type_hints(schema)
    for item in fields(schema):
        key = f"{prefix}{item.name}"
        hint = hints[item.name]
        if is_dataclass(hint) and isinstance(hint, type):
            yield from walk(hint, f"{key}.")
        else:
            yield key, item, hint
