"""``bancassim claims``: the claims put to trial, each a paired experiment with a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from experiments.study import SOURCE, Study
from scenarios.quantity import quantity

if TYPE_CHECKING:
    from experiments.session import Finished
    from experiments.shell import Call
    from experiments.trial import Finding
    from scenarios.claims import Claim, Condition, Overrides
    from scenarios.schema import Scenario

USAGE = """\
bancassim claims: put the claims about the countermeasures to trial

usage: bancassim claims [only=[ID,...]] [key=value ...] [flags]

keys:
  only=[2a,3b]             these claims (bancassim list claims); without it all, in some minutes
  conditions=true          try each again under the conditions that theory names
  GROUP.KEY=VALUE          one setting, in every market that the claim itself does not set
  population.size=5000     customers
  horizon.months=120       length of a run, start-up included
  horizon.window=48        last months, over which outcomes are averaged
  seed=1                   replicate k runs with seed + k, the same in every market
  replicates=8             runs of each market
  workers=null             processes; null uses every processor
  output_dir=null          result folder; null makes a new one below results/
  panel=false              keep the monthly tables
  executor=local           where runs are carried out: serial, local, dask (with scheduler=ADDRESS)
  reuse=true               take runs that other studies in the same folder have

flags:
  --dry-run                show what would be run, and about how long it takes
  --retry-failed           try runs again that failed earlier
  --cfg job                print the composed settings and stop
  --info                   print how they were composed
  -m                       one trial per value: bargaining.bank_power=0.3,0.7
  --config-dir FOLDER      further YAML options of your own

examples:
  bancassim claims
  bancassim claims only=[2a,6c] replicates=20
  bancassim claims only=[3b] population.size=1000 horizon.months=60 horizon.window=24
"""


@dataclass(frozen=True)
class ClaimStudy(Study):
    """A study of claims."""

    only: tuple[str, ...] = quantity((), "claim ids", SOURCE, note="none is all")
    conditions: bool = quantity(True, "yes/no", SOURCE, note="try claims again where they may turn")


def main(argv: Sequence[str]) -> int:
    """Run the verb with the words typed after it."""
    from experiments.shell import hydra_verb

    return hydra_verb("claims", ClaimStudy, _task, argv)


def pick(only: Sequence[str]) -> list[Claim]:
    """Find the claims asked for.

    Raises:
        UserError: With one line per id that does not exist.
    """
    from experiments.errors import UserError
    from scenarios.claims import chosen, claims
    from scenarios.nearest import did_you_mean

    found, unknown = chosen(only)
    if unknown:
        known = list(claims())
        raise UserError(
            [
                f"only: {word}: no such claim; there are {', '.join(known)}"
                f"{did_you_mean(word, known)}"
                for word in unknown
            ]
        )
    return found


class Markets:
    """The markets that claims compare, each simulated once however many claims need it."""

    def __init__(self, base: Scenario) -> None:
        self.base = base
        self.scenarios: dict[str, Scenario] = {}
        self.marks: dict[Overrides, str] = {}

    def add(self, overrides: Overrides) -> str:
        """Take a market in; returns its hash, the same for equal settings."""
        from scenarios.check import scenario_hash
        from scenarios.claims import apply

        if overrides in self.marks:
            return self.marks[overrides]
        made = apply(self.base, overrides)
        mark = self.marks[overrides] = scenario_hash(made)
        name = " ".join(overrides) or self.base.name
        self.scenarios.setdefault(mark, replace(made, name=name, story="", watch=""))
        return mark


Plan = list[tuple["Claim", "Condition | None", list[tuple[float, str]]]]


def plan(claims: Sequence[Claim], base: Scenario, conditions: bool) -> tuple[Markets, Plan]:
    """List the markets to simulate, and for each trial which to weigh against each other."""
    markets = Markets(base)
    trials: Plan = []
    for claim in claims:
        for condition in claim.trials() if conditions else [None]:
            arms = [(weight, markets.add(over)) for weight, over in claim.arms(condition)]
            trials.append((claim, condition, arms))
    return markets, trials


def judge_runs(
    trials: Plan, runs: Mapping[str, Mapping[int, Mapping[str, float]]]
) -> list[Finding]:
    """Turn outcomes into findings.

    Args:
        trials: From ``plan``.
        runs: Outcomes by hash of the market and seed.
    """
    from experiments.statistics import Difference, contrast
    from experiments.trial import Finding, Turn, judge, measure

    findings: dict[tuple[str, str], Finding] = {}
    for claim, condition, arms in trials:
        seeds = sorted(set.intersection(*(set(runs.get(mark, {})) for _, mark in arms)))
        for effect in claim.effects:

            def values(mark: str, name: str = effect.outcome) -> list[float]:
                return [measure(name, runs[mark][seed]) for seed in seeds]  # noqa: B023

            result: Difference = contrast([(weight, values(mark)) for weight, mark in arms])
            key = (claim.id, effect.outcome)
            if condition is None:
                findings[key] = Finding(claim, effect, result)
                continue
            main = findings[key]
            shift = contrast([(-1.0, main.result.values), (1.0, result.values)])
            turn = Turn(condition.label, result, shift)
            findings[key] = replace(main, turns=(*main.turns, turn))
    return judge(list(findings.values()))


def _task(call: Call) -> int:
    from experiments.compose import build_both
    from experiments.engine.plan import Plan, Point
    from experiments.session import Made, all_panels, simulate

    study, base = build_both(ClaimStudy, call.settings)
    claims = pick(study.only)
    study = study.for_job(call.number)
    markets, trials = plan(claims, base, study.conditions)
    label = "-".join(study.only[:3]) if study.only else "all"
    scenarios = list(markets.scenarios.values())
    points = tuple(Point(scenario) for scenario in scenarios)
    made = Made.of("claims", label, call.command, scenarios, study.seed)
    finished = simulate(made, Plan(points, study.seeds()), study, all_panels(study))
    if finished is None:
        return 0
    if len(finished.outcomes):
        _report(study, base, finished, trials)
    return 1 if finished.failed else 0


def _report(study: ClaimStudy, base: Scenario, finished: Finished, trials: Plan) -> None:
    """Judge, then print and store the tables and the figure."""
    import pandas as pd

    from experiments.claims_report import claim_figure, condition_rows, markdown, rows, text
    from experiments.figures import save

    runs: dict[str, dict[int, Mapping[str, float]]] = {}
    for row in finished.outcomes.to_dict("records"):
        outcomes = {str(name): value for name, value in row.items()}
        runs.setdefault(row["config_hash"], {})[row["seed"]] = outcomes
    findings = judge_runs(trials, runs)
    people, horizon = base.population, base.horizon
    heading = (
        f"{len({finding.claim.id for finding in findings})} claims on {len(runs)} markets, "
        f"{study.replicates} replicates of {people.size:,} customers, {horizon.months} months, "
        f"means over the last {horizon.window}; p corrected by Holm over {len(findings)} effects"
    )
    finished.folder.write_table("claims", pd.DataFrame(rows(findings)))
    finished.folder.write_table("conditions", pd.DataFrame(condition_rows(findings)))
    finished.folder.write_text("claims.md", markdown(findings, heading))
    finished.tell(f"{heading}\n\n{text(findings)}", save("claims", claim_figure(findings)))
