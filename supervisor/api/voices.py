"""Cloned voices over HTTP: recorded with a consent, tried out, named by extensions, revoked."""

import asyncio
import io
import wave
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from aiohttp import hdrs, web
from pydantic import BaseModel, Field

from supervisor.api.crud import Resource, endpoints_of, etag_of, found, unchanged
from supervisor.api.endpoint import Answer, Ask, Change, Endpoint
from supervisor.api.gate import AUDITED, access_of
from supervisor.api.models import NO_FLAG, Given, Instant, Language, OneLine, absent
from supervisor.api.pages import Paging
from supervisor.api.problems import Problem, wrong
from supervisor.api.reading import missing, row_of
from supervisor.api.uploads import Form, FormFile, Received, received
from supervisor.database.audit import write_accesses
from supervisor.database.pool import Connection
from supervisor.database.resources import Key, Table, delete_row, find_row
from supervisor.database.tenancy import scoped
from supervisor.database.voices import (
    Consent,
    NewVoice,
    State,
    add_voice,
    consent_recording,
    find_voice,
    named_by,
    revoke_voice,
)
from supervisor.voices.preparing import (
    LARGEST_CONSENT_BYTES,
    LARGEST_FILE_BYTES,
    Prepared,
    RefusedRecordingError,
    check_audio,
    prepare_recording,
)
from supervisor.voices.studio import StudioError
from tts.profiles import DEFAULT_PROFILE, ProfileName

BYTES: Final = "application/octet-stream"
MOST_VOICES: Final = 50
"""Of a condominium, without those that were revoked."""
AHEAD: Final = timedelta(minutes=5)
"""How far a client's clock may be ahead of ours."""

VoiceName = Annotated[
    str,
    Field(min_length=1, max_length=100, pattern=OneLine, examples=["Maria"]),
]
Pitch = Annotated[float, Field(ge=0, le=1, description="0.5 is the voice's own"), NO_FLAG]
Speed = Annotated[float, Field(ge=0.5, le=2, description="A factor on the voice's own"), NO_FLAG]
SaysSomething: Final = r"^[^\x00]*[^\s\x00][^\x00]*$"
Statement = Annotated[str, Field(min_length=1, max_length=4000, pattern=SaysSomething)]


class VoiceManner(Given):
    """What a voice is called, and how it speaks."""

    name: VoiceName
    profile: ProfileName = DEFAULT_PROFILE
    pitch: Pitch = 0.5
    speed: Speed = 1.0


class NewVoiceForm(VoiceManner):
    """A voice that is to be cloned, and the consent of whose it is."""

    condominium_id: UUID
    consent_by: VoiceName = Field(description="Whose voice it is: a full name")
    consent_statement: Statement = Field(description="What they consented to, in their words")
    consent_at: Instant = Field(default_factory=absent, description="When; now if left out")


class VoiceConsent(BaseModel):
    """Who lets their voice be cloned, when and in which words; `has_recording`: it was recorded."""

    by: str
    at: datetime
    statement: str
    has_recording: bool


class Voice(BaseModel):
    """A cloned voice. Extensions and condominiums name it; it speaks once it is `ready`."""

    id: UUID
    condominium_id: UUID
    name: str
    profile: ProfileName
    pitch: float
    speed: float
    state: State
    state_reason: str | None = Field(description="Why it failed, or what it waits for")
    duration_s: float = Field(description="Of the recording, without its pauses")
    warnings: list[str] = Field(description="What may spoil the voice, for whoever recorded it")
    measures: Any = Field(description="Of the recording as it was sent")
    consent: VoiceConsent
    created_at: datetime
    revoked_at: datetime | None


class VoiceQuery(Paging):
    """Which voices."""

    condominium_id: UUID = Field(default_factory=absent)
    name: VoiceName = Field(default_factory=absent)
    state: State = Field(default_factory=absent)


class PreviewText(Given):
    """What a voice is to say, and how, where that is not as the voice has it."""

    text: str = Field(min_length=1, max_length=300, pattern=SaysSomething)
    language: Language = "pt-BR"
    profile: ProfileName = Field(default_factory=absent)
    pitch: Pitch = Field(default_factory=absent)
    speed: Speed = Field(default_factory=absent)
    rate_hz: Literal[8000, 16000] = Field(default=16000, description="8000 as on a telephone")


