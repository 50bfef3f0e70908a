"""``bancassim export``: the tables of a study as CSV or Excel."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

USAGE = """\
bancassim export: the tables of a study as CSV or Excel

usage: bancassim export FOLDER [format=csv|xlsx] [tables=NAME,...] [to=FOLDER]

keys:
  format=csv               csv: a file a table; xlsx: one workbook, a sheet a table
  tables=outcomes          which, by comma: outcomes plan points means differences claims
                           conditions panel_market ...; all takes every table of the study
  to=FOLDER/export         where to; without it a folder in the study

examples:
  bancassim export results/my_sweep
  bancassim export results/my_sweep format=xlsx tables=outcomes,means to=for_the_report
"""
FORMATS = ("csv", "xlsx")
SHEET_ROWS = 1_048_575
"""Rows below the head of an Excel sheet."""


def main(argv: Sequence[str]) -> int:
    """Write the tables and say where they are."""
    from experiments.errors import UserError
    from experiments.stored import open_study
    from experiments.words import read_words
    from scenarios.nearest import did_you_mean

    defaults = {"format": "csv", "tables": "outcomes", "to": ""}
    folder, wanted = read_words("export", argv, defaults)
    if wanted["format"] not in FORMATS:
        raise UserError(
            f"format = {wanted['format']}: must be one of {', '.join(FORMATS)}"
            f"{did_you_mean(wanted['format'], FORMATS)}"
        )
    stored = open_study(folder)
    there = {path.stem: path for path in sorted(stored.path.glob("*.parquet"))}
    there.setdefault("outcomes", stored.path / "outcomes.parquet")
    names = _names(wanted["tables"], list(there))
    tables = {name: stored.outcomes if name == "outcomes" else _read(there[name]) for name in names}
    target = Path(wanted["to"]).expanduser() if wanted["to"] else stored.path / "export"
    there_before = target.exists()
    try:
        target.mkdir(parents=True, exist_ok=True)
        files = (_csv if wanted["format"] == "csv" else _xlsx)(tables, target)
    except OSError as error:
        if not there_before:
            with suppress(OSError):
                target.rmdir()
        raise UserError(f"to = {target}: cannot be written ({error.strerror or error})") from None
    for path in files:
        print(path)
    return 0


def _names(text: str, there: Sequence[str]) -> list[str]:
    from experiments.errors import UserError
    from scenarios.nearest import did_you_mean

    if text == "all":
        return list(there)
    names = [name.strip() for name in text.split(",") if name.strip()]
    listed = ", ".join(there)
    problems = [
        f"tables: {name}: not in this study; there are {listed}{did_you_mean(name, there)}"
        for name in names
        if name not in there
    ]
    if problems or not names:
        raise UserError(problems or "tables: name at least one, or all")
    return list(dict.fromkeys(names))


def _read(path: Path) -> pd.DataFrame:
    from experiments.engine.tables import DAMAGE, read_table
    from experiments.errors import UserError

    try:
        table: pd.DataFrame = read_table(path).to_pandas()
        return table
    except DAMAGE as error:
        told = f"{path}: cannot be read ({error}); repeat the command that made it"
        raise UserError(told) from None


def _csv(tables: dict[str, pd.DataFrame], target: Path) -> list[Path]:
    return [_one_csv(table, target / f"{name}.csv") for name, table in tables.items()]


def _one_csv(table: pd.DataFrame, path: Path) -> Path:
    from experiments.engine.tables import replace_file

    # 17 digits give every number back as it was.
    replace_file(path, lambda file: table.to_csv(file, index=False, float_format="%.17g"))
    return path


def _xlsx(tables: dict[str, pd.DataFrame], target: Path) -> list[Path]:
    import pandas as pd

    from experiments.engine.tables import replace_file
    from experiments.errors import UserError

    long = [name for name, table in tables.items() if len(table) > SHEET_ROWS]
    if long:
        raise UserError(f"tables: {long[0]}: has more rows than an Excel sheet; take format=csv")
    book = io.BytesIO()
    try:
        with pd.ExcelWriter(book, engine="xlsxwriter") as writer:
            for name, table in tables.items():
                table.to_excel(writer, sheet_name=name[:31], index=False, freeze_panes=(1, 0))
    except ImportError:
        told = "format=xlsx: needs the extra: pip install 'bancassim[report]'"
        raise UserError(told) from None
    path = target / "study.xlsx"
    replace_file(path, lambda file: _write(file, book.getvalue()))
    return [path]


def _write(file: Path, content: bytes) -> None:
    file.write_bytes(content)
