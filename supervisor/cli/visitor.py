"""``ramal visitor``: whom residents expect, with codes, and residents' PINs."""

import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Annotated, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import typer
from rich.table import Table
from rich.text import Text

from supervisor.admission.secrets import SecretHash, hash_of
from supervisor.cli.listing import show_rows
from supervisor.cli.running import database, run
from supervisor.database.condominiums import find_condominium
from supervisor.database.pool import Connection
from supervisor.database.visitor_list import (
    VisitorError,
    VisitorRow,
    add_visitor,
    find_resident_id,
    find_unit_id,
    issue_code,
    issue_pin,
    load_visitors,
    remove_pin,
    remove_visitor,
)
from supervisor.settings import load_settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="List, add, remove expected visitors; make codes and PINs.",
)

MADE_BY: Final = "command line"
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS: Final = re.compile(r"(\d{1,2}:\d{2})-(\d{1,2}:\d{2})")

Condominium = Annotated[str, typer.Option(help="Its name.")]
Unit = Annotated[str, typer.Option(help="The unit's number.")]
Block = Annotated[str | None, typer.Option(help="Where there are several.")]
VisitorId = Annotated[UUID, typer.Argument(metavar="ID", help="As the list shows it.")]


@app.command("list")
def list_all(
    condominium: Condominium,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show whom a condominium's units expect; codes are not shown.

    Example: ramal visitor list --condominium "Edifício Aurora"
    """
    rows, zone = run(_list(condominium))
    show_rows(
        rows,
        as_json=as_json,
        to_json=_shown,
        table=lambda shown: _table(shown, zone),
        none="Nobody is expected.",
    )


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A person's, or a firm's.")],
    *,
    condominium: Condominium,
    unit: Unit,
    until: Annotated[str, typer.Option(help='"2026-11-21 18:00", or all of a day.')],
    block: Block = None,
    since: Annotated[str | None, typer.Option("--from", help="From then on; else now.")] = None,
    days: Annotated[str | None, typer.Option(help="On these days only: mon,thu.")] = None,
    hours: Annotated[str | None, typer.Option(help="Between these hours only: 8:00-17:00.")] = None,
    uses: Annotated[int, typer.Option(help="How often the code is good; 0 for no limit.")] = 1,
    lets_in: Annotated[str, typer.Option(help="never, by_code or by_name.")] = "by_code",
    note: Annotated[str, typer.Option(help="For people who read the list.")] = "",
    code: Annotated[bool, typer.Option("--code", help="Make a code, and print it.")] = False,
) -> None:
    """Add somebody whom a unit expects.

    Example: ramal visitor add "Beatriz Souza" --condominium "Edifício Aurora" --unit 501 --block B
    --until "2026-11-21 23:00" --code
    """
    if lets_in not in ("never", "by_code", "by_name"):
        raise VisitorError(f'"{lets_in}" is not one of never, by_code and by_name.')
    if not name.strip() or uses < 0:
        raise VisitorError("A visitor needs a name, and a number of uses that is not below 0.")
    columns: dict[str, Any] = {
        "name": name.strip(),
        "note": note,
        "lets_in": lets_in,
        "most_uses": uses or None,
        "weekdays": _weekdays(days),
        "made_by": MADE_BY,
        **_hours(hours),
    }
    when = (since, until)
    made, digits = run(_add(condominium, unit, block, columns, when, with_code=code))
    typer.echo(f"{name.strip()} is expected; the entry is {made}.")
    _tell_code(digits)


@app.command("code")
def new_code(visitor_id: VisitorId) -> None:
    """Make a code for an expected visitor, in place of the one before, and print it once.

    Example: ramal visitor code 6f1c0d0a-4a4e-4a3c-9d53-1f5f1f6f2a10
    """
    _tell_code(run(_code(visitor_id)))


@app.command()
def remove(visitor_id: VisitorId) -> None:
    """Remove an expected visitor, and the code with it; what was recorded stays.

    Example: ramal visitor remove 6f1c0d0a-4a4e-4a3c-9d53-1f5f1f6f2a10
    """
    run(_remove(visitor_id))
    typer.echo(f"The visitor {visitor_id} is not expected any more.")


@app.command()
def pin(
    resident: Annotated[str, typer.Argument(metavar="RESIDENT", help="The resident's name.")],
    *,
    condominium: Condominium,
    unit: Unit,
    block: Block = None,
    void: Annotated[bool, typer.Option("--remove", help="Make the PIN void.")] = False,
) -> None:
    """Make a resident's PIN, in place of the one before, and print it once.

    Example: ramal visitor pin "Juliana Prado" --condominium "Edifício Aurora" --unit 501 --block B
    """
    made = run(_pin(condominium, unit, block, resident, void=void))
    if made is None:
        typer.echo(f"{resident} has no PIN any more.")
    else:
        typer.echo(f"The PIN of {resident}, shown only now: {made}")
        typer.echo("It is taken at extensions whose setting resident_pins is true.")


# ---------------------------------------------------------------- what they do


async def _list(condominium: str) -> tuple[list[VisitorRow], ZoneInfo]:
    async with database() as connection:
        condominium_id = await find_condominium(connection, condominium)
        zone = await _zone(connection, condominium_id)
        return await load_visitors(connection, condominium_id), zone


async def _add(
    condominium: str,
    unit: str,
    block: str | None,
    columns: dict[str, Any],
    when: tuple[str | None, str],
    *,
    with_code: bool,
) -> tuple[UUID, str | None]:
    async with database() as connection, connection.transaction():
        condominium_id = await find_condominium(connection, condominium)
        zone = await _zone(connection, condominium_id)
        since, until = when
        columns["ends_at"] = _moment(until, zone, days_more=len(until) == len("2026-11-21"))
        if since is not None:
            columns["starts_at"] = _moment(since, zone)
        unit_id = await find_unit_id(connection, condominium_id, unit, block)
        made = await add_visitor(connection, condominium_id, unit_id, columns)
        return made, await issue_code(connection, _hashes(), made) if with_code else None


async def _code(visitor_id: UUID) -> str:
    async with database() as connection:
        return await issue_code(connection, _hashes(), visitor_id)


async def _remove(visitor_id: UUID) -> None:
    async with database() as connection:
        await remove_visitor(connection, visitor_id)


async def _pin(
    condominium: str, unit: str, block: str | None, resident: str, *, void: bool
) -> str | None:
    async with database() as connection:
        condominium_id = await find_condominium(connection, condominium)
        unit_id = await find_unit_id(connection, condominium_id, unit, block)
        resident_id = await find_resident_id(connection, unit_id, resident)
        if not void:
            return await issue_pin(connection, _hashes(), resident_id, MADE_BY)
        if not await remove_pin(connection, resident_id):
            raise VisitorError(f"{resident} has no PIN.")
        return None


async def _zone(connection: Connection, condominium_id: UUID) -> ZoneInfo:
    name: str = await connection.fetchval(
        "SELECT timezone FROM condominiums WHERE id = $1", condominium_id
    )
    return ZoneInfo(name)


def _hashes() -> SecretHash:
    settings = load_settings()
    return hash_of(settings.visitors, settings.data_dir)


# ---------------------------------------------------------------- what is written


def _moment(written: str, zone: ZoneInfo, *, days_more: int = 0) -> datetime:
    """By the place's clock, unless it says otherwise; who says "until the 21st" means all of it."""
    try:
        moment = datetime.fromisoformat(written) + timedelta(days=days_more)
    except (ValueError, OverflowError):
        raise VisitorError(f'"{written}" is no moment, such as "2026-11-21 18:00".') from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def _weekdays(written: str | None) -> list[int] | None:
    if written is None:
        return None
    days = [day.strip().lower() for day in written.split(",")]
    if unknown := [day for day in days if day not in DAYS]:
        raise VisitorError(f'"{unknown[0]}" is no day; use {",".join(DAYS)}.')
    return sorted({DAYS.index(day) + 1 for day in days})


def _hours(written: str | None) -> dict[str, time | None]:
    if written is None:
        return {"from_time": None, "until_time": None}
    found = _HOURS.fullmatch(written.replace(" ", ""))
    try:
        if found is None:
            raise ValueError(written)
        begin, end = (time.fromisoformat(hour.zfill(5)) for hour in found.groups())
        if begin == end:
            raise ValueError(written)
    except ValueError:
        raise VisitorError(f'"{written}" are no hours, such as 8:00-17:00.') from None
    return {"from_time": begin, "until_time": end}


def _tell_code(code: str | None) -> None:
    if code is not None:
        typer.echo(f"The code, shown only now: {code}. At the gate: # {code} #, or read out.")


def _shown(row: VisitorRow) -> dict[str, Any]:
    times = (row.from_time, row.until_time)
    begin, end = (None if each is None else each.strftime("%H:%M") for each in times)
    return {
        "id": str(row.id),
        "name": row.name,
        "block": row.block,
        "unit": row.number,
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
        "weekdays": list(row.weekdays),
        "from_time": begin,
        "until_time": end,
        "lets_in": row.lets_in,
        "most_uses": row.most_uses,
        "uses": row.uses,
        "has_code": row.has_code,
        "note": row.note,
        "made_by": row.made_by,
    }


def _table(rows: Sequence[VisitorRow], zone: ZoneInfo) -> Table:
    """One visitor on two lines: the id is what the other commands take."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column()
    table.add_column(overflow="fold")
    for row in rows:
        unit = f"{row.block}/{row.number}" if row.block else row.number
        used = f"{row.uses} of {row.most_uses or 'any number of'} uses"
        code = f"code, {used}" if row.has_code else "no code"
        table.add_row(unit, Text(f"{row.name}: {_when(row, zone)}; {row.lets_in}, {code}"))
        table.add_row("", Text(str(row.id), style="dim"))
    return table


def _when(row: VisitorRow, zone: ZoneInfo) -> str:
    begin, end = (
        each.astimezone(zone).strftime("%Y-%m-%d %H:%M") for each in (row.starts_at, row.ends_at)
    )
    days = ", ".join(DAYS[day - 1] for day in row.weekdays)
    hours = f"{row.from_time:%H:%M}-{row.until_time:%H:%M}" if row.from_time else ""
    return " ".join(part for part in (f"{begin} to {end}", days, hours) if part)
