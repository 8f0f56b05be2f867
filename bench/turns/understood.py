"""How much of labelled sentences the rules understand, and rules with a language model's server.

The server on this machine answers with what was meant: **it proves that the two work together, and
says nothing about how well any model understands**.
"""

from collections.abc import Sequence
from typing import Any

from bench.rules import Said
from bench.turns.stage import DIRECTORY, RULES
from bench.understanding import ASKED, GROUPS, AllKnowing, right
from conversation.extraction.chat import Chat
from conversation.extraction.extractor import Extractor, ModelChain, ModelSettings
from conversation.understanding import Understanding


async def understood(said: Sequence[Said]) -> dict[str, Any]:
    """Per cent of the sentences whose purpose, and whose unit with its block, is right."""
    rules = RULES["pt-BR"]
    by_rules = [rules.interpret(one.text, 0.95, ASKED) for one in said]
    table = AllKnowing()
    table.meant = {one.text: one for one in said}
    async with table.serving() as url:
        chain = ModelChain(Chat(url, "none", read_s=2.0), ModelSettings(("table",)), _nobody)
        extractor = Extractor(chain, DIRECTORY, rules.explains)
        alone, both, asked = [], [], 0
        for one, heard in zip(said, by_rules, strict=True):
            found = await extractor.think(one.text, ASKED, GROUPS)
            alone.append(extractor.merge(Understanding(one.text, 0.95), ASKED, found))
            slots = extractor.open_slots(heard, ASKED)
            asked += bool(slots)
            if slots:
                thought = await extractor.think(one.text, ASKED, slots)
                heard = extractor.merge(heard, ASKED, thought)  # noqa: PLW2901
            both.append(heard)
        await chain.close()
    return {
        "sentences": len(said),
        "asked_percent": round(100 * asked / len(said), 1),
        "rules": _shares(said, by_rules),
        "scripted_model": _shares(said, alone),
        "both": _shares(said, both),
        "rules_wrong": [
            one.text
            for one, got in zip(said, by_rules, strict=True)
            if one.purpose != got.intent or one.unit != (got.apartment, got.block)
        ][:12],
    }


def _nobody(_attempt: object) -> None:
    """Nobody counts the requests."""


def _shares(said: Sequence[Said], heard: Sequence[Understanding]) -> dict[str, float]:
    return {
        "purpose_percent": round(100 * right(said, heard, "why"), 1),
        "unit_percent": round(100 * right(said, heard, "where"), 1),
    }
