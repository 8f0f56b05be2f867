"""Our decoding against coqui-tts's own, and many streams against one."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from tts.engine import SynthesisError
from tts.profiles import PROFILES, QualityProfile
from tts.xtts.latents import of_tensors
from tts.xtts.sampling import Sampler
from tts.xtts.streams import Order, Stream, Streams
from tts.xtts.transformer import Transformer
from tts.xtts.vocoder import Utterance, Vocoder
from tts.xtts.writing import tokens_of

TEXT = "Bom dia, aqui é da portaria. Quem fala, por favor?"
LIMIT_S = 30.0
SURE = replace(PROFILES["balanced"], top_k=1)
"""Always the likeliest token, as nobody's seed decides."""


class Hearing:
    """What one stream lets hear, and how much at a time."""

    def __init__(self) -> None:
        self.chunks: list[np.ndarray] = []
        self.error: SynthesisError | None = None
        self.over = threading.Event()

    def __call__(self, sound: Any) -> None:
        if isinstance(sound, np.ndarray):
            self.chunks.append(sound)
            return
        self.error = sound
        self.over.set()

    @property
    def sound(self) -> np.ndarray:
        assert self.over.wait(LIMIT_S)
        if self.error is not None:
            raise self.error
        return np.concatenate(self.chunks)


@pytest.fixture(scope="module")
def parts(tiny_model: Any) -> tuple[Transformer, Vocoder]:
    return Transformer(tiny_model.gpt, "fp32"), Vocoder(tiny_model.hifigan_decoder)


@pytest.fixture
def streams(parts: tuple[Transformer, Vocoder]) -> Iterator[Streams]:
    running = Streams(*parts, most=16, sounding=4)
    yield running
    running.close()


def order(
    model: Any,
    *,
    text: str = TEXT,
    seed: int = 0,
    profile: QualityProfile = PROFILES["balanced"],
    most_tokens: int = 600,
    stretch: float = 1.0,
    speaker: str = "Ana Clara",
) -> Order:
    voice = model.speaker_manager.speakers[speaker]
    latents = of_tensors(voice["gpt_cond_latent"], voice["speaker_embedding"])
    return Order(
        tokens_of(text, "pt-BR", model.tokenizer, 400),
        torch.from_numpy(latents.conditioning),
        torch.from_numpy(latents.speaker),
        profile,
        seed,
        most_tokens,
        stretch,
    )


def said(streams: Streams, orders: Sequence[Order]) -> list[np.ndarray]:
    hearings = [Hearing() for _ in orders]
    for each, hearing in zip(orders, hearings, strict=True):
        streams.say(each, hearing)
    return [hearing.sound for hearing in hearings]


def test_a_stream_sounds_as_coqui_ttss_own_does(tiny_model: Any, streams: Streams) -> None:
    voice = tiny_model.speaker_manager.speakers["Ana Clara"]
    settings = {"stream_chunk_size": 8, "top_k": 1, "temperature": SURE.temperature}
    stock = tiny_model.inference_stream(
        TEXT, "pt", voice["gpt_cond_latent"], voice["speaker_embedding"], **settings
    )
    expected = torch.cat(list(stock)).numpy()
    even = replace(SURE, first_chunk_tokens=8, chunk_tokens=8)
    [heard] = said(streams, [order(tiny_model, profile=even)])
    assert expected.std() > 0.01
    np.testing.assert_allclose(heard, expected, atol=1e-5)


def test_chunk_sizes_do_not_change_what_is_heard_but_for_the_cross_fades(
    tiny_model: Any, streams: Streams
) -> None:
    small = replace(SURE, first_chunk_tokens=4, chunk_tokens=5)
    whole = replace(SURE, first_chunk_tokens=600)
    one, other = said(streams, [order(tiny_model, profile=each) for each in (small, whole)])
    assert one.shape == other.shape
    assert np.corrcoef(one, other)[0, 1] > 0.99


