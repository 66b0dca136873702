"""Turn results into a table on the terminal, or into JSON."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from datetime import datetime, time
from decimal import Decimal
from enum import IntEnum
from typing import Any
from unicodedata import category

import click

EMPTY: tuple[Any, ...] = (None, "", ())
NAMING = ("id", "id_service", "title", "public_name", "status", "login", "author")
WIDEST, MARGIN = 30, 3


def show(result: Any, *, as_json: bool) -> None:
    """Write a result to the standard output."""
    if as_json:
        click.echo(json.dumps(_plain(result), ensure_ascii=False, indent=2))
    elif result is None:
        click.echo("ok")
    elif is_dataclass(result) and not isinstance(result, type):
        _table(["", ""], [[field.name, _cell(getattr(result, field.name))] for field in fields(result)], header=False)
    elif isinstance(result, tuple):
        _rows(result)
    else:
        click.echo(_cell(result))


def _rows(results: tuple[Any, ...]) -> None:
    if not results:
        click.echo("none")
        return
    names = [field.name for field in fields(results[0])]
    filled = [name for name in names if any(getattr(row, name) not in EMPTY for row in results)]
    cells = {name: [_cell(getattr(row, name)) for row in results] for name in filled}
    shown = _fitting(cells, shutil.get_terminal_size().columns)
    _table(shown, [list(row) for row in zip(*(cells[name] for name in shown), strict=True)], header=True)
    if len(shown) < len(filled):
        left_out = ", ".join(name for name in filled if name not in shown)
        click.echo(f"Too wide for this terminal: {left_out}. All of it: --json", err=True)


def _fitting(cells: Mapping[str, list[str]], width: int) -> list[str]:
    """Return the columns that fit, in their order: the first ones that name a row, then the narrowest."""
    widths = {name: min(max(map(len, (name, *column))), WIDEST) + MARGIN for name, column in cells.items()}
    names = list(cells)
    kept: set[str] = set()
    left = width - 1
    for name in sorted(names, key=lambda name: (name not in NAMING, widths[name])):
        if widths[name] <= left:
            kept.add(name)
            left -= widths[name]
    return [name for name in names if name in kept] or names[:1]


def _table(columns: list[str], rows: list[list[str]], *, header: bool) -> None:
    try:
        from rich.console import Console  # noqa: PLC0415 - an extra
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415
    except ImportError:
        raise click.ClickException("tables need rich: pip install 'apidouble[client]'; or say --json") from None
    table = Table(show_header=header)
    for column in columns:
        table.add_column(
            column, overflow="ellipsis" if header else "fold", no_wrap=header, max_width=WIDEST if header else None
        )
    for row in rows:
        table.add_row(*map(Text, row))  # Text: what authors write is no markup
    Console().print(table)


def _cell(value: Any) -> str:
    """Return what stands in a cell; signs that would steer the terminal are escaped."""
    return "".join(_visible(sign) for sign in _text(value))


def _visible(sign: str) -> str:
    if sign == " " or (sign.isprintable() and category(sign) != "Cf"):
        return sign
    return sign.encode("unicode_escape", "surrogatepass").decode()


def _text(value: Any) -> str:
    if isinstance(value, IntEnum):
        return f"{value.value} {value.name.lower().replace('_', ' ')}"
    if (
        is_dataclass(value)
        or isinstance(value, Mapping)
        or (isinstance(value, tuple) and any(map(is_dataclass, value)))
    ):
        return json.dumps(_plain(value), ensure_ascii=False)
    if isinstance(value, tuple):
        return ", ".join(map(_cell, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _plain(value: Any) -> Any:
    """Return what JSON can hold. Amounts stay exact: they are texts."""
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(name): _plain(below) for name, below in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(below) for below in value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, datetime | time) else value
