"""The resources that operators change: tenants, condominiums, units, residents, extensions."""

import json
from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from supervisor.api import models
from supervisor.api.crud import Resource
from supervisor.api.endpoint import Ask
from supervisor.api.pages import Paging
from supervisor.api.problems import Problem, wrong
from supervisor.database.resources import Key, Table
from supervisor.rules import FlowKind, flows

_ID: Final = "uuid"
_PART: Final = "position(lower({{}}) in lower({})) > 0"


async def _own_tenant(ask: Ask, columns: dict[str, Any], before: Mapping[str, Any] | None) -> None:
    """A tenant's key makes what is the tenant's; others must say whose it is."""
    if before is not None or "tenant_id" in columns:
        return
    if ask.who.tenant_id is None:
        raise wrong(
            "body.tenant_id", "whoever has to do with the whole installation must say whose it is"
        )
    columns["tenant_id"] = ask.who.tenant_id


async def _next_position(
    ask: Ask, columns: dict[str, Any], before: Mapping[str, Any] | None
) -> None:
    """Without a position a new resident is the last one; the unit's row keeps two apart."""
    if before is not None or "position" in columns:
        return
    await ask.connection.execute(
        "SELECT 1 FROM units WHERE id = $1 FOR NO KEY UPDATE", columns["unit_id"]
    )
    columns["position"] = await ask.connection.fetchval(
        "SELECT coalesce(max(position), 0) + 1 FROM residents WHERE unit_id = $1",
        columns["unit_id"],
    )


async def _servable(ask: Ask, columns: dict[str, Any], before: Mapping[str, Any] | None) -> None:
    """An extension that could not be served is not written."""
    row = {**(before or {}), **columns}
    if "settings" in columns or "flow" in columns or before is None:
        settings = _checked_settings(row["flow"], row.get("settings", {}))
        columns |= {"settings": settings} if "settings" in columns else {}
    if row["port"] == row["return_port"]:
        raise wrong("body.return_port", "the port and the return port must differ", 409)
    taken = await ask.connection.fetchval(
        "SELECT ramal_taken_port($1, $2)",
        [row["port"], row["return_port"]],
        before["id"] if before else None,
    )
    if taken is not None:
        raise Problem(409, f"Port {taken} belongs to another extension already; choose another.")


def _checked_settings(flow: str, given: Any) -> dict[str, Any]:
    """Settings as their flow has them; those of another flow are well-formed, and do not fit."""
    known = flows()
    if flow not in known:
        raise wrong("body.flow", f"there is no such flow; use {' or '.join(known)}")
    try:
        settings = known[flow].settings.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in ("body.settings", *first["loc"]))
        status = 409 if any(_takes(kind, given) for kind in known.values()) else 422
        raise wrong(where, first["msg"].lower(), status) from None
    dumped = settings.model_dump(mode="json", exclude_unset=True)
    if "\\u0000" in json.dumps(dumped):
        raise wrong("body.settings", "a text holds the character NUL, which cannot be kept")
    return dumped


def _takes(kind: FlowKind, settings: Any) -> bool:
    try:
        kind.settings.model_validate(settings)
    except ValidationError:
        return False
    return True


TENANTS: Final = Resource(
    table=Table(
        "tenants",
        "t",
        "SELECT t.id, t.name, t.synthesis_jobs, t.synthesis_characters_per_day, t.created_at"
        " FROM tenants t",
        (Key("name", "t.name", "text"), Key("id", "t.id", _ID)),
    ),
    one="tenant",
    many="tenants",
    new=models.NewTenant,
    shown=models.Tenant,
    query=Paging,
    role="admin",
    installation=True,
)

CONDOMINIUMS: Final = Resource(
    table=Table(
        "condominiums",
        "c",
        "SELECT c.id, c.tenant_id, c.name, c.language, c.timezone, c.recording,"
        " c.recording_notice, c.recording_days, c.voice, c.voice_profile, c.created_at"
        " FROM condominiums c",
        (Key("name", "c.name", "text"), Key("id", "c.id", _ID)),
        filters={"tenant_id": "c.tenant_id = {}", "name": _PART.format("c.name")},
    ),
    one="condominium",
    many="condominiums",
    new=models.NewCondominium,
    shown=models.Condominium,
    query=models.CondominiumQuery,
    role="admin",
    fixed=frozenset({"tenant_id"}),
    prepare=_own_tenant,
)

UNITS: Final = Resource(
    table=Table(
        "units",
        "u",
        "SELECT u.id, u.condominium_id, u.block, u.number, u.notes FROM units u",
        (
            Key("block", "u.block", "text"),
            Key("number", "u.number", "text"),
            Key("id", "u.id", _ID),
        ),
        filters={
            "condominium_id": "u.condominium_id = {}",
            "block": "u.block = {}",
            "number": "u.number = {}",
        },
    ),
    one="unit",
    many="units",
    new=models.NewUnit,
    shown=models.Unit,
    query=models.UnitQuery,
    role="operator",
    fixed=frozenset({"condominium_id"}),
)

RESIDENTS: Final = Resource(
    table=Table(
        "residents",
        "r",
        "SELECT r.id, r.unit_id, u.condominium_id, r.position, r.name, r.phones, r.notes,"
        " r.language"
        " FROM residents r JOIN units u ON u.id = r.unit_id",
        (
            Key("unit_id", "r.unit_id", _ID),
            Key("position", "r.position", "integer"),
            Key("id", "r.id", _ID),
        ),
        filters={
            "unit_id": "r.unit_id = {}",
            "condominium_id": "u.condominium_id = {}",
            "name": _PART.format("r.name"),
            "phone": "{} = ANY(r.phones)",
        },
    ),
    one="resident",
    many="residents",
    new=models.NewResident,
    shown=models.Resident,
    query=models.ResidentQuery,
    role="operator",
    prepare=_next_position,
)

EXTENSIONS: Final = Resource(
    table=Table(
        "extensions",
        "e",
        """SELECT e.id, e.number, e.condominium_id, e.flow, e.language, e.voice, e.port,
            e.return_port, e.enabled, e.isolated, e.settings, e.status, e.status_reason,
            e.created_at FROM extensions e""",
        (Key("number", "e.number", "text"), Key("id", "e.id", _ID)),
        filters={
            "condominium_id": "e.condominium_id = {}",
            "number": "e.number = {}",
            "enabled": "e.enabled = {}",
            "status": "e.status = {}",
        },
    ),
    one="extension",
    many="extensions",
    new=models.NewExtension,
    shown=models.Extension,
    query=models.ExtensionQuery,
    role="admin",
    own=frozenset({"status", "status_reason"}),
    prepare=_servable,
)

RESOURCES: Final = (TENANTS, CONDOMINIUMS, UNITS, RESIDENTS, EXTENSIONS)
