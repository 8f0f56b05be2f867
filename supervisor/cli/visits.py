"""``ramal visits``: the visit log, and whether it is as it was written."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table
from rich.text import Text

from supervisor.cli.listing import show_rows
from supervisor.cli.running import database, run
from supervisor.database.condominiums import find_condominium
from supervisor.database.pool import Connection
from supervisor.database.visit_chain import Chain, guard_trouble, walk_chains
from supervisor.database.visit_export import WriteVisit, exporting, visits, whole
from supervisor.errors import OperatorError
from supervisor.exports.making import Format, writer_of
from supervisor.exports.report import Report, TooLongError, verified_of

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="List, export and verify the visit log."
)

Condominium = Annotated[str | None, typer.Option(help="Its name; all if left out.")]
Since = Annotated[
    str | None, typer.Option(metavar="DATE", help="As 2026-11-20 or 2026-11-20T18:30.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class VisitLogError(OperatorError):
    """The log is not as it was written, or is not asked for rightly."""


@app.callback()
def visit_log() -> None:
    """The visit log: append-only, each entry with the hash of the one before."""


@app.command("list")
def list_all(
    *, condominium: Condominium = None, since: Since = None, as_json: AsJson = False
) -> None:
    """Show who came, when, and what was decided.

    Example: ramal visits list --since 2026-11-01
    """
    found: list[Mapping[str, Any]] = []
    run(_each(found.append, condominium, since))
    show_rows(found, as_json=as_json, to_json=dict, table=_table, none="There are no visits.")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv|.json|.xlsx|.pdf")],
    *,
    condominium: Condominium = None,
    since: Since = None,
    file_format: Annotated[
        str | None,
        typer.Option("--format", help="csv, json, xlsx or pdf; the file's ending if left out."),
    ] = None,
) -> None:
    """Write a file that can be verified without this program, or one for people.

    It carries each entry's record, its hash and the hash before it; the page visit-log of the
    documentation has the 20 lines of Python that check it. An XLSX file is for spreadsheets; a PDF
    is a report of one condominium, with the result of walking its chain.

    Example: ramal visits export visitas.csv --condominium "Edifício Aurora"
    """
    suffix = f".{file_format}" if file_format else file.suffix.lower()
    if suffix in REPORTS:
        count = run(_report(file, suffix, condominium, since))
    else:
        with exporting(file, suffix) as write:
            count = run(_each(write, condominium, since))
    typer.echo(f"Wrote {count} visits to {file}.")


@app.command()
def verify(*, condominium: Condominium = None, as_json: AsJson = False) -> None:
    """Walk the chain of hashes; name the first broken entry, with status 1.

    The last hash stands for the whole log: note it down where nobody can change it, and see later
    that the log still has it.

    Example: ramal visits verify --condominium "Edifício Aurora"
    """
    chains, guard = run(_verify(condominium))
    if as_json:
        typer.echo(json.dumps([_told(chain) for chain in chains], ensure_ascii=False, indent=2))
    else:
        for chain in chains:
            typer.echo(_line(chain))
    _complain(chains, guard)


async def _each(write: WriteVisit, condominium: str | None, since: str | None) -> int:
    count, begin = 0, _time(since)
    async with database() as connection:
        if condominium is not None:
            await find_condominium(connection, condominium)
        async for visit in visits(connection, condominium=condominium, since=begin):
            write(visit)
            count += 1
    return count


async def _report(file: Path, suffix: str, condominium: str | None, since: str | None) -> int:
    begin, count = _time(since), 0
    async with database() as connection:
        report = await _about(connection, suffix, condominium, begin)
        try:
            with whole(file) as partial, writer_of(REPORTS[suffix])(partial, report) as write:
                async for visit in visits(connection, condominium=condominium, since=begin):
                    write(visit)
                    count += 1
        except TooLongError as error:
            raise VisitLogError(f"{error}; export a shorter period with --since.") from None
    return count


async def _about(
    connection: Connection, suffix: str, condominium: str | None, since: datetime | None
) -> Report:
    chains = await walk_chains(connection, condominium)
    if len(chains) != 1 and suffix == ".pdf":
        raise VisitLogError("A PDF is of one condominium; name it with --condominium.")
    only = chains[0] if len(chains) == 1 else None
    rows = await connection.fetch("SELECT id, timezone FROM condominiums")
    zones = {str(row["id"]): str(row["timezone"]) for row in rows}
    return Report(
        made_at=datetime.now(UTC).isoformat(),
        condominium=only.condominium if only else None,
        timezones={str(chain.condominium_id): zones[str(chain.condominium_id)] for chain in chains},
        since=since.isoformat() if since else None,
        verified=verified_of(only) if only else None,
    )


REPORTS: Final[Mapping[str, Format]] = {".xlsx": "xlsx", ".pdf": "pdf"}


async def _verify(condominium: str | None) -> tuple[list[Chain], str | None]:
    async with database() as connection:
        return await walk_chains(connection, condominium), await guard_trouble(connection)


def _time(since: str | None) -> datetime | None:
    """A time without a zone is this machine's."""
    if since is None:
        return None
    try:
        return datetime.fromisoformat(since).astimezone()
    except ValueError:
        raise VisitLogError(
            f'"{since}" is no date; write it as 2026-11-20 or 2026-11-20T18:30.'
        ) from None


def _complain(chains: list[Chain], guard: str | None) -> None:
    broken = [chain for chain in chains if chain.broken]
    if broken:
        names = ", ".join(f'"{chain.condominium}"' for chain in broken)
        raise VisitLogError(
            f"The visit log of {names} is broken; compare it with an export made before that entry."
        )
    if guard:
        raise VisitLogError(
            f"The visit log is whole, but {guard}; ask who did that, and run: "
            "ALTER TABLE visits ENABLE ALWAYS TRIGGER append_only"
        )


def _line(chain: Chain) -> str:
    if chain.broken is None:
        last = f"\n  last hash {chain.last_hash}" if chain.entries else ""
        return f"{chain.condominium}: {chain.entries} entries, unbroken{last}"
    call = f" (call {chain.broken.call_id})" if chain.broken.call_id else ""
    return (
        f"{chain.condominium}: BROKEN at entry {chain.broken.position}: {chain.broken.reason}{call}"
    )


def _told(chain: Chain) -> dict[str, Any]:
    broken = chain.broken and {
        "position": chain.broken.position,
        "call_id": str(chain.broken.call_id) if chain.broken.call_id else None,
        "reason": chain.broken.reason,
    }
    return {
        "condominium": chain.condominium,
        "condominium_id": str(chain.condominium_id),
        "entries": chain.entries,
        "last_hash": chain.last_hash,
        "broken": broken,
    }


def _table(found: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("at", "condominium", "entry", "unit", "visitor", "outcome"):
        table.add_column(column, overflow="fold")
    for visit in found:
        data = visit["data"]
        unit = " ".join(str(data[name]) for name in ("block", "apartment") if data.get(name))
        at = datetime.fromisoformat(visit["at"]).astimezone()
        table.add_row(
            f"{at:%Y-%m-%d %H:%M}",
            Text(visit["condominium"]),
            str(visit["position"]),
            Text(unit),
            Text(str(data.get("visitor") or "")),
            Text(visit["outcome"]),
        )
    return table
