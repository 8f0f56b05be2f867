"""Two tenants with one of everything each, to see whether one gets at what is the other's."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from supervisor.database.synthesis_jobs import NewJob, add_job
from supervisor.synthesis.asking import Manner, item_of
from tests.api.people import PASSWORD
from tests.api.serving import Api, Client, record_call

TEXT = "sorry"
"""A text that each of them says in words of its own."""


@dataclass(frozen=True, slots=True)
class Estate:
    """A tenant with one of everything. ``mark`` is in the name of all that has one; ``ids`` are
    by the collection of the path: ``units`` for ``/api/v1/units/{id}``."""

    tenant: str
    mark: str
    ids: dict[str, str]

    @property
    def parts(self) -> dict[str, str]:
        """What a path may hold in braces: ids, and what is no secret."""
        return {**self.ids, "texts": TEXT}


async def found(api: Api, admin: Client, name: str, port: int) -> Estate:
    """Furnish a tenant called ``name``, with an extension on ``port`` and the next."""
    tenant = (await admin.made("tenants", name=name))["id"]
    condominium = (await admin.made("condominiums", name=name, tenant_id=tenant))["id"]
    unit = (await admin.made("units", condominium_id=condominium, number="1", notes=name))["id"]
    resident = (await admin.made("residents", unit_id=unit, name=name))["id"]
    extension = await admin.made(
        "extensions", number=str(port), condominium_id=condominium, port=port, return_port=port + 1
    )
    for path, body in (
        (f"extensions/{extension['id']}/handbook", {"facts": [{"id": 1, "says": f"{name}."}]}),
        (
            f"tenants/{tenant}/language-model",
            {"base_url": f"https://{name.lower()}.example/v1", "models": [name]},
        ),
    ):
        written = await admin.send("PUT", path, json=body)
        assert written.status == 200, written.body
    async with api.database.acquire() as connection:
        call = str(await record_call(connection, condominium, visitor=name))
    visit = (await admin.get("visits", call_id=call)).body["items"][0]["id"]
    ids = {
        "tenants": tenant,
        "condominiums": condominium,
        "units": unit,
        "residents": resident,
        "extensions": extension["id"],
        "calls": call,
        "visits": visit,
    }
    expected = await admin.made("visitors", unit_id=unit, name=name, ends_at="2099-01-01T00:00:00Z")
    ids["visitors"] = expected["id"]
    await api.database.execute(
        """INSERT INTO admissions (id, call_id, condominium_id, ground, entry_id, lets_in)
           VALUES (gen_random_uuid(), $1, $2, 'code', $3, true)""",
        UUID(call),
        UUID(condominium),
        UUID(expected["id"]),
    )
    return Estate(tenant, name, {**ids, **await _furnished(api, admin, name, tenant, condominium)})


async def _furnished(
    api: Api, admin: Client, name: str, tenant: str, condominium: str
) -> dict[str, str]:
    """What is not of the directory."""
    door = await admin.made(
        "doors", condominium_id=condominium, name=name.lower(), how={"driver": "none"}
    )
    user = await admin.made(
        "users", username=f"{name.lower()}@x", role="viewer", tenant_id=tenant, password=PASSWORD
    )
    key = await admin.made("keys", name=name, role="viewer", tenant_id=tenant)
    url = f"https://{name.lower()}.example/hook"
    webhook = await admin.made("webhooks", url=url, tenant_id=tenant)
    delivery = await api.database.fetchval(
        """INSERT INTO webhook_deliveries (id, endpoint_id, event, body)
           VALUES ($1, $2, 'turn', $3) RETURNING id""",
        uuid4(),
        webhook["id"],
        f'{{"said": "{name}"}}',
    )
    alert = await api.database.fetchval(
        """INSERT INTO alerts (tenant_id, kind, subject, text, raised_at, last_at)
           VALUES ($1, 'door', $2, $2, now(), now()) RETURNING id""",
        UUID(tenant),
        name,
    )
    job, item = await _spoken(api, name, tenant)
    voice = await api.database.fetchval(
        """INSERT INTO voices (condominium_id, name, duration_s, consent_by, consent_at,
               consent_statement) VALUES ($1, $2, 8, $2, now(), $2) RETURNING id""",
        UUID(condominium),
        name,
    )
    for owner in (f"tenants/{tenant}", f"condominiums/{condominium}"):
        said = await admin.send(
            "PUT",
            f"{owner}/texts/{TEXT}",
            json={"variants": [f"{name}, perdão."]},
            headers={"If-Match": "*"},
        )
        assert said.status == 200, said.body
    return {
        "alerts": str(alert),
        "jobs": job,
        "items": item,
        "doors": door["id"],
        "users": user["id"],
        "keys": key["id"],
        "webhooks": webhook["id"],
        "deliveries": str(delivery),
        "voices": str(voice),
    }


async def _spoken(api: Api, name: str, tenant: str) -> tuple[str, str]:
    """A synthesis job that is over, and its only item, whose file holds the name."""
    async with api.database.acquire() as connection, connection.transaction():
        text = item_of("Bom dia.", Manner(), name=name)
        job = await add_job(connection, NewJob(UUID(tenant), name, "wav", [text]))
        item = await connection.fetchval(
            """UPDATE synthesis_items SET state = 'done', machine = $2, sha256 = sha256($3),
                   size_bytes = length($3) WHERE job_id = $1 RETURNING id""",
            job,
            name,
            name.encode(),
        )
        await connection.execute("UPDATE synthesis_jobs SET state = 'done', done = 1")
        await connection.execute(
            "INSERT INTO synthesis_audio VALUES ($1, 0, $2)", item, name.encode()
        )
    return str(job), str(item)
