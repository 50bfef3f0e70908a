"""How figures look and are saved, and the market over time; same results, same bytes."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Okabe and Ito (2008): told apart by colour-blind readers too."""
GREY = "#7f7f7f"
STYLES = ("-", "--", "-.", ":")
STYLE: dict[Any, Any] = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "svg.hashsalt": "bancassim",
}
PANELS = (
    ("bank_share", "Bank channel", "% of life premium"),
    ("fee_total", "Fee the banks receive", "% of premium"),
    ("bank_premium", "Bank-channel premium", "yuan per customer and month"),
    ("trust", "Trust in bank-sold insurance", "0 to 1"),
    ("misselling_rate", "Mis-sales", "% of bank sales"),
    ("welfare", "Customer welfare", "yuan per customer and month"),
)
"""Column of the market panel, title, unit; shares become percentages."""
SMOOTHING = 12
"""Months of the moving mean: one month of a small market is noisy."""


def save(name: str, figure: Figure) -> dict[str, bytes]:
    """Draw a figure as PNG and SVG without dates or versions inside.

    Returns:
        File name to content.
    """
    FigureCanvasAgg(figure)
    content = {}
    with mpl.rc_context(STYLE):
        for ending, metadata in (("png", {"Software": None}), ("svg", {"Date": None})):
            buffer = io.BytesIO()
            figure.savefig(buffer, format=ending, dpi=150, metadata=metadata)
            content[f"{name}.{ending}"] = buffer.getvalue()
    return content


def trajectory(panel: pd.DataFrame, burn_in: int = 0) -> Figure:
    """Draw the market over calendar time, a line and a band per scenario.

    Args:
        panel: Market panels of all runs with columns scenario, seed, month, date.
        burn_in: Months shaded at the left as not to be read.
    """
    scenarios = list(dict.fromkeys(panel["scenario"]))
    dates = pd.to_datetime(panel.groupby("month")["date"].first())
    smoothing = SMOOTHING if len(dates) > 3 * SMOOTHING else 1
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(10.5, 6.2), layout="constrained")
        axes = figure.subplots(2, 3, sharex=True).ravel()
        for axis, (column, title, unit) in zip(axes, PANELS, strict=True):
            factor = 100.0 if unit.startswith("%") else 1.0
            bands = [
                _band(panel[panel["scenario"] == scenario], column, smoothing) * factor
                for scenario in scenarios
            ]
            for place, (scenario, band) in enumerate(zip(scenarios, bands, strict=True)):
                _draw_band(axis, dates, band, place, scenario)
            _frame(axis, dates, burn_in, pd.concat(bands))
            axis.set_title(title, fontweight="bold")
            axis.set_ylabel(unit, fontsize=8, color=GREY)
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper left", ncols=3, frameon=False)
        caption = _caption(panel["seed"].nunique(), smoothing, burn_in)
        figure.supxlabel(caption, fontsize=8, color=GREY)
    return figure


def _band(part: pd.DataFrame, column: str, smoothing: int) -> pd.DataFrame:
    """Smooth one column of one scenario; mean, lowest and highest replicate a month."""
    wide = part.pivot_table(index="month", columns="seed", values=column, dropna=False)
    wide = wide.rolling(smoothing, min_periods=1).mean()
    ends = {"mean": wide.mean(axis=1), "low": wide.min(axis=1), "high": wide.max(axis=1)}
    return pd.DataFrame(ends)


def _draw_band(
    axis: Axes, dates: pd.Series[pd.Timestamp], band: pd.DataFrame, place: int, label: str
) -> None:
    when = dates.loc[band.index].to_numpy()
    colour = COLOURS[place % len(COLOURS)]
    style = STYLES[place % len(STYLES)]
    axis.plot(when, band["mean"], style, color=colour, linewidth=1.6, label=label)
    axis.fill_between(when, band["low"], band["high"], color=colour, alpha=0.18, linewidth=0)


def _frame(axis: Axes, dates: pd.Series[pd.Timestamp], burn_in: int, bands: pd.DataFrame) -> None:
    """Shade the start-up, fit the value axis to what comes after it, label a few dates."""
    when = dates.to_numpy()
    if len(when) > 1:
        axis.set_xlim(when[0], when[-1])
        shaded = when[min(burn_in, len(when) - 1)]
        axis.axvspan(when[0], shaded, color="#f0f0f0", zorder=-1, linewidth=0)
    used = bands[bands.index >= burn_in]
    low = np.nanmin([0.0, used["low"].min()])
    high = np.nanmax([0.0, used["high"].max()])
    room = 0.06 * (high - low or 1.0)
    axis.set_ylim(low - room if low < 0 else 0, high + room)
    axis.grid(axis="y", color="#e5e5e5", linewidth=0.6)
    axis.set_axisbelow(True)
    ticks = dates[dates.dt.month == 1] if len(dates) > 36 else dates
    ticks = ticks.iloc[:: math.ceil(len(ticks) / 4)]
    axis.set_xticks(ticks.to_numpy(), ticks.dt.strftime("%Y" if len(dates) > 36 else "%Y-%m"))


def _caption(seeds: int, smoothing: int, burn_in: int) -> str:
    parts = []
    if smoothing > 1:
        parts.append(f"{smoothing}-month moving means")
    if seeds > 1:
        parts.append(f"line: mean of {seeds} replicates, band: from lowest to highest")
    if burn_in:
        parts.append("grey: start-up, not used")
    return "; ".join(parts)
