"""The engine processes that ``ramal serve`` has of its own: started, watched, started again."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import aiohttp
import structlog

from engines.address import Address
from engines.origins import Origins
from supervisor.alarms import Alarms
from supervisor.engine_process import CANNOT, READY
from supervisor.engine_process import LOST as LOST_ITS_USE
from supervisor.environment import without_ours
from supervisor.errors import OperatorError
from supervisor.metrics import Metrics
from supervisor.settings import Settings

MODULE: Final = "supervisor.engine_process"
LOST: Final = "engine.lost"
READY_LIMIT_S: Final = 600.0
"""A model may have to be fetched."""
LOOK_EVERY_S: Final = 5.0
HUNG_AFTER_S: Final = 15.0
"""A process that answers nothing for so long is replaced; its event loop never computes."""
FIRST_WAIT_S: Final = 0.5
LAST_WAIT_S: Final = 30.0
STEADY_S: Final = 30.0
"""A process that was ready for so long did not end of its start."""
EXIT_GRACE_S: Final = 5.0
LAST_WORD_LIMIT_S: Final = 1.0
LAST_WORD_BYTES: Final = 4096

_log = structlog.get_logger(__name__)


class EngineKeeper:
    """Keeps one process of a kind running until cancelled."""

    def __init__(self, kind: str, settings: Settings, metrics: Metrics, alarms: Alarms) -> None:
        self.kind = kind
        self.pid: int | None = None
        """Of the process, while there is one."""
        self.exposition = ""
        """What it counts, as Prometheus reads it, when we looked last."""
        self._settings = settings
        self._metrics = metrics
        self._alarms = alarms
        self._address = Address.parse(settings.engines.socket_of(settings.data_dir, kind))
        self._ready_at: float | None = None

    async def run(self) -> None:
        """Never returns; a process that ends costs a longer wait each time."""
        wait_s = FIRST_WAIT_S
        while True:
            self._ready_at = None
            reason = await self._keep_one()
            if self._ready_at is not None and time.monotonic() - self._ready_at > STEADY_S:
                wait_s = FIRST_WAIT_S
            self._metrics.engine_restarts.labels(kind=self.kind).inc()
            text = f"The {self.kind} engine process {reason}; it is started again."
            self._alarms.raise_alarm(LOST, text, subject=self.kind)
            await asyncio.sleep(wait_s)
            wait_s = min(LAST_WAIT_S, wait_s * 2)

    async def _keep_one(self) -> str:
        """Start a process, and return why it is no more."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", MODULE),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=without_ours(os.environ),
            start_new_session=True,  # Ctrl-C is for the supervisor, who lets calls finish
        )
        self.pid = process.pid
        looking = asyncio.create_task(self._live(process), name=f"{self.kind} engine")
        ending = asyncio.create_task(process.wait())
        try:
            await asyncio.wait([looking, ending], return_when=asyncio.FIRST_COMPLETED)
            if looking.done():
                wrong = looking.result()
            else:
                looking.cancel()
                await asyncio.wait([looking])
                wrong = f"ended with status {process.returncode}"
            return await _last_word(process) or wrong
        finally:
            for task in (looking, ending):
                task.cancel()
            await asyncio.gather(looking, ending, return_exceptions=True)
            await _end(process)
            self.pid = None

    async def _live(self, process: asyncio.subprocess.Process) -> str:
        """Tell the process what it is, and look after it; returns what is wrong with it."""
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None and stdout is not None
        settings = self._settings.for_worker()  # of which it needs no secret but its own
        told = {
            "name": f"engines-{self.kind}",
            "settings": {key: settings[key] for key in ("log", "data_dir", "engines")},
            "address": str(self._address),
            "kinds": [self.kind],
        }
        try:
            stdin.write(json.dumps(told).encode() + b"\n")
            await stdin.drain()
            async with asyncio.timeout(READY_LIMIT_S):
                said = (await stdout.readline()).decode(errors="replace")
        except TimeoutError:
            return f"was not ready within {READY_LIMIT_S:g} s"
        except ConnectionError:
            said = ""
        if said != READY:
            await process.wait()
            cannot = said.removeprefix(CANNOT).strip()
            return f"cannot start: {cannot}" if cannot else f"ended ({process.returncode})"
        self._ready_at = time.monotonic()
        self._alarms.end_alarm(LOST, f"The {self.kind} engine is ready again.", subject=self.kind)
        _log.info("engine.ready", kind=self.kind, pid=process.pid)
        return await self._look()

    async def _look(self) -> str:
        """Ask how it goes, again and again; returns once it has not answered for long."""
        token = self._settings.engines.token
        secret = token.get_secret_value() if token else None
        origins = Origins.of_engines([str(self._address)], secret)
        [origin] = origins.in_order()
        try:
            while True:
                async with asyncio.timeout(HUNG_AFTER_S), origin.session.get("metrics") as answer:
                    self.exposition = await answer.text()
                await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            return f"answered nothing for {HUNG_AFTER_S:g} s"
        except (aiohttp.ClientError, OSError) as error:
            return f"does not answer ({error})"
        finally:
            await origins.close()


@asynccontextmanager
async def keeping_engines(
    settings: Settings, metrics: Metrics, alarms: Alarms
) -> AsyncIterator[list[EngineKeeper]]:
    """Run the processes of ``engines.run`` during the block; workers do not wait for them.

    Raises ``OperatorError`` where their sockets cannot be under ``data_dir``.
    """
    try:
        keepers = [
            EngineKeeper(kind, settings, metrics, alarms)
            for kind in dict.fromkeys(settings.engines.run)
        ]
    except ValueError as error:
        raise OperatorError(f"Engines cannot listen: {error}; choose a shorter data_dir.") from None
    tasks = [asyncio.create_task(each.run(), name=f"keep {each.kind}") for each in keepers]
    try:
        yield keepers
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _last_word(process: asyncio.subprocess.Process) -> str:
    """Why a process ended, where it could still say so."""
    assert process.stdout is not None
    try:
        async with asyncio.timeout(LAST_WORD_LIMIT_S):
            said = (await process.stdout.read(LAST_WORD_BYTES)).decode(errors="replace")
    except TimeoutError:  # a child of its own still holds the pipe
        return ""
    return said.removeprefix(LOST_ITS_USE).strip() if said.startswith(LOST_ITS_USE) else ""


async def _end(process: asyncio.subprocess.Process) -> None:
    """Standard input that closes tells it to leave."""
    if process.returncode is not None:
        return
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(EXIT_GRACE_S):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
