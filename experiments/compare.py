"""``bancassim compare``: scenarios against the first of them, under the same random numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from experiments.comparison import Differences
    from experiments.engine.plan import Point
    from experiments.precision import Goal
    from experiments.session import Finished, Made
    from experiments.shell import Call
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
  panel=true               keep all monthly tables; the market's is kept anyway
  study=FOLDER             compare what is stored there, also of a sweep, and run nothing
  baseline=NAME            in a stored study: name or number of the point; without it the first
  until_outcomes=[...]     what --until looks at; without it the three of a win-win
  most_replicates=200      where --until gives up

flags:
  --until halfwidth=5%     add replicates until intervals are that narrow, in % of the baseline
  --dry-run                show what would be run, and about how long it takes
  --retry-failed           try runs again that failed earlier
  --cfg job                print the composed settings and stop
  --info                   print how they were composed
  -m                       one comparison per value: supervision.fee_cap=0.02,1
  --config-dir FOLDER      further YAML options of your own

examples:
  bancassim compare
  bancassim compare scenarios=[multi_partner_agency,one_on_one_alliance] replicates=20
  bancassim compare population.size=2000 horizon.months=120 --until halfwidth=10%
  bancassim compare study=results/my_sweep baseline=3
"""

MOST_TABLES = 6
"""Treatments with a table each on the console; the file has all."""


def main(argv: Sequence[str]) -> int:
    """Run the verb with the words typed after it."""
    from experiments.shell import hydra_verb
    from experiments.study import Comparison

    refused = {"scenario": "compare takes several, scenarios=[baseline,other]"}
    return hydra_verb("compare", Comparison, _task, argv, refused)


def _task(call: Call) -> int:
    from experiments.compose import build_both
    from experiments.errors import UserError
    from experiments.study import Comparison

    settings = dict(call.settings)
    if isinstance(settings.get("baseline"), int):  # the number of a point
        settings["baseline"] = str(settings["baseline"])
    study, _ = build_both(Comparison, settings)
    if study.study is not None:
        return _compare_stored(study)
    if study.problems():
        raise UserError(study.problems())
    study = study.for_job(call.number)
    scenarios = _scenarios(study, call.overrides)
    finished = _simulate(study, scenarios, call.command)
    if finished is None:
        return 0
    if len(finished.outcomes):
        _report(scenarios, finished, call.changes())
    return 1 if finished.failed else 0


def _scenarios(study: Comparison, overrides: Sequence[str]) -> list[Scenario]:
    from dataclasses import replace

    from experiments.compose import load_scenario
    from experiments.study import Comparison

    return [
        replace(load_scenario(name, overrides, "compare", Comparison), name=name)
        for name in study.scenarios
    ]


def _simulate(
    study: Comparison, scenarios: Sequence[Scenario], command: Sequence[str]
) -> Finished | None:
    """Run all scenarios with the same seeds, with more of them while ``until`` asks for more."""
    from experiments.engine.plan import Plan, Point
    from experiments.precision import read_goal
    from experiments.session import Made, all_panels, simulate

    label = "-".join(study.scenarios[:2]) + ("-and-more" if len(scenarios) > 2 else "")
    made = Made.of("compare", label, command, scenarios, study.seed)
    points = tuple(Point(scenario) for scenario in scenarios)
    panels = all_panels(study) or ("market",)
    goal = read_goal(study) if study.until is not None else None
    if goal is None or study.dry_run:
        return simulate(made, Plan(points, study.seeds()), study, panels)
    return _until_sure(goal, made, points, study, panels)


def _until_sure(
    goal: Goal, made: Made, points: tuple[Point, ...], study: Comparison, panels: Sequence[str]
) -> Finished:
    """Add replicates, at most twice as many at a time, until the goal is met or given up."""
    import sys
    from dataclasses import replace

    from experiments.comparison import pair
    from experiments.engine.plan import Plan
    from experiments.session import Session, ended

    names = [point.scenario.name for point in points]
    with Session(made, study, panels) as session:
        while True:
            table = session.do(Plan(points, study.seeds()))
            labelled = table.assign(label=table["scenario"])
            needed = goal.replicates([pair(labelled, names[0], name) for name in names[1:]])
            if needed <= study.replicates:
                break
            if study.replicates >= study.most_replicates:
                print(
                    f"until {study.until}: not met with {study.replicates} replicates, about "
                    f"{needed:,} would be needed; raise most_replicates to go on",
                    file=sys.stderr,
                )
                break
            more = min(needed, study.most_replicates, 2 * study.replicates)
            print(
                f"until {study.until}: {study.replicates} replicates done, about {needed:,} "
                f"needed, {more} are wanted next",
                file=sys.stderr,
            )
            study = replace(study, replicates=more)
    return ended(session, table)