TABLE: Final = Table(
    "voices",
    "v",
    """SELECT v.id, v.condominium_id, v.name, v.profile, v.pitch, v.speed, v.state, v.state_reason,
        v.duration_s, v.warnings, v.measures, v.created_at, v.revoked_at,
        jsonb_build_object('by', v.consent_by, 'at', v.consent_at, 'statement',
            v.consent_statement, 'has_recording', EXISTS (
                SELECT FROM voice_files f WHERE f.voice_id = v.id AND f.kind = 'consent'
            )) AS consent FROM voices v""",
    (
        Key("condominium_id", "v.condominium_id", "uuid"),
        Key("name", "v.name", "text"),
        Key("id", "v.id", "uuid"),
    ),
    filters={
        "condominium_id": "v.condominium_id = {}",
        "name": "v.name = {}",
        "state": "v.state = {}",
    },
)


async def _changeable(_: Ask, columns: dict[str, Any], before: Mapping[str, Any] | None) -> None:
    if before is not None and before["state"] == "revoked":
        raise Problem(409, "This voice was revoked; record a new one.")


async def _renamable(ask: Ask, columns: dict[str, Any], before: Mapping[str, Any] | None) -> None:
    """Who speaks with it would not find it any more."""
    await _changeable(ask, columns, before)
    if before is not None and columns.get("name", before["name"]) != before["name"]:
        await _refuse_needed(ask.connection, before["id"])


async def _refuse_needed(connection: Connection, voice_id: UUID) -> None:
    if needed := await named_by(connection, voice_id):
        raise Problem(409, f"It is the voice of {', '.join(needed[:5])}; name another there first.")


RESOURCE: Final = Resource(
    table=TABLE,
    one="voice",
    many="voices",
    new=VoiceManner,
    shown=Voice,
    query=VoiceQuery,
    role="admin",
    own=frozenset({"state", "state_reason"}),
    prepare=_renamable,
)
FORM: Final = Form(
    NewVoiceForm,
    {
        "reference": FormFile(
            "6 to 60 s of speech: wav, flac, mp3 or ogg, 25 MiB at most", LARGEST_FILE_BYTES
        ),
        "consent_recording": FormFile(
            "The consent as it was spoken, 5 MiB at most", LARGEST_CONSENT_BYTES, required=False
        ),
    },
)


async def _add(ask: Ask) -> Answer:
    async with ask.backend.uploads, received(ask.request, FORM) as form:
        fields: NewVoiceForm = form.fields
        await _check(ask, fields)
        new = await _new(fields, form)
        async with ask.backend.acquire() as connection, scoped(connection, ask.scope):
            voice_id = await add_voice(connection, new)
            shown = await found(connection, RESOURCE, voice_id)
            change = Change("voices", voice_id, None, shown.model_dump(mode="json"))
            await write_accesses(connection, [access_of(ask.request, 201, change)])
    ask.request[AUDITED] = True
    location = f"/api/v1/voices/{voice_id}"
    return Answer(shown, {hdrs.LOCATION: location, hdrs.ETAG: etag_of(shown, RESOURCE.own)})


async def _check(ask: Ask, fields: NewVoiceForm) -> None:
    """What can be refused before a recording is looked at."""
    if fields.name.startswith("cloned:"):
        raise wrong("body.name", "no voice has such a name; choose another")
    if fields.consent_at is not None and fields.consent_at > datetime.now(UTC) + AHEAD:
        raise wrong("body.consent_at", "this is still to come")
    async with ask.backend.reading(ask.scope) as connection:
        known = await connection.fetchval(
            "SELECT 1 FROM condominiums WHERE id = $1", fields.condominium_id
        )
        if known is None:
            raise Problem(409, "This refers to something that is not there.")
        names = await connection.fetch(
            "SELECT name FROM voices WHERE condominium_id = $1 AND state <> 'revoked'",
            fields.condominium_id,
        )
    if fields.name in {row["name"] for row in names}:
        raise Problem(409, "There is one already with this name.")
    if len(names) >= MOST_VOICES:
        raise Problem(409, f"A condominium has {MOST_VOICES} voices at most; remove one first.")


async def _new(fields: NewVoiceForm, form: Received) -> NewVoice:
    prepared = await _prepared(form.files["reference"])
    spoken = form.files.get("consent_recording")
    recording = await _recording(spoken) if spoken is not None else None
    return NewVoice(
        condominium_id=fields.condominium_id,
        name=fields.name,
        consent=Consent(
            fields.consent_by,
            fields.consent_at or datetime.now(UTC),
            fields.consent_statement,
            recording,
        ),
        reference=prepared.flac,
        duration_s=prepared.duration_s,
        warnings=prepared.warnings,
        measures=prepared.measures,
        profile=fields.profile,
        pitch=fields.pitch,
        speed=fields.speed,
    )


async def _prepared(file: Path) -> Prepared:
    try:
        return await prepare_recording(file)
    except RefusedRecordingError as refused:
        raise wrong("body.reference", str(refused), 400) from None


