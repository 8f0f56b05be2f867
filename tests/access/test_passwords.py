"""Which passwords are taken, and how many are checked at once."""

import asyncio
import threading

import pytest
from argon2 import PasswordHasher

from supervisor.access import passwords as module
from supervisor.access.passwords import (
    BusyError,
    Cost,
    PasswordError,
    Passwords,
    check_password,
)

CHEAP = Cost(memory_kib=8 * 1024, passes=1, lanes=1)


@pytest.mark.parametrize(
    "password", ["cavalo bateria grampo", "aaaaaaaaaaaa", "ana tem um gato", "çãéíõúâêôà ü"]
)
def test_length_is_all_that_is_asked_for(password: str) -> None:
    check_password(password, ("ana@alfa.example", "Ana"))


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("elevenchars", "at least 12"),
        ("x" * 201, "at most 200"),
        ("Marilia esteve aqui", "user's name"),
        ("senha da alfa.example", "user's name"),
        ("GONÇALVES12345", "user's name"),
    ],
)
def test_a_password_is_long_and_not_the_name(password: str, sentence: str) -> None:
    with pytest.raises(PasswordError, match=sentence):
        check_password(password, ("marilia@alfa.example", "Marília Gonçalves"))


async def test_the_event_loop_goes_on_while_a_password_is_hashed() -> None:
    threads: list[int] = []
    hash_ = PasswordHasher.hash

    def noting(self: PasswordHasher, password: str) -> str:
        threads.append(threading.get_ident())
        return hash_(self, password)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PasswordHasher, "hash", noting)
        await Passwords(CHEAP).hash("cavalo bateria grampo")
    assert threads
    assert threads[0] != threading.get_ident()


async def test_more_than_can_wait_are_refused_and_the_others_answered() -> None:
    many = Passwords(CHEAP)
    kept = await many.hash("cavalo bateria grampo")
    await many.verify(kept, "x")
    verdicts = await asyncio.gather(
        *(many.verify(kept, "x") for _ in range(module.WAITING + 5)), return_exceptions=True
    )
    assert sum(isinstance(each, BusyError) for each in verdicts) == 5
    assert (await many.verify(kept, "cavalo bateria grampo")).right


async def test_a_hash_that_is_none_lets_nobody_in() -> None:
    assert not (await Passwords(CHEAP).verify("x", "x")).right
