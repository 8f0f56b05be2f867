"""Which voice speaks for an extension, by what it, its condominium and its engine say."""

from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from supervisor.database.extensions import Extension
from supervisor.database.voices import Manners, VoiceRow
from supervisor.rules import ExtensionProblem, LineSettings
from supervisor.speech_ladders import voice_in
from supervisor.speech_settings import TtsSettings
from supervisor.voices.casting import Casting
from tts.cloning import cloned_name

ID = "0b9c6f9e-6f3e-4f0e-8a51-3c1f3b6a2d10"
MARIA = VoiceRow(ID, "Maria", "ready", "expressive", 0.6, 1.1, "d" * 64)
REMOTE = TtsSettings(ladder=("remote", "espeak"), addresses=("http://127.0.0.1:1",), speed=1.1)


def casting(
    voice: str | None = None,
    *rows: VoiceRow,
    tts: TtsSettings = REMOTE,
    usual: str | None = None,
    profile: Any = None,
    settings: LineSettings | None = None,
) -> Casting:
    extension = Extension(
        id=uuid4(),
        number="1001",
        condominium_id=uuid4(),
        condominium="Aurora",
        timezone="America/Sao_Paulo",
        flow="doorman",
        language="pt-BR",
        voice=voice,
        port=1,
        return_port=2,
        enabled=True,
        isolated=False,
        settings={},
    )
    manners = Manners(usual, profile, rows)
    return Casting(
        extension,
        settings or LineSettings(),
        manners,
        tts,
        lambda name, language: voice_in(tts, name, language),
    )


def test_a_cloned_voice_speaks_every_language_at_its_own_pitch_and_speed() -> None:
    chosen = casting("Maria", MARIA, usual="Maria")
    own, other = chosen.voice("pt-BR"), chosen.voice("en")
    assert (own.name, own.version, own.engine) == (cloned_name(ID), "d" * 64, "remote")
    assert (own.pitch, own.speed) == (0.6, pytest.approx(1.21))
    assert (own.language, other.language) == ("pt-BR", "en")
    assert other.name == own.name


def test_the_condominiums_voice_speaks_where_the_extension_names_none() -> None:
    assert casting(None, MARIA, usual="Maria").voice("pt-BR").name == cloned_name(ID)
    assert casting("pt-br+f2", MARIA, usual="Maria").voice("pt-BR").name == "pt-br+f2"
    assert casting(None, MARIA, settings=LineSettings(voices={"pt-BR": "Maria"})).voice(
        "pt-BR"
    ).name == cloned_name(ID)
    assert casting(None, usual="pt-br+f2").voice("pt-BR").name == "pt-br+f2"
    assert casting(None, usual="pt-br+f2").voice("en").name == "en-us"


def test_the_profile_is_the_extensions_or_the_condominiums_or_the_voices() -> None:
    assert casting("Maria", MARIA).voice("pt-BR").profile == "expressive"
    assert casting("Maria", MARIA, profile="fast").voice("pt-BR").profile == "fast"
    chosen = casting("Maria", MARIA, profile="fast", settings=LineSettings(profile="balanced"))
    assert chosen.voice("pt-BR").profile == "balanced"


@pytest.mark.parametrize("state", ["pending", "failed", "revoked"])
def test_a_voice_that_cannot_speak_leaves_it_to_the_engines_own(state: Any) -> None:
    silent = VoiceRow(ID, "Maria", state, "balanced", 0.5, 1.0, None)
    voice = casting("Maria", silent).voice("pt-BR")
    assert (voice.engine, voice.name) == ("remote", "pt-br")


def test_without_an_engine_that_clones_the_engines_own_voice_speaks() -> None:
    assert casting("Maria", MARIA, tts=TtsSettings()).voice("pt-BR").name == "pt-br"


def test_nobody_gets_at_a_voice_by_the_name_that_engines_know_it_by() -> None:
    with pytest.raises(ExtensionProblem, match="use the name of a voice"):
        casting(cloned_name(ID), MARIA).voice("pt-BR")
    with pytest.raises(ExtensionProblem, match="use the name of a voice"):
        casting(None, MARIA, usual=cloned_name(ID)).voice("pt-BR")
    with pytest.raises(ValidationError, match="named by its own name"):
        LineSettings(voices={"en": cloned_name(ID)})
