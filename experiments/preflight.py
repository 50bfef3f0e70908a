"""Overrides checked before Hydra sees them, so that each mistake is told in our own words."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from hydra._internal.utils import get_args_parser
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException

from experiments.catalogue import groups
from experiments.errors import UserError, shorten, unknown_option
from experiments.overrides import fault, swept_values
from scenarios.nearest import did_you_mean
from scenarios.quantity import walk
from scenarios.schema import Scenario
from scenarios.values import Refused, read, show

_HANDS_OFF = (["hydra", "mode"], ["hydra", "sweeper"], ["hydra", "launcher"])
"""Settings of Hydra that would take over what we do ourselves."""


class _Flags:
    """Hydra's own parser of flags, with one line instead of a usage page on a mistake."""

    def __init__(self) -> None:
        self._parser = get_args_parser()
        self._parser.error = self._refuse  # type: ignore[method-assign]

    def parse(self, argv: Sequence[str]) -> argparse.Namespace:
        known, unknown = self._parser.parse_known_args(list(argv))
        flags = [word for word in unknown if word.startswith("-")]
        if flags:
            words = [word for action in self._parser._actions for word in action.option_strings]
            raise UserError(f"{flags[0]}: no such flag{did_you_mean(flags[0], words)}")
        known.overrides.extend(unknown)
        return known

    @staticmethod
    def _refuse(message: str) -> NoReturn:
        raise UserError(message)


def check_overrides(
    study: type,
    argv: Sequence[str],
    refused: Mapping[str, str] | None = None,
    varying: bool = False,
) -> argparse.Namespace:
    """Check the words typed after a verb.

    Args:
        study: Dataclass of the verb's own settings.
        argv: Flags and overrides.
        refused: Keys that this verb does not take, with what to type instead.
        varying: Whether the verb itself takes several values of a key.

    Returns:
        The flags as Hydra understands them; ``overrides`` holds the overrides.

    Raises:
        UserError: With one line per mistake.
    """
    arguments = _Flags().parse(argv)
    extra = [Path(arguments.config_dir)] if arguments.config_dir else []
    for folder in extra:
        if not folder.is_dir():
            raise UserError(f"--config-dir {folder}: no such folder")
    if varying and arguments.multirun:
        raise UserError("-m: is for other verbs; here several values of a key make design points")
    sweeping = varying or bool(arguments.multirun)
    checker = _Checker(study, groups(extra), dict(refused or {}), sweeping)
    problems = [problem for word in arguments.overrides for problem in checker.problems(word)]
    if problems:
        raise UserError(shorten(problems))
    return arguments


class _Checker:
    """Knows the valid keys and options of one verb."""

    def __init__(
        self,
        study: type,
        table: dict[str, list[str]],
        refused: dict[str, str],
        sweeping: bool,
    ) -> None:
        self.declared = {
            key: (hint, field) for schema in (Scenario, study) for key, field, hint in walk(schema)
        }
        keys = list(self.declared)
        self.parents = {
            key[:end] for key in keys for end in range(len(key)) if key[end : end + 1] == "."
        }
        self.keys = keys
        self.groups = {group: names for group, names in table.items() if group not in refused}
        self.refused = refused
        self.sweeping = sweeping
        self.parser = OverridesParser.create()

    def problems(self, word: str) -> Iterable[str]:
        try:
            override = self.parser.parse_override(word)
        except HydraException as error:
            yield f"{word}: cannot be read{_why(word, error)}"
            return
        key = override.key_or_group
        if not key:
            yield f"{word}: cannot be read; write key=value"
            return
        if key.split(".")[0].split("/")[0] == "hydra":
            if override.is_sweep_override() or key.split(".")[:2] in _HANDS_OFF:
                yield f"{key}: cannot be set here; several values of a key of ours need no more"
            return
        if override.package is not None:
            yield f"{word}: cannot be read; write {key}=OPTION, without the @"
            return
        if key in self.refused:
            yield f"{key}: {self.refused[key]}"
        elif key in self.groups and not override.is_add():
            yield from self._group_problems(override)
        elif key not in self.keys and key not in self.parents:
            yield f"{key}: no such key{did_you_mean(key, [*self.keys, *self.groups])}"
        elif override.is_add() and not word.startswith("++"):
            yield f"{key}: exists already; write {key}=..., without the +"
        elif override.is_delete():
            yield f"{key}: can be changed, not removed"
        elif override.is_sweep_override():
            yield from self._sweep_problems(override)

    def _sweep_problems(self, override: Override) -> Iterable[str]:
        """Check each value of a sweep now, not when its turn comes."""
        key, word = override.key_or_group, override.input_line or ""
        if not self.sweeping:
            listed = word.partition("=")[2]
            yield f"{word}: holds several values; for one run each add -m, for a list [{listed}]"
            return
        if fault(override):
            yield f"{word}: {fault(override)}"
            return
        if key in self.parents:
            return
        hint, field = self.declared[key]
        for value in swept_values(override):
            try:
                read(hint, field, value)
            except Refused as refusal:
                yield f"{key} = {show(value)}: {refusal}"

    def _group_problems(self, override: Override) -> Iterable[str]:
        group = override.key_or_group
        if override.is_delete():
            yield f"{group}: an option can be changed, not removed"
        elif override.is_sweep_override():
            if not self.sweeping:
                yield f"{override.input_line}: holds several options; for one run each add -m"
                return
            if override.is_interval_sweep():
                yield f"{override.input_line}: an interval needs a key that is a number"
                return
            if fault(override):
                yield f"{override.input_line}: {fault(override)}"
                return
            for option in override.sweep_string_iterator():
                if option not in self.groups[group]:
                    yield unknown_option(group, option, self.groups[group])
        else:
            option = override.get_value_element_as_str()
            if option not in self.groups[group]:
                yield unknown_option(group, option, self.groups[group])


def _why(word: str, error: Exception) -> str:
    """Explain in a few words why an override is malformed."""
    if "=" not in word:
        return "; write key=value"
    for opening, closing in ("[]", "{}", "()"):
        if word.count(opening) != word.count(closing):
            missing = closing if word.count(opening) > word.count(closing) else opening
            return f"; a {missing} is missing"
    if any(word.count(quote) % 2 for quote in "'\""):
        return "; a quotation mark is missing"
    lines = str(error).splitlines()
    return f"; {lines[0].lower()}" if lines else ""
