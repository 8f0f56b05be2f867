"""A checkpoint of XTTS-v2's shape and layout with random weights: noise, in place of speech.

Small enough to be made and loaded in a fraction of a second. The transformer stops after a number
of audio tokens that was built into it, whatever the text and however it is sampled: channel 0 of
every hidden state says nothing but "it is time to stop".
"""

import functools
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import torch

from tts.xtts.engine import XttsEngine
from tts.xtts.options import XttsOptions
from tts.xtts.torchaudio_stand_in import install_where_absent

SPEAKERS = ("Ana Clara", "Rui Pedro")
LANGUAGES = (
    "en",
    "es",
    "fr",
    "de",
    "it",
    "pt",
    "pl",
    "tr",
    "ru",
    "nl",
    "cs",
    "ar",
    "zh-cn",
    "hu",
    "ko",
    "ja",
    "hi",
)
CONTRAST = 10.0
"""By which weights are enlarged: with untrained ones all texts and voices sound the same."""
LETTERS = "abcdefghijklmnopqrstuvwxyzáàâãéêíóôõúüçñ0123456789.,!?-':;"
SAMPLE_TEXTS = (
    "bom dia, aqui é da portaria, com quem deseja falar",
    "um momento por favor, vou confirmar com o apartamento",
    "good morning, this is the front desk",
)


@dataclass(frozen=True)
class Shape:
    """Of the transformer; ``tokens`` of 46.4 ms are said before it stops."""

    width: int = 64
    layers: int = 2
    heads: int = 2
    codes: int = 66
    tokens: int = 24
    seed: int = 0


REAL = Shape(width=1024, layers=30, heads=16, codes=1026, tokens=80)
"""XTTS-v2 itself, but for its weights, and for a vocabulary of few words."""


@contextmanager
def narrow_decoder() -> Iterator[None]:
    """XTTS hard-codes the widths of its vocoder and speaker encoder: inside, both are narrow.

    A checkpoint that was made in here loads in here only.
    """
    install_where_absent()
    from TTS.tts.layers.xtts import hifigan_decoder  # noqa: PLC0415
    from TTS.tts.models import xtts  # noqa: PLC0415

    decoder = functools.partial(
        xtts.HifiDecoder,
        upsample_initial_channel_decoder=32,
        resblock_kernel_sizes_decoder=[3],
        resblock_dilation_sizes_decoder=[[1, 3, 5]],
    )
    encoder = functools.partial(
        hifigan_decoder.ResNetSpeakerEncoder, layers=[1, 1, 1, 1], num_filters=[8, 8, 16, 16]
    )
    with ExitStack() as patches:
        patches.enter_context(mock.patch.object(hifigan_decoder, "ResNetSpeakerEncoder", encoder))
        patches.enter_context(mock.patch.object(xtts, "HifiDecoder", decoder))
        yield


@asynccontextmanager
async def tiny_engine(folder: Path) -> AsyncIterator[XttsEngine]:
    """The model of a tiny checkpoint in this process, on one thread."""
    engine = XttsEngine(XttsOptions(folder, threads=1))
    with narrow_decoder():
        await engine.start()
    yield engine
    await engine.close()


def write_checkpoint(folder: Path, shape: Shape = Shape(), *, half: bool = False) -> Path:
    """``model.pth``, ``config.json``, ``vocab.json`` and ``speakers_xtts.pth`` in ``folder``."""
    install_where_absent()
    from TTS.tts.configs.xtts_config import XttsArgs, XttsConfig  # noqa: PLC0415
    from TTS.tts.models.xtts import Xtts  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(shape.seed)
    vocabulary = _write_vocabulary(folder / "vocab.json")
    text_tokens = max(vocabulary.get_vocab().values()) + 1
    config = XttsConfig(
        model_args=XttsArgs(
            gpt_layers=shape.layers,
            gpt_n_model_channels=shape.width,
            gpt_n_heads=shape.heads,
            gpt_number_text_tokens=text_tokens,
            gpt_start_text_token=vocabulary.token_to_id("[START]"),
            gpt_stop_text_token=vocabulary.token_to_id("[STOP]"),
            gpt_num_audio_tokens=shape.codes,
            gpt_start_audio_token=shape.codes - 2,
            gpt_stop_audio_token=shape.codes - 1,
            gpt_max_audio_tokens=605,
            gpt_max_text_tokens=402,
            gpt_max_prompt_tokens=70,
            gpt_use_perceiver_resampler=True,
            decoder_input_dim=shape.width,
        )
    )
    model = Xtts(config)
    with torch.no_grad():
        _stop_after(model.gpt, shape)
        _make_audible(model.hifigan_decoder, shape.width)
    weights = model.state_dict()
    if half:
        weights = {
            name: each.half() if each.is_floating_point() and "mel_pos" not in name else each
            for name, each in weights.items()
        }
    torch.save({"model": weights}, folder / "model.pth")
    torch.save({name: _speaker(shape.width) for name in SPEAKERS}, folder / "speakers_xtts.pth")
    config.save_json(str(folder / "config.json"))
    return folder


def _write_vocabulary(path: Path) -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers  # noqa: PLC0415

    special = ["[STOP]", "[UNK]", "[SPACE]", *(f"[{each}]" for each in LANGUAGES), "[START]"]
    vocabulary = Tokenizer(models.BPE(unk_token="[UNK]"))
    vocabulary.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.BpeTrainer(
        vocab_size=200, special_tokens=special, initial_alphabet=list(LETTERS), show_progress=False
    )
    vocabulary.train_from_iterator(SAMPLE_TEXTS * 20, trainer)
    vocabulary.save(str(path))
    return vocabulary


def _stop_after(gpt: Any, shape: Shape) -> None:
    positions = gpt.mel_pos_embedding.emb.weight
    spoken = (gpt.mel_embedding, gpt.text_embedding, gpt.text_pos_embedding.emb)
    for table in (positions, *(each.weight for each in spoken)):
        table[:, 0] = 0.0
    for block in gpt.gpt.h:
        block.attn.c_attn.weight *= CONTRAST
        for layer in (block.attn.c_proj, block.mlp.c_proj):
            layer.weight *= CONTRAST
            layer.weight[:, 0] = 0.0
            layer.bias[0] = 0.0
    positions[shape.tokens :, 0] = 1000.0
    stop = shape.codes - 1
    gpt.mel_head.weight[stop] = 0.0
    gpt.mel_head.weight[stop, 0] = 20.0
    gpt.mel_head.bias[stop] = -100.0


def _make_audible(decoder: Any, width: int) -> None:
    decoder.eval()
    for layer in decoder.waveform_decoder.modules():
        if getattr(layer, "bias", None) is not None:
            layer.bias.zero_()
    decoder.waveform_decoder.cond_layer.weight *= CONTRAST
    last = decoder.waveform_decoder.conv_post.weight
    last -= last.mean(dim=2, keepdim=True)  # no direct current
    heard = decoder(torch.randn(1, 30, width), g=_speaker(width)["speaker_embedding"])
    decoder.waveform_decoder.conv_post.weight *= 0.1 / heard.std()


def _speaker(width: int) -> dict[str, torch.Tensor]:
    embedding = torch.nn.functional.normalize(torch.randn(1, 512, 1), dim=1)
    return {"gpt_cond_latent": torch.randn(1, 32, width) * 0.1, "speaker_embedding": embedding}
