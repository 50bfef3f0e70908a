"""Tab completion: verbs are ours, keys and options come from Hydra's own completion.

``eval "$(bancassim -sc install=bash)"`` switches it on; the shell then asks
``bancassim -sc query=bash`` with the line typed so far in ``COMP_LINE``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.resources import files


def main(argv: Sequence[str]) -> int:
    """Answer the shell: install the hook, or list what may come next.

    Args:
        argv: ``-sc`` and one of ``install=SHELL``, ``uninstall=SHELL``, ``query=SHELL``.
    """
    from experiments.errors import UserError
    from experiments.list import TOPICS
    from experiments.main import VERBS

    request = argv[1] if len(argv) == 2 else ""
    what, _, shell = request.partition("=")
    if what not in ("install", "uninstall", "query") or shell not in ("bash", "fish", "zsh"):
        raise UserError("-sc: write -sc install=bash, install=fish or install=zsh")
    if what != "query":
        _ask_hydra("run", argv)
        return 0
    line = os.environ.get("COMP_LINE", "")
    words = line.split()
    typing_verb = len(words) < 2 or (len(words) == 2 and not line.endswith(" "))
    if typing_verb or words[1] not in VERBS:
        print(" ".join(VERBS) if typing_verb else "")
    elif words[1] == "list":
        print(" ".join(TOPICS))
    elif not (files("configs") / f"{words[1]}.yaml").is_file():
        print("")  # it reads a folder, which the shell completes
    else:
        os.environ["COMP_LINE"] = line.replace(f"{words[1]} ", "", 1)
        _ask_hydra(words[1], argv)
    return 0


def _ask_hydra(verb: str, argv: Sequence[str]) -> None:
    """Let Hydra's completion plugin print for one verb."""
    import hydra

    before = sys.argv
    sys.argv = ["bancassim", *argv]
    try:
        hydra.main(config_path="pkg://configs", config_name=verb, version_base="1.3")(_nothing)()
    finally:
        sys.argv = before


def _nothing(_: object) -> None:
    """Stand where a task would be: completion runs none."""
