"""Who may do what, said once more and by hand: what the API does is compared with this.

An operation that is not here fails ``test_matrix.py``: add a line, and if it has a collection of
its own, one row of that to ``estates.py``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from supervisor.database.api_keys import Role
from tests.api.estates import Estate

Body = Callable[[Estate], dict[str, Any]]


def nothing(_: Estate) -> dict[str, Any]:
    """An empty body: what has one takes it."""
    return {}


@dataclass(frozen=True, slots=True)
class Rights:
    """``role`` is the least that may, ``None`` for anybody without proof. ``whole``: only of the
    whole installation. ``users``: no key may. ``body`` is one that is taken, and points at what
    the estate has; so is ``query``. ``empty``: an estate has none of it, and so one's own is 404
    or 409."""

    role: Role | None
    whole: bool = False
    users: bool = False
    body: Body = nothing
    empty: bool = False
    file: str | None = None
    """What a form has a file as, beside its ``body``; it holds nothing good."""
    query: Mapping[str, str] = field(default_factory=dict)


def _in_condominium(**more: Any) -> Body:
    return lambda estate: {"condominium_id": estate.ids["condominiums"], **more}


def _of_tenant(**more: Any) -> Body:
    return lambda estate: {"tenant_id": estate.tenant, **more}


def _given(**body: Any) -> Body:
    return lambda _: body


PASSWORD: Final = "cavalo bateria grampo"
SEEN: Final = Rights("viewer")
WORKED: Final = Rights("operator")
RULED: Final = Rights("admin")

RIGHTS: Final[Mapping[str, Rights]] = {
    "list_tenants": SEEN,
    "get_tenant": SEEN,
    "add_tenant": Rights("admin", whole=True, body=_given(name="x")),
    "change_tenant": Rights("admin", whole=True),
    "remove_tenant": Rights("admin", whole=True),
    "list_condominiums": SEEN,
    "get_condominium": SEEN,
    "add_condominium": Rights("admin", body=_of_tenant(name="x")),
    "change_condominium": RULED,
    "remove_condominium": RULED,
    "list_units": SEEN,
    "get_unit": SEEN,
    "add_unit": Rights("operator", body=_in_condominium(number="99")),
    "change_unit": WORKED,
    "remove_unit": WORKED,
    "list_residents": SEEN,
    "get_resident": SEEN,
    "add_resident": Rights(
        "operator", body=lambda estate: {"unit_id": estate.ids["units"], "name": "x"}
    ),
    "change_resident": WORKED,
    "remove_resident": WORKED,
    "list_extensions": SEEN,
    "get_extension": SEEN,
    "add_extension": Rights(
        "admin", body=_in_condominium(number="99", port=40_000, return_port=40_001)
    ),
    "change_extension": RULED,
    "remove_extension": RULED,
    "get_handbook": SEEN,
    "put_handbook": Rights("operator", body=_given(facts=[{"id": 1, "says": "Bom dia."}])),
    "remove_handbook": WORKED,
    "get_language_model": RULED,
    "put_language_model": Rights(
        "admin", body=_given(base_url="https://x.example/v1", models=["x"])
    ),
    "remove_language_model": RULED,
    "test_language_model": RULED,
    "list_doors": SEEN,
    "get_door": SEEN,
    "add_door": Rights("admin", body=_in_condominium(name="x", how={"driver": "none"})),
    "change_door": RULED,
    "remove_door": RULED,
    "replace_door_secret": RULED,
    "open_door_in_call": WORKED,
    "list_visitors": SEEN,
    "get_visitor": SEEN,
    "add_visitor": Rights(
        "operator",
        body=lambda estate: {
            "unit_id": estate.ids["units"],
            "name": "x",
            "ends_at": "2099-01-01T00:00:00Z",
        },
    ),
    "change_visitor": WORKED,
    "remove_visitor": WORKED,
    "make_visitor_code": WORKED,
    "remove_visitor_code": WORKED,
    "get_resident_pin": Rights("operator", empty=True),
    "make_resident_pin": WORKED,
    "remove_resident_pin": WORKED,
    "list_admissions": SEEN,
    "list_keys": RULED,
    "add_key": Rights("admin", body=_of_tenant(name="x", role="viewer")),
    "rotate_key": RULED,
    "revoke_key": RULED,
    "list_users": RULED,
    "get_user": RULED,
    "add_user": Rights("admin", body=_of_tenant(username="x", role="viewer", password=PASSWORD)),
    "change_user": RULED,
    "remove_user": RULED,
    "reset_second_factor": RULED,
    "log_in": Rights(None, body=_given(username="nobody", password="wrong")),
    "refresh_login": Rights(None, body=_given(refresh_token="x" * 43)),
    "log_out": Rights(None, body=_given(refresh_token="x" * 43)),
    "who_am_i": SEEN,
    "change_password": Rights(
        "viewer", users=True, body=_given(current="wrong", new="outra frase bem comprida")
    ),
    "propose_second_factor": Rights("viewer", users=True, body=_given(password="wrong")),
    "confirm_second_factor": Rights("viewer", users=True, body=_given(code="000000")),
    "remove_second_factor": Rights(
        "viewer", users=True, body=_given(password="wrong", code="000000")
    ),
    "list_calls": SEEN,
    "get_call": SEEN,
    "hang_up_call": WORKED,
    "say_in_call": Rights("operator", body=_given(text="Olá")),
    "transfer_call": Rights("operator", body=_given(destination="9000")),
    "get_recording": Rights("operator", empty=True),
    "remove_recording": RULED,
    "listen_to_call": Rights("operator", empty=True),
    "list_audit": RULED,
    "list_visits": SEEN,
    "export_visits": SEEN,
    "get_visit": SEEN,
    "verify_visits": SEEN,
    "list_webhooks": RULED,
    "get_webhook": RULED,
    "add_webhook": Rights("admin", body=_of_tenant(url="https://x.example/hook")),
    "change_webhook": RULED,
    "remove_webhook": RULED,
    "rotate_webhook_secret": RULED,
    "test_webhook": RULED,
    "list_webhook_deliveries": RULED,
    "get_webhook_delivery": RULED,
    "redeliver_webhook_delivery": RULED,
    "redeliver_dead_webhook_deliveries": RULED,
    "report_visits": Rights("viewer", query={"format": "csv"}),
    "list_condominium_texts": SEEN,
    "get_condominium_text": SEEN,
    "put_condominium_text": Rights("operator", body=_given(variants=["Perdão."])),
    "reset_condominium_text": WORKED,
    "list_tenant_texts": SEEN,
    "get_tenant_text": SEEN,
    "put_tenant_text": Rights("operator", body=_given(variants=["Perdão."])),
    "reset_tenant_text": WORKED,
    "list_synthesis_jobs": SEEN,
    "get_synthesis_job": SEEN,
    "list_synthesis_items": SEEN,
    "get_synthesis_audio": SEEN,
    "get_synthesis_zip": SEEN,
    "follow_synthesis_job": SEEN,
    "add_synthesis_job": Rights("operator", body=_of_tenant(text="Bom dia.")),
    "cancel_synthesis_job": WORKED,
    "redeliver_synthesis_items": WORKED,
    "remove_synthesis_job": WORKED,
    "get_synthesis_usage": SEEN,
    "list_voices": SEEN,
    "get_voice": SEEN,
    "add_voice": Rights(
        "admin",
        body=_in_condominium(name="x", consent_by="x", consent_statement="x"),
        file="reference",
    ),
    "get_voice_consent": Rights("admin", empty=True),
    "change_voice": RULED,
    "remove_voice": RULED,
    "revoke_voice": RULED,
    "preview_voice": Rights("operator", body=_given(text="Olá")),
    "list_alerts": SEEN,
    "get_alert": SEEN,
    "acknowledge_alert": WORKED,
    "follow_events": SEEN,
}

Belongs = Literal["tenant", "installation"]
