"""``bancassim sweep``: design points times replicates, stored as they are done, taken up again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.study import SOURCE, Study
from scenarios.quantity import quantity

if TYPE_CHECKING:
    from experiments.engine.plan import Plan, Point
    from experiments.session import Finished
    from experiments.shell import Call
    from scenarios.schema import Scenario

USAGE = """\
bancassim sweep: many design points, several replicates each; repeat the command to go on

usage: bancassim sweep KEY=VALUE,VALUE,... [key=value ...] [flags]

what varies, in Hydra's syntax:
  partnership=part_time_agency,exclusive_alliance      options of a group
  supervision.fee_cap=0.02,0.03                        values of a setting
  partnership.term=range(12,121,12)                    from, to (left out), step
  bargaining.bank_power=interval(0.2,0.8)              an interval, for sampled designs
  platform.breach_rate=tag(log,interval(0.01,10))      the same, even in logarithms

keys:
  design=grid              every combination; or random, latin_hypercube, sobol, csv
  samples=64               design points of a sampled design
  points=FILE.csv          design points of design=csv: keys in the head, a point a row
  scenario=NAME            what is the same in all points (bancassim list scenarios)
  GROUP=OPTION             likewise; GROUP.KEY=VALUE too
  seed=1                   replicate k runs with seed + k, the same in every point
  replicates=5             runs of each point
  panel=false              keep the monthly tables
  workers=null             processes; null uses every processor
  executor=local           where runs are carried out: serial, local, dask
  scheduler=ADDRESS        of the Dask scheduler, tcp://HOST:8786
  reuse=true               take runs that other studies in the same folder have
  output_dir=null          result folder; null makes a new one below results/

flags:
  --dry-run                show the plan, what of it is done, and about how long the rest takes
  --retry-failed           try runs again that failed earlier
  --cfg job                print the composed settings and stop
  --config-dir FOLDER      further YAML options of your own

examples:
  bancassim sweep supervision.fee_cap=0.01,0.02,0.03 replicates=10 output_dir=caps
  bancassim sweep 'bargaining.bank_power=interval(0.2,0.8)' design=sobol samples=32 --dry-run
  bancassim status caps
  bancassim compare study=caps baseline=0
"""


@dataclass(frozen=True)
class Sweep(Study):
    """A study of design points."""

    design: str = quantity(
        "grid", "word", SOURCE, choices=("grid", "random", "latin_hypercube", "sobol", "csv")
    )
    samples: int = quantity(64, "design points", SOURCE, 1, 1_000_000, note="of a sampled design")
    points: str | None = quantity(None, "file", SOURCE, note="CSV of design points")


def main(argv: Sequence[str]) -> int:
    """Run the verb with the words typed after it."""
    from experiments.shell import hydra_verb

    return hydra_verb("sweep", Sweep, _task, argv, varying=True)


def _task(call: Call) -> int:
    from experiments.compose import build_both
    from experiments.design import places, read_axes
    from experiments.engine.plan import Plan
    from experiments.session import Made, all_panels, simulate
    from experiments.space import Composer, kinds

    study, base = build_both(Sweep, call.settings)
    if study.problems():
        from experiments.errors import UserError

        raise UserError(study.problems())
    known = kinds()
    found = places(study, read_axes(call.varied, known), known)
    composer = Composer("sweep", Sweep, call.scenario, call.overrides)
    points = composer.points(found)
    plan = Plan(points, study.seeds())
    made = Made("sweep", base.name, call.command, [base], identity(study.seed, points))
    finished = simulate(made, plan, study, all_panels(study))
    if finished is None:
        return 0
    if len(finished.outcomes):
        _report(plan, base, finished)
    return 1 if finished.failed else 0


def identity(seed: int, points: Sequence[Point]) -> list[str]:
    """What makes a set of design points this one."""
    return [str(seed), *(f"{point.label}:{point.config_hash}" for point in points)]


def _report(plan: Plan, base: Scenario, finished: Finished) -> None:
    """Print and store the means of the points, draw what the three parties get."""
    from experiments.figures import save
    from experiments.figures_response import response
    from experiments.sweep_report import point_means, sweep_text

    means = point_means(finished.outcomes, plan.varied)
    figures = save("response", response(means, plan.varied))
    finished.folder.write_table("means", means)
    finished.tell(sweep_text(means, plan, base), figures)
