"""Jobs that a cloned voice speaks, for as long as it may."""

from pathlib import Path

from supervisor.database.pool import Pool
from supervisor.database.voices import revoke_voice
from supervisor.synthesis.asking import Manner
from tests.api.serving import serving
from tests.supervisor.serving import eventually
from tests.synthesis.jobs import Hum, a_studio, ask
from tests.voices.rows import LATENTS, ready_voice
from tts.cloning import cloned_name, digest_of

REMOTE = ("remote", "espeak")


async def test_a_cloned_voice_speaks_a_job_until_it_is_revoked_and_then_nothing_of_it_is_left(
    database: Pool, database_url: str, tmp_path: Path
) -> None:
    voice_id = await ready_voice(database, speed=1.2)
    hum = Hum()
    spoken = await ask(database, "Bom dia.", manner=Manner(voice_id=voice_id))
    async with a_studio(database, database_url, tmp_path, hum, ladder=REMOTE) as studio:
        await studio.until(spoken, "done")
        assert await studio.sounds(spoken) != []
        (voice,) = hum.voices
        assert (voice.name, voice.version) == (cloned_name(str(voice_id)), digest_of(LATENTS))
        assert (voice.engine, voice.speed, voice.rate_hz) == ("remote", 1.2, 16_000)
        async with database.acquire() as connection:
            assert await revoke_voice(connection, voice_id)
        assert await studio.sounds(spoken) == [], "nobody has to come by for that"
        await studio.until(spoken, "failed")
        assert await studio.sounds(spoken) == []
        (item,) = await studio.items(spoken)
        assert (item["state"], item["error"]) == ("dead", "its voice was revoked")
        late = await ask(database, "Boa noite.", manner=Manner(voice_id=voice_id))
        await studio.until(late, "failed")
    assert hum.said == ["Bom dia."]


async def test_a_text_that_is_done_while_its_voice_is_being_revoked_is_not_kept(
    database: Pool, database_url: str, tmp_path: Path
) -> None:
    voice_id = await ready_voice(database)
    hum = Hum()
    hum.may_speak.clear()
    job = await ask(database, "Bom dia.", manner=Manner(voice_id=voice_id))
    async with a_studio(database, database_url, tmp_path, hum, ladder=REMOTE) as studio:
        await hum.began.get()
        async with database.acquire() as connection, connection.transaction():
            assert await revoke_voice(connection, voice_id)
            hum.may_speak.set()
            await eventually(lambda: _waiting(database), bool)
        await studio.until(job, "failed")
        assert await studio.sounds(job) == []
        (item,) = await studio.items(job)
        assert (item["state"], item["error"]) == ("dead", "its voice was revoked")


async def _waiting(database: Pool) -> int:
    """How many wait for somebody's lock in this database."""
    waiting: int = await database.fetchval(
        """SELECT count(*) FROM pg_stat_activity
           WHERE datname = current_database() AND wait_event_type = 'Lock'"""
    )
    return waiting


async def test_only_who_may_see_a_voice_may_have_it_speak(
    database: Pool, database_url: str, tmp_path: Path
) -> None:
    voice_id = str(await ready_voice(database))
    body = {"text": "Bom dia.", "voice_id": voice_id}
    async with (
        a_studio(database, database_url, tmp_path, Hum(), ladder=REMOTE) as studio,
        serving(database_url, database, synthesis=studio.desk) as api,
    ):
        admin = await api.client()
        other = (await admin.made("tenants", name="Beta"))["id"]
        stranger = await api.client("operator", other)
        refused = await stranger.post("tts/jobs", body)
        assert (refused.status, refused.body["detail"]) == (
            409,
            f"There is no voice {voice_id} that can speak.",
        )
        both = await admin.post("tts/jobs", {**body, "voice": "pt-br"})
        assert (both.status, both.body["detail"]) == (409, "Give either voice or voice_id.")
        assert (await admin.post("tts/jobs", body)).status == 201


async def test_where_no_engine_knows_cloned_voices_that_is_told_at_once(
    database: Pool, database_url: str, tmp_path: Path
) -> None:
    voice_id = str(await ready_voice(database))
    async with (
        a_studio(database, database_url, tmp_path, Hum()) as studio,
        serving(database_url, database, synthesis=studio.desk) as api,
    ):
        admin = await api.client()
        refused = await admin.post("tts/jobs", {"text": "Bom dia.", "voice_id": voice_id})
        assert (refused.status, "engines process" in refused.body["detail"]) == (409, True)
