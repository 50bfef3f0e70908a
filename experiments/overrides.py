"""What stands in an override with several values, in Hydra's syntax."""

from __future__ import annotations

from typing import Any

from hydra.core.override_parser.types import (
    ChoiceSweep,
    Glob,
    IntervalSweep,
    Override,
    QuotedString,
    RangeSweep,
)

MOST_VALUES = 1_000_000


def plain(value: Any) -> Any:
    """Turn what Hydra's parser yields into plain values."""
    if isinstance(value, QuotedString):
        return value.text
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    return value


def fault(override: Override) -> str:
    """What is wrong with the values of a sweep as a whole; empty if nothing is."""
    swept: Any = override.value()
    if isinstance(swept, Glob) or (
        isinstance(swept, ChoiceSweep) and any(isinstance(item, Glob) for item in swept.list)
    ):
        return "glob(...) is not understood here; write the values out"
    if isinstance(swept, RangeSweep):
        if swept.start is None or swept.stop is None or not swept.step:
            return "a range needs a start, a stop and a step other than zero"
        count = (swept.stop - swept.start) / swept.step
        if count <= 0:
            return "the range is empty; it goes from start to stop, which is left out"
        if count > MOST_VALUES:
            return f"the range has more than {MOST_VALUES:,} values"
    elif isinstance(swept, ChoiceSweep) and not swept.list:
        return "holds no value"
    return ""


def swept_values(override: Override) -> list[Any]:
    """Values of a sweep, of an interval its ends; ``fault`` must have found none."""
    if not override.is_interval_sweep():
        return [plain(item) for item in override.sweep_iterator()]
    interval = override.value()
    assert isinstance(interval, IntervalSweep)
    ends = (interval.start, interval.end)
    return [int(end) if end is not None and float(end).is_integer() else end for end in ends]
