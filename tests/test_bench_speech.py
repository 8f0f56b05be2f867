"""The benchmark of speech engines: what it measures of an engine, and how it tells."""

import json

import pytest

from bench.speech.engines import candidates
from bench.speech.figures import (
    Cached,
    Cancelled,
    Figure,
    Heard,
    LeftOut,
    Setup,
    Spoken,
    from_json,
    p95,
    to_json,
)
from bench.speech.measuring import Extent, hearing, speaking
from bench.speech.table import Printer, markdown
from stt.builtin.recogniser import BuiltinRecogniser
from tts.espeak import EspeakEngine, espeak_voice

FIGURES: list[Figure] = [
    Setup("espeak", "2 helper processes", "cpu", 1.05, 61.2),
    Spoken("espeak", 16, 5.1, 308.4, 687.2, 0.135, 0.009, 0.002),
    Cancelled("espeak", 0.1, 10.3),
    Setup("builtin", "its own weights", "cpu", 0.4, 35.0),
    Heard("builtin", 3, 1, 165.0, 191.0, 30.0),
    Heard("builtin", 3, 4, 277.0, 425.0, 30.0),
    Heard("builtin", 6, 1, 300.0, 310.0, 60.0),
    LeftOut("builtin", "4 utterances of 6 s", "it would take about 90 s"),
    Cached("memory", 0.005, 0.007),
]


async def test_each_concurrency_is_measured_and_then_cancelling() -> None:
    engine = EspeakEngine(processes=1)
    extent = Extent(streams=(1, 2), rounds=2)
    told = [each async for each in speaking("espeak", engine, espeak_voice(), extent)]
    await engine.close()
    alone, two, cancelled = told
    assert isinstance(alone, Spoken) and isinstance(two, Spoken)
    assert isinstance(cancelled, Cancelled)
    assert (alone.streams, two.streams) == (1, 2)
    assert 3 < alone.speech_s < 9
    assert 0 < alone.first_ms <= alone.first_p95_ms
    assert two.together <= two.slowest < 1


async def test_rows_that_would_take_too_long_are_named_and_left_out() -> None:
    recogniser = BuiltinRecogniser()
    extent = Extent(streams=(1, 400), seconds=(1,), rounds=1, row_limit_s=0.01)
    told = [each async for each in hearing("builtin", recogniser, extent)]
    await recogniser.close()
    assert isinstance(told[0], Heard) and told[0].text_ms > 0
    assert isinstance(told[1], LeftOut) and told[1].what == "400 utterances of 1 s"


def test_figures_travel_as_json() -> None:
    assert [from_json(json.loads(json.dumps(to_json(each)))) for each in FIGURES] == FIGURES
    assert p95([3.0, 1.0, 2.0]) == 3.0


def test_a_terminal_of_80_columns_shows_every_row(capsys: pytest.CaptureFixture[str]) -> None:
    printer = Printer()
    for figure in FIGURES:
        printer.show(figure)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert sum("at once" in line for line in lines) == 1
    assert sum("first sound ms" in line for line in lines) == 1


def test_the_tables_of_the_documentation_have_a_cell_for_each_figure() -> None:
    told = markdown(FIGURES)
    assert "| espeak | 16 | 308 (687) | 0.135 | 0.009 | 0.002 |" in told
    assert "| builtin | 3 s | 165 (191) | 277 (425) |" in told
    assert "| builtin | 6 s | 300 (310) | – |" in told


def test_every_engine_has_a_name_of_its_own() -> None:
    for device in ("cpu", "cuda"):
        names = [each.name for each in candidates(device)]
        assert len(set(names)) == len(names)
