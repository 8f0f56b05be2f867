"""Showing rows: a table for people, JSON for programs, a sentence where there are none."""

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

Row = TypeVar("Row")


def show_rows(
    rows: Sequence[Row],
    *,
    as_json: bool,
    to_json: Callable[[Row], Any],
    table: Callable[[Sequence[Row]], Table],
    none: str,
) -> None:
    """Print all of ``rows``; ``none`` is what a person reads where there are none."""
    if as_json:
        data = [to_json(row) for row in rows]
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2, default=str))
    else:
        Console().print(table(rows) if rows else none)
