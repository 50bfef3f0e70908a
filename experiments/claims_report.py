"""What a trial of claims leaves to read: console text, Markdown, table rows, the figure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.figure import Figure

from experiments.amounts import amount, change
from experiments.console import interval, p_value, standardised, table
from experiments.figures import COLOURS, GREY, STYLE
from experiments.trial import CONDITIONAL, CONTRADICTED, DERIVED, NOTHING, SUPPORTED, Finding

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HEAD = ["claim", "outcome", "without", "with", "effect", "95% interval", "relative", "d_z",
        "p (Holm)", "said", "verdict"]  # fmt: skip
_COLOUR = {SUPPORTED: COLOURS[0], CONTRADICTED: COLOURS[1], CONDITIONAL: COLOURS[2], NOTHING: GREY}
_SMALLEST, _LARGEST = 1.0, 1000.0


def unit_of(name: str) -> str:
    """Unit of an outcome or a derived measure."""
    from sim.outcomes import OUTCOMES

    return DERIVED[name][0] if name in DERIVED else OUTCOMES[name].unit


def _cells(finding: Finding) -> list[str]:
    name, result = finding.effect.outcome, finding.result
    unit = unit_of(name)
    shown = name if not finding.claim.parts else f"{name} (beyond the sum of parts)"
    return [
        finding.claim.id,
        shown,
        amount(result.baseline, unit),
        amount(result.treatment, unit),
        amount(result.change.mean, unit),
        interval(result.change, unit),
        change(result.relative),
        standardised(result.standardised),
        p_value(finding.p_holm),
        "up" if finding.effect.sign > 0 else "down",
        finding.verdict,
    ]


def text(findings: Sequence[Finding]) -> str:
    """Write the table, then claim by claim what it says, hangs on and works by."""
    parts = [table(HEAD, [_cells(item) for item in findings], right=(2, 3, 4, 6, 7, 8))]
    for claim_id, items in _by_claim(findings).items():
        claim = items[0].claim
        lines = [f"{claim_id} {claim.statement}."]
        lines += [f"   {_sentence(item)}" for item in items]
        lines.append(f"   Mechanism: {claim.mechanism}")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def markdown(findings: Sequence[Finding], heading: str) -> str:
    """Write the same as a Markdown document."""
    lines = ["# Claims on trial", "", heading, ""]
    lines += [f"| {' | '.join(HEAD)} |", f"|{'---|' * len(HEAD)}"]
    lines += [f"| {' | '.join(_cells(item))} |" for item in findings]
    for claim_id, items in _by_claim(findings).items():
        claim = items[0].claim
        lines += ["", f"## {claim_id} {claim.statement}", ""]
        lines += [f"* {_sentence(item)}" for item in items]
        lines += ["", f"Mechanism: {claim.mechanism}"]
    return "\n".join(lines) + "\n"


def _sentence(item: Finding) -> str:
    name = item.effect.outcome
    unit = unit_of(name)
    told = f"{name}: {item.verdict}"
    if item.condition:
        told += f" ({item.alone} as it stands, {item.condition})"
    size = f"{amount(item.result.change.mean, unit)} [{interval(item.result.change, unit)}] {unit}"
    turns = [
        f"when {turn.label} {amount(turn.result.change.mean, unit)} "
        f"[{interval(turn.result.change, unit)}]"
        for turn in item.turns
    ]
    return "; ".join([f"{told}, {size.rstrip(' 1')}", *turns]) + "."


def _by_claim(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    grouped: dict[str, list[Finding]] = {}
    for item in findings:
        grouped.setdefault(item.claim.id, []).append(item)
    return grouped


def rows(findings: Sequence[Finding]) -> list[dict[str, object]]:
    """Rows of ``claims.parquet``, one an effect."""
    return [
        {
            "claim": item.claim.id,
            "lever": item.claim.lever,
            "statement": item.claim.statement,
            "outcome": item.effect.outcome,
            "unit": unit_of(item.effect.outcome),
            "expected_sign": item.effect.sign,
            "kind": "beyond the sum of parts" if item.claim.parts else "difference",
            "baseline": item.result.baseline,
            "treatment": item.result.treatment,
            "effect": item.result.change.mean,
            "low": item.result.change.low,
            "high": item.result.change.high,
            "relative": item.result.relative,
            "standardised": item.result.standardised,
            "pairs": item.result.change.n,
            "p": item.result.p,
            "p_holm": item.p_holm,
            "verdict": item.verdict,
            "verdict_alone": item.alone,
            "condition": item.condition,
            "mechanism": item.claim.mechanism,
            "note": item.result.change.note,
        }
        for item in findings
    ]


def condition_rows(findings: Sequence[Finding]) -> list[dict[str, object]]:
    """Rows of ``conditions.parquet``, one an effect and condition."""
    return [
        {
            "claim": item.claim.id,
            "outcome": item.effect.outcome,
            "condition": turn.label,
            "effect": turn.result.change.mean,
            "low": turn.result.change.low,
            "high": turn.result.change.high,
            "shift": turn.shift.change.mean,
            "shift_low": turn.shift.change.low,
            "shift_high": turn.shift.change.high,
            "p": turn.shift.p,
            "p_holm": turn.p_holm,
            "finding": turn.finding,
        }
        for item in findings
        for turn in item.turns
    ]


def claim_figure(findings: Sequence[Finding]) -> Figure:
    """Draw every effect in % of the baseline with its interval; right is as the claim says."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9.5, 1.6 + 0.27 * len(findings)), layout="constrained")
        axis = figure.subplots()
        axis.set_xscale("symlog", linthresh=_SMALLEST, linscale=0.5)
        for row, item in enumerate(reversed(findings)):
            _draw(axis, row, item)
        labels = [f"{item.effect.outcome}  {item.claim.id}" for item in reversed(findings)]
        axis.set_yticks(range(len(findings)), labels, fontsize=8)
        axis.tick_params(axis="y", length=0)
        axis.axvline(0, color="black", linewidth=0.8)
        axis.set_xlim(-1.4 * _LARGEST, 1.4 * _LARGEST)
        axis.set_ylim(-0.7, len(findings) - 0.3)
        axis.xaxis.set_major_formatter(lambda value, _: f"{value:+.0f}%" if value else "0")
        axis.spines["left"].set_visible(False)
        axis.grid(axis="x", color="#e5e5e5", linewidth=0.6)
        axis.set_axisbelow(True)
        axis.set_title("Claims on trial: right is as claimed", fontweight="bold")
        axis.set_xlabel(
            "effect in % of the baseline, 95% intervals; blue: supported, orange: contradicted, "
            "green: conditional, grey: no effect found",
            fontsize=8,
            color=GREY,
        )
    return figure


def _draw(axis: Axes, row: int, item: Finding) -> None:
    """One dot with its interval; without a baseline to take % of, a mark at the edge."""
    colour, sign, result = _COLOUR[item.verdict], item.effect.sign, item.result
    scale = 100.0 * sign / abs(result.baseline) if result.baseline else math.nan
    point = scale * result.change.mean
    if not math.isfinite(point):
        if math.isfinite(result.change.mean) and result.change.mean:
            side = math.copysign(_LARGEST, sign * result.change.mean)
            axis.plot(side, row, ">" if side > 0 else "<", color=colour)
        return
    ends = [scale * end for end in (result.change.low, result.change.high) if math.isfinite(end)]
    inside = [max(-_LARGEST, min(_LARGEST, end)) for end in ends]
    axis.plot(inside, [row] * len(inside), color=colour, linewidth=2)
    axis.plot(max(-_LARGEST, min(_LARGEST, point)), row, "o", color=colour, markersize=5)
