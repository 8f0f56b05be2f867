"""`ramal load`: waves of callers against a small scripted agent."""

import json

import pytest

from supervisor.callers.address import Address
from supervisor.callers.load import run_load
from supervisor.errors import OperatorError
from tests.callers.scripted_agent import Manners, scripted_agent, tone


async def test_calls_come_in_waves_and_each_wave_has_its_figures() -> None:
    manners = Manners(greeting=tone(0.1), answers=[tone(0.1)] * 99, hangs_up_after=None)
    async with scripted_agent(manners) as (port, calls):
        report = await run_load(Address("127.0.0.1", port), 8, 4.0, [tone(0.1, 250)])
        assert len({call.connection.call_id for call in calls}) == 8
    assert [wave.calls for wave in report.waves] == [2, 4, 6, 8]
    assert all(wave.first_frame and wave.first_frame.count == 2 for wave in report.waves)
    assert all(wave.lateness and wave.lateness.count > 20 * wave.calls for wave in report.waves)
    latencies = [wave.voice_to_voice for wave in report.waves if wave.voice_to_voice]
    assert latencies
    assert min(one.p50 for one in latencies) >= 200
    assert report.lost == {}
    json.dumps(report.document())


async def test_calls_that_the_server_ends_are_counted_by_reason() -> None:
    manners = Manners(greeting=tone(0.1), answers=[tone(0.1)], hangs_up_after=1)
    async with scripted_agent(manners) as (port, _):
        report = await run_load(Address("127.0.0.1", port), 2, 3.0, [tone(0.1, 250)])
    assert report.lost == {"peer_hangup": 2}


async def test_nobody_there_is_one_sentence() -> None:
    async with scripted_agent(Manners()) as (port, _):
        pass
    with pytest.raises(OperatorError, match=r"No call reached 127\.0\.0\.1"):
        await run_load(Address("127.0.0.1", port), 2, 1.0, [tone(0.1)])


@pytest.mark.parametrize(("calls", "seconds"), [(0, 1), (1001, 1), (1, 0), (1, 3601)])
async def test_a_load_beyond_all_bounds_is_refused(calls: int, seconds: float) -> None:
    with pytest.raises(OperatorError, match="1 to 1000 calls"):
        await run_load(Address("127.0.0.1", 9), calls, seconds, [])
