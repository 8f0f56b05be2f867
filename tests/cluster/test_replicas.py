"""What is in the replicas, without a cluster around them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

pytest.importorskip("ray", reason="the ray extra is not installed")
pytest.importorskip("faster_whisper", reason="the whisper extra is not installed")

from ray.exceptions import ActorUnavailableError

from stt.languages import Spoken
from stt.whisper import WhisperRecogniser
from supervisor.cluster import asking
from supervisor.cluster.application import ClusterError, assembled, build
from supervisor.cluster.condition import Condition, IllError
from supervisor.cluster.ears import Ears
from supervisor.cluster.settings import ClusterSettings
from supervisor.cluster.wire import Asked
from tests.engines.lost_gpu import ILLEGAL
from tests.stt.scripted_whisper import write_model


def utterance(language: str = "pt-BR", spoken: tuple[Spoken, ...] = ()) -> Asked:
    samples = np.full(8000, 900, np.int16)
    return Asked(samples, 8000, language, (), 1.0, "", spoken, 20.0)


async def ears_with(model: Path, **stt: Any) -> Ears:
    whisper = {"engine": "whisper", "model": str(model), "device": "cpu", "threads": 1, **stt}
    settings = {"stt": whisper, "tts": None, "batching": {"most": 4, "wait_ms": 50}}
    ears = Ears.__new__(Ears)
    await ears.__init__(ClusterSettings.model_validate(settings).model_dump())  # type: ignore[misc]
    return ears


async def test_utterances_of_several_callers_are_computed_in_one_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ears = await ears_with(write_model(tmp_path / "model", ("sim",)), batch=4)
    recogniser = ears._recogniser
    assert isinstance(recogniser, WhisperRecogniser)
    sizes: list[int] = []
    decode = recogniser.queue._work

    def decoded(asked: list[Any], wanted: Any) -> Any:
        sizes.append(len(asked))
        return decode(asked, wanted)

    monkeypatch.setattr(recogniser.queue, "_work", decoded)
    answers = await ears.hear_all([utterance() for _ in range(4)])
    assert [each.transcript and each.transcript.text for each in answers] == ["sim"] * 4
    assert sizes == [4]
    assert (await ears.describe()).best_hz == 16000
    await recogniser.close()


async def test_what_a_caller_spoke_before_counts_wherever_they_are_heard(tmp_path: Path) -> None:
    ears = await ears_with(write_model(tmp_path / "model", ("ok",), pt=2.0, en=2.2))
    before = (Spoken({"pt": 0.9, "en": 0.1}, 1.0),)
    asked = [utterance("auto:pt-BR,en"), utterance("auto:pt-BR,en", before)]
    alone, known = await ears.hear_all(asked)
    assert alone.transcript is not None and known.transcript is not None
    assert (alone.transcript.language, known.transcript.language) == ("en", "pt-BR")
    assert known.heard is not None and known.heard.heard["en"] > known.heard.heard["pt"]
    await ears._recogniser.close()


async def test_a_language_that_the_model_does_not_know_is_a_reason_and_no_failure(
    tmp_path: Path,
) -> None:
    ears = await ears_with(write_model(tmp_path / "model", ("sim",)))
    answers = await ears.hear_all([utterance("tlh")] * 4)
    assert {each.transcript for each in answers} == {None}
    assert "does not know the language 'tlh'" in answers[0].reason
    await ears.check_health()
    await ears._recogniser.close()


def test_a_replica_whose_engine_fails_again_and_again_is_to_be_replaced() -> None:
    condition = Condition("the recogniser")
    for _ in range(2):
        condition.failed(RuntimeError("CUDA out of memory"))
    condition.check()
    condition.worked()
    for _ in range(3):
        condition.failed(RuntimeError("CUDA out of memory"))
    with pytest.raises(IllError, match="failed 3 times in a row: CUDA out of memory"):
        condition.check()


def test_a_replica_that_lost_its_gpu_ends_at_once() -> None:
    ends: list[str] = []
    condition = Condition("the recogniser", end=ends.append)
    condition.failed(RuntimeError("out of memory"))
    assert not ends
    condition.failed(RuntimeError(ILLEGAL))
    assert ends == [f"the recogniser lost its GPU: {ILLEGAL}"]


async def test_a_replica_that_is_out_of_reach_is_asked_again_and_one_that_is_lost_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asking, "PAUSES_S", (0.0, 0.0))
    unreachable, lost = ActorUnavailableError("for now", b"1" * 16), TimeoutError()
    retries = asking.Retries()
    tries = asking.Tries(retries, "stt", 60)
    asked = [await tries.has_another(each) for each in (unreachable, lost, unreachable, lost)]
    assert asked == [True, True, True, False]
    tries = asking.Tries(retries, "stt", 60)
    assert all([await tries.has_another(unreachable) for _ in range(20)])
    impatient = asking.Tries(retries, "tts", 0.0)
    assert [await impatient.has_another(unreachable) for _ in range(2)] == [True, False]
    [family] = retries.collect()
    counts = {sample.labels["kind"]: sample.value for sample in family.samples}
    assert counts == {"stt": 2, "tts": 1}, "a request counts once"


def test_nothing_is_served_without_a_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RAMAL_ENGINES__TOKEN", raising=False)
    with pytest.raises(ClusterError, match="RAMAL_ENGINES__TOKEN"):
        build(ClusterSettings())


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"listening": {"least": 3, "most": 2}}, "most \\(2\\) is less than least \\(3\\)"),
        ({"stt": None, "tts": None}, "there would be nothing to serve"),
        ({"speaking": {"gpu": 1}}, "speaking.gpu"),
    ],
)
def test_a_configuration_that_cannot_be_meant_is_refused(
    settings: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValidationError, match=complaint):
        ClusterSettings.model_validate(settings)


def test_replicas_share_gpus_and_grow_in_number_as_the_configuration_says() -> None:
    scale = {"least": 2, "most": 6, "at_once": 8, "busy": 3, "gpus": 0.25, "add_after_s": 4}
    settings = ClusterSettings.model_validate({"listening": scale, "speaking": {"per_node": 1}})
    gateway = assembled(settings, "a token")._bound_deployment
    ears, voices = (each._bound_deployment for each in gateway.init_args[2:])
    assert ears.ray_actor_options == {"num_cpus": 1.0, "num_gpus": 0.25}
    growth = ears._deployment_config.autoscaling_config
    assert (growth.min_replicas, growth.max_replicas) == (2, 6)
    assert (growth.target_ongoing_requests, growth.upscale_delay_s) == (3, 4)
    assert ears.max_ongoing_requests == 8
    assert voices.num_replicas == 1
    assert voices._replica_config.max_replicas_per_node == 1


def test_the_shipped_configuration_is_valid() -> None:
    import yaml  # noqa: PLC0415

    file = Path(__file__).parents[2] / "deploy/ray/ramal.yaml"
    [application] = yaml.safe_load(file.read_text())["applications"]
    assert application["import_path"] == "supervisor.cluster.application:build"
    settings = ClusterSettings.model_validate(application["args"])
    assert (settings.listening.least, settings.listening.highest) == (1, 4)
