"""The crew's decisions, with a starter that fails as it is told."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from uuid import UUID, uuid4

import pytest

from supervisor.alarms import Alarms
from supervisor.database.extensions import Extension
from supervisor.listeners import bind_listeners
from supervisor.metrics import Metrics
from supervisor.workers.crew import Crew
from supervisor.workers.process import WorkerFailedError, WorkerProcess
from tests.ports import free_ports


def _extension() -> Extension:
    return Extension(
        id=uuid4(),
        number="1001",
        condominium_id=uuid4(),
        condominium="Edifício Aurora",
        timezone="America/Sao_Paulo",
        flow="echo",
        language="pt-BR",
        voice=None,
        port=1,
        return_port=2,
        enabled=True,
        isolated=False,
        settings={},
    )


async def test_a_worker_that_keeps_failing_is_told_and_tried_less_and_less_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("supervisor.workers.crew.FIRST_WAIT_S", 0.2)
    began: list[float] = []
    reports: asyncio.Queue[tuple[UUID, str | None]] = asyncio.Queue()

    async def start(name: str, flows: Sequence[str]) -> WorkerProcess:
        began.append(asyncio.get_running_loop().time())
        raise WorkerFailedError("it exited with status 1")

    def report(extension_id: UUID, reason: str | None, *, unanswered: bool = False) -> None:
        reports.put_nowait((extension_id, reason))

    extension, metrics = _extension(), Metrics()
    crew = Crew(start, 1, report, metrics, spare=False, alarms=Alarms(metrics))
    async with crew.running():
        listeners = bind_listeners("127.0.0.1", *free_ports(2), {})
        await crew.serve(extension, listeners)
        for _ in range(3):
            told, reason = await asyncio.wait_for(reports.get(), 5)
        listeners.close()
    assert told == extension.id
    assert reason == "its worker keeps failing: it does not start: it exited with status 1"
    waits_s = [later - earlier for earlier, later in pairwise(began)]
    assert waits_s[1] >= 0.2
    assert waits_s[2] >= 0.4
    assert metrics.registry.get_sample_value("ramal_worker_restarts_total") == len(began)
