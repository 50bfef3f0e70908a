"""``bancassim status``: how far a study is and what failed."""

from __future__ import annotations

from collections.abc import Sequence

USAGE = """\
bancassim status: how far a study is, what failed, what is left; also while it is at work

usage: bancassim status FOLDER

examples:
  bancassim status results/my_sweep
"""
MOST_FAILURES = 5


def main(argv: Sequence[str]) -> int:
    """Print how far a study is; 0 if every run is done, 1 if some failed or are left."""
    from experiments.engine.store import DONE, FAILED
    from experiments.stored import at_work, open_study
    from experiments.words import read_words

    folder, _ = read_words("status", argv, {})
    stored = open_study(folder)
    counts = stored.counts()
    planned = len(stored.plan)
    state = "at work now" if at_work(stored.path) else stored.manifest.get("status", "unknown")
    print(f"{stored.path}: {stored.manifest.get('verb', 'study')}, {state}")
    print(f"  command  {stored.manifest.get('command', 'unknown')}")
    share = counts[DONE] / planned if planned else 1.0
    print(f"  done     {counts[DONE]} of {planned} runs ({share:.0%})")
    print(f"  failed   {counts[FAILED]}")
    print(f"  left     {counts['left']}")
    times = stored.outcomes.loc[stored.outcomes["status"] == DONE, "wall_time"]
    if len(times):
        print(f"  a run    {times.mean():.3g} s on average")
    broken = stored.outcomes[stored.outcomes["status"] == FAILED]
    for row in broken.head(MOST_FAILURES).to_dict("records"):
        print(f"  failed: seed {row['seed']}, {row['stage']}: {row['message']}")
    if len(broken) > MOST_FAILURES:
        print(f"  ... and {len(broken) - MOST_FAILURES} more; see outcomes.parquet")
    return 0 if counts[DONE] == planned else 1
