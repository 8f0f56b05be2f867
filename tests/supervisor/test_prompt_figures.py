from pathlib import Path

from supervisor.metrics import Metrics
from tts.cache import PromptCache, PromptKey
from tts.engine import Voice, in_background

KEY = PromptKey(Voice("espeak", "pt-br", "pt-BR"), "bom dia")


async def test_the_hit_rate_of_calls_can_be_told_from_what_was_made_ahead(tmp_path: Path) -> None:
    metrics, cache = Metrics(), PromptCache(tmp_path)
    metrics.watch_prompts(cache)
    with in_background():
        await cache.find(KEY)
        await cache.store(KEY, b"\1\2" * 80)
    await cache.find(KEY)
    await PromptCache(tmp_path).find(KEY)

    def prompts(use: str, found: str) -> float | None:
        return metrics.registry.get_sample_value(
            "ramal_prompts_total", {"use": use, "found": found}
        )

    assert prompts("call", "memory") == 1
    assert prompts("call", "nowhere") == 0
    assert prompts("ahead", "nowhere") == 1
    assert metrics.registry.get_sample_value("ramal_prompts_memory_bytes") == 160
