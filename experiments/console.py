"""Plain-text tables for the console and for ``summary.txt``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from experiments.amounts import amount, change
from experiments.statistics import Difference, Estimate
from scenarios.evidence import Target

if TYPE_CHECKING:
    from sim.outcomes import Outcome


EVIDENCE_HEADING = (
    "simulated against evidence (China around 2010; a single figure is met within a tenth)"
)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Align cells in columns under a ruled head.

    Args:
        head: Titles of the columns.
        rows: Cells, as many as titles.
        right: Columns aligned to the right: numbers.
    """
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = []
    for row in (head, ["-" * width for width in widths], *rows):
        cells = [
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def interval(estimate: Estimate, unit: str) -> str:
    """Write a 95% interval, a dash without one."""
    if math.isnan(estimate.low):
        return "-"
    return f"{amount(estimate.low, unit)} to {amount(estimate.high, unit)}"


def outcome_text(estimates: Mapping[str, Estimate], outcomes: Mapping[str, Outcome]) -> str:
    """Tabulate means over replicates."""
    rows = []
    for name, estimate in estimates.items():
        outcome = outcomes[name]
        rows.append(
            [
                name,
                amount(estimate.mean, outcome.unit),
                interval(estimate, outcome.unit),
                _unit(outcome.unit),
                outcome.label,
            ]
        )
    return table(["outcome", "mean", "95% interval", "unit", "meaning"], rows, right=(1,))


def evidence_text(
    estimates: Mapping[str, Estimate], outcomes: Mapping[str, Outcome], targets: Sequence[Target]
) -> str:
    """Put simulated means beside what evidence says, met or missed."""
    rows = []
    for target in targets:
        estimate = estimates[target.outcome]
        unit = outcomes[target.outcome].unit
        rows.append(
            [
                target.outcome,
                amount(estimate.mean, unit),
                _range(target, unit),
                _verdict(target, estimate.mean),
                target.label,
                ", ".join(target.evidence),
            ]
        )
    head = ["outcome", "simulated", "evidence", "", "figure", "rows"]
    return table(head, rows, right=(1, 2))


def difference_text(
    differences: Mapping[str, Difference],
    outcomes: Mapping[str, Outcome],
    names: tuple[str, str],
    p_holm: Mapping[str, float],
) -> str:
    """Tabulate paired differences between two scenarios.

    Args:
        differences: Outcome to difference.
        outcomes: What they are.
        names: Of baseline and treatment.
        p_holm: Outcome to corrected p.
    """
    rows = []
    for name, item in differences.items():
        unit = outcomes[name].unit
        rows.append(
            [
                name,
                amount(item.baseline, unit),
                amount(item.treatment, unit),
                amount(item.change.mean, unit),
                interval(item.change, unit),
                change(item.relative),
                verdict(item),
                standardised(item.standardised),
                _share(item.same_sign),
                p_value(p_holm[name]),
                times(item.gain),
                _unit(unit),
            ]
        )
    head = ["outcome", *names, "difference", "95% interval", "relative", "clear?", "d_z",
            "same sign", "p (Holm)", "pairing", "unit"]  # fmt: skip
    return table(head, rows, right=(1, 2, 3, 5, 7, 8, 9, 10))


def standardised(value: float) -> str:
    """Write an effect in standard deviations of the pairs."""
    if math.isnan(value):
        return "-"
    return f"{value:+.1f}" if math.isfinite(value) else ("+inf" if value > 0 else "-inf")


def p_value(value: float) -> str:
    """Write a p value."""
    if math.isnan(value):
        return "-"
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def times(value: float) -> str:
    """Write how many times smaller pairing made a variance."""
    return f"{value:.3g}x" if math.isfinite(value) else "-"


def _share(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.0%}"


def verdict(item: Difference) -> str:
    """Say whether a difference is clear of zero, and which way it goes."""
    if item.change.n == 0:
        return "no value"
    if math.isnan(item.change.low):
        return "one run"
    if item.clear:
        return "rises" if item.change.mean > 0 else "falls"
    return "same" if item.change.low == item.change.high else "no"


def notes_text(estimates: Mapping[str, Estimate]) -> str:
    """List the notes on intervals, outcomes with the same note together."""
    notes: dict[str, list[str]] = {}
    for name, estimate in estimates.items():
        if estimate.note:
            notes.setdefault(estimate.note, []).append(name)
    everywhere = len(estimates)
    return "\n".join(
        f"note: {note} ({'every outcome' if len(names) == everywhere else ', '.join(names)})"
        for note, names in notes.items()
    )


def _unit(unit: str) -> str:
    """Write a unit; nothing for a pure number."""
    return "" if unit == "1" else unit


def _range(target: Target, unit: str) -> str:
    low, high = amount(target.low, unit), amount(target.high, unit)
    return low if low == high else f"{low} to {high}"


def _verdict(target: Target, value: float) -> str:
    if math.isnan(value):
        return "no value"
    if target.met(value):
        return "met"
    return "missed, below" if value < target.low else "missed, above"
