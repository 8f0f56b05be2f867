"""Alerts over HTTP."""

from datetime import UTC, datetime

from supervisor.alarms import Alarm
from supervisor.alerts.table import note
from tests.api.serving import Api


async def test_alerts_are_listed_acknowledged_once_and_kept_apart(api: Api) -> None:
    admin = await api.client()
    mine, other = [(await admin.made("tenants", name=name))["id"] for name in ("Alfa", "Beta")]
    async with api.database.acquire() as connection:
        for tenant, kind in ((None, "worker.hung"), (mine, "webhook.disabled"), (other, "x.y")):
            facts = {"tenant_id": tenant} if tenant else {}
            await note(connection, Alarm(kind, "It is.", datetime.now(UTC), facts=facts))
    assert len((await admin.get("alerts", open="true")).body["items"]) == 3
    operator = await api.client("operator", mine)
    [own] = (await operator.get("alerts")).body["items"]
    assert own["kind"] == "webhook.disabled"
    [hung] = (await admin.get("alerts", kind="worker.hung")).body["items"]
    assert (await operator.get(f"alerts/{hung['id']}")).status == 404
    assert (await operator.post(f"alerts/{hung['id']}/acknowledge", None)).status == 404
    viewer = await api.client("viewer", mine)
    assert (await viewer.post(f"alerts/{own['id']}/acknowledge", None)).status == 403
    done = await operator.post(f"alerts/{own['id']}/acknowledge", None)
    assert done.body["acknowledged_by"] == f"operator of {mine}"
    assert (await operator.post(f"alerts/{own['id']}/acknowledge", None)).status == 409
    assert (await operator.get("alerts", open="true")).body["items"] == []