def test_the_first_chunk_is_small_and_later_ones_are_larger(
    tiny_model: Any, streams: Streams
) -> None:
    hearing = Hearing()
    streams.say(order(tiny_model), hearing)
    sizes_ms = [len(chunk) / 24 for chunk in (hearing.sound, *hearing.chunks)[1:]]
    assert 300 < sizes_ms[0] < 8 * 46.5
    assert sizes_ms[1] > 2 * sizes_ms[0]


ORDERS = 6


def different(model: Any) -> list[Order]:
    texts = [TEXT, "Sim.", "O entregador já pode subir.", "Um momento, por favor, vou confirmar."]
    return [
        order(model, text=texts[number % 4], seed=number, most_tokens=10 + 5 * number)
        for number in range(ORDERS)
    ]


def test_streams_at_once_sound_as_each_does_alone(tiny_model: Any, streams: Streams) -> None:
    alone = [said(streams, [each])[0] for each in different(tiny_model)]
    together = said(streams, different(tiny_model))
    for one, other in zip(alone, together, strict=True):
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, atol=1e-5)
    assert np.abs(alone[0][:5000] - alone[4][:5000]).max() > 0.01


def test_computed_one_by_one_streams_at_once_are_the_same_bit_by_bit(
    tiny_model: Any, parts: tuple[Transformer, Vocoder]
) -> None:
    running = Streams(*parts, most=16, together=1)
    try:
        alone = [said(running, [each])[0] for each in different(tiny_model)]
        together = said(running, different(tiny_model))
    finally:
        running.close()
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


def test_streams_that_join_and_leave_disturb_no_other(tiny_model: Any, streams: Streams) -> None:
    [alone] = said(streams, [order(tiny_model, seed=3)])
    first, second = Hearing(), Hearing()
    streams.say(order(tiny_model, seed=9, most_tokens=5, text="Sim."), second)
    streams.say(order(tiny_model, seed=3), first)
    for seed in range(4):
        said(streams, [order(tiny_model, seed=seed, most_tokens=3)])
    np.testing.assert_allclose(first.sound, alone, atol=1e-5)


def test_more_streams_than_there_are_places_wait_for_one(
    tiny_model: Any, parts: tuple[Transformer, Vocoder]
) -> None:
    running = Streams(*parts, most=2)
    try:
        heard = said(running, [order(tiny_model, seed=seed) for seed in range(5)])
    finally:
        running.close()
    assert len({len(each) for each in heard}) == 1


def test_the_same_seed_is_the_same_take_and_another_seed_another(
    tiny_model: Any, streams: Streams
) -> None:
    lively = replace(PROFILES["expressive"], temperature=5.0)
    orders = [order(tiny_model, seed=seed, profile=lively) for seed in (1, 1, 2)]
    one, same, other = (said(streams, [each])[0] for each in orders)
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 0.01


def test_the_vocoder_hears_no_frame_more_often_than_needed(
    tiny_model: Any, parts: tuple[Transformer, Vocoder]
) -> None:
    vocoder, width = parts[1], parts[0].width

    def frames(tokens: int) -> int:
        utterance = Utterance(torch.zeros(512))
        computed = 0
        for token in range(1, tokens + 1):
            utterance.latents.append(torch.zeros(width))
            if token % 20 == 0:
                computed += vocoder.window(utterance, is_last=False).frames.shape[1]
        return computed

    once = 20 * 1024 / 256 * 24_000 / 22_050
    assert frames(400) - frames(200) == pytest.approx(frames(600) - frames(400), rel=0.02)
    assert frames(600) < 30 * (once + 32)


class Gate:
    """Lets tokens be computed one at a time."""

    def __init__(self, transformer: Transformer) -> None:
        self._step = transformer.step
        self.asked, self.go = threading.Semaphore(0), threading.Semaphore(0)
        self.steps = 0

    def step(self, *arguments: Any) -> torch.Tensor:
        self.asked.release()
        assert self.go.acquire(timeout=LIMIT_S)
        self.steps += 1
        return self._step(*arguments)


@pytest.fixture
def gated(
    streams: Streams, parts: tuple[Transformer, Vocoder], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Gate]:
    gate = Gate(parts[0])
    monkeypatch.setattr(parts[0], "step", gate.step)
    yield gate
    gate.go.release(10_000)


