import json
from pathlib import Path

import pytest
from onnx import TensorProto

from tests.tts.hearing import collect
from tests.tts.neural.conftest import KOKORO, PIPER
from tests.tts.neural.files import kokoro_folder, piper_voice
from tts.engine import SynthesisError
from tts.neural.engine import NeuralEngine
from tts.neural.kokoro import KokoroFolder, spelling
from tts.neural.piper import PiperFolder


def test_a_folder_that_was_not_named_or_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SynthesisError, match=r"set tts\.folder"):
        PiperFolder(None)
    with pytest.raises(SynthesisError, match="no such folder"):
        KokoroFolder(tmp_path / "away")


def test_an_empty_folder_says_what_belongs_into_it(tmp_path: Path) -> None:
    with pytest.raises(SynthesisError, match=r"NAME\.onnx and NAME\.onnx\.json"):
        PiperFolder(tmp_path)
    with pytest.raises(SynthesisError, match=r"which model .* It holds none"):
        KokoroFolder(tmp_path)


def test_a_voice_without_its_json_file_says_so(tmp_path: Path) -> None:
    model = piper_voice(tmp_path)
    model.with_name(f"{model.name}.json").unlink()
    with pytest.raises(SynthesisError, match="download both files"):
        PiperFolder(tmp_path)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"audio": {"sample_rate": 1}}, r"audio\.sample_rate"),
        ({"phoneme_id_map": {"a": [1]}}, r"phoneme_id_map lacks \$ \^ _"),
        ({"phoneme_type": "pinyin"}, "phonemes of type pinyin"),
    ],
)
def test_a_json_file_that_is_no_voices_names_what_is_wrong(
    tmp_path: Path, change: dict[str, object], complaint: str
) -> None:
    path = piper_voice(tmp_path).with_name("pt_BR-tiny-medium.onnx.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(SynthesisError, match=complaint):
        PiperFolder(tmp_path)


async def test_a_broken_model_says_to_download_it_again(tmp_path: Path) -> None:
    model = piper_voice(tmp_path)
    model.write_bytes(model.read_bytes()[:300])
    engine = NeuralEngine("piper", lambda: PiperFolder(tmp_path), voice=PIPER)
    with pytest.raises(SynthesisError, match="download it again"):
        await engine.start()
    await engine.close()


def test_a_model_of_another_kind_is_not_taken_for_a_voice(tmp_path: Path) -> None:
    kokoro_folder(tmp_path)
    piper_voice(tmp_path).rename(tmp_path / "model.onnx")
    folder = KokoroFolder(tmp_path)
    with pytest.raises(SynthesisError, match="no input input_ids or tokens, but input"):
        folder.load(folder.speakers["pf_dora"])


def test_two_models_in_a_folder_are_one_too_many(tmp_path: Path) -> None:
    kokoro_folder(tmp_path)
    (tmp_path / "model.onnx").rename(tmp_path / "model_fp16.onnx")
    (tmp_path / "model_q4.onnx").write_bytes(b"")
    with pytest.raises(SynthesisError, match=r"model_fp16\.onnx, model_q4\.onnx; keep one"):
        KokoroFolder(tmp_path)


@pytest.mark.parametrize("half", [False, True], ids=["whole", "half"])
async def test_the_other_editions_of_kokoro_speak_too(tmp_path: Path, half: bool) -> None:
    folder = kokoro_folder(
        tmp_path,
        tokens="tokens",
        speed_type=TensorProto.INT32,
        style_type=TensorProto.FLOAT16 if half else TensorProto.FLOAT,
        archive=True,
    )
    engine = NeuralEngine("kokoro", lambda: KokoroFolder(folder), voice=KOKORO)
    assert "pf_dora, 3 voices" in await engine.start()
    assert await collect(engine.synthesise("Pode entrar.", KOKORO))
    await engine.close()


def test_a_style_that_is_cut_off_is_named(tmp_path: Path) -> None:
    folder = KokoroFolder(kokoro_folder(tmp_path))
    (tmp_path / "voices" / "pf_dora.bin").write_bytes(b"12345678")
    with pytest.raises(SynthesisError, match=r"pf_dora\.bin is no voice"):
        folder.load(folder.speakers["pf_dora"])


@pytest.mark.parametrize(
    ("heard", "language", "written"),
    [
        ("bˈoŋ d^ʒˈiæ", "pt-BR", "bˈoŋ ʤˈiæ"),
        ("kˈe^ɪŋ", "pt-BR", "kˈAŋ"),
        ("ʒoˈɐ̃^ʊ̃", "pt-BR", "ʒoˈɐ̃ʊ̃"),
        ("hˌa^ʊ mˈe^ɪ a^ɪ hˈɛlp juː", "en-US", "hˌW mˈA I hˈɛlp ju"),
        ("ɡˈʊd mˈɔː^ɹnɪŋ", "en-US", "ɡˈʊd mˈɔɹnɪŋ"),
    ],
)
def test_phonemes_are_written_as_the_model_learnt_them(
    heard: str, language: str, written: str
) -> None:
    assert spelling(heard, language) == written


def test_a_nasal_vowel_is_a_vowel_and_a_tilde_where_there_is_no_sign_for_both(
    tmp_path: Path,
) -> None:
    folder = KokoroFolder(kokoro_folder(tmp_path))
    talker = folder.load(folder.speakers["pf_dora"])
    ids, unknown = talker.ids("\u0169ŋ")
    assert (ids, unknown) == (talker.ids("u\u0303ŋ")[0], set())
    assert len(ids) == 3


def test_piper_gets_a_blank_between_any_two_phonemes(tmp_path: Path) -> None:
    folder = PiperFolder(tmp_path if piper_voice(tmp_path) else None)
    talker = folder.load(folder.speakers["pt_BR-tiny-medium"])
    begin, blank, end = 1, 0, 2
    a, cedilla_is_two = 4, "ç"
    ids, unknown = talker.ids("a")
    assert ids == [begin, blank, a, blank, end]
    assert not unknown
    assert talker.ids(cedilla_is_two)[1] == {"\u0327"}
