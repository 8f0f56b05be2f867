"""``ramal voice``: voices that a condominium has cloned, with the consent of whose they are."""

import getpass
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import typer
from rich.table import Table
from rich.text import Text

from audiosocket.slin import from_bytes
from audiosocket.wav import write_wav
from supervisor.cli.listing import show_rows
from supervisor.cli.running import database, prepare, run
from supervisor.database.condominiums import find_condominium
from supervisor.database.opening import database_url
from supervisor.database.pool import Connection, pooled
from supervisor.database.voices import (
    Consent,
    NewVoice,
    VoiceRow,
    add_voice,
    list_voices,
    load_manners,
    note_by_hand,
    revoke_voice,
)
from supervisor.errors import OperatorError
from supervisor.voices.keeper import VoiceKeeper
from supervisor.voices.preparing import (
    LARGEST_CONSENT_BYTES,
    Prepared,
    RefusedRecordingError,
    check_audio,
    prepare_recording,
)
from supervisor.voices.studio import StudioError
from tts.profiles import DEFAULT_PROFILE, PROFILES

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Add, list, preview and revoke voices."
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="What extensions call it.")]
Condominium = Annotated[str, typer.Option(help="Its name.")]
RATE_HZ = 16_000


class VoiceError(OperatorError):
    """Nothing can be done with a voice; the message says why and what to do."""


