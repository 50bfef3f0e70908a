"""The figure of a sweep: what bank, insurer and customer get over each key that varied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure
from pandas.api.types import is_numeric_dtype

from experiments.comparison import WIN_WIN
from experiments.figures import COLOURS, GREY, STYLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_KEYS = 4


def response(means: pd.DataFrame, varied: Sequence[str]) -> Figure:
    """Draw the mean of every design point over the first keys that varied.

    Args:
        means: From ``point_means``.
        varied: Keys that varied.
    """
    keys = list(varied[:MOST_KEYS])
    with mpl.rc_context(STYLE):
        size = (1.2 + 3.0 * len(keys), 7.2)
        figure = Figure(figsize=size, layout="constrained")
        grid = figure.subplots(len(WIN_WIN), len(keys), sharey="row", squeeze=False)
        for row, (name, words) in enumerate(WIN_WIN.items()):
            for column, key in enumerate(keys):
                _draw(grid[row, column], means, key, name, COLOURS[row])
            grid[row, 0].set_ylabel(f"{words}\nyuan per customer and year", fontsize=8)
        for column, key in enumerate(keys):
            grid[-1, column].set_xlabel(key, fontsize=8)
        figure.suptitle("What bank, insurer and customer get", fontweight="bold", x=0.01, ha="left")
        told = "a dot a design point, mean over replicates; line: mean over the other keys"
        figure.supxlabel(told, fontsize=8, color=GREY)
    return figure


def _draw(axis: Axes, means: pd.DataFrame, key: str, outcome: str, colour: str) -> None:
    values = means[key]
    if is_numeric_dtype(values):
        where = values.astype(float)
    else:
        words = list(dict.fromkeys(values.astype(str)))
        where = values.astype(str).map({word: place for place, word in enumerate(words)})
        axis.set_xticks(range(len(words)), words, fontsize=7, rotation=20, ha="right")
        axis.set_xlim(-0.5, len(words) - 0.5)
    axis.axhline(0, color="black", linewidth=0.6)
    axis.plot(where, means[outcome], "o", color=colour, markersize=4, alpha=0.6)
    line = means[outcome].groupby(where).mean()
    if not is_numeric_dtype(values):
        axis.plot(line.index, line, "_", color=colour, markersize=24, markeredgewidth=2)
    elif 1 < len(line) <= max(2, len(means) // 2) or len(line) == len(means) <= 12:
        axis.plot(line.index, line, color=colour, linewidth=1.4)
    axis.grid(axis="y", color="#e5e5e5", linewidth=0.6)
    axis.set_axisbelow(True)
