"""``ramal speak``: texts spoken into files, in this process; see also docs/synthesis-jobs.md."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from supervisor.cli.running import prepare, run
from supervisor.errors import OperatorError
from supervisor.settings import Settings
from supervisor.synthesis.asking import (
    FaultError,
    NewItem,
    RefusedError,
    item_of,
    items_of_csv,
    manner_of,
)
from supervisor.synthesis.desk import Desk, open_job_engine
from supervisor.synthesis.encoding import encode
from supervisor.synthesis.folder import Parts
from supervisor.synthesis.formats import FILES, FORMATS, Format, Written, can_write
from supervisor.synthesis.making import pauses_of, spoken
from supervisor.synthesis.zipping import file_name
from tts.engine import SynthesisError, TtsEngine
from tts.normalising import normaliser_for
from tts.passages import passages

SUFFIXES: Final[dict[str, Format]] = {
    **{form.suffix: name for name, form in FILES.items()},
    "ogg": "opus",
    "slin": "slin",
    "slin16": "slin16",
}


class SpeakError(OperatorError):
    """Nothing can be made of this; the message says why and what to do."""


def speak(
    *,
    text: Annotated[str | None, typer.Option(help="What is to be spoken.")] = None,
    file: Annotated[Path | None, typer.Option(help="A text file (UTF-8), of any length.")] = None,
    csv: Annotated[
        Path | None, typer.Option(help="A batch: text,name,voice,profile,language,speed.")
    ] = None,
    out: Annotated[Path, typer.Option(help="The file; for a batch, a folder.")],
    form: Annotated[
        str | None, typer.Option("--format", help="wav, mp3, opus, slin, slin16; --out's suffix.")
    ] = None,
    voice: Annotated[str | None, typer.Option(help="The language's usual one without it.")] = None,
    profile: Annotated[str, typer.Option(help="fast, balanced or expressive.")] = "balanced",
    language: Annotated[str, typer.Option(help="How numbers and dates are read.")] = "pt-BR",
    speed: Annotated[float, typer.Option(help="0.5 to 2.")] = 1.0,
) -> None:
    """Speak a text, a file, or each row of a CSV batch, with the engine of the settings.

    Needs neither server nor database. Texts, pauses, voices and formats are those of synthesis
    jobs: docs/synthesis-jobs.md.

    ramal speak --text 'A piscina fecha às 18h.' --out aviso.mp3

    ramal speak --csv prompts.csv --out prompts/ --format slin16
    """
    settings = prepare()
    desk = Desk.of(settings)
    sources = [each for each in (text, file, csv) if each is not None]
    if len(sources) != 1:
        raise SpeakError("Say what is to be spoken: one of --text, --file and --csv.")
    try:
        manner = manner_of(voice=voice, profile=profile, language=language, speed=str(speed))
        desk.check(manner)
        if csv is not None:
            items = items_of_csv(_read(csv), manner, desk.check)
        elif file is not None:
            items = [item_of(_read(file), manner)]
        else:
            items = [item_of(text or "", manner)]
    except FaultError as fault:
        raise SpeakError(f"This cannot be spoken: {fault}.") from None
    except RefusedError as refused:
        named = "\n".join(f"  {detail}" for _, detail in refused.faults)
        raise SpeakError(f"{csv} cannot be spoken; nothing was made:\n{named}") from None
    name = _format(form, None if csv is not None else out)
    run(_speak_all(settings, desk, items, name, out, is_batch=csv is not None))


async def _speak_all(
    settings: Settings,
    desk: Desk,
    items: Sequence[NewItem],
    name: Format,
    out: Path,
    *,
    is_batch: bool,
) -> None:
    here = Path.cwd()
    engine = open_job_engine(settings)
    try:
        for item in items:
            path = out / file_name(item.number, item.name, f".{FILES[name].suffix}")
            path = path if is_batch else out
            written = await _speak(engine, desk, item, name, here / path)
            typer.echo(f"{path}  {written.duration_ms / 1000:.1f} s")
            if item.warning:
                typer.echo(f"  {item.warning}", err=True)
    except (SynthesisError, OSError) as error:
        raise SpeakError(f"{error}; nothing more was made.") from error
    finally:
        await engine.close()


async def _speak(engine: TtsEngine, desk: Desk, item: NewItem, name: Format, path: Path) -> Written:
    voice = desk.voice(item.manner, name)
    text = passages(item.text, normaliser_for(item.manner.language))
    with tempfile.TemporaryDirectory(prefix="ramal-speak-") as folder:
        parts = Parts(Path(folder))
        for number, passage in enumerate(text):
            parts.add(number, await spoken(engine, voice, passage.text))
        await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
        return await encode(path, name, parts.folder, pauses_of(text, voice))


def _format(named: str | None, out: Path | None) -> Format:
    """The format that is named, or that of the file's suffix. Raises :class:`SpeakError`."""
    wanted = named or (out.suffix.lstrip(".").lower() if out is not None else "wav")
    form = SUFFIXES.get(wanted)
    if form is None:
        known = ", ".join(FORMATS)
        raise SpeakError(f"There is no format {wanted!r}: give --format one of {known}.")
    if not can_write(form):
        raise SpeakError(f"This machine's libsndfile cannot write {form}; ask for wav.")
    return form


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SpeakError(f"{path} is not UTF-8 text; save it again as UTF-8.") from None
    except OSError as error:
        raise SpeakError(f"{path} cannot be read ({error.strerror}).") from None
