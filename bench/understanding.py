"""What a language model adds to the rules, and what it costs:
``python -m bench.understanding [--turns N] [--url URL --model MODEL < KEY]``.

Turns are those of bench.rules, spoilt letter by letter. Without ``--url`` the model is a table on
this machine that knows what was meant: **that is no evidence of how well any model understands**.
It shows what the best of models could add, and what asking costs here. With ``--url`` a real one is
asked (its key, if it needs one, is read from the standard input) and the table is about that one.

Columns are % of turns, except the last two:

    sure               the rules were sure: no request was made
    r.purpose, r.unit  right by the rules alone; the unit with its block
    m.purpose, m.unit  right by the model alone, asked about every turn
    purpose, unit      right by both, as calls have it
    wrong              another unit than was said, by both; it is read back if the model said it
    requests           for each turn
    p95 ms             from the end of a turn to both's result, of the turns that were asked about
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from bench.rules import SPOILT, Said, a_turn, microseconds, spoil
from conversation.directory import Directory, Unit
from conversation.extraction.attempts import Attempt
from conversation.extraction.chat import Chat
from conversation.extraction.extractor import Extractor, ModelChain, ModelSettings
from conversation.extraction.slots import SCHEMAS
from conversation.rules import rules_for
from conversation.understanding import Expecting, Understanding

RULES = rules_for("pt-BR")
ASKED = Expecting.PURPOSE
GROUPS = ("errand", "place", "caller")


class AllKnowing:
    """Answers with what was meant by each text; every other request was never made."""

    def __init__(self) -> None:
        self.meant: dict[str, Said] = {}

    def _slots(self, group: str, text: str) -> dict[str, Any]:
        said = self.meant[text]
        match group:
            case "errand":
                return {"purpose": said.purpose, "company": said.firm}
            case "place":
                return {"apartment": said.unit[0], "block": said.unit[1], "resident": None}
            case _:
                return {"name": said.name}

    async def answer(self, request: web.Request) -> web.Response:
        """What was meant, as a chat completion."""
        body = await request.json()
        group = body["response_format"]["json_schema"]["name"]
        text = json.loads(body["messages"][1]["content"])["heard"]
        content = json.dumps(self._slots(group, text))
        message = {"role": "assistant", "content": content}
        return web.json_response(
            {
                "id": "1",
                "object": "chat.completion",
                "created": 1,
                "model": "table",
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
            }
        )

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """Its URL."""
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        await runner.cleanup()


async def row(
    extractor: Extractor, said: Sequence[Said], texts: Sequence[str], attempts: list[Attempt]
) -> str:
    """One line of the table."""
    alone: list[Understanding] = []
    model: list[Understanding] = []
    both: list[Understanding] = []
    sure, took_ms = 0, []
    for text in texts:
        rules = RULES.interpret(text, 0.9, ASKED)
        alone.append(rules)
        by_model = await extractor.think(text, ASKED, GROUPS)
        model.append(extractor.merge(Understanding(text, 0.9), ASKED, by_model))
    attempts.clear()
    for text, rules in zip(texts, alone, strict=True):
        began = time.monotonic()
        open_slots = extractor.open_slots(rules, ASKED)
        if not open_slots:
            sure += 1
            both.append(rules)
            continue
        thoughts = await extractor.think(text, ASKED, open_slots)
        both.append(extractor.merge(rules, ASKED, thoughts))
        took_ms.append((time.monotonic() - began) * 1000)
    shares = [
        sure / len(said),
        *(right(said, heard, what) for heard in (alone, model, both) for what in ("why", "where")),
        statistics.fmean(
            (got.apartment is not None and got.apartment != one.unit[0])
            for one, got in zip(said, both, strict=True)
        ),
    ]
    late = statistics.quantiles(took_ms, n=20)[-1] if len(took_ms) > 1 else 0.0
    cells = "".join(f"{100 * share:10.1f}" for share in shares)
    return f"{cells}{len(attempts) / len(said):10.2f}{late:8.0f}"


def right(said: Sequence[Said], heard: Sequence[Understanding], what: str) -> float:
    """The share of turns whose purpose or unit is right."""
    pairs = zip(said, heard, strict=True)
    if what == "why":
        return statistics.fmean(one.purpose == got.intent for one, got in pairs)
    return statistics.fmean(one.unit == (got.apartment, got.block) for one, got in pairs)


async def measure(options: argparse.Namespace) -> None:
    """Print the tables."""
    chance = random.Random(options.seed)
    said = [a_turn(chance) for _ in range(options.turns)]
    directory = Directory(Unit(*unit) for unit in dict.fromkeys(one.unit for one in said))
    table = AllKnowing()
    attempts: list[Attempt] = []
    async with table.serving() as url:
        key = sys.stdin.readline().strip() if options.url else ""
        chat = Chat(options.url or url, key or "none", read_s=options.deadline)
        settings = ModelSettings((options.model,), deadline_s=options.deadline)
        chain = ModelChain(chat, settings, attempts.append)
        extractor = Extractor(chain, directory, RULES.explains)
        asked = f"{options.model} at {options.url}" if options.url else "a table that knows all"
        print(f"the model: {asked}; {len(said)} turns, {len(directory.units)} units\n")
        heads = [
            *("sure", "r.purpose", "r.unit", "m.purpose", "m.unit"),
            *("purpose", "unit", "wrong", "requests"),
        ]
        print(f"{'spoilt':>7}{''.join(f'{head:>10}' for head in heads)}{'p95 ms':>8}")
        for share in SPOILT:
            texts = [spoil(chance, one.text, share) for one in said]
            table.meant = dict(zip(texts, said, strict=True))
            print(f"{share:>7.0%}{await row(extractor, said, texts, attempts)}", flush=True)
        await costs(extractor, said)
        await chain.close()


async def costs(extractor: Extractor, said: Sequence[Said]) -> None:
    """CPU of this process for a turn, the table's own server not among it."""
    heard = {one.text: RULES.interpret(one.text, 0.9, ASKED) for one in said}
    found = {
        "errand": SCHEMAS["errand"](purpose="delivery", company=None),
        "place": SCHEMAS["place"](apartment="501", block="A", resident=None),
    }
    thoughts = type("Found", (), {"found": found, "account": {}})
    print(f"\n{'us CPU':>24}      p50      p95")
    for title, work in (
        ("the rules' word", lambda one: RULES.interpret(one.text, 0.9, ASKED)),
        ("whether they are sure", lambda one: extractor.open_slots(heard[one.text], ASKED)),
        ("both made one", lambda one: extractor.merge(heard[one.text], ASKED, thoughts)),
    ):
        print(f"{title:>24}{microseconds(work, said[:1000])}")


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--turns", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--url", help="an API, up to /v1")
    parser.add_argument("--model", default="table")
    parser.add_argument("--deadline", type=float, default=1.2, help="seconds")
    asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
