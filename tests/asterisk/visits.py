"""Visits as people live them: a visitor at the gate, a resident with a phone, in every variant."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from stt.recogniser import Recogniser
from tests.asterisk.asterisk import AsteriskServer
from tests.asterisk.listening import contains_one_of, finished_speaking, understood
from tests.asterisk.phone import Call, End, Phone, switched_on
from tests.speech import say

NUMBER = "1001"
CALL_LIMIT_S = 120.0
RING_S = 8
DEAD_PHONE = "1604"
GUARD = "guard"
SAID_AT_MOST = 3

Samples: TypeAlias = NDArray[np.int16]

APARTMENTS = {
    # apartment -> how it is said, and the resident's phone
    "101": ("cento e um", "1101"),
    "102": ("cento e dois", "1102"),
    "201": ("duzentos e um", "1201"),
    "202": ("duzentos e dois", "1202"),
    "301": ("trezentos e um", "1301"),
    "302": ("trezentos e dois", "1302"),
    "401": ("quatrocentos e um", DEAD_PHONE),
    "501": ("quinhentos e um", "1501"),
    "502": ("quinhentos e dois", "1502"),
    "601": ("seiscentos e um", "1601"),
}


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that the calls need, in place and running."""

    asterisk: AsteriskServer
    passwords: Mapping[str, str]
    recogniser: Recogniser
    database_url: str
    server_log: Callable[[], str]

    def phone(self, name: str) -> AbstractAsyncContextManager[Phone]:
        """The phone of that name, switched on."""
        return switched_on(name, self.passwords[name], self.asterisk.sip)


@dataclass(frozen=True, slots=True)
class Lived:
    """A visit as its people lived it. ``resident_ended`` has an entry per time the phone rang."""

    visitor_heard: str
    visitor_ended: End
    resident_heard: str = ""
    resident_ended: tuple[End, ...] = ()


Scenario: TypeAlias = Callable[[Stage], Awaitable[Lived]]


# ---------------------------------------------------------------- what people do


@asynccontextmanager
async def at_the_gate(stage: Stage, apartment: str, wish: str = "") -> AsyncIterator[Call]:
    """Somebody who has dialled the doorman, was greeted, and says what for until it is clear.

    ``wish`` is said in place of a courier's words.
    """
    spoken, _ = APARTMENTS[apartment]
    delivery = f"Boa tarde, entrega da Loggi para o apartamento {spoken}."
    sentence = say(wish or delivery, voice="pt-br+m3")
    async with stage.phone(f"gate{apartment}") as gate:
        call = await gate.dial(NUMBER)
        await finished_speaking(call, since_s=0)
        saying = asyncio.create_task(says(stage, call, sentence, "chamar", "momento", "contato"))
        try:
            yield call
        finally:
            saying.cancel()
            await asyncio.wait([saying])
        if not saying.cancelled():
            saying.result()


async def says(stage: Stage, call: Call, sentence: Samples, *signs: str) -> None:
    """Say something, and again as people do, until the reply has a sign that it was understood."""
    for _ in range(SAID_AT_MOST):
        said_at_s = await call.say(sentence)
        await finished_speaking(call, since_s=said_at_s)
        reply = await understood(stage.recogniser, call, since_s=said_at_s)
        if call.end is not None or contains_one_of(reply, *signs):
            return


async def picks_up(call: Call, after_s: float = 1.0) -> None:
    """Let the phone ring a moment, answer, say hello, and hear what it is about."""
    call.ring()
    await asyncio.sleep(after_s)
    call.answer()
    answered_at_s = time.monotonic()
    await asyncio.sleep(0.3)
    await call.say(say("alô", voice="pt-br+f2"))
    await finished_speaking(call, since_s=answered_at_s)


async def stays_until_the_end(stage: Stage, call: Call) -> tuple[str, End]:
    """Listen to the last word, and say what was understood in all."""
    ended = await call.ended(timeout_s=CALL_LIMIT_S)
    return await understood(stage.recogniser, call), ended


# ---------------------------------------------------------------- the calls


async def the_resident_agrees(stage: Stage) -> Lived:
    return await _the_resident_says(stage, "101", "pode subir")


async def the_resident_refuses(stage: Stage) -> Lived:
    return await _the_resident_says(stage, "102", "não, não autorizo")


async def _the_resident_says(stage: Stage, apartment: str, answer: str) -> Lived:
    _, number = APARTMENTS[apartment]
    async with stage.phone(number) as resident, at_the_gate(stage, apartment) as visit:
        call = await resident.next_call(timeout_s=CALL_LIMIT_S)
        await picks_up(call)
        await says(stage, call, say(answer, voice="pt-br+f2"), "obrigad", "certo")
        resident_heard, resident_ended = await stays_until_the_end(stage, call)
        visitor_heard, visitor_ended = await stays_until_the_end(stage, visit)
    return Lived(visitor_heard, visitor_ended, resident_heard, (resident_ended,))