@app.command("list")
def list_all(
    *,
    condominium: Condominium,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show a condominium's voices, those that were revoked too, and who consented to them.

    Example: ramal voice list --condominium "Edifício Aurora"
    """
    rows = run(_list(condominium))
    none = "There are no voices yet; see: ramal voice add --help"
    show_rows(rows, as_json=as_json, to_json=dict, table=_table, none=none)


@app.command()
def add(
    name: Name,
    recording: Annotated[Path, typer.Argument(metavar="FILE", help="wav, flac, mp3 or ogg.")],
    *,
    condominium: Condominium,
    consent_by: Annotated[str, typer.Option(help="Whose voice it is: a full name.")],
    consent_statement: Annotated[str, typer.Option(help="What they consented to.")],
    consent_recording: Annotated[
        Path | None, typer.Option(help="The consent as it was spoken.")
    ] = None,
    profile: Annotated[str, typer.Option(help="fast, balanced or expressive.")] = DEFAULT_PROFILE,
    pitch: Annotated[float, typer.Option(min=0, max=1, help="0.5 is its own.")] = 0.5,
    speed: Annotated[float, typer.Option(min=0.5, max=2, help="A factor.")] = 1.0,
) -> None:
    """Have a voice cloned from 6 to 60 s of speech. Whose voice it is must have consented to it.

    Example: ramal voice add Maria maria.wav --condominium "Edifício Aurora"
    --consent-by "Maria da Silva" --consent-statement "Autorizo o uso da minha voz na portaria."
    """
    if profile not in PROFILES:
        raise VoiceError(f'There is no profile "{profile}"; use {", ".join(PROFILES)}.')
    if not consent_by.strip() or not consent_statement.strip():
        raise VoiceError("Without a consent no voice is cloned; say who gave it, and to what.")
    spoken = _spoken(consent_recording) if consent_recording is not None else None
    consent = Consent(consent_by, datetime.now(UTC), consent_statement, spoken)
    manner = {"profile": profile, "pitch": pitch, "speed": speed}
    prepared = run(_add(condominium, name, recording, consent, manner))
    for warning in prepared.warnings:
        typer.echo(f"Mind: {warning}", err=True)
    typer.echo(
        f"{name} is kept, with {prepared.duration_s:.0f} s of speech; the server clones it now. "
        f'Have it speak with: ramal extension set NUMBER --voice "{name}"'
    )


@app.command()
def preview(
    name: Name,
    text: Annotated[str, typer.Argument(metavar="TEXT")],
    *,
    condominium: Condominium,
    out: Annotated[Path, typer.Option(help="A WAV file.")],
    language: Annotated[str, typer.Option(help="Of the text.")] = "pt-BR",
) -> None:
    """Hear a voice say a short text, before callers do.

    Example: ramal voice preview Maria "Bom dia!" --condominium "Edifício Aurora" --out maria.wav
    """
    slin = run(_preview(condominium, name, text, language))
    write_wav(out, from_bytes(slin), RATE_HZ)
    typer.echo(f"{out} has {len(slin) / 2 / RATE_HZ:.1f} s of {name}.")


@app.command()
def revoke(name: Name, *, condominium: Condominium) -> None:
    """Silence a voice for good: its recording, its latents and its cached prompts are deleted.

    Who consented, when, and in which words stays on record. Calls that go on use the usual voice
    from their next sentence.

    Example: ramal voice revoke Maria --condominium "Edifício Aurora"
    """
    run(_revoke(condominium, name))
    typer.echo(f"{name} is revoked: it speaks no more, and what it was made of is deleted.")


async def _list(condominium: str) -> Sequence[Mapping[str, Any]]:
    async with database() as connection:
        return await list_voices(connection, await find_condominium(connection, condominium))


async def _add(
    condominium: str, name: str, recording: Path, consent: Consent, manner: Mapping[str, Any]
) -> Prepared:
    async with database() as connection:
        condominium_id = await find_condominium(connection, condominium)
        prepared = await _prepared(recording)
        new = NewVoice(
            condominium_id,
            name,
            consent,
            prepared.flac,
            prepared.duration_s,
            prepared.warnings,
            prepared.measures,
            **manner,
        )
        try:
            async with connection.transaction():
                voice_id = await add_voice(connection, new)
                await note_by_hand(connection, voice_id, "POST", _by_hand(), {"name": name})
        except asyncpg.UniqueViolationError:
            raise VoiceError(
                f"There is a voice {name} already; choose another name, or revoke it first."
            ) from None
        except asyncpg.CheckViolationError:
            raise VoiceError(f'"{name}" is no name of a voice; choose another.') from None
        return prepared


async def _prepared(recording: Path) -> Prepared:
    """From a copy: what is made of it lies beside."""
    with tempfile.TemporaryDirectory(prefix="ramal-voice-") as folder:
        copy = Path(folder) / "reference"
        try:
            shutil.copyfile(recording, copy)
            return await prepare_recording(copy)
        except OSError as error:
            raise VoiceError(f"{recording} cannot be read ({error.strerror}).") from error
        except RefusedRecordingError as refused:
            raise VoiceError(f"{recording} cannot be used: {refused}.") from None


def _spoken(file: Path) -> bytes:
    """A consent as it was recorded: evidence, which is kept as it is."""
    try:
        if file.stat().st_size > LARGEST_CONSENT_BYTES:
            raise VoiceError(f"{file} is larger than {LARGEST_CONSENT_BYTES >> 20} MiB.")
        run(check_audio(file))
        return file.read_bytes()
    except OSError as error:
        raise VoiceError(f"{file} cannot be read ({error.strerror}).") from error
    except RefusedRecordingError as refused:
        raise VoiceError(f"{file} cannot be used: {refused}.") from None


async def _preview(condominium: str, name: str, text: str, language: str) -> bytes:
    settings = prepare()
    async with database_url(settings) as url, pooled(url) as pool:
        async with pool.acquire() as connection:
            row = await _find(connection, condominium, name)
        if row.state != "ready":
            raise VoiceError(f"{name} cannot speak: it is {row.state}; see: ramal voice list")
        keeper = VoiceKeeper(settings, pool)
        try:
            return await keeper.say(row, text, language, rate_hz=RATE_HZ)
        except StudioError as error:
            raise VoiceError(f"{name} cannot be heard now: {error}.") from None
        finally:
            await keeper.close()


async def _revoke(condominium: str, name: str) -> None:
    async with database() as connection, connection.transaction():
        row = await _find(connection, condominium, name)
        voice_id = UUID(row.id)
        if not await revoke_voice(connection, voice_id):
            raise VoiceError(f"{name} was revoked before.")
        await note_by_hand(connection, voice_id, "POST", _by_hand(), {"state": "revoked"})


async def _find(connection: Connection, condominium: str, name: str) -> VoiceRow:
    manners = await load_manners(connection, await find_condominium(connection, condominium))
    found = next((row for row in manners.voices if row.name == name), None)
    if found is None:
        known = ", ".join(row.name for row in manners.voices) or "none yet"
        raise VoiceError(f'There is no voice "{name}"; there are: {known}.')
    return found


def _by_hand() -> str:
    return f"ramal voice, {getpass.getuser()}"


def _table(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("name", "state", "profile", "consent", "on"):
        table.add_column(column, overflow="fold")
    for row in rows:
        why = f"{row['state']}: {row['state_reason']}" if row["state_reason"] else row["state"]
        day = row["consent_at"].strftime("%Y-%m-%d")
        table.add_row(*map(Text, (row["name"], why, row["profile"], row["consent_by"], day)))
    return table
