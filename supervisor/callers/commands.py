"""The commands ``ramal call`` and ``ramal load``."""

import asyncio
import json
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import uvloop
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from audiosocket.listener import EndReason
from supervisor.callers.address import parse_address
from supervisor.callers.call import CallReport, place_call, steps_of, write_recording
from supervisor.callers.load import LoadReport, Wave, run_load
from supervisor.callers.measures import Quantiles
from supervisor.callers.person import Nobody, Watcher
from supervisor.callers.script import PersonScript, load_person
from supervisor.callers.speech import speech_for
from supervisor.callers.steps import Say
from supervisor.callers.transcribing import Turn
from supervisor.errors import OperatorError
from tts.cache import PromptCache
from tts.engine import SynthesisError
from tts.espeak import EspeakEngine, espeak_voice
from tts.speaker import Speaker

LOAD_PHRASES = (
    "Boa tarde.",
    "Um momento, por favor.",
    "Eu vim fazer uma visita.",
    "Pode repetir, por favor?",
)
"""What the callers of a load run say: nothing that would make a doorman ring somebody up."""

MEANT_ENDS = frozenset({EndReason.PEER_CLOSED, EndReason.PEER_HANGUP, EndReason.HUNG_UP})
"""Ends that one side chose; after any other one ``ramal call`` exits with 1."""

Result = TypeVar("Result")
Target = Annotated[str, typer.Argument(metavar="HOST:PORT", help="An extension's port.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def call(
    target: Target,
    *,
    say: Annotated[list[str] | None, typer.Option(help="Say this; may be repeated.")] = None,
    wav: Annotated[list[Path] | None, typer.Option(help="Play a 16-bit WAV file.")] = None,
    dtmf: Annotated[str, typer.Option(help="Press these keys at the end.")] = "",
    scenario: Annotated[Path | None, typer.Option(help="Follow a script (YAML).")] = None,
    record: Annotated[Path | None, typer.Option(help="Write a stereo WAV.")] = None,
    stay: Annotated[float, typer.Option(min=0, max=600, help="Stay this long at the end.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Call an extension: speak, listen, and measure what a caller would notice."""
    address = parse_address(target)
    if scenario is not None:
        person = load_person(scenario)
    else:
        person = PersonScript(steps=steps_of(say or [], wav or [], dtmf, stay))

    async def work() -> CallReport:
        async with AsyncExitStack() as stack:
            from stt.builtin.recogniser import BuiltinRecogniser  # noqa: PLC0415 - takes a while

            recogniser = await BuiltinRecogniser.open()
            stack.push_async_callback(recogniser.close)
            speaker = await _speaker(stack)
            watcher: Watcher = Nobody() if as_json else _Printer(Console())
            return await place_call(
                address, person, speaker, recogniser=recogniser, watcher=watcher
            )

    report = _run(work())
    if record is not None:
        write_recording(report.leg, record)
    _print_json(report.document()) if as_json else _print_call(Console(), report)
    if report.leg.unmet or report.leg.ended_by not in MEANT_ENDS:
        raise typer.Exit(1)


def load(
    target: Target,
    *,
    calls: Annotated[int, typer.Option(help="How many calls at once.")],
    seconds: Annotated[float, typer.Option(help="How long in all.")],
    own_server: Annotated[
        bool, typer.Option(help="The server is yours; needed beyond this machine.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Place many calls at once, in four waves, and print what each wave saw."""
    address = parse_address(target)
    if not (address.is_loopback or own_server):
        raise OperatorError(
            f"{address} is not this machine; add --own-server if that server is yours to load."
        )

    async def work() -> LoadReport:
        async with AsyncExitStack() as stack:
            speaker = await _speaker(stack)
            steps = [Say(text) for text in LOAD_PHRASES]
            speech = await speech_for(steps, speaker, espeak_voice("pt-br+f3"))
            phrases = [speech[text] for text in LOAD_PHRASES]
        return await run_load(address, calls, seconds, phrases)

    report = _run(work())
    _print_json(report.document()) if as_json else _print_load(Console(), report)


async def _speaker(stack: AsyncExitStack) -> Speaker:
    engine = EspeakEngine()
    stack.push_async_callback(engine.close)
    try:
        await engine.start()
    except SynthesisError as error:
        raise OperatorError(f"The caller has no voice: {error}.") from None
    speaker = Speaker(engine, PromptCache())
    stack.push_async_callback(speaker.close)
    return speaker


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


class _Printer:
    """Shows a call while it goes on."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def said(self, person: str, text: str) -> None:
        self._console.print(f"[bold blue]{'said':>6}[/]  {escape(text)}", highlight=False)

    def answered(self, person: str, latency_ms: float) -> None:
        self._console.print(f"[dim]{'':>6}  {latency_ms:.0f} ms[/]", highlight=False)

    def heard(self, person: str, turn: Turn) -> None:
        self._console.print(
            f"[bold dark_orange]{'heard':>6}[/]  {escape(turn.text)}", highlight=False
        )


def _print_json(document: dict[str, Any]) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


def _print_call(console: Console, report: CallReport) -> None:
    figures = report.figures
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim")
    table.add_column(justify="right")
    table.add_row("UUID to first frame", _ms(figures.first_frame_ms))
    table.add_row("UUID to greeting", _ms(figures.greeting_ms))
    table.add_row("voice-to-voice", ", ".join(map(_ms, figures.voice_to_voice_ms)) or "-")
    if figures.barge_in_ms:
        table.add_row("interruption to silence", ", ".join(map(_ms, figures.barge_in_ms)))
    table.add_row("frame lateness p50 / p99 / worst", _spread(figures.lateness))
    table.add_row("ended by", report.leg.ended_by.value)
    console.print(table)
    if report.leg.unmet:
        console.print(f"[red]The caller {report.leg.unmet}.[/]")


def _print_load(console: Console, report: LoadReport) -> None:
    table = Table("calls", box=None, header_style="bold", padding=(0, 2, 0, 0))
    for heading in ("first frame", "voice-to-voice", "frame lateness"):
        table.add_column(f"{heading}\np50 / p99 / worst", justify="right")
    for wave in report.waves:
        table.add_row(*_row(wave))
    console.print(table)
    for reason, count in report.lost.items():
        console.print(f"[red]{count} of {report.calls} calls lost: {reason}[/]")


def _row(wave: Wave) -> tuple[str, ...]:
    figures = (wave.first_frame, wave.voice_to_voice, wave.lateness)
    return (str(wave.calls), *map(_spread, figures))


def _spread(figures: Quantiles | None) -> str:
    if figures is None:
        return "-"
    return f"{figures.p50:.0f} / {figures.p99:.0f} / {figures.worst:.0f} ms"


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f} ms"