def _report(scenarios: Sequence[Scenario], finished: Finished, changes: Sequence[str]) -> None:
    """Print and store the comparison of every other scenario with the first."""
    from experiments.burn_in import burn_in_text
    from experiments.comparison import pair
    from experiments.figures import save, trajectory

    baseline, *others = scenarios
    people, horizon = baseline.population, baseline.horizon
    outcomes = finished.outcomes.assign(label=finished.outcomes["scenario"])
    pairs = {other.name: pair(outcomes, baseline.name, other.name) for other in others}
    panel = finished.panel("market")
    figures = _figures(baseline.name, pairs)
    figures |= save("trajectory", trajectory(panel, horizon.burn_in))
    replicates = outcomes["seed"].nunique()
    heading = f" with {' '.join(changes)}" if changes else ""
    parts = [
        *_texts(baseline.name, pairs),
        *_evidence(outcomes, baseline.name),
        burn_in_text(panel[panel["scenario"] == baseline.name], horizon),
        f"{replicates} replicates of {people.size:,} customers, {horizon.months} months, "
        f"means over the last {horizon.window}{heading}",
    ]
    finished.folder.write_table("differences", _rows(baseline.name, pairs))
    finished.tell("\n\n".join(part for part in parts if part), figures)


def _texts(baseline: str, pairs: Mapping[str, Differences]) -> list[str]:
    """Sentence, table and notes of each treatment, then the three parties side by side."""
    from experiments.comparison import adjusted, sentence, win_win_text
    from experiments.console import difference_text, notes_text
    from sim.outcomes import OUTCOMES

    units = {name: outcome.unit for name, outcome in OUTCOMES.items()}
    corrected = adjusted(pairs)
    parts: list[str] = []
    for label, differences in list(pairs.items())[:MOST_TABLES]:
        p_holm = {name: corrected[label, name] for name in differences}
        parts.append(sentence(baseline, label, differences, units))
        parts.append(difference_text(differences, OUTCOMES, (baseline, label), p_holm))
        parts.append(notes_text({name: item.change for name, item in differences.items()}))
    if len(pairs) > MOST_TABLES:
        parts.append(f"{len(pairs) - MOST_TABLES} more treatments are in differences.parquet")
    return [*parts, win_win_text(baseline, pairs)]


def _rows(baseline: str, pairs: Mapping[str, Differences]) -> pd.DataFrame:
    import pandas as pd

    from experiments.comparison import difference_rows

    return pd.DataFrame(difference_rows(baseline, pairs))


def _figures(baseline: str, pairs: Mapping[str, Differences]) -> dict[str, bytes]:
    from experiments.figures import save
    from experiments.figures_difference import difference
    from sim.outcomes import OUTCOMES

    figures: dict[str, bytes] = {}
    for label, differences in list(pairs.items())[:MOST_TABLES]:
        headline = {name: item for name, item in differences.items() if OUTCOMES[name].headline}
        drawn = difference(
            headline,
            {name: OUTCOMES[name].label for name in headline},
            {name: OUTCOMES[name].unit for name in headline},
            f"{label} against {baseline}",
        )
        figures |= save(f"difference-{_file_name(label)}", drawn)
    return figures


def _file_name(label: str) -> str:
    import re

    return re.sub(r"[^\w.-]+", "-", label)


def _evidence(outcomes: pd.DataFrame, baseline: str) -> list[str]:
    """Put the baseline beside evidence, as ``run`` does."""
    from experiments.console import EVIDENCE_HEADING, evidence_text
    from experiments.statistics import mean_interval
    from scenarios.evidence import targets
    from sim.outcomes import OUTCOMES

    runs = outcomes[outcomes["label"] == baseline]
    estimates = {name: mean_interval(runs[name]) for name in OUTCOMES}
    return [f"{baseline}: {EVIDENCE_HEADING}", evidence_text(estimates, OUTCOMES, targets())]


def _compare_stored(study: Comparison) -> int:
    """Compare the points of a stored study with one of them."""
    from experiments.comparison import pair
    from experiments.errors import UserError
    from experiments.folder import ResultFolder
    from experiments.stored import open_study

    stored = open_study(study.study or "")
    done = stored.done
    labels = list(dict.fromkeys(done["label"]))
    if len(labels) < 2:
        raise UserError(
            f"study = {stored.path}: {len(labels)} design points have runs; two are needed"
        )
    baseline = _baseline(study.baseline, labels, done)
    pairs = {label: pair(done, baseline, label) for label in labels if label != baseline}
    text = "\n\n".join(part for part in _texts(baseline, pairs) if part)
    print(text)
    folder = ResultFolder(stored.path)
    folder.write_table("differences", _rows(baseline, pairs))
    for name, content in _figures(baseline, pairs).items():
        folder.write_bytes(name, content)
    folder.write_text("differences.txt", text + "\n")
    print(f"\nall differences in {stored.path / 'differences.parquet'}")
    return 0


def _baseline(wanted: str | None, labels: Sequence[str], done: pd.DataFrame) -> str:
    """Find the baseline by its name or by the number of its point."""
    from experiments.errors import UserError
    from scenarios.nearest import did_you_mean

    if wanted is None:
        return labels[0]
    if wanted in labels:
        return wanted
    if "point" in done and wanted.isdigit() and int(wanted) in set(done["point"]):
        return str(done.loc[done["point"] == int(wanted), "label"].iloc[0])
    shown = ", ".join(labels[:12]) + (f" and {len(labels) - 12} more" if len(labels) > 12 else "")
    raise UserError(
        f"baseline = {wanted}: no such design point with runs; there are {shown}"
        f"{did_you_mean(wanted, labels)}"
    )
