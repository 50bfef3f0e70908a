"""``bancassim optimise``: positions of the levers that serve bank, insurer and customer best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.study import SOURCE, Study
from scenarios.quantity import quantity

if TYPE_CHECKING:
    import pandas as pd

    from experiments.search import Search
    from experiments.session import Finished
    from experiments.shell import Call

USAGE = """\
bancassim optimise: search positions of the levers for several goals at once

usage: bancassim optimise KEY=VALUE,VALUE,... ['KEY=interval(LOW,HIGH)' ...] [key=value ...]

The search is NSGA-II (Deb et al. 2002, by Optuna). What is left is the Pareto front: points that
no other point beats in all goals. Every point runs with the same seeds, which are never searched.
Repeat the command to go on after a stop, or with more generations.

keys:
  objectives=[bank_value,insurer_value,customer_welfare]   made large; -NAME is made small
  generations=10           rounds of the search
  individuals=24           design points a round
  scenario=NAME            the market whose levers are searched; it is the first point
  GROUP=OPTION             what is the same in all points; GROUP.KEY=VALUE too
  population.size=5000     customers
  horizon.months=120       length of a run, start-up included
  horizon.window=48        last months, over which outcomes are averaged
  seed=1                   replicate k runs with seed + k; also of the search
  replicates=3             runs of each point, averaged
  workers=null             processes; null uses every processor
  executor=local           where runs are carried out: serial, local, dask
  output_dir=null          result folder; null makes a new one below results/

examples:
  bancassim optimise incentives=commission,balanced,deferred service=none,reactive,proactive \\
      'supervision.fee_cap=interval(0.01,0.05)' generations=5 output_dir=search
"""


@dataclass(frozen=True)
class Optimise(Study):
    """A search over levers."""

    objectives: tuple[str, ...] = quantity((), "outcomes", SOURCE, note="-NAME is made small")
    generations: int = quantity(10, "rounds", SOURCE, 1, 100_000)
    individuals: int = quantity(24, "design points a round", SOURCE, 4, 100_000)


def main(argv: Sequence[str]) -> int:
    """Run the verb with the words typed after it."""
    from experiments.shell import hydra_verb

    return hydra_verb("optimise", Optimise, _task, argv, varying=True)


def _task(call: Call) -> int:
    from experiments.compose import build_both
    from experiments.design import read_axes
    from experiments.errors import UserError
    from experiments.search import Search, goals_of
    from experiments.session import Made, Session, all_panels, ended
    from experiments.space import Composer, kinds
    from scenarios.check import scenario_hash

    study, base = build_both(Optimise, call.settings)
    axes = read_axes(call.varied, kinds())
    if not axes:
        raise UserError(
            "nothing varies; write several options of a lever, for example "
            "incentives=commission,balanced"
        )
    if study.dry_run:
        raise UserError(
            "--dry-run: a search finds its points on the way; at most "
            f"{study.generations * study.individuals * study.replicates:,} runs"
        )
    composer = Composer("optimise", Optimise, call.scenario, call.overrides)
    search = Search(study, axes, composer, goals_of(study.objectives))
    identity = [str(study.seed), scenario_hash(base), *sorted(call.varied)]
    made = Made("optimise", base.name, call.command, [base], identity)
    with Session(made, study, all_panels(study)) as session:
        table = search.run(session)
    finished = ended(session, table)
    if len(finished.outcomes):
        _report(study, search, finished)
    return 1 if finished.failed else 0


def _report(study: Optimise, search: Search, finished: Finished) -> None:
    """Print and store the front, draw it."""
    from experiments.figures import save
    from experiments.front import front_figure, front_table, front_text

    table: pd.DataFrame = front_table(search, finished.outcomes)
    finished.folder.write_table("front", table)
    heading = (
        f"{len(table)} design points, {study.replicates} replicates each; "
        f"{int(table['front'].sum())} on the Pareto front"
    )
    text = f"{heading}\n\n{front_text(table, search)}"
    finished.tell(text, save("front", front_figure(table, search.goals)))
