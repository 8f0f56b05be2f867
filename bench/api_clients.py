"""The clients of :mod:`bench.api`, in a process of their own: what they take is not the server's.

Reads a plan as JSON from standard input, and prints the times of its requests as JSON.
"""

import asyncio
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any
from uuid import uuid4

import aiohttp
import uvloop

Times = dict[str, list[float]]


class RefusedError(Exception):
    """An answer that is none, by its status: a server at its limit gives some, which are told."""


@dataclass(frozen=True, slots=True)
class Plan:
    """``each_s``: how often each client asks; 0 is as soon as it was answered."""

    base: str
    bearer: str
    clients: int
    seconds: float
    each_s: float = 0.0


async def run_clients(plan: Plan) -> Times:
    """Start a process that follows ``plan``; seconds of its requests, by what was asked."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.api_clients"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await process.communicate(json.dumps(asdict(plan)).encode())
    if process.returncode:
        raise RuntimeError(f"the clients ended with {process.returncode}")
    times: Times = json.loads(told)
    return times


async def ask(plan: Plan) -> Times:
    """Ask as the plan says."""
    times: Times = defaultdict(list)
    async with aiohttp.ClientSession(
        plan.base,
        headers={"Authorization": f"Bearer {plan.bearer}"},
        connector=aiohttp.TCPConnector(limit=plan.clients),
    ) as session:
        ids = [unit["id"] for unit in await _get(session, "units?limit=300")]
        work: list[tuple[str, Callable[[], Awaitable[Any]]]] = [
            ("a page of 50 units", lambda: _get(session, "units?limit=50")),
            ("one unit", lambda: _get(session, f"units/{random.choice(ids)}")),
            ("residents by name", lambda: _get(session, "residents?name=an&limit=10")),
            ("a unit's notes changed", lambda: _change(session, f"units/{random.choice(ids)}")),
        ]
        until = time.monotonic() + plan.seconds

        async def client() -> None:
            due = time.monotonic() + random.random() * plan.each_s
            while due < until:
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                name, request = random.choices(work, weights=(3, 5, 1, 1))[0]
                # from when it was due, so that a server that keeps clients waiting is not let off
                began = due if plan.each_s else time.monotonic()
                try:
                    await request()
                except RefusedError as error:
                    name = f"refused ({error})"
                times[name].append(time.monotonic() - began)
                due = due + plan.each_s if plan.each_s else time.monotonic()

        await asyncio.gather(*(client() for _ in range(plan.clients)))
    return times


async def _get(session: aiohttp.ClientSession, path: str) -> Any:
    async with session.get(f"/api/v1/{path}") as response:
        body = await response.json()
        if not response.ok:
            raise RefusedError(response.status)
        return body.get("items", body)


async def _change(session: aiohttp.ClientSession, path: str) -> None:
    body = {"notes": uuid4().hex}
    async with session.patch(f"/api/v1/{path}", json=body, headers={"If-Match": "*"}) as response:
        await response.read()
        if not response.ok:
            raise RefusedError(response.status)


def main() -> None:
    """Follow the plan on standard input."""
    plan = Plan(**json.load(sys.stdin))
    json.dump(uvloop.run(ask(plan)), sys.stdout)


if __name__ == "__main__":
    main()
