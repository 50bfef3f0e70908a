"""``bancassim run``: one scenario, several replicates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from experiments.session import Finished
    from experiments.shell import Call
    from experiments.statistics import Estimate
    from scenarios.schema import Scenario

USAGE = """\
bancassim run: simulate one scenario, several replicates

usage: bancassim run [key=value ...] [flags]

keys:
  scenario=NAME            what to simulate (bancassim list scenarios)
  GROUP=OPTION             another position of a lever (bancassim list groups)
  GROUP.KEY=VALUE          one setting, e.g. partnership.term=60 (bancassim list parameters)
  population.size=20000    customers
  horizon.months=264       length of a run, start-up included
  horizon.window=60        last months, over which outcomes are averaged
  seed=1                   replicate k runs with seed + k
  replicates=5             runs
  workers=null             processes; null uses every processor
  output_dir=null          result folder; null makes a new one below results/
  panel=true               keep all monthly tables; the market's is kept anyway
  executor=local           where runs are carried out: serial, local, dask (with scheduler=ADDRESS)
  reuse=true               take runs that other studies in the same folder have

flags:
  --dry-run                show what would be run, and about how long it takes
  --retry-failed           try runs again that failed earlier
  --cfg job                print the composed settings and stop
  --info                   print how they were composed
  -m                       one study per value: partnership.term=12,60,120
  --config-dir FOLDER      further YAML options of your own

examples:
  bancassim run
  bancassim run scenario=one_on_one_alliance partnership.term=60 replicates=10
  bancassim run population.size=2000 horizon.months=120
"""


def main(argv: Sequence[str]) -> int:
    """Run the verb with the words typed after it."""
    from experiments.shell import hydra_verb
    from experiments.study import Study

    return hydra_verb("run", Study, _task, argv)


def _task(call: Call) -> int:
    from experiments.compose import build_both
    from experiments.engine.plan import Plan, Point
    from experiments.session import Made, all_panels, simulate
    from experiments.study import Study

    study, scenario = build_both(Study, call.settings)
    study = study.for_job(call.number)
    plan = Plan((Point(scenario),), study.seeds())
    made = Made.of("run", scenario.name, call.command, [scenario], study.seed)
    finished = simulate(made, plan, study, all_panels(study) or ("market",))
    if finished is None:
        return 0
    if len(finished.outcomes):
        _report(scenario, finished, call.changes())
    return 1 if finished.failed else 0


def _report(scenario: Scenario, finished: Finished, changes: Sequence[str]) -> None:
    """Print and store the summary, draw the figure."""
    from experiments.burn_in import burn_in_text
    from experiments.console import EVIDENCE_HEADING, evidence_text, notes_text, outcome_text
    from experiments.figures import save, trajectory
    from experiments.statistics import mean_interval
    from scenarios.evidence import targets
    from sim.outcomes import OUTCOMES

    estimates: dict[str, Estimate] = {
        name: mean_interval(finished.outcomes[name]) for name in OUTCOMES
    }
    people, horizon = scenario.population, scenario.horizon
    panel = finished.panel("market")
    parts = [
        f"{scenario.name}{' with ' + ' '.join(changes) if changes else ''}: "
        f"{len(finished.outcomes)} replicates of {people.size:,} customers, "
        f"{horizon.months} months, means over the last {horizon.window}",
        outcome_text(estimates, OUTCOMES),
        notes_text(estimates),
        EVIDENCE_HEADING,
        evidence_text(estimates, OUTCOMES, targets()),
        burn_in_text(panel, horizon),
    ]
    text = "\n\n".join(part for part in parts if part)
    finished.tell(text, save("trajectory", trajectory(panel, horizon.burn_in)))
