"""Numbers for people: shares in percent, yuan with thousands, three digits that matter."""

from __future__ import annotations

import math

ROUNDING = 1e-15
"""Smaller values are what rounding leaves of zero."""


def amount(value: float, unit: str = "") -> str:
    """Write a value with as many digits as a reader uses.

    Args:
        value: In its unit; not a number is written as a dash.
        unit: Unit of the outcome; shares and yearly rates are written in percent.
    """
    if not math.isfinite(value):
        return "-"
    if in_percent(unit):
        return f"{_digits(100 * value)}%"
    return _digits(value)


def change(relative: float) -> str:
    """Write a relative change with its sign; beyond ten times the number says nothing."""
    if not math.isfinite(relative):
        return "-"
    if abs(relative) >= 10:
        return ">+999%" if relative > 0 else "<-999%"
    return f"{relative:+.1%}"


def in_percent(unit: str) -> bool:
    """Tell whether values of a unit are read more easily as percentages."""
    return unit.startswith("share") or unit == "1/year"


def _digits(value: float) -> str:
    size = abs(value)
    if size < ROUNDING:
        return "0"
    if size >= 1000:
        return f"{value:,.0f}"
    places = max(0, 2 - math.floor(math.log10(size)))
    if places > 8:
        return f"{value:.1e}"
    return f"{value:.{places}f}"
