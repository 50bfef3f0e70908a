"""Hydra around a verb: composition, flags and multirun are Hydra's, the words are ours."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields
from tempfile import TemporaryDirectory
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig, OmegaConf

from experiments.errors import UserError
from experiments.preflight import check_overrides
from experiments.study import Study

SWITCHES = {"--dry-run": "dry_run", "--retry-failed": "retry_failed"}
"""Flags without a value to the setting that they switch on."""
VALUED = {"--until": "until"}
"""Flags with a value to the setting that takes it."""


@dataclass(frozen=True)
class Call:
    """One job of a verb, as composed by Hydra.

    Attributes:
        settings: Everything composed, as plain nested values.
        overrides: What the user typed for this job.
        scenario: Name of the scenario chosen.
        number: Number of the job in a multirun, None in a single run.
        command: The whole command line.
        schema: Dataclass of the verb's own settings.
        varied: What was typed with several values, for verbs that make design points of them.
    """

    settings: dict[str, Any]
    overrides: tuple[str, ...]
    scenario: str
    number: int | None
    command: tuple[str, ...]
    schema: type[Study]
    varied: tuple[str, ...] = ()

    def changes(self) -> list[str]:
        """Overrides that change the scenario itself, for headings."""
        own = {field.name for field in fields(self.schema)} | {"scenario"}
        return [word for word in self.overrides if word.lstrip("+").partition("=")[0] not in own]


class _Stop(BaseException):
    """Carries an error through Hydra, which would print it in its own words."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def hydra_verb(
    verb: str,
    study: type[Study],
    task: Callable[[Call], int],
    typed: Sequence[str],
    refused: Mapping[str, str] | None = None,
    varying: bool = False,
) -> int:
    """Compose the settings of a verb and hand them to its task, once per job.

    Args:
        verb: Name of the verb and of its root configuration.
        study: Dataclass of the verb's own settings.
        task: What to do with the composed settings; returns an exit code.
        typed: Words typed after the verb.
        refused: Keys that this verb does not take, with what to type instead.
        varying: Whether several values of a key make design points of one study.

    Returns:
        The largest exit code of the jobs.

    Raises:
        Exception: Whatever the task or Hydra raised, unchanged.
    """
    argv = spell_out(typed)
    arguments = check_overrides(study, argv, refused, varying)
    varied: list[str] = []
    if varying:
        varied = _take_varied(study, arguments.overrides)
        for word in varied:
            argv.remove(word)
    codes = [0]

    def job(config: DictConfig) -> None:
        context = HydraConfig.get()
        try:
            call = Call(
                settings=_plain(config),
                overrides=tuple(context.overrides.task),
                scenario=str(context.runtime.choices["scenario"]),
                number=context.job.num if arguments.multirun else None,
                command=("bancassim", verb, *typed),
                schema=study,
                varied=tuple(varied),
            )
            codes.append(task(call))
        except Exception as error:
            raise _Stop(error) from error

    with ExitStack() as cleanup:
        words = [f"bancassim {verb}", *arguments.overrides, *_flags(argv, arguments.overrides)]
        if arguments.multirun:
            scratch = cleanup.enter_context(TemporaryDirectory(prefix="bancassim-"))
            words.insert(1, f"hydra.sweep.dir='{scratch}'")
        cleanup.callback(setattr, sys, "argv", sys.argv)
        cleanup.callback(_restore, "HYDRA_FULL_ERROR", os.environ.get("HYDRA_FULL_ERROR"))
        sys.argv = words
        os.environ["HYDRA_FULL_ERROR"] = "1"  # errors reach us instead of Hydra's own printer
        try:
            hydra.main(config_path="pkg://configs", config_name=verb, version_base="1.3")(job)()
        except _Stop as stop:
            raise stop.error from None
        except ValueError as error:
            raise UserError(f"Hydra: {error}") from error
    return max(codes)


def _take_varied(study: type[Study], overrides: list[str]) -> list[str]:
    """Take what varies out of the overrides: Hydra composes the rest.

    Raises:
        UserError: If a setting of the study itself varies.
    """
    parser = OverridesParser.create()
    varied = [word for word in overrides if parser.parse_override(word).is_sweep_override()]
    own = {field.name for field in fields(study)}
    keys = [word.lstrip("+").partition("=")[0] for word in varied]
    wrong = [
        f"{key}: belongs to the study as a whole and cannot vary" for key in keys if key in own
    ]
    if wrong:
        raise UserError(wrong)
    for word in varied:
        overrides.remove(word)
    return varied


def spell_out(argv: Sequence[str]) -> list[str]:
    """Write our own flags as the settings they stand for."""
    words: list[str] = []
    waiting = ""
    for word in argv:
        flag, equals, value = word.partition("=")
        if waiting:
            words.append(f"{waiting}={_quoted(word)}")
            waiting = ""
        elif word in SWITCHES:
            words.append(f"{SWITCHES[word]}=true")
        elif flag in VALUED and equals:
            words.append(f"{VALUED[flag]}={_quoted(value)}")
        elif word in VALUED:
            waiting = VALUED[word]
        else:
            words.append(word)
    if waiting:
        raise UserError(f"--{waiting}: needs a value, for example --{waiting} halfwidth=1%")
    return words


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _flags(argv: Sequence[str], overrides: Sequence[str]) -> list[str]:
    """Take the flags out of what was typed: Hydra wants them together, after the overrides."""
    rest = list(argv)
    for word in overrides:
        rest.remove(word)
    return rest


def _plain(config: DictConfig) -> dict[str, Any]:
    return {str(key): value for key, value in OmegaConf.to_container(config, resolve=True).items()}  # type: ignore[union-attr]


def _restore(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
