"""Write the base option of every configuration group from the schema.

Run ``python -m scenarios.write_configs`` after a change of the schema; a test tells when it is due.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import Field, fields, is_dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from scenarios.schema import Scenario
from scenarios.values import bounds

BASE_OPTIONS = {
    "market": ("china_2010", "China around 2010: eight banks, twelve insurers, yearly talks"),
    "population": ("urban", "urban households with savings, jobs and neighbours"),
    "horizon": ("default", "two years of start-up, twenty years, outcomes over the last five"),
    "product": ("me_too", "the same savings policies at every counter, little else sold"),
    "partnership": ("part_time_agency", "many insurers a bank, agreements of one year"),
    "bargaining": ("nash", "each pair splits its surplus, given all other agreements"),
    "incentives": ("commission", "clerks get a share of the fee on what they sell"),
    "platform": ("paper", "applications travel on paper"),
    "service": ("reactive", "account managers answer when customers call"),
    "supervision": ("separate", "three authorities, each sees its own side"),
    "adaptation": ("fixed", "firms keep their levers as set"),
}
"""Group of the schema to the option that holds its defaults: name and description."""

HEADER = (
    "# {title}\n"
    "# {subject}\n"
    "# Written by `python -m scenarios.write_configs` from the schema: change the schema instead,\n"
    "# or add another option beside this one that holds only what differs.\n"
)


def config_files() -> dict[str, str]:
    """Make the text of every base option.

    Returns:
        Path relative to ``configs/`` to text.
    """
    default = Scenario()
    texts = {}
    for field in fields(default):
        section = getattr(default, field.name)
        if is_dataclass(section):
            option, title = BASE_OPTIONS.get(field.name, ("default", "the defaults of the schema"))
            texts[f"{field.name}/{option}.yaml"] = _text(section, title)
    return texts


def _text(section: Any, title: str) -> str:
    header = HEADER.format(title=title, subject=_title(section))
    return header + "".join(f"{line}\n" for line in _lines(section, ""))


def _title(section: Any) -> str:
    return (inspect.getdoc(type(section)) or type(section).__name__).splitlines()[0]


def _lines(section: Any, indent: str) -> Iterator[str]:
    for field in fields(section):
        value = getattr(section, field.name)
        if is_dataclass(value):
            yield f"{indent}{field.name}: # {_title(value)}"
            yield from _lines(value, f"{indent}  ")
        else:
            yield f"{indent}{field.name}: {_value(value)} # {_comment(field)}"


def _value(value: Any) -> str:
    """Write one value as YAML on one line."""
    plain = list(value) if isinstance(value, tuple) else value
    text = yaml.safe_dump(plain, default_flow_style=True, width=10_000, allow_unicode=True)
    return text.removesuffix("\n").removesuffix("\n...")


def _comment(field: Field[Any]) -> str:
    """Write unit, what is allowed, source and note, in that order."""
    about = field.metadata
    parts = [f"unit {about['unit']}", bounds(field), f"source {about['source']}"]
    return "; ".join(filter(None, parts)) + (f": {about['note']}" if about["note"] else "")


def main() -> None:
    """Write the files below the installed ``configs`` package and name what changed."""
    root = Path(str(files("configs")))
    changed = 0
    for name, text in config_files().items():
        path = root / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        changed += 1
        print(f"written {path}")
    print(f"{changed} of {len(config_files())} files changed")


if __name__ == "__main__":
    main()
