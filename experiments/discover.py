"""``bancassim discover``: where in the space of settings something happens, by PRIM boxes."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from experiments.stored import Stored

USAGE = """\
bancassim discover: in which box of settings does an outcome lie above or below a value?

usage: bancassim discover FOLDER outcome=NAME above=VALUE|below=VALUE

The folder holds a sweep with a sampled design (latin_hypercube, sobol, random). PRIM (Friedman &
Fisher 1999) peels off what does not matter until a box is left that holds the cases.
  coverage   share of all cases that lie in the box
  density    share of the box that are cases

keys:
  outcome=NAME             what is looked at (bancassim list outcomes)
  above=VALUE              cases: points whose mean is above; or below=VALUE
  coverage=0.6             of the boxes found, the densest with at least this coverage is told

examples:
  bancassim sweep design=latin_hypercube samples=256 'bargaining.bank_power=interval(0.1,0.9)' \\
      'supervision.fee_cap=interval(0.01,0.05)' population.size=2000 output_dir=space
  bancassim discover space outcome=customer_welfare below=50
"""
FEWEST_POINTS = 50
AS_IT_IS = "as it is"
"""Stands where a design point leaves an option alone."""
FEWEST_CASES = 5


def main(argv: Sequence[str]) -> int:
    """Find the box, print and store it."""
    from experiments.folder import ResultFolder
    from experiments.stored import open_study
    from experiments.words import read_words

    defaults = {"outcome": "", "above": "", "below": "", "coverage": "0.6"}
    folder, typed = read_words("discover", argv, defaults)
    stored = open_study(folder)
    points, cases, told = _cases(stored, typed)
    boxes, limits = find_boxes(points, cases)
    chosen = choose(boxes, _share(typed["coverage"]))
    text = _text(told, boxes, limits, chosen, cases)
    print(text)
    target = ResultFolder(stored.path)
    target.write_table("boxes", boxes)
    target.write_text("boxes.txt", text + "\n")
    print(f"\nall boxes in {stored.path / 'boxes.parquet'}")
    return 0


def _cases(stored: Stored, typed: dict[str, str]) -> tuple[pd.DataFrame, pd.Series[bool], str]:
    """Design points, which of them are cases, and what a case is in words."""
    from experiments.errors import UserError
    from experiments.sweep_report import point_means
    from scenarios.nearest import did_you_mean
    from sim.outcomes import OUTCOMES

    name = typed["outcome"]
    if name not in OUTCOMES:
        raise UserError(f"outcome = {name}: no such outcome{did_you_mean(name, OUTCOMES)}")
    sides = [side for side in ("above", "below") if typed[side]]
    if len(sides) != 1:
        raise UserError("above, below: give one of them, for example below=50")
    limit = _number(sides[0], typed[sides[0]])
    if not stored.varied:
        raise UserError(f"study = {stored.path}: nothing varies in it; make a sweep first")
    means = point_means(stored.done, stored.varied).dropna(subset=[name])
    numbers = [key for key in stored.varied if means[key].dtype.kind in "if"]
    whole = means.dropna(subset=numbers)
    if len(whole) < len(means):
        left = len(means) - len(whole)
        print(f"{left} design points that leave a number as it is are left out", file=sys.stderr)
    means = whole
    if len(means) < FEWEST_POINTS:
        raise UserError(
            f"study = {stored.path}: {len(means)} design points are too few for boxes; sweep with "
            f"design=latin_hypercube and samples of at least {FEWEST_POINTS}"
        )
    cases = means[name] > limit if sides[0] == "above" else means[name] < limit
    told = f"{name} {sides[0]} {limit:g}"
    if not FEWEST_CASES <= int(cases.sum()) < len(cases):
        low, high = means[name].min(), means[name].max()
        raise UserError(
            f"{told}: holds for {int(cases.sum())} of {len(cases)} points; choose a value between "
            f"{low:.4g} and {high:.4g} with at least {FEWEST_CASES} cases"
        )
    return means[stored.varied].reset_index(drop=True), cases.reset_index(drop=True), told


def find_boxes(
    points: pd.DataFrame, cases: pd.Series[bool]
) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """Peel and paste one sequence of boxes.

    Args:
        points: What varied, a row a point.
        cases: Which points are cases.

    Returns:
        Coverage, density, mass and restricted keys of each box, and its limits: two rows, from and
        to; for words both rows hold the set that is left.
    """
    import pandas as pd

    from experiments.errors import UserError

    words = [key for key in points if points[key].dtype.kind not in "if"]
    plain = points.astype(dict.fromkeys(words, object)).fillna(dict.fromkeys(words, AS_IT_IS))
    with warnings.catch_warnings():
        # It says which of its options it lacks, and uses calls that pandas gives up.
        warnings.simplefilter("ignore")
        try:
            from ema_workbench.analysis.prim import Prim
        except ImportError:
            told = "discover: needs the extra: pip install 'bancassim[analysis]'"
            raise UserError(told) from None
        box = Prim(plain, cases.to_numpy(dtype=bool)).find_box()
    limits = list(box.box_lims)
    boxes = box.peeling_trajectory[["coverage", "density", "mass", "res_dim"]].copy()
    for key in points:
        boxes[f"{key} from"] = [_end(limit[key].iloc[0]) for limit in limits]
        boxes[f"{key} to"] = [_end(limit[key].iloc[1]) for limit in limits]
    return pd.DataFrame(boxes).reset_index(drop=True), limits


def choose(boxes: pd.DataFrame, coverage: float) -> int:
    """Place of the densest box that covers enough; of equal ones the simplest."""
    enough = boxes[boxes["coverage"] >= coverage]
    ranked = enough.sort_values(["density", "res_dim"], ascending=[False, True], kind="stable")
    return int(ranked.index[0])


def _text(
    told: str, boxes: pd.DataFrame, limits: list[pd.DataFrame], chosen: int, cases: pd.Series[bool]
) -> str:
    row = boxes.loc[chosen]
    lines = [
        f"{told}: {int(cases.sum())} of {len(cases)} design points ({cases.mean():.0%})",
        f"in the box: {row['density']:.0%} of the points are cases, "
        f"{row['coverage']:.0%} of all cases are there, {row['mass']:.0%} of the space",
    ]
    whole, box = limits[0], limits[chosen]
    for key in box:
        low, high = box[key].iloc[0], box[key].iloc[1]
        if isinstance(low, set):
            if low != whole[key].iloc[0]:
                lines.append(f"  {key} is one of {', '.join(sorted(map(str, low)))}")
        elif (low, high) != (whole[key].iloc[0], whole[key].iloc[1]):
            lines.append(f"  {key} from {low:.4g} to {high:.4g}")
    if len(lines) == 2:
        lines.append("  no key narrows it down: what varied does not decide")
    return "\n".join(lines)


def _end(value: Any) -> Any:
    return ", ".join(sorted(map(str, value))) if isinstance(value, set) else float(value)


def _share(text: str) -> float:
    from experiments.errors import UserError

    value = _number("coverage", text)
    if not 0.0 < value <= 1.0:
        raise UserError(f"coverage = {text}: must be a share above 0, at most 1")
    return value


def _number(key: str, text: str) -> float:
    import math

    from experiments.errors import UserError

    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UserError(f"{key} = {text}: must be a number")
    return value
