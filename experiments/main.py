"""The command ``bancassim``: finds the verb, runs it, and turns what goes wrong into plain words.

Nothing heavy is imported here, so that ``bancassim --help`` answers at once.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from experiments.errors import USAGE_CODE, Interrupted, complain, translate

VERBS = {
    "run": "one scenario, several replicates: outcomes beside evidence, figure, tables",
    "compare": "scenarios against a baseline, paired replicate by replicate",
    "sweep": "many design points, stored as they are done; repeat it to go on",
    "status": "how far a study is, what failed",
    "export": "a study as CSV or Excel",
    "sensitivity": "which settings matter, by Morris screening or Sobol indices",
    "discover": "in which box of settings something happens (PRIM)",
    "optimise": "positions of the levers that serve bank, insurer and customer best",
    "claims": "what is said about the countermeasures, put to trial with a verdict each",
    "list": "scenarios, groups and options, parameters, claims, outcomes, phases of a month",
}
"""Verb, also the name of its module below ``experiments``, to its line in the help."""

USAGE = """\
bancassim: an agent-based laboratory of bancassurance markets

usage: bancassim VERB [key=value ...]

{verbs}

bancassim VERB --help   keys and examples of a verb
bancassim --version     the version

first steps:
  bancassim compare                          yearly agency against one-on-one alliance
  bancassim run scenario=one_on_one_alliance partnership.term=60
  bancassim list scenarios
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: Words after the command name; those of the process by default.

    Returns:
        Exit code: 0 done, 1 failed, 2 not understood, 130 interrupted.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return _dispatch(words)
    except (KeyboardInterrupt, Interrupted) as stop:
        print(f"interrupted: {stop}" if str(stop) else "interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output left (``bancassim list | head``): no fault, nothing to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        known = translate(error)
        if known is not None:
            complain(known.lines)
            return known.code
        if isinstance(error, OSError):
            where = f"{error.filename}: " if error.filename else ""
            complain([f"{where}{error.strerror or error}; runs that are stored are kept"])
        else:
            traceback.print_exception(error)
        return 1


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        width = max(map(len, VERBS))
        listed = "\n".join(f"  {verb:<{width}}  {line}" for verb, line in VERBS.items())
        print(USAGE.format(verbs=listed), end="")
        return 0
    if words[0] == "--version":
        print(f"bancassim {_version()}")
        return 0
    verb, rest = words[0], words[1:]
    if verb in ("-sc", "--shell-completion"):
        from experiments.completion import main as complete

        return complete(words)
    if verb not in VERBS:
        from scenarios.nearest import did_you_mean

        hint = did_you_mean(verb, VERBS)
        complain([f"{verb}: no such verb; bancassim has {', '.join(VERBS)}{hint}"])
        return USAGE_CODE
    module: Any = import_module(f"experiments.{verb}")
    if "-h" in rest or "--help" in rest:
        print(module.USAGE, end="")
        return 0
    _check_agents()
    code: int = module.main(rest)
    return code


def _version() -> str:
    try:
        return version("bancassim")
    except PackageNotFoundError:
        return "(not installed)"


def _check_agents() -> None:
    """Make sure that the package ``agents`` is ours: another project uses the same name."""
    from experiments.errors import UserError

    home = Path(__file__).resolve().parent.parent
    spec = find_spec("agents")
    found = Path(spec.origin).resolve() if spec is not None and spec.origin else None
    if found is None or found.parent.parent != home:
        raise UserError(
            f"the package `agents` found is not bancassim's ({found or 'no file'}): "
            "install bancassim in an environment of its own",
            code=1,
        )


if __name__ == "__main__":
    sys.exit(main())
