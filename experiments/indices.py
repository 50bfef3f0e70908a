"""Sensitivity indices: where settings vary, what SALib makes of it, how it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiments.console import table as text_table
from experiments.design import Axis, Place
from experiments.errors import UserError
from experiments.figures import COLOURS, GREY, STYLE
from scenarios.nearest import did_you_mean
from scenarios.quantity import values_of, walk
from scenarios.schema import Scenario

if TYPE_CHECKING:
    from experiments.sensitivity import Sensitivity

LEVELS = 4
"""Levels of the Morris grid: four is the standard choice (Morris 1991)."""
MAIN = {"morris": ("mu_star", "mu_star_conf"), "sobol": ("ST", "ST_conf")}
"""Index by which settings are ranked, and the half width of its 95% interval."""
COLUMNS = {
    "morris": ("mu_star", "mu_star_conf", "mu", "sigma"),
    "sobol": ("ST", "ST_conf", "S1", "S1_conf"),
}


def around_values(
    base: Scenario, wanted: Sequence[str], around: float, left_out: Sequence[str]
) -> list[Axis]:
    """Let every number whose key contains one of some words vary around its value.

    Args:
        base: Where the values are.
        wanted: Keys or parts of keys.
        around: Share of the value.
        left_out: Beginnings of keys that do not vary.

    Raises:
        UserError: If a word finds no number that could vary.
    """
    values = values_of(base)
    numbers = {
        key: (field, hint)
        for key, field, hint in walk(Scenario)
        if hint in (int, float) and values[key] and not key.startswith(tuple(left_out))
    }
    axes: dict[str, Axis] = {}
    problems = []
    for word in wanted:
        found = [key for key in numbers if word in key]
        if not found:
            problems.append(
                f"settings: {word}: in no key whose value is a number other than zero"
                f"{did_you_mean(word, numbers)}"
            )
        for key in found:
            field, hint = numbers[key]
            axis = _around(key, float(values[key]), around, field.metadata, hint is int)
            if axis.low < axis.high:
                axes[key] = axis
    if problems:
        raise UserError(problems)
    return list(axes.values())


def _around(key: str, value: float, around: float, bounds: Any, whole: bool) -> Axis:
    ends = sorted((value * (1.0 - around), value * (1.0 + around)))
    low = max(ends[0], bounds["low"] if bounds["low"] is not None else ends[0])
    high = min(ends[1], bounds["high"] if bounds["high"] is not None else ends[1])
    if whole:
        low, high = round(low), round(high)
    return Axis(key, (), float(low), float(high), whole=whole)


def design(method: str, axes: Sequence[Axis], samples: int, seed: int) -> NDArray[np.float64]:
    """Design points of a method in the unit cube, shape (points, settings)."""
    from SALib.sample import morris, sobol

    problem = _problem(axes)
    if method == "morris":
        drawn = morris.sample(problem, samples, num_levels=LEVELS, seed=seed)
    else:
        drawn = sobol.sample(problem, samples, calc_second_order=False, seed=seed)
    return np.asarray(drawn, dtype=np.float64)


def settings_at(axes: Sequence[Axis], shares: NDArray[np.float64]) -> list[Place]:
    """Settings of points of the unit cube."""
    inside = np.minimum(shares, np.nextafter(1.0, 0.0))
    return [
        {axis.key: axis.at(float(share)) for axis, share in zip(axes, row, strict=True)}
        for row in inside
    ]


def index_table(
    study: Sensitivity, axes: Sequence[Axis], shares: Any, outcomes: pd.DataFrame
) -> pd.DataFrame:
    """Indices of every outcome and setting, the strongest first.

    Args:
        study: Method and outcomes.
        axes: What varied.
        shares: From ``design``.
        outcomes: One row a run; replicates of a point are averaged.

    Returns:
        ``outcome``, ``setting``, ``low``, ``high``, the indices of the method, ``clear``: whether
        the index leaves out zero, ``noise``: standard error of the outcome at a point, ``note``.
    """
    parts: list[pd.DataFrame] = []
    for name in study.outcomes:
        grouped = outcomes.groupby("point", sort=True)[name]
        means = grouped.mean().to_numpy(dtype=np.float64)
        spread, runs = grouped.std().to_numpy(), grouped.count().to_numpy()
        noise = float(np.mean(spread / np.sqrt(runs)))
        found, note = _indices(study, axes, np.asarray(shares), means)
        part = pd.DataFrame(
            {
                "outcome": name,
                "setting": [axis.key for axis in axes],
                "low": [axis.low if axis.interval else np.nan for axis in axes],
                "high": [axis.high if axis.interval else np.nan for axis in axes],
                **found,
                "noise": noise,
                "note": note,
            }
        )
        main, half = MAIN[study.method]
        part["clear"] = part[main] > part[half]
        parts.append(part.sort_values(main, ascending=False, kind="stable"))
    return pd.concat(parts, ignore_index=True)


def _indices(
    study: Sensitivity, axes: Sequence[Axis], shares: NDArray[np.float64], means: Any
) -> tuple[dict[str, NDArray[np.float64]], str]:
    from SALib.analyze import morris, sobol

    names = COLUMNS[study.method]
    nothing = {name: np.full(len(axes), np.nan) for name in names}
    missing = int((~np.isfinite(means)).sum())
    if missing:
        return nothing, f"{missing} design points have no value"
    if np.ptp(means) == 0.0:
        return nothing, "the same at every design point"
    problem = _problem(axes)
    if study.method == "morris":
        found = morris.analyze(problem, shares, means, num_levels=LEVELS, seed=study.seed)
    else:
        found = sobol.analyze(problem, means, calc_second_order=False, seed=study.seed)
    return {name: np.asarray(found[name], dtype=np.float64) for name in names}, ""


def _problem(axes: Sequence[Axis]) -> dict[str, Any]:
    return {
        "num_vars": len(axes),
        "names": [axis.key for axis in axes],
        "bounds": [[0.0, 1.0]] * len(axes),
    }


def index_text(table: pd.DataFrame, method: str) -> str:
    """Tabulate the indices of every outcome."""
    names = COLUMNS[method]
    parts = []
    for outcome, part in table.groupby("outcome", sort=False):
        rows = [
            [
                str(row["setting"]),
                *(_number(row[name]) for name in names),
                "yes" if row["clear"] else "no",
            ]
            for row in part.to_dict("records")
        ]
        shown = text_table([str(outcome), *names, "clear?"], rows, right=range(1, 1 + len(names)))
        note = part["note"].iloc[0]
        noise = f"standard error of a design point: {part['noise'].iloc[0]:.3g}"
        parts.append(f"{shown}\n{note or noise}")
    meaning = {
        "morris": "mu_star: mean size of the effect of a setting over its range, in the unit of "
        "the outcome; sigma: how much it differs from place to place (interaction, curvature)",
        "sobol": "ST: share of variance with all interactions; S1: by itself",
    }[method]
    return "\n\n".join([*parts, f"{meaning}; _conf: half width of the 95% interval"])


def _number(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.3g}"


def index_figure(table: pd.DataFrame, method: str) -> Figure:
    """Draw the ranked index of every outcome, a bar a setting with its interval."""
    main, half = MAIN[method]
    outcomes = list(dict.fromkeys(table["outcome"]))
    settings = list(dict.fromkeys(table["setting"]))
    with mpl.rc_context(STYLE):
        size = (3.2 + 2.3 * len(outcomes), 1.6 + 0.3 * len(settings))
        figure = Figure(figsize=size, layout="constrained")
        grid = figure.subplots(1, len(outcomes), sharey=True, squeeze=False)[0]
        order = settings[::-1]
        for axis, outcome in zip(grid, outcomes, strict=True):
            part = table[table["outcome"] == outcome].set_index("setting").loc[order]
            colours = [COLOURS[0] if clear else "#c0c0c0" for clear in part["clear"]]
            axis.barh(range(len(order)), part[main], color=colours, height=0.6)
            axis.errorbar(
                part[main], range(len(order)), xerr=part[half], fmt="none", ecolor="black",
                elinewidth=0.8,
            )  # fmt: skip
            axis.set_title(outcome, fontsize=9)
            axis.set_xlim(left=0)
        grid[0].set_yticks(range(len(order)), order, fontsize=8)
        told = f"{main} with 95% interval; grey: not clear of zero"
        figure.supxlabel(told, fontsize=8, color=GREY)
    return figure
