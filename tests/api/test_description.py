"""The API does what its description says: schemathesis makes requests up from it."""

import asyncio
import sys
from pathlib import Path
from uuid import UUID

import pytest

from supervisor.database.api_keys import create_key
from tests.api.serving import Api, record_call

LIMIT_S = 60
RUN = (
    *(sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()", "run"),
    *("--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "8"),
    *("--max-time", "25", "--seed", "1", "--no-shrink", "--suppress-health-check", "all"),
    *("--exclude-operation-id", "follow_events"),  # a stream has no end; tests/api/test_history.py
    *("--checks", "all", "--no-color"),
)
CONFIG = """
[checks.positive_data_acceptance]
# 400 is for cursors that are not ours, 409 for what others have, 412 and 428
# for ETags; 422 would say that the description allows what we refuse.
expected-statuses = ["2xx", "400", "401", "403", "404", "409", "412", "428"]

[checks.missing_required_header]
expected-statuses = ["4xx"]
"""


@pytest.mark.slow
async def test_every_operation_answers_as_it_is_described(api: Api, tmp_path: Path) -> None:
    admin = await api.client()
    tenant = (await admin.made("tenants", name="Alfa"))["id"]
    condominium = (await admin.made("condominiums", name="Ipê", tenant_id=tenant))["id"]
    async with api.database.acquire() as connection:
        await record_call(connection, condominium)
        key = await create_key(connection, "schemathesis", "admin", tenant_id=UUID(tenant))
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    run = await asyncio.create_subprocess_exec(
        *RUN,
        *("-H", f"Authorization: Bearer {key}", f"{api.base}/api/openapi.json"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(run.communicate(), LIMIT_S)
    assert run.returncode == 0, said.decode()[-20_000:]