def test_a_cancelled_stream_has_one_more_token_at_most(
    tiny_model: Any, streams: Streams, gated: Gate
) -> None:
    hearing = Hearing()
    stream: Stream = streams.say(order(tiny_model), hearing)
    for _ in range(4):
        assert gated.asked.acquire(timeout=LIMIT_S)
        gated.go.release()
    assert gated.asked.acquire(timeout=LIMIT_S)  # the next token is being computed
    stream.cancel()
    gated.go.release()
    gated.go.release(100)
    assert said(streams, [order(tiny_model, most_tokens=3)])[0].size  # it is free for others
    assert stream.line is not None
    assert len(stream.line.tokens) == 1 + 4 + 1
    assert not hearing.chunks
    assert streams.counters.cancelled == 1


def test_a_stream_that_was_cancelled_while_it_waited_never_begins(
    tiny_model: Any, parts: tuple[Transformer, Vocoder], monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(parts[0])
    monkeypatch.setattr(parts[0], "step", gate.step)
    running = Streams(*parts, most=1)
    try:
        first = Hearing()
        running.say(order(tiny_model, most_tokens=4), first)
        waiting = running.say(order(tiny_model), Hearing())
        assert gate.asked.acquire(timeout=LIMIT_S)
        waiting.cancel()
        gate.go.release(100)
        assert first.sound.size
        assert said(running, [order(tiny_model, most_tokens=3)])[0].size
    finally:
        gate.go.release(1000)
        running.close()
    assert waiting.line is None


class Full:
    """A GPU whose memory is full for some calls."""

    def __init__(self, work: Any, times: int) -> None:
        self._work, self.times = work, times

    def __call__(self, *arguments: Any) -> Any:
        if self.times > 0:
            self.times -= 1
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return self._work(*arguments)


@pytest.mark.parametrize("place", ["listen", "step"])
def test_memory_that_is_full_for_a_moment_is_waited_for(
    tiny_model: Any,
    streams: Streams,
    parts: tuple[Transformer, Vocoder],
    monkeypatch: pytest.MonkeyPatch,
    place: str,
) -> None:
    [expected] = said(streams, [order(tiny_model)])
    full = Full(getattr(parts[0], place), 2)
    monkeypatch.setattr(parts[0], place, full)
    [heard] = said(streams, [order(tiny_model)])
    assert full.times == 0
    assert streams.patience.times == 2
    np.testing.assert_array_equal(heard, expected)


def test_the_vocoders_memory_is_waited_for_too(
    tiny_model: Any,
    streams: Streams,
    parts: tuple[Transformer, Vocoder],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    [expected] = said(streams, [order(tiny_model)])
    monkeypatch.setattr(parts[1], "sound", Full(parts[1].sound, 1))
    np.testing.assert_array_equal(said(streams, [order(tiny_model)])[0], expected)


def test_where_memory_stays_full_the_newest_gives_way_and_the_others_go_on(
    tiny_model: Any,
    streams: Streams,
    parts: tuple[Transformer, Vocoder],
    monkeypatch: pytest.MonkeyPatch,
    gated: Gate,
) -> None:
    [first, second] = [Hearing(), Hearing()]
    streams.say(order(tiny_model), first)
    assert gated.asked.acquire(timeout=LIMIT_S)
    streams.say(order(tiny_model), second)
    monkeypatch.setattr(parts[0], "step", Full(gated.step, 0))
    gated.go.release()
    assert gated.asked.acquire(timeout=LIMIT_S)  # both speak now
    monkeypatch.setattr(parts[0], "step", Full(gated.step, 4))
    gated.go.release(1000)
    assert first.sound.size
    with pytest.raises(SynthesisError, match=r"out of memory: set engines.tts.xtts.streams"):
        assert second.sound.size
    assert streams.counters.failed == 1


def test_a_defect_in_the_midst_fails_its_streams_and_serves_the_next(
    tiny_model: Any,
    streams: Streams,
    parts: tuple[Transformer, Vocoder],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(parts[0], "step", lambda *_: 1 / 0)
        with pytest.raises(SynthesisError, match="XTTS failed: division by zero"):
            said(streams, [order(tiny_model)])
    assert said(streams, [order(tiny_model)])[0].size


def test_closing_tells_whoever_listens(tiny_model: Any, parts: tuple[Transformer, Vocoder]) -> None:
    running = Streams(*parts, most=1)
    hearings = [Hearing() for _ in range(3)]
    for hearing in hearings:
        running.say(order(tiny_model), hearing)
    running.close()
    with pytest.raises(SynthesisError, match="closed"):
        assert hearings[-1].sound.size


def test_closing_tells_also_those_whose_sound_is_still_to_be_made(
    tiny_model: Any, parts: tuple[Transformer, Vocoder], monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, go = threading.Event(), threading.Event()
    sound = parts[1].sound

    def slow(windows: Any) -> Any:
        entered.set()
        assert go.wait(LIMIT_S)
        return sound(windows)

    monkeypatch.setattr(parts[1], "sound", slow)
    running = Streams(*parts, most=2)
    hearings = [Hearing() for _ in range(2)]
    for hearing in hearings:
        running.say(order(tiny_model, most_tokens=12), hearing)
    assert entered.wait(LIMIT_S)
    running.wait_until_idle()
    closing = threading.Thread(target=running.close)
    closing.start()
    assert running._closing.wait(LIMIT_S)
    go.set()
    closing.join(LIMIT_S)
    late = Hearing()
    running.say(order(tiny_model), late)
    for hearing in (*hearings, late):
        with pytest.raises(SynthesisError, match="closed"):
            assert hearing.sound.size


def test_a_stretched_utterance_is_longer(tiny_model: Any, streams: Streams) -> None:
    usual, slow = said(
        streams, [order(tiny_model, stretch=each, profile=SURE) for each in (1.0, 1.25)]
    )
    assert len(slow) / len(usual) == pytest.approx(1.25, abs=0.02)


@pytest.mark.parametrize("precision", ["bf16", "int8", "fp16"])
def test_smaller_number_formats_say_nearly_the_same(
    tiny_model: Any, parts: tuple[Transformer, Vocoder], precision: str
) -> None:
    small = Transformer(tiny_model.gpt, precision)
    wanted = order(tiny_model)

    def latents(gpt: Transformer) -> torch.Tensor:
        gpt.listen([gpt.prefix(wanted.conditioning, wanted.text)], 0)
        length = len(wanted.text) + 35
        return torch.cat([gpt.step([7 + n], [1 + n], [length + n], 0) for n in range(5)])

    with torch.inference_mode():
        exact, near = latents(parts[0]), latents(small)
    assert not torch.equal(exact, near)
    assert torch.nn.functional.cosine_similarity(exact, near, dim=1).min() > 0.98


def test_the_sampler_weighs_as_transformers_does() -> None:
    from transformers import (  # noqa: PLC0415
        RepetitionPenaltyLogitsProcessor,
        TemperatureLogitsWarper,
        TopKLogitsWarper,
        TopPLogitsWarper,
    )

    profile = replace(PROFILES["balanced"], top_k=12, top_p=0.8, repetition_penalty=3.0)
    logits = np.random.default_rng(0).normal(0, 2, 50).astype(np.float32)
    scores = torch.from_numpy(logits)[None].clone()
    ids = torch.tensor([[1, 48, 5]])
    for process in (
        RepetitionPenaltyLogitsProcessor(3.0),
        TemperatureLogitsWarper(profile.temperature),
        TopKLogitsWarper(12),
        TopPLogitsWarper(0.8),
    ):
        scores = process(ids, scores)
    expected = torch.softmax(scores[0], 0).numpy()
    drawn = [Sampler(profile, seed, 50, (1, 48, 5)).choose(logits) for seed in range(4000)]
    shares = np.bincount(drawn, minlength=50) / len(drawn)
    assert set(np.flatnonzero(shares)) == set(np.flatnonzero(expected))
    assert np.abs(shares - expected).max() < 0.03
