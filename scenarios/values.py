"""One value against its declaration: right type, within bounds, among the choices."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import Field
from functools import cache
from importlib.metadata import entry_points
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from scenarios.nearest import did_you_mean


class Refused(ValueError):
    """A value is not allowed; the caller knows the key and says so."""


def number(value: float) -> str:
    """Write a bound for people: ``100,000,000``, ``0.15``."""
    whole = math.isfinite(value) and value == int(value) and abs(value) < 1e15
    return f"{int(value):,}" if whole else f"{value:g}"


def show(value: object) -> str:
    """Write a value as it is typed on the command line, cut when long."""
    if value is None or isinstance(value, bool):
        text = {None: "null", True: "true", False: "false"}[value]
    elif isinstance(value, Mapping):
        text = "{" + ", ".join(f"{key}: {show(item)}" for key, item in value.items()) + "}"
    elif isinstance(value, list | tuple):
        text = "[" + ", ".join(show(item) for item in value) + "]"
    elif isinstance(value, str):
        text = repr(value)
    else:
        text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def choices_of(field: Field[Any]) -> tuple[str, ...]:
    """Words a field allows: the shipped ones and those that installed packages add."""
    shipped: tuple[str, ...] = field.metadata.get("choices") or ()
    family = field.metadata.get("family")
    if not family:
        return shipped
    return (*shipped, *_added(family))


@cache
def _added(family: str) -> tuple[str, ...]:
    """Names of the rules that installed packages add to a family."""
    return tuple(point.name for point in entry_points(group=f"bancassim.{family}"))


def _kind(hint: Any, many: bool) -> str:
    """Name a type in words, singular or plural."""
    words: dict[Any, tuple[str, str]] = {
        bool: ("true or false", "true or false values"),
        int: ("a whole number", "whole numbers"),
        float: ("a number", "numbers"),
        str: ("text", "words"),
    }
    single, plural = words.get(hint) or ("a value", "values")
    return plural if many else single


def allowed(hint: Any, field: Field[Any], many: bool = False) -> str:
    """Say in words what a setting may be, from its type hint and metadata.

    Args:
        hint: Resolved type of the field, for example ``int`` or ``tuple[float, ...]``.
        field: The dataclass field that ``quantity`` made.
        many: True to use the plural, for the elements of a list.

    Returns:
        A phrase such as ``a whole number from 1 to 600 (months)``.
    """
    if get_origin(hint) in (Union, UnionType):
        first = next(item for item in get_args(hint) if item is not NoneType)
        return f"{allowed(first, field)}, or null"
    if get_origin(hint) is tuple:
        items = get_args(hint)
        length = "" if items[-1] is Ellipsis else f"{len(items)} "
        return f"a list of {length}{allowed(items[0], field, many=True)}"
    about = field.metadata
    if choices_of(field):
        return f"one of {', '.join(choices_of(field))}"
    low, high = about.get("low"), about.get("high")
    text = _kind(hint, many)
    if low is not None and high is not None:
        text += f" from {number(low)} to {number(high)}"
    elif low is not None:
        text += f" not below {number(low)}"
    elif high is not None:
        text += f" not above {number(high)}"
    unit = about.get("unit", "1")
    return text if unit in ("1", "word", "words", "yes/no") else f"{text} ({unit})"


def bounds(field: Field[Any]) -> str:
    """Write what a field allows beside its type: choices or bounds, for tables and comments."""
    about = field.metadata
    if about["choices"]:
        return f"one of {' '.join(about['choices'])}"
    low, high = about["low"], about["high"]
    if low is None and high is None:
        return ""
    return f"{'' if low is None else number(low)} to {'' if high is None else number(high)}".strip()


def read(hint: Any, field: Field[Any], value: object) -> Any:
    """Check one value and bring it to the type of its field.

    Args:
        hint: Resolved type of the field.
        field: The field that ``quantity`` made, with bounds and choices in its metadata.
        value: Number, text, true or false, list or null, as read from YAML.

    Returns:
        The value with the declared type: floats for whole numbers, tuples for lists.

    Raises:
        Refused: If the value is not allowed; the text says what is.
    """
    if get_origin(hint) in (Union, UnionType):
        if value is None:
            return None
        first = next(item for item in get_args(hint) if item is not NoneType)
        try:
            return read(first, field, value)
        except Refused as error:
            raise Refused(f"{error}, or null") from error
    if get_origin(hint) is tuple:
        return _read_tuple(hint, field, value)
    converted = _read_scalar(hint, value)
    if converted is None:
        raise Refused(f"must be {allowed(hint, field)}")
    choices = choices_of(field)
    if choices and converted not in choices:
        raise Refused(f"must be {allowed(hint, field)}{did_you_mean(str(converted), choices)}")
    low, high = field.metadata.get("low"), field.metadata.get("high")
    if (low is not None and converted < low) or (high is not None and converted > high):
        raise Refused(f"must be {allowed(hint, field)}")
    return converted


def _read_tuple(hint: Any, field: Field[Any], value: object) -> tuple[Any, ...]:
    items = get_args(hint)
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise Refused(f"must be {allowed(hint, field)}")
    if items[-1] is Ellipsis:
        items = (items[0],) * len(value)
    if len(items) != len(value):
        raise Refused(f"has {len(value)} elements; must be {allowed(hint, field)}")
    try:
        return tuple(read(item, field, part) for item, part in zip(items, value, strict=True))
    except Refused as error:
        raise Refused(f"must be {allowed(hint, field)}") from error


def _read_scalar(hint: Any, value: object) -> bool | int | float | str | None:
    """Convert without changing the meaning; None when the type is wrong."""
    if isinstance(value, bool):
        return value if hint is bool else None
    if hint is int and isinstance(value, Integral):
        return int(value)
    if hint is float and isinstance(value, Real):
        return float(value) if math.isfinite(value) else None
    if hint is str and isinstance(value, str):
        return value
    return None
