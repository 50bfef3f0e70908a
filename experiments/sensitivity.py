"""``bancassim sensitivity``: which settings matter, by Morris screening or Sobol indices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.study import SOURCE, Study
from scenarios.quantity import quantity

if TYPE_CHECKING:
    from experiments.design import Axis
    from experiments.engine.plan import Plan
    from experiments.session import Finished
    from experiments.shell import Call
    from scenarios.schema import Scenario

USAGE = """\
bancassim sensitivity: which settings matter for which outcomes

usage: bancassim sensitivity ['KEY=interval(LOW,HIGH)' ...] [key=value ...] [flags]

what varies:
  'bargaining.bank_power=interval(0.2,0.8)'   a setting over an interval; tag(log,...) too
  settings=[population.choice,incentives]     every number below these keys, around its value
  around=0.2                                  how far around, as a share of the value
  (without either, a dozen assumptions that matter to most questions)

keys:
  method=morris            morris: cheap screening, first; sobol: shares of variance, later
  samples=16               trajectories (morris); base samples, a power of two (sobol)
  outcomes=[...]           what is looked at (bancassim list outcomes)
  scenario=NAME            the market around which settings vary
  GROUP=OPTION             likewise; GROUP.KEY=VALUE too
  population.size=5000     customers
  horizon.months=120       length of a run, start-up included
  horizon.window=48        last months, over which outcomes are averaged
  seed=1                   replicate k runs with seed + k, the same in every point
  replicates=3             runs of each point, averaged
  workers=null             processes; null uses every processor
  executor=local           where runs are carried out: serial, local, dask
  output_dir=null          result folder; null makes a new one below results/

flags:
  --dry-run                show the plan, what of it is done, and about how long the rest takes
  --retry-failed           try runs again that failed earlier

examples:
  bancassim sensitivity --dry-run
  bancassim sensitivity settings=[population.choice] outcomes=[customer_welfare] output_dir=screen
  bancassim sensitivity method=sobol samples=64 'bargaining.bank_power=interval(0.2,0.8)' \\
      'partnership.term=interval(12,180)' partnership=panel
"""

DEFAULT_SETTINGS = (
    "population.choice.persuasion",
    "population.choice.brand_similarity",
    "population.choice.yuan_per_util",
    "population.choice.inertia",
    "population.policy_life.gap_sensitivity",
    "population.literacy_mean",
    "bargaining.bank_power",
    "incentives.pass_through",
    "incentives.effort_substitution",
    "incentives.ethics_mean",
    "supervision.bank_sight",
    "market.deposit_margin",
)
"""What varies if nothing is typed: assumptions that no figure pins down."""
FEWEST = {"morris": 4, "sobol": 32}
"""Samples below which the indices would be noise."""
STRUCTURAL = ("horizon.", "population.size", "market.banks", "market.branches", "market.insurers")
"""Settings that ``settings`` leaves out: they change the market's size, not its behaviour."""


@dataclass(frozen=True)
class Sensitivity(Study):
    """A study of which settings matter."""

    method: str = quantity("morris", "word", SOURCE, choices=("morris", "sobol"))
    samples: int = quantity(16, "trajectories or base samples", SOURCE, 1, 1_000_000)
    around: float = quantity(0.2, "share of the value", SOURCE, 0.001, 1.0)
    settings: tuple[str, ...] = quantity((), "keys or parts of keys", SOURCE)
    outcomes: tuple[str, ...] = quantity((), "outcomes", SOURCE)


def main(argv: Sequence[str]) -> int:
    """Run the verb with the words typed after it."""
    from experiments.shell import hydra_verb

    return hydra_verb("sensitivity", Sensitivity, _task, argv, varying=True)


def _task(call: Call) -> int:
    from experiments.compose import build_both
    from experiments.engine.plan import Plan
    from experiments.errors import UserError
    from experiments.indices import design, settings_at
    from experiments.session import Made, all_panels, simulate
    from experiments.space import Composer
    from experiments.sweep import identity

    study, base = build_both(Sensitivity, call.settings)
    axes = _axes(study, base, call.varied)
    problems = [*study.problems(), *_problems(study, axes)]
    if problems:
        raise UserError(problems)
    shares = design(study.method, axes, study.samples, study.seed)
    composer = Composer("sensitivity", Sensitivity, call.scenario, call.overrides)
    points = composer.points(settings_at(axes, shares))
    plan = Plan(points, study.seeds())
    made = Made(
        "sensitivity",
        f"{study.method}-{base.name}",
        call.command,
        [base],
        [study.method, *identity(study.seed, points)],
    )
    finished = simulate(made, plan, study, all_panels(study))
    if finished is None:
        return 0
    if finished.failed:
        raise UserError(
            f"{finished.failed} runs failed: indices need every design point; see "
            f"bancassim status {finished.folder.path}, then repeat with --retry-failed",
            code=1,
        )
    _report(study, axes, shares, plan, finished)
    return 0


def _axes(study: Sensitivity, base: Scenario, varied: Sequence[str]) -> list[Axis]:
    """What varies: typed intervals, and settings around their values."""
    from experiments.design import read_axes
    from experiments.indices import around_values
    from experiments.space import kinds

    typed = read_axes(varied, kinds())
    wanted = study.settings or (() if typed else DEFAULT_SETTINGS)
    own = {axis.key for axis in typed}
    found = around_values(base, wanted, study.around, STRUCTURAL)
    return [*typed, *(axis for axis in found if axis.key not in own)]


def _problems(study: Sensitivity, axes: Sequence[Axis]) -> list[str]:
    """List what makes the study one that could not be read."""
    from scenarios.nearest import did_you_mean
    from sim.outcomes import OUTCOMES

    found = [
        f"outcomes: {name}: no such outcome{did_you_mean(name, OUTCOMES)}"
        for name in study.outcomes
        if name not in OUTCOMES
    ]
    found += [
        f"outcomes: {name}: stands twice"
        for name in dict.fromkeys(study.outcomes)
        if study.outcomes.count(name) > 1
    ]
    if "" in study.settings:
        found.append("settings: '' is in every key; name keys, or parts of them")
    if not study.outcomes:
        found.append("outcomes = []: name at least one (bancassim list outcomes)")
    if len(axes) < 2:
        found.append(f"{len(axes)} settings vary: to rank them, let at least two vary")
    fewest = FEWEST[study.method]
    if study.samples < fewest:
        advice = "" if study.method == "morris" else ", or screen with method=morris first"
        found.append(
            f"samples = {study.samples}: too few for {study.method}, the intervals would be wider "
            f"than the indices; take at least {fewest}{advice}"
        )
    elif study.method == "sobol" and study.samples & (study.samples - 1):
        found.append(
            f"samples = {study.samples}: Sobol indices take a power of two, "
            f"for example {2 ** study.samples.bit_length()}"
        )
    return found


def _report(
    study: Sensitivity, axes: Sequence[Axis], shares: object, plan: Plan, finished: Finished
) -> None:
    """Work out the indices, print and store them, draw them."""
    from experiments.figures import save
    from experiments.indices import index_figure, index_table, index_text
    from experiments.sweep_report import point_means

    table = index_table(study, axes, shares, finished.outcomes)
    finished.folder.write_table("indices", table)
    finished.folder.write_table("means", point_means(finished.outcomes, plan.varied))
    heading = (
        f"{study.method}: {len(axes)} settings, {len(plan.points)} design points, "
        f"{study.replicates} replicates each under the same seeds"
    )
    text = f"{heading}\n\n{index_text(table, study.method)}"
    finished.tell(text, save("indices", index_figure(table, study.method)))
