"""The engines: can anything be recognised and spoken."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Final

from supervisor.checks.engine_servers import examine_servers
from supervisor.checks.finding import Finding, fail, ok
from supervisor.checks.xtts import examine_xtts
from supervisor.database.extensions import Extension
from supervisor.errors import OperatorError
from supervisor.settings import Settings
from tts.engine import SynthesisError

BUILTIN: Final = "The built-in recogniser is for the demo and trials; real calls want whisper."


async def examine_engines(settings: Settings, rows: list[Extension]) -> AsyncIterator[Finding]:
    """Opens them as a worker does, and tries the voice of each extension that names one."""
    from supervisor.speech import Speech  # noqa: PLC0415

    async for finding in examine_servers(settings):
        yield finding
    for finding in examine_xtts(settings):
        yield finding
    async with AsyncExitStack() as resources:
        speech = Speech(settings, resources)
        try:
            engines = await speech.engines()
            voice = speech.voice(None)
            await engines.speaker.duration_ms("Bom dia.", voice)
        except OperatorError as error:
            yield fail("engines", str(error), "")
            return
        except SynthesisError as error:
            text = f"Nothing can be spoken: {error}."
            yield fail("engines", text, "Correct voice under [tts] in the settings.")
            return
        text = f"Recogniser {engines.recogniser.name}, voice {voice.name} work."
        yield ok("engines", f"{text} {BUILTIN}" if engines.recogniser.name == "builtin" else text)
        for row in rows:
            try:
                await engines.speaker.duration_ms("Bom dia.", speech.voice(row.voice))
            except SynthesisError as error:
                step = f"Correct it, as in: ramal extension set {row.number} --voice {voice.name}"
                yield fail(f"extension {row.number}", f"It cannot speak: {error}.", step)
