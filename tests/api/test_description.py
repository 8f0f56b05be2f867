"""The API does what its description says: schemathesis makes requests up from it."""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.api.people import person
from tests.api.serving import Api, record_call

LIMIT_S = 400
RUN = (
    *(sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()", "run"),
    *("--max-examples", "4"),
    *("--seed", "1", "--no-shrink", "--suppress-health-check", "all"),
    *("--exclude-operation-id", "follow_events"),  # a stream has no end; tests/api/test_history.py
    *("--checks", "all", "--no-color"),
)
CONFIG = """
[checks.positive_data_acceptance]
# 400 is for cursors that are not ours, 409 for what others have, 412 and 428
# for ETags, 429 for guesses at passwords; 422 would say that the description allows what we refuse.
expected-statuses = ["2xx", "400", "401", "403", "404", "409", "412", "428", "429"]

[checks.ensure_resource_availability]
# It knows of no parents: a resident is gone with the unit, and an Idempotency-Key answers what was
# made before, which may be gone. tests/api/test_directory_api.py finds what was added.
enabled = false

[checks.missing_required_header]
expected-statuses = ["4xx"]
"""


@pytest.mark.slow
@pytest.mark.timeout(LIMIT_S + 60)  # a minute on a quiet machine
@pytest.mark.parametrize(
    ("kind", "phases"),
    [("key", "examples,coverage,fuzzing,stateful"), ("user", "examples,coverage")],
)
async def test_every_operation_answers_as_it_is_described(
    api: Api, tmp_path: Path, kind: str, phases: str
) -> None:
    admin = await api.client()
    tenant = (await admin.made("tenants", name="Alfa"))["id"]
    condominium = (await admin.made("condominiums", name="Ipê", tenant_id=tenant))["id"]
    async with api.database.acquire() as connection:
        await record_call(connection, condominium)
    if kind == "key":
        client = await api.client("admin", tenant)
    else:
        client = (await person(api, "ana", "admin", tenant)).client
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    run = await asyncio.create_subprocess_exec(
        *RUN,
        *("--phases", phases, "-H", f"Authorization: {client.headers['Authorization']}"),
        f"{api.base}/api/openapi.json",
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(run.communicate(), LIMIT_S)
    assert run.returncode == 0, said.decode()[-20_000:]
    assert (await client.get("auth/me")).status == 200  # it was let in to the end
