"""``bancassim compare``: scenarios against the first of them, under the same random numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from experiments.amounts import amount

if TYPE_CHECKING:
    from experiments.shell import Call
    from experiments.simulate import Finished
    from experiments.statistics import Difference
    from experiments.study import Comparison
    from scenarios.schema import Scenario

USAGE = """\
bancassim compare: scenarios against a baseline, paired replicate by replicate

usage: bancassim compare [scenarios=[BASELINE,OTHER,...]] [key=value ...] [flags]

keys:
  scenarios=[a,b]          two or more (bancassim list scenarios), the baseline first; without it
                           [multi_partner_agency,one_on_one_alliance]
  GROUP=OPTION             another position of a lever, in every scenario (bancassim list groups)
  GROUP.KEY=VALUE          one setting, in every scenario (bancassim list parameters)
  population.size=20000    customers
  horizon.months=264       length of a run, start-up included
  horizon.window=60        last months, over which outcomes are averaged
  seed=1                   replicate k runs with seed + k, the same in every scenario
  replicates=10            runs of each scenario
  workers=null             processes; null uses every processor
  output_dir=null          result folder; null makes a new one below results/
  panel=true               keep the monthly tables

flags:
  --cfg job                print the composed settings and stop
  --info                   print how they were composed
  -m                       one comparison per value: supervision.fee_cap=0.02,1
  --config-dir FOLDER      further YAML options of your own

examples:
  bancassim compare
  bancassim compare scenarios=[multi_partner_agency,one_on_one_alliance] replicates=20
  bancassim compare population.size=2000 horizon.months=120
"""

WIN_WIN = {
    "bank_value": "bank value",
    "insurer_value": "insurer value",
    "customer_welfare": "customer welfare",
}
"""The three that a win-win needs, as they are called in a sentence."""


def main(argv: Sequence[str]) -> int:
    """Run the verb with the words typed after it."""
    from experiments.shell import hydra_verb
    from experiments.study import Comparison

    refused = {"scenario": "compare takes several, scenarios=[baseline,other]"}
    return hydra_verb("compare", Comparison, _task, argv, refused)


def _task(call: Call) -> int:
    from dataclasses import replace

    from experiments.compose import build_both, load_scenario
    from experiments.errors import UserError
    from experiments.simulate import simulate
    from experiments.study import Comparison

    study, _ = build_both(Comparison, call.settings)
    if study.problems():
        raise UserError(study.problems())
    study = study.for_job(call.number)
    scenarios = [
        replace(load_scenario(name, call.overrides, "compare", Comparison), name=name)
        for name in study.scenarios
    ]
    label = "-".join(study.scenarios[:2]) + ("-and-more" if len(scenarios) > 2 else "")
    finished = simulate("compare", scenarios, study, call.command, label)
    if finished.runs:
        _report(study, scenarios, finished, call.changes())
    return 1 if finished.failed else 0


def sentence(
    baseline: str, treatment: str, differences: Mapping[str, Difference], units: Mapping[str, str]
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
    won = all(differences[name].clear and differences[name].change.mean > 0 for name in WIN_WIN)
    ending = "a win-win" if won else "not a win-win"
    pairs = max(item.change.n for item in differences.values())
    return (
        f"Against {baseline}, {treatment} {_listed(parts)}: {ending} "
        f"({pairs} paired replicate{'s' if pairs != 1 else ''}, 95% intervals)."
    )


def _size(item: Difference, unit: str) -> str:
    """Write how large a change is: in percent, or in its unit when the baseline is small."""
    if abs(item.relative) <= 1:
        return f"{abs(item.relative):.1%}"
    size = amount(abs(item.change.mean), unit)
    return size if unit in ("", "1") or size.endswith("%") else f"{size} {unit}"


def _listed(words: Sequence[str], last: str = "and") -> str:
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else words[0]


def _report(
    study: Comparison, scenarios: Sequence[Scenario], finished: Finished, changes: Sequence[str]
) -> None:
    """Print and store the comparison of every other scenario with the first."""
    import pandas as pd

    from experiments.console import difference_text, notes_text
    from experiments.figures import save, trajectory
    from experiments.figures_difference import difference
    from experiments.store import panel_table
    from sim.outcomes import OUTCOMES

    baseline, *others = scenarios
    people, horizon = baseline.population, baseline.horizon
    units = {name: outcome.unit for name, outcome in OUTCOMES.items()}
    parts: list[str] = []
    rows: list[dict[str, object]] = []
    figures: dict[str, bytes] = {}
    for other in others:
        differences = _differences(finished, baseline.name, other.name)
        names = (baseline.name, other.name)
        parts.append(sentence(*names, differences, units))
        parts.append(difference_text(differences, OUTCOMES, names))
        parts.append(notes_text({name: item.change for name, item in differences.items()}))
        rows += [_row(names, name, item) for name, item in differences.items()]
        headline = {name: differences[name] for name in OUTCOMES if OUTCOMES[name].headline}
        drawn = difference(
            headline,
            {name: OUTCOMES[name].label for name in headline},
            units,
            f"{other.name} against {baseline.name}",
        )
        figures |= save(f"difference-{other.name}", drawn)
    figures |= save("trajectory", trajectory(panel_table(finished.runs, "market"), horizon.burn_in))
    parts += _evidence(finished, baseline.name)
    heading = f" with {' '.join(changes)}" if changes else ""
    parts.append(
        f"{study.replicates} replicates of {people.size:,} customers, {horizon.months} months, "
        f"means over the last {horizon.window}{heading}"
    )
    finished.folder.write_table("differences", pd.DataFrame(rows))
    finished.tell("\n\n".join(part for part in parts if part), figures)


def _evidence(finished: Finished, baseline: str) -> list[str]:
    """Put the baseline beside evidence, as ``run`` does."""
    from experiments.console import EVIDENCE_HEADING, evidence_text
    from experiments.statistics import mean_interval
    from scenarios.evidence import targets
    from sim.outcomes import OUTCOMES

    runs = [run.outcomes for run in finished.runs if run.job.scenario.name == baseline]
    estimates = {name: mean_interval([run[name] for run in runs]) for name in OUTCOMES}
    return [f"{baseline}: {EVIDENCE_HEADING}", evidence_text(estimates, OUTCOMES, targets())]


def _differences(finished: Finished, baseline: str, other: str) -> dict[str, Difference]:
    """Pair the runs of two scenarios by seed."""
    from experiments.statistics import paired_difference
    from sim.outcomes import OUTCOMES

    runs = {(run.job.scenario.name, run.job.seed): run.outcomes for run in finished.runs}
    seeds = [seed for name, seed in runs if name == baseline and (other, seed) in runs]
    return {
        name: paired_difference(
            [runs[baseline, seed][name] for seed in seeds],
            [runs[other, seed][name] for seed in seeds],
        )
        for name in OUTCOMES
    }


def _row(names: tuple[str, str], outcome: str, item: Difference) -> dict[str, object]:
    return {
        "baseline": names[0],
        "treatment": names[1],
        "outcome": outcome,
        "baseline_mean": item.baseline,
        "treatment_mean": item.treatment,
        "difference": item.change.mean,
        "low": item.change.low,
        "high": item.change.high,
        "relative": item.relative,
        "pairs": item.change.n,
        "clear": item.clear,
        "note": item.change.note,
    }
