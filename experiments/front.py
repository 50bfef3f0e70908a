"""The Pareto front of a search: table, words, figure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiments.amounts import amount
from experiments.comparison import is_win_win, pair
from experiments.console import table as text_table
from experiments.figures import COLOURS, GREY, STYLE
from experiments.search import Goal, Search
from sim.outcomes import OUTCOMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_ROWS = 20


def not_beaten(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points no other point beats: none is at least as good in all and better in one.

    Args:
        values: Goals to be made large, shape (points, goals); points with a value that is no
            number are beaten.
    """
    whole = np.isfinite(values).all(axis=1)
    best = np.zeros(len(values), bool)
    for place in np.flatnonzero(whole):
        others = values[whole]
        beaten = (others >= values[place]).all(axis=1) & (others > values[place]).any(axis=1)
        best[place] = not beaten.any()
    return best


def front_table(search: Search, outcomes: pd.DataFrame) -> pd.DataFrame:
    """One row a design point: its position, means of all outcomes, whether it is on the front.

    Args:
        search: The search that is over.
        outcomes: One row a finished run.

    Returns:
        ``point``, ``generation``, what was searched, ``front``, ``win_win`` against the scenario as
        it is, ``replicates``, means of outcomes.
    """
    names = [name for name in OUTCOMES if name in outcomes]
    keys = [axis.key for axis in search.axes]
    grouped = outcomes.groupby("point", sort=True)
    table = grouped[names].mean()
    values = np.column_stack([goal.sign * table[goal.outcome] for goal in search.goals])
    labelled = outcomes.assign(label=outcomes["point"].astype(str))
    head = grouped[keys].first()
    head.insert(0, "generation", [search.generation[int(point)] for point in table.index])
    head["front"] = not_beaten(values)
    head["win_win"] = [
        point != 0 and is_win_win(pair(labelled, "0", str(point))) for point in table.index
    ]
    head["replicates"] = grouped.size()
    return pd.concat([head, table], axis=1).reset_index()


def front_text(table: pd.DataFrame, search: Search) -> str:
    """Tabulate the scenario itself and the front, the best of the first goal on top."""
    first = search.goals[0]
    front = table[table["front"]].sort_values(first.outcome, ascending=first.sign < 0)
    itself = table[table["point"] == 0]
    shown = pd.concat([itself, front[front["point"] != 0].head(MOST_ROWS)])
    keys = [axis.key for axis in search.axes]
    rows = [
        [
            "as it is" if row["point"] == 0 else str(row["point"]),
            *("" if row["point"] == 0 else _cell(row[key]) for key in keys),
            *(amount(row[goal.outcome], OUTCOMES[goal.outcome].unit) for goal in search.goals),
            "yes" if row["win_win"] else "no",
        ]
        for row in shown.to_dict("records")
    ]
    head = ["point", *keys, *(goal.outcome for goal in search.goals), "win-win"]
    text = text_table(head, rows, right=range(1 + len(keys), len(head) - 1))
    left = int(front["point"].ne(0).sum()) - MOST_ROWS
    more = f"\n... and {left} more in front.parquet" if left > 0 else ""
    return (
        f"{text}{more}\nwin-win: bank value, insurer value and customer welfare all clearly above "
        "the scenario as it is; chosen among many, so try the best again with new seeds"
    )


def _cell(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def front_figure(table: pd.DataFrame, goals: Sequence[Goal]) -> Figure:
    """Draw each pair of goals against each other: all points, the front, the scenario itself."""
    names = [goal.outcome for goal in goals]
    pairs = list(combinations(names, 2)) or [(names[0], names[0])]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(3.9 * len(pairs), 4.2), layout="constrained")
        for axis, (x, y) in zip(
            figure.subplots(1, len(pairs), squeeze=False)[0], pairs, strict=True
        ):
            _draw(axis, table, x, y)
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper left", ncols=3, frameon=False)
    return figure


def _draw(axis: Axes, table: pd.DataFrame, x: str, y: str) -> None:
    front = table[table["front"]]
    itself = table[table["point"] == 0]
    axis.plot(table[x], table[y], "o", color="#c8c8c8", markersize=4, label="tried")
    axis.plot(front[x], front[y], "o", color=COLOURS[0], markersize=6, label="on the front")
    axis.plot(itself[x], itself[y], "x", color=COLOURS[1], markersize=9, label="as it is", mew=2)
    for place, name in (("x", x), ("y", y)):
        outcome = OUTCOMES[name]
        getattr(axis, f"set_{place}label")(f"{outcome.label}, {outcome.unit}", fontsize=8)
    axis.grid(color="#e9e9e9", linewidth=0.6)
    axis.set_axisbelow(True)
    axis.tick_params(colors=GREY, labelsize=8)