async def the_line_is_busy(stage: Stage) -> Lived:
    return await _the_phone_says(stage, "201", 486)


async def the_call_is_rejected(stage: Stage) -> Lived:
    return await _the_phone_says(stage, "202", 603)


async def _the_phone_says(stage: Stage, apartment: str, status: int) -> Lived:
    _, number = APARTMENTS[apartment]
    async with stage.phone(number) as resident, at_the_gate(stage, apartment) as visit:
        call = await resident.next_call(timeout_s=CALL_LIMIT_S)
        await call.reject(status)
        visitor_heard, visitor_ended = await stays_until_the_end(stage, visit)
    return Lived(visitor_heard, visitor_ended, "", (End.REJECTED,))


async def nobody_picks_up(stage: Stage) -> Lived:
    async with stage.phone("1301") as resident, at_the_gate(stage, "301") as visit:
        call = await resident.next_call(timeout_s=CALL_LIMIT_S)
        call.ring()
        rang_until = await call.ended(timeout_s=CALL_LIMIT_S)
        visitor_heard, visitor_ended = await stays_until_the_end(stage, visit)
    return Lived(visitor_heard, visitor_ended, "", (rang_until,))


async def the_phone_is_gone(stage: Stage) -> Lived:
    async with at_the_gate(stage, "401") as visit:
        visitor_heard, visitor_ended = await stays_until_the_end(stage, visit)
    return Lived(visitor_heard, visitor_ended)


async def the_visitor_leaves(stage: Stage) -> Lived:
    async with stage.phone("1302") as resident, at_the_gate(stage, "302") as visit:
        call = await resident.next_call(timeout_s=CALL_LIMIT_S)
        call.ring()
        await asyncio.sleep(1.0)
        await visit.hang_up()
        rang_until = await call.ended(timeout_s=5)
    return Lived("", End.WE_HUNG_UP, "", (rang_until,))


async def the_resident_leaves(stage: Stage) -> Lived:
    """The resident hangs up on the question, every time the doorman tries again."""
    ends: list[End] = []
    async with stage.phone("1501") as resident, at_the_gate(stage, "501") as visit:
        while visit.end is None:
            try:
                call = await resident.next_call(timeout_s=1)
            except TimeoutError:
                continue  # not yet, or not any more: the visitor's call tells
            await picks_up(call)
            await call.hang_up()
            ends.append(await call.ended(timeout_s=5))
        visitor_heard, visitor_ended = await stays_until_the_end(stage, visit)
    return Lived(visitor_heard, visitor_ended, "", tuple(ends))


async def the_resident_presses_one(stage: Stage) -> Lived:
    """One is yes: for a resident who would rather not speak."""
    async with stage.phone("1502") as resident, at_the_gate(stage, "502") as visit:
        call = await resident.next_call(timeout_s=CALL_LIMIT_S)
        await picks_up(call)
        await call.press("1")
        resident_heard, resident_ended = await stays_until_the_end(stage, call)
        visitor_heard, visitor_ended = await stays_until_the_end(stage, visit)
    return Lived(visitor_heard, visitor_ended, resident_heard, (resident_ended,))


async def the_visitor_wants_a_person(stage: Stage) -> Lived:
    """The visitor asks for the guard, whose phone rings, and who says where to wait."""
    wish = "Quero falar com o porteiro, por favor."
    async with stage.phone(GUARD) as guard, at_the_gate(stage, "601", wish) as visit:
        call = await guard.next_call(timeout_s=CALL_LIMIT_S)
        call.ring()
        call.answer()
        await asyncio.sleep(1.0)  # the two are being connected
        await call.say(say("boa tarde, aqui é da portaria", voice="pt-br"))
        await asyncio.sleep(0.5)
        await call.hang_up()
        visitor_heard, visitor_ended = await stays_until_the_end(stage, visit)
    return Lived(visitor_heard, visitor_ended, "", (End.WE_HUNG_UP,))


SCENARIOS: tuple[Scenario, ...] = (
    the_resident_agrees,
    the_resident_refuses,
    the_line_is_busy,
    the_call_is_rejected,
    nobody_picks_up,
    the_phone_is_gone,
    the_visitor_leaves,
    the_resident_leaves,
    the_resident_presses_one,
    the_visitor_wants_a_person,
)


async def lived(scenario: Scenario, stage: Stage) -> Lived:
    """Live through a visit; what goes wrong takes the end of the server's log with it."""
    try:
        async with asyncio.timeout(CALL_LIMIT_S):
            return await scenario(stage)
    except Exception as error:
        error.add_note(stage.server_log())
        raise