async def _recording(file: Path) -> bytes:
    """Kept as it came: it is evidence."""
    try:
        await check_audio(file)
    except RefusedRecordingError as refused:
        raise wrong("body.consent_recording", str(refused), 400) from None
    return await asyncio.to_thread(file.read_bytes)


async def _remove(ask: Ask) -> Answer:
    row = await row_of(ask, TABLE, "voice", lock=True)
    shown = Voice.model_validate(row)
    unchanged(ask, etag_of(shown, RESOURCE.own))
    if shown.state != "revoked":
        await _refuse_needed(ask.connection, ask.id())
    await delete_row(ask.connection, TABLE, ask.id())
    ask.changes.append(Change("voices", ask.id(), shown.model_dump(mode="json"), None))
    return Answer()


async def _revoke(ask: Ask) -> Answer:
    before = Voice.model_validate(await row_of(ask, TABLE, "voice", lock=True))
    if await revoke_voice(ask.connection, ask.id()):
        after = await found(ask.connection, RESOURCE, ask.id())
        told = (before.model_dump(mode="json"), after.model_dump(mode="json"))
        ask.changes.append(Change("voices", ask.id(), *told))
        return Answer(after)
    return Answer(before)


async def _preview(ask: Ask) -> web.StreamResponse:
    async with ask.backend.reading(ask.scope) as connection:
        if await find_row(connection, TABLE, ask.id()) is None:
            raise missing("voice", ask.id())
        row = await find_voice(connection, ask.id())
    if row is None or row.state != "ready":
        state = row.state if row is not None else "gone"
        raise Problem(409, f"This voice cannot speak: it is {state}.")
    wanted: PreviewText = ask.body
    try:
        slin = await ask.backend.calls.voices.say(
            row,
            wanted.text,
            wanted.language,
            rate_hz=wanted.rate_hz,
            profile=wanted.profile,
            pitch=wanted.pitch,
            speed=wanted.speed,
        )
    except StudioError as error:
        raise Problem(503, f"The voice cannot be heard now: {error}.") from None
    return web.Response(body=_wav(slin, wanted.rate_hz), content_type="audio/wav")


def _wav(slin: bytes, rate_hz: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as opened:
        opened.setnchannels(1)
        opened.setsampwidth(2)
        opened.setframerate(rate_hz)
        opened.writeframes(slin)
    return file.getvalue()


async def _consent(ask: Ask) -> web.StreamResponse:
    """Evidence, as it was sent; whoever gets it is in the audit log before."""
    async with ask.backend.reading(ask.scope) as connection:
        if await find_row(connection, TABLE, ask.id()) is None:
            raise missing("voice", ask.id())
    async with ask.backend.acquire() as connection:
        recording = await consent_recording(connection, ask.id())
        if recording is None:
            raise Problem(404, f"The consent to voice {ask.id()} was not recorded.")
        async with scoped(connection, ask.scope):
            access = access_of(ask.request, 200, Change("voices", ask.id(), None, None))
            await write_accesses(connection, [access])
    ask.request[AUDITED] = True
    headers = {hdrs.CONTENT_DISPOSITION: f'attachment; filename="consent-{ask.id()}"'}
    return web.Response(body=recording, content_type=BYTES, headers=headers)


ENDPOINTS: Final = (
    *(each for each in endpoints_of(RESOURCE) if each.method in ("GET", "PATCH")),
    Endpoint(
        method="POST",
        path="/api/v1/voices",
        name="add_voice",
        summary="Have a voice cloned from a recording, with the consent of whose it is",
        tag="voices",
        alone=_add,
        role="admin",
        form=FORM,
        answer=Voice,
        status=201,
        tagged=True,
    ),
    Endpoint(
        method="DELETE",
        path="/api/v1/voices/{id}",
        name="remove_voice",
        summary="Remove a voice and all that is known of it, its consent too",
        tag="voices",
        handle=_remove,
        role="admin",
        status=204,
        if_match="allowed",
        errors=frozenset({409}),
    ),
    Endpoint(
        method="POST",
        path="/api/v1/voices/{id}/revoke",
        name="revoke_voice",
        summary="Silence a voice for good: its recording, latents and all cached audio go",
        tag="voices",
        handle=_revoke,
        role="admin",
        answer=Voice,
    ),
    Endpoint(
        method="GET",
        path="/api/v1/voices/{id}/consent",
        name="get_voice_consent",
        summary="Download the consent to a voice as it was spoken",
        tag="voices",
        stream=_consent,
        accounts=True,
        role="admin",
        media=BYTES,
    ),
    Endpoint(
        method="POST",
        path="/api/v1/voices/{id}/preview",
        name="preview_voice",
        summary="Hear a voice say a short text",
        tag="voices",
        stream=_preview,
        role="operator",
        body=PreviewText,
        media="audio/wav",
    ),
)
