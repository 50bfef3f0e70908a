"""What may go wrong on the user's side, each told in one clear line."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hydra.errors import MissingConfigException

USAGE_CODE = 2
"""Exit code when what the user typed cannot be done."""
MOST_LINES = 5
"""Problems that are told one by one."""


class UserError(Exception):
    """Something the user typed cannot be done.

    Attributes:
        lines: One clear line per problem.
        code: Exit code of the command.
    """

    def __init__(self, lines: str | Iterable[str], code: int = USAGE_CODE) -> None:
        self.lines = [lines] if isinstance(lines, str) else list(lines)
        self.code = code
        super().__init__("\n".join(self.lines))


class Interrupted(Exception):
    """The user stopped the command; the text says what was kept."""


def shorten(lines: Sequence[str]) -> list[str]:
    """Keep the first few of many lines and say how many more there are."""
    rest = len(lines) - MOST_LINES
    return [*lines[:MOST_LINES], f"and {rest} more problems"] if rest > 0 else list(lines)


def complain(lines: Iterable[str]) -> None:
    """Print each line on the error stream, marked as an error."""
    for line in lines:
        print(f"error: {line}", file=sys.stderr)


def translate(error: Exception) -> UserError | None:
    """Turn an error of the configuration libraries into one for the user.

    Args:
        error: Whatever a command raised.

    Returns:
        The error to show, or None when the error is not about what the user typed.
    """
    if isinstance(error, UserError):
        return error
    from hydra.errors import HydraException, MissingConfigException
    from omegaconf.errors import OmegaConfBaseException

    from scenarios.check import ScenarioError

    if isinstance(error, ScenarioError):
        return UserError(error.problems)
    if isinstance(error, MissingConfigException):
        return UserError(_missing(error))
    if isinstance(error, HydraException | OmegaConfBaseException):
        return UserError(first_line(error))
    return None


def unknown_option(group: str, option: str, options: Iterable[str]) -> str:
    """Say that a group has no such option, which there are, and the nearest."""
    from scenarios.nearest import did_you_mean

    words = list(options)
    listed = f"{group} has {', '.join(words)}" if words else f"there is no group {group}"
    return f"{group}={option}: no such option; {listed}{did_you_mean(option, words)}"


def _missing(error: MissingConfigException) -> str:
    group, _, option = (error.missing_cfg_file or "").rpartition("/")
    if error.options is None or not group:
        return first_line(error)
    return unknown_option(group, option.removesuffix(".yaml"), error.options)


def first_line(error: BaseException) -> str:
    """Take the first line that says something, of the error or of what caused it."""
    for candidate in (error, error.__cause__):
        lines = [line.strip() for line in str(candidate or "").splitlines() if line.strip()]
        if lines:
            return lines[0]
    return type(error).__name__
