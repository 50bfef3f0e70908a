"""Design points from what is typed: grids, samples of a space, files of points."""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import IntervalSweep, Override
from hydra.errors import HydraException
from numpy.typing import NDArray

from experiments.errors import UserError, shorten
from experiments.overrides import plain, swept_values

if TYPE_CHECKING:
    from experiments.sweep import Sweep

Place = dict[str, Any]
"""Where a design point lies: key or group to value or option."""
SAMPLED = ("random", "latin_hypercube", "sobol")
MOST_POINTS = 1_000_000


@dataclass(frozen=True)
class Axis:
    """One key that varies: over given values, or over an interval.

    Attributes:
        key: Setting or group.
        values: What it takes; empty for an interval.
        low: Lower end of an interval.
        high: Upper end.
        log: Whether the interval is even in logarithms.
        whole: Whether only whole numbers are meant.
    """

    key: str
    values: tuple[Any, ...] = ()
    low: float = math.nan
    high: float = math.nan
    log: bool = False
    whole: bool = False

    def at(self, share: float) -> Any:
        """Value at a share in [0, 1) of the axis."""
        if self.values:
            return self.values[int(share * len(self.values))]
        top = self.high + self.whole
        if self.log:
            value = math.exp(math.log(self.low) + share * math.log(top / self.low))
        else:
            value = self.low + share * (top - self.low)
        return min(math.floor(value), int(self.high)) if self.whole else value

    @property
    def interval(self) -> bool:
        """Whether it varies over an interval."""
        return not self.values


def read_axes(words: Sequence[str], kinds: Mapping[str, type | None]) -> list[Axis]:
    """Read what varies.

    Args:
        words: Overrides with several values, in Hydra's syntax: ``a=1,2``, ``a=range(0,10,2)``,
            ``a=interval(0.1,0.5)``, ``a=tag(log,interval(0.01,1))``.
        kinds: Key to the type of its setting; None for a group.

    Raises:
        UserError: If a key stands twice, or an interval is empty or not of numbers.
    """
    parser = OverridesParser.create()
    overrides = [parser.parse_override(word) for word in words]
    keys = [override.key_or_group for override in overrides]
    problems = [f"{key}: varies twice" for key in dict.fromkeys(keys) if keys.count(key) > 1]
    axes = []
    for override in overrides:
        key = override.key_or_group
        kind = kinds.get(key)
        if override.is_interval_sweep():
            axis = _interval(override, kind is int)
            if kind not in (int, float):
                problems.append(f"{override.input_line}: an interval needs a key that is a number")
            elif not axis.low < axis.high or (axis.log and axis.low <= 0.0):
                told = "above zero " if axis.log else ""
                problems.append(f"{override.input_line}: an interval {told}goes from low to high")
        elif kind is None:
            axis = Axis(key, tuple(override.sweep_string_iterator()))
        else:
            axis = Axis(key, tuple(swept_values(override)))
        axes.append(axis)
    if problems:
        raise UserError(problems)
    return axes


def places(study: Sweep, axes: Sequence[Axis], known: Mapping[str, type | None]) -> list[Place]:
    """Make the design points of a sweep.

    Raises:
        UserError: If the design does not go with what varies.
    """
    if study.design == "csv":
        if axes:
            raise UserError(f"{axes[0].key}: with design=csv the file says what varies")
        return read_points(study.points, known)
    if study.points is not None:
        raise UserError(f"points = {study.points!r}: is used with design=csv only")
    if not axes:
        raise UserError(
            "nothing varies; write several values, for example partnership.term=12,60,120"
        )
    if study.design == "grid":
        return grid(axes)
    return sample(axes, study.design, study.samples, study.seed)


def grid(axes: Sequence[Axis]) -> list[Place]:
    """Every combination of values, the last axis fastest.

    Raises:
        UserError: If an axis is an interval, or there are too many points.
    """
    intervals = [axis.key for axis in axes if axis.interval]
    if intervals:
        raise UserError(
            f"{intervals[0]}: a grid needs values; write them out, or range(...), or choose "
            f"design={'|'.join(SAMPLED)} for an interval"
        )
    count = math.prod(len(axis.values) for axis in axes)
    if count > MOST_POINTS:
        raise UserError(f"{count:,} design points are too many; at most {MOST_POINTS:,}")
    keys = [axis.key for axis in axes]
    return [
        dict(zip(keys, values, strict=True))
        for values in itertools.product(*(axis.values for axis in axes))
    ]


