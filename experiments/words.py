"""Words of commands that read a study and compose nothing: ``FOLDER key=value ...``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from experiments.errors import UserError
from scenarios.nearest import did_you_mean


def read_words(
    verb: str, argv: Sequence[str], keys: Mapping[str, str]
) -> tuple[str, dict[str, str]]:
    """Part a study's folder from settings.

    Args:
        verb: For messages.
        argv: Words typed; the folder stands alone or as ``study=FOLDER``.
        keys: Settings with their defaults.

    Returns:
        The folder, and every setting.

    Raises:
        UserError: With a line per mistake.
    """
    folders: list[str] = []
    values = dict(keys)
    problems: list[str] = []
    for word in argv:
        key, equals, value = word.partition("=")
        if word.startswith("-"):
            problems.append(f"{word}: no such flag")
        elif not equals or key == "study":
            folders.append(value if equals else word)
        elif key in keys:
            values[key] = value
        else:
            problems.append(f"{key}: no such key{did_you_mean(key, [*keys, 'study'])}")
    if not problems and len(folders) != 1:
        problems.append(f"{verb}: takes one study: bancassim {verb} FOLDER")
    if problems:
        raise UserError(problems)
    return folders[0], values
