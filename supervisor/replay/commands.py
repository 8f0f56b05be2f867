"""The command ``ramal replay``."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
import yaml
from rich.console import Console

from supervisor.logs import configure_logs
from supervisor.replay.bundle import Bundle, ReplayError, load, save
from supervisor.settings import LogSettings, Settings, load_settings


def replay(
    call: Annotated[str, typer.Argument(metavar="CALL_ID|FOLDER", help="A recorded call.")],
    *,
    export: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write the call there, and play nothing."),
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting, as turns.complete_ms=220."),
    ] = None,
    extension: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="A setting of the extension, as ring_s=20."),
    ] = None,
    texts: Annotated[
        Path | None, typer.Option(metavar="F.yaml", help="Texts in place of the condominium's.")
    ] = None,
    recognition_ms: Annotated[
        int, typer.Option(min=0, max=10_000, help="What recognising shall take.")
    ] = 0,
    report: Annotated[
        Path | None, typer.Option(metavar="F.html", help="Write a page to look at.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Play a recorded call again with today's settings, models and texts, and tell what changed.

    Nothing rings and no door opens. Time is simulated: a call takes a second or two, and the same
    settings give the same result. Exit status 0 if the same was decided, 2 if not.
    """
    configure_logs(LogSettings(level="warning", format="console"))
    settings = _changed_settings(changes or [])
    bundle = _bundle(call, settings)
    if export is not None:
        save(bundle, export)
        typer.echo(f"{export}: {len(bundle.events)} events, {1 + len(bundle.residents)} recordings")
        return
    from supervisor.replay.differences import compare  # noqa: PLC0415 - loads models
    from supervisor.replay.playing import changed  # noqa: PLC0415
    from supervisor.replay.playing import replay as play  # noqa: PLC0415
    from supervisor.replay.show import page, show  # noqa: PLC0415

    own_texts = _texts(texts) if texts is not None else {}
    again = changed(bundle, own_texts, dict(_pair(each) for each in extension or []))
    difference = compare(bundle.events, play(again, settings, recognition_ms / 1000).events)
    title = f"Call {bundle.call_id} of {bundle.began:%Y-%m-%d %H:%M}"
    if as_json:
        typer.echo(json.dumps(difference.document(), ensure_ascii=False, default=str))
    else:
        show(Console(), difference, title)
    if report is not None:
        report.write_text(page(difference, title), encoding="utf-8")
    if not difference.same_decisions:
        raise typer.Exit(2)


def _bundle(call: str, settings: Settings) -> Bundle:
    if Path(call).is_dir():
        return load(Path(call))
    try:
        call_id = UUID(call)
    except ValueError:
        raise ReplayError(
            f'"{call}" is neither a call\'s id nor a folder that ramal replay --export wrote.'
        ) from None
    return asyncio.run(_fetched(call_id, settings))


async def _fetched(call_id: UUID, settings: Settings) -> Bundle:
    from supervisor.database.opening import database_url  # noqa: PLC0415 - only where it is asked
    from supervisor.database.pool import pooled  # noqa: PLC0415
    from supervisor.replay.fetching import fetch  # noqa: PLC0415

    async with database_url(settings) as url, pooled(url) as pool:
        return await fetch(pool, settings.data_dir, call_id)


def _changed_settings(changes: Sequence[str]) -> Settings:
    settings = load_settings()
    data: dict[str, Any] = settings.for_worker()
    for change in changes:
        key, value = _pair(change)
        *sections, last = key.split(".")
        inner = data
        for section in sections:
            inner = inner.get(section) or {}
            if not isinstance(inner, dict):
                raise ReplayError(f'There is no setting "{key}"; see docs/configuration.md.')
        if last not in inner:
            raise ReplayError(f'There is no setting "{key}"; see docs/configuration.md.')
        inner[last] = value
    try:
        return Settings.from_supervisor(data)
    except ValueError as wrong:
        raise ReplayError(f"A changed setting is wrong: {_first(wrong)}; correct it.") from None


def _first(wrong: ValueError) -> str:
    lines = str(wrong).splitlines()
    return lines[2].strip() if len(lines) > 2 else lines[0]


def _pair(text: str) -> tuple[str, Any]:
    """A key, and a value that is JSON where it can be, else text."""
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise ReplayError(f'"{text}" is not KEY=VALUE.')
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value


def _texts(file: Path) -> dict[str, Any]:
    try:
        read = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ReplayError(f"{file} cannot be read ({error}); correct it.") from None
    if not isinstance(read, dict):
        raise ReplayError(f"{file} must map keys to sentences, as docs/configuration.md shows.")
    return read