def sample(axes: Sequence[Axis], kind: str, samples: int, seed: int) -> list[Place]:
    """Draw points from the space that the axes span.

    Args:
        axes: What varies; values are drawn evenly, intervals evenly or evenly in logarithms.
        kind: ``random``, ``latin_hypercube`` or ``sobol`` (Sobol 1967, scrambled after Owen).
        samples: Points.
        seed: Of the draws.

    Raises:
        UserError: If a Sobol sequence is asked for that is not balanced.
    """
    return [
        {axis.key: axis.at(share) for axis, share in zip(axes, row, strict=True)}
        for row in unit_sample(kind, len(axes), samples, seed)
    ]


def unit_sample(kind: str, dimensions: int, samples: int, seed: int) -> NDArray[np.float64]:
    """Points in the unit cube, shape (samples, dimensions), each coordinate in [0, 1)."""
    from scipy.stats import qmc

    if kind == "random":
        return np.random.default_rng(seed).random((samples, dimensions))
    if kind == "latin_hypercube":
        drawn = qmc.LatinHypercube(dimensions, rng=seed).random(samples)
    else:
        if samples & (samples - 1):
            raise UserError(
                f"samples = {samples}: a Sobol sequence takes a power of two, "
                f"for example {2 ** samples.bit_length()}"
            )
        drawn = qmc.Sobol(dimensions, rng=seed).random(samples)
    return np.minimum(np.asarray(drawn), np.nextafter(1.0, 0.0))


def read_points(path: str | None, known: Mapping[str, type | None]) -> list[Place]:
    """Read design points from a CSV file: keys or groups in the head, a point a row.

    An empty cell leaves the setting as it is.

    Raises:
        UserError: With a line per problem.
    """
    if path is None:
        raise UserError("points = null: design=csv needs the file, points=FILE.csv")
    try:
        text = Path(path).expanduser().read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a text file"
        raise UserError(f"points = {path}: cannot be read ({reason})") from None
    try:
        rows = [row for row in csv.reader(text.splitlines(), skipinitialspace=True) if any(row)]
    except csv.Error as error:
        raise UserError(f"points = {path}: cannot be read ({error})") from None
    if len(rows) < 2:
        raise UserError(f"points = {path}: needs a line of keys and at least one of values")
    head, *body = rows
    keys = [key.strip() for key in head]
    problems = list(_head_problems(path, keys, known))
    found: list[Place] = []
    for number, row in enumerate(body, start=2):
        if len(row) != len(keys):
            problems.append(f"points = {path}: line {number} has {len(row)} cells, not {len(keys)}")
            continue
        try:
            found.append(
                {
                    key: _cell(key, cell.strip())
                    for key, cell in zip(keys, row, strict=True)
                    if cell.strip()
                }
            )
        except HydraException:
            problems.append(f"points = {path}: line {number} cannot be read")
    if problems:
        raise UserError(shorten(problems))
    return found


def _head_problems(path: str, keys: Sequence[str], known: Mapping[str, Any]) -> Iterator[str]:
    from scenarios.nearest import did_you_mean

    for key in dict.fromkeys(keys):
        if key not in known:
            yield f"points = {path}: {key}: no such key{did_you_mean(key, known)}"
        elif keys.count(key) > 1:
            yield f"points = {path}: {key}: stands twice"


def _cell(key: str, text: str) -> Any:
    override = OverridesParser.create().parse_override(f"{key}={text}")
    if override.is_sweep_override():
        raise HydraException(f"{text} is more than one value")
    return plain(override.value())


def _interval(override: Override, whole: bool) -> Axis:
    swept = override.value()
    assert isinstance(swept, IntervalSweep)
    low, high = (math.nan if end is None else float(end) for end in (swept.start, swept.end))
    return Axis(override.key_or_group, (), low, high, "log" in swept.tags, whole)
