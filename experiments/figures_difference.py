"""The figure of a comparison: what changes against the baseline, and how surely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from experiments.amounts import amount, change
from experiments.figures import COLOURS, GREY, STYLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from experiments.statistics import Difference

PLAIN = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}


def difference(
    differences: Mapping[str, Difference],
    labels: Mapping[str, str],
    units: Mapping[str, str],
    title: str,
) -> Figure:
    """Draw the relative change of each outcome with its 95% interval.

    Args:
        differences: Outcome to paired difference, in the order to draw.
        labels: Outcome to what to call it.
        units: Outcome to its unit.
        title: Which scenario against which.
    """
    names = list(differences)
    limit = _limit(list(differences.values()))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9.5, 1.7 + 0.36 * len(names)), layout="constrained")
        axis = figure.subplots()
        for row, name in enumerate(reversed(names)):
            _draw_difference(axis, row, differences[name], units[name], limit)
        axis.set_yticks(range(len(names)), [labels[name] for name in reversed(names)])
        axis.tick_params(axis="y", length=0)
        axis.axvline(0, color="black", linewidth=0.8)
        axis.set_xlim(-limit * 1.08, limit * 1.08)
        axis.set_ylim(-0.7, len(names) - 0.3)
        axis.xaxis.set_major_formatter(lambda value, _: f"{value:+.0f}%" if value else "0")
        axis.spines["left"].set_visible(False)
        axis.grid(axis="x", color="#e5e5e5", linewidth=0.6)
        axis.set_axisbelow(True)
        axis.set_title(title, fontweight="bold")
        axis.text(1.02, 1.01, "baseline → other", transform=axis.transAxes, fontsize=8, color=GREY)
        pairs = max((item.change.n for item in differences.values()), default=0)
        axis.set_xlabel(
            f"change in % of the baseline, {pairs} paired replicates, 95% intervals; "
            "blue: rises, orange: falls, grey: not clear",
            fontsize=8,
            color=GREY,
        )
    return figure


def _draw_difference(axis: Axes, row: int, item: Difference, unit: str, limit: float) -> None:
    base = abs(item.baseline)
    values = f"{amount(item.baseline, unit)} → {amount(item.treatment, unit)}"
    axis.text(1.02, row, values, transform=axis.get_yaxis_transform(), va="center", fontsize=8)
    if not base > 0 or not np.isfinite(item.relative):
        axis.text(0, row, "  no baseline to take % of", va="center", fontsize=7, color=GREY)
        return
    colour = GREY if not item.clear else COLOURS[0] if item.change.mean > 0 else COLOURS[1]
    low, high = (100 * end / base for end in (item.change.low, item.change.high))
    point = 100 * item.relative
    if abs(point) > limit:
        side = limit if point > 0 else -limit
        axis.plot(side, row, marker=">" if point > 0 else "<", color=colour, clip_on=False)
        axis.annotate(
            change(item.relative), (side, row), xytext=(-8 if point > 0 else 8, 0),
            textcoords="offset points", ha="right" if point > 0 else "left",
            va="center", fontsize=8, color=colour,
        )  # fmt: skip
        return
    if np.isfinite(low):
        axis.plot([max(low, -limit), min(high, limit)], [row, row], color=colour, linewidth=2)
        for end, mark in ((low, "<"), (high, ">")):
            if abs(end) > limit:
                axis.plot(limit if end > 0 else -limit, row, mark, color=colour, markersize=4)
    axis.plot(point, row, "o", color=colour, markersize=6)
    axis.annotate(
        f"{point:+.1f}%", (point, row), xytext=(0, 6), textcoords="offset points",
        ha="center", fontsize=7.5, color=colour, bbox=PLAIN,
    )  # fmt: skip


def _limit(items: Sequence[Difference]) -> float:
    """Choose the half width of the axis in percent: most rows fit, giants become arrows."""
    sizes = sorted(
        100 * max(abs(item.relative), *(abs(end / item.baseline) for end in _ends(item)))
        for item in items
        if item.baseline and np.isfinite(item.relative)
    )
    if not sizes:
        return 10.0
    typical = sizes[int(0.75 * (len(sizes) - 1))]
    wide = sizes[-1] if sizes[-1] <= 4 * typical else 2.5 * typical
    return float(max(5.0, min(wide, 150.0)) * 1.1)


def _ends(item: Difference) -> list[float]:
    ends = (item.change.low, item.change.high)
    return [end for end in ends if np.isfinite(end)] or [item.change.mean]
