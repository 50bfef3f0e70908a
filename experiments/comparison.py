"""Design points against a baseline, paired by seed: numbers, words, the win-win of three."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from experiments.amounts import amount
from experiments.console import interval, table, verdict
from experiments.statistics import Difference, holm, paired_difference
from sim.outcomes import OUTCOMES

if TYPE_CHECKING:
    import pandas as pd

WIN_WIN = {
    "bank_value": "bank value",
    "insurer_value": "insurer value",
    "customer_welfare": "customer welfare",
}
"""The three that a win-win needs, as they are called in a sentence."""
Differences = Mapping[str, Difference]


def pair(outcomes: pd.DataFrame, baseline: str, other: str) -> dict[str, Difference]:
    """Pair the runs of two labels by seed.

    Args:
        outcomes: One row a run with columns ``label``, ``seed`` and the outcomes.
        baseline: Label of the baseline.
        other: Label of the treatment.

    Returns:
        Outcome to difference, over the seeds that both have.

    Raises:
        ValueError: If a label has two runs of one seed.
    """
    parts = [outcomes[outcomes["label"] == label] for label in (baseline, other)]
    if any(part["seed"].duplicated().any() for part in parts):
        raise ValueError(f"{baseline} or {other} has two runs of one seed")
    first, second = (part.set_index("seed") for part in parts)
    seeds = first.index.intersection(second.index).sort_values()
    return {
        name: paired_difference(list(first.loc[seeds, name]), list(second.loc[seeds, name]))
        for name in OUTCOMES
        if name in outcomes
    }


def is_win_win(differences: Differences) -> bool:
    """Whether all three parties gain clearly."""
    return all(differences[name].clear and differences[name].change.mean > 0 for name in WIN_WIN)


def sentence(
    baseline: str, treatment: str, differences: Differences, units: Mapping[str, str]
) -> str:
    """Say in words what the treatment does to the fee and to the three of a win-win."""
    told = {"fee_total": "the fee in all", **WIN_WIN}
    groups: dict[str, list[str]] = {"raises": [], "lowers": [], "unclear": []}
    for name, words in told.items():
        item = differences[name]
        if not item.clear:
            groups["unclear"].append(words)
            continue
        groups["raises" if item.change.mean > 0 else "lowers"].append(
            f"{words} by {_size(item, units[name])}"
        )
    parts = [f"{verb} {_listed(groups[verb])}" for verb in ("raises", "lowers") if groups[verb]]
    if groups["unclear"]:
        parts.append(f"changes {_listed(groups['unclear'], 'or')} not clearly")
    ending = "a win-win" if is_win_win(differences) else "not a win-win"
    pairs = max(item.change.n for item in differences.values())
    return (
        f"Against {baseline}, {treatment} {_listed(parts)}: {ending} "
        f"({pairs} paired replicate{'s' if pairs != 1 else ''}, 95% intervals)."
    )


def win_win_text(baseline: str, pairs: Mapping[str, Differences]) -> str:
    """Tabulate what the three parties gain, a row a treatment: three numbers, never an index."""
    rows = []
    for label, differences in pairs.items():
        cells = []
        for name in WIN_WIN:
            item = differences[name]
            unit = OUTCOMES[name].unit
            cells += [amount(item.change.mean, unit), interval(item.change, unit), verdict(item)]
        rows.append([label, *cells, "yes" if is_win_win(differences) else "no"])
    head = [f"against {baseline}"]
    for words in WIN_WIN.values():
        head += [words, "95% interval", "clear?"]
    return table([*head, "win-win"], rows, right=(1, 4, 7))


def adjusted(pairs: Mapping[str, Differences]) -> dict[tuple[str, str], float]:
    """P values corrected by Holm over all outcomes and treatments of a comparison."""
    keys = [(label, name) for label, differences in pairs.items() for name in differences]
    return dict(zip(keys, holm([pairs[label][name].p for label, name in keys]), strict=True))


def difference_rows(baseline: str, pairs: Mapping[str, Differences]) -> list[dict[str, object]]:
    """Rows of ``differences.parquet``, one a treatment and outcome."""
    corrected = adjusted(pairs)
    rows: list[dict[str, object]] = []
    for label, differences in pairs.items():
        for name, item in differences.items():
            low, high = item.bootstrap()
            rows.append(
                {
                    "baseline": baseline,
                    "treatment": label,
                    "outcome": name,
                    "unit": OUTCOMES[name].unit,
                    "baseline_mean": item.baseline,
                    "treatment_mean": item.treatment,
                    "difference": item.change.mean,
                    "low": item.change.low,
                    "high": item.change.high,
                    "bootstrap_low": low,
                    "bootstrap_high": high,
                    "relative": item.relative,
                    "standardised": item.standardised,
                    "same_sign": item.same_sign,
                    "p": item.p,
                    "p_holm": corrected[label, name],
                    "pairs": item.change.n,
                    "pairing_gain": item.gain,
                    "replicates_for_1_percent": _needed(item),
                    "clear": item.clear,
                    "note": item.change.note,
                }
            )
    return rows


def _needed(item: Difference) -> int:
    """Replicates for a half width of one percent of the baseline; 0 where that means nothing."""
    goal = 0.01 * abs(item.baseline)
    return item.replicates_for(goal) if goal > 0 and math.isfinite(goal) else 0


def _size(item: Difference, unit: str) -> str:
    """Write how large a change is: in percent, or in its unit when the baseline is small."""
    if abs(item.relative) <= 1:
        return f"{abs(item.relative):.1%}"
    size = amount(abs(item.change.mean), unit)
    return size if unit in ("", "1") or size.endswith("%") else f"{size} {unit}"


def _listed(words: Sequence[str], last: str = "and") -> str:
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else words[0]
