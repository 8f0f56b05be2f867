from dataclasses import replace

from tts.cloning import clone_id, cloned_name, digest_of
from tts.engine import Voice
from tts.espeak import espeak_voice
from tts.profiles import PROFILES

VOICE = Voice("remote", cloned_name("4f1c"), "pt-BR", digest_of(b"latents"))


def test_a_cloned_voice_is_known_by_its_id_and_by_its_latents() -> None:
    assert clone_id(VOICE) == "4f1c"
    assert clone_id(espeak_voice()) is None
    assert digest_of(b"other") != VOICE.version


def test_latents_are_neither_shown_nor_compared_their_digest_is() -> None:
    loaded = replace(VOICE, latents=b"\x07" * 50)
    assert loaded == VOICE
    assert repr(loaded) == repr(VOICE)
    assert hash(loaded) == hash(VOICE)


def test_faster_profiles_sound_sooner_and_never_ask_for_more_than_the_model_can() -> None:
    fast, balanced, expressive = (PROFILES[name] for name in ("fast", "balanced", "expressive"))
    assert fast.first_chunk_tokens < balanced.first_chunk_tokens < expressive.first_chunk_tokens
    assert fast.temperature < balanced.temperature < expressive.temperature
    assert all(4 <= each.first_chunk_tokens <= each.chunk_tokens for each in PROFILES.values())
    assert all(each.longest_sentence <= 203 for each in PROFILES.values())


def test_the_profile_sets_the_pace_beside_the_voices_own_speed() -> None:
    brisk = replace(VOICE, speed=1.2, profile="fast")
    assert brisk.pace > 1.2
    assert replace(brisk, profile="balanced").pace == 1.2
