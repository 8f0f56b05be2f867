"""The command ``ramal recognise``."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stt.engines import RecogniserChoice, open_recogniser
from stt.recogniser import Hints, RecogniserBusyError, RecogniserUnavailableError
from supervisor.cli.running import prepare, run
from supervisor.engine_process import choice
from supervisor.errors import OperatorError
from supervisor.recognising.recordings import read_recording, read_references
from supervisor.recognising.trial import Trial, run_trial
from supervisor.settings import Settings
from supervisor.speech_settings import RecogniserModelSettings

REDUCED_S = 8
"""Compared with the full window where no other is named: an answer on the phone fits in it."""
FULL_S = 30
PATIENCE_S = 600.0
"""A recording may take long where nobody waits for the answer."""


class RecogniseError(OperatorError):
    """The recordings cannot be recognised as asked."""


def recognise(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="WAV, FLAC, MP3 or Ogg.")],
    *,
    engine: Annotated[str | None, typer.Option(help="builtin or whisper.")] = None,
    model: Annotated[str | None, typer.Option(help="A model's name or folder.")] = None,
    language: Annotated[str, typer.Option(help="Of the speech, or auto.")] = "pt-BR",
    window: Annotated[
        int | None, typer.Option(min=1, max=30, help="Whisper's window in seconds.")
    ] = None,
    compare_window: Annotated[
        bool, typer.Option("--compare-window", help="The full window beside the reduced one.")
    ] = False,
    reference: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="What is said: columns file,text.")
    ] = None,
    hint: Annotated[list[str] | None, typer.Option(help="Likely words; may be repeated.")] = None,
    channel: Annotated[int, typer.Option(min=1, max=8, help="Of a stereo file; from 1.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Recognise recordings one after another, and say what it cost.

    The engine and its model are those of the settings where nothing else is said; --model and
    --compare-window mean Whisper. With what was really said, the word error rate is told: write
    numbers as the engine does, for words are compared as they are written.

    Example: ramal recognise calls/*.wav --compare-window --reference said.csv
    """
    chosen = _choice(engine, model, window, whisper=compare_window)
    setups = _setups(chosen, compare_window)
    references = read_references(reference) if reference else {}
    trials = run(
        _trials(setups, files, references, language=language, hints=hint or [], channel=channel)
    )
    if as_json:
        document = {"trials": [trial.document() for trial in trials]}
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        _print(Console(), trials)


def _choice(
    engine: str | None, model: str | None, window_s: int | None, *, whisper: bool
) -> RecogniserChoice:
    local = _local(prepare())
    chosen = engine or ("whisper" if model or whisper else local.engine)
    if whisper and chosen != "whisper":
        raise RecogniseError("Only whisper has a window to compare; leave --engine out.")
    own_model = local.model if chosen == local.engine else None
    return replace(
        choice(local),
        engine=chosen,
        model=model or own_model,
        window_s=window_s or local.window_s,
        partial_every_s=0.0,
        deadline_s=PATIENCE_S,
    )


def _local(settings: Settings) -> RecogniserModelSettings:
    """The settings' engine that loads a model: a worker's own, or the engine process's."""
    best = settings.stt.steps[0]
    if best in ("remote", "openai"):
        return settings.engines.stt
    return settings.stt.model_copy(update={"engine": best})


def _setups(usual: RecogniserChoice, compare: bool) -> dict[str, RecogniserChoice]:
    name = usual.engine if usual.model is None else f"{usual.engine} {Path(usual.model).name}"
    if not compare:
        return {name: usual}
    reduced_s = usual.window_s or REDUCED_S
    return {
        f"{name}, {FULL_S} s": replace(usual, window_s=None),
        f"{name}, {reduced_s} s": replace(usual, window_s=reduced_s),
    }


async def _trials(
    setups: dict[str, RecogniserChoice],
    files: Sequence[Path],
    references: dict[str, str],
    *,
    language: str,
    hints: Sequence[str],
    channel: int,
) -> list[Trial]:
    trials = []
    given = Hints(tuple(hint.lower() for hint in hints))
    for name, setup in setups.items():
        try:
            recogniser = await open_recogniser(setup)
        except RecogniserUnavailableError as error:
            raise RecogniseError(f"{error}.") from error
        try:
            recordings = [read_recording(file, channel, recogniser.best_hz) for file in files]
            trials.append(
                await run_trial(
                    name, recogniser, recordings, references, language=language, hints=given
                )
            )
        except (ValueError, TimeoutError, RecogniserBusyError) as error:
            raise RecogniseError(f"{name}: {error or 'no answer came in time'}.") from error
        finally:
            await recogniser.close()
    return trials


def _print(console: Console, trials: Sequence[Trial]) -> None:
    for trial in trials:
        console.print(_table(trial))
        console.print()
    console.print(_summary(trials))


def _table(trial: Trial) -> Table:
    table = Table(title=trial.name, box=None, padding=(0, 2, 0, 0), title_justify="left")
    for column in ("file", "s", "ms", "× real time", "sure", "wrong", "text"):
        table.add_column(column, overflow="fold")
    for take in trial.takes:
        table.add_row(
            Text(Path(take.file).name),
            f"{take.duration_s:.1f}",
            f"{take.took_s * 1000:.0f}",
            f"{take.real_time_factor:.3f}",
            f"{take.confidence:.2f}",
            "" if take.wrong is None else f"{take.wrong}/{take.said}",
            Text(take.text),
        )
    return table


def _summary(trials: Sequence[Trial]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("all recordings", "× real time", "word error rate"):
        table.add_column(column)
    for trial in trials:
        rate = trial.word_error_rate
        shown = "no reference" if rate is None else f"{rate:.1%}"
        table.add_row(Text(trial.name), f"{trial.real_time_factor:.3f}", shown)
    return table
