"""Calls that go on: hung up, spoken into, and transferred."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from supervisor.api.endpoint import Answer, Ask, Change, Endpoint, Handle
from supervisor.api.models import Given
from supervisor.api.problems import Problem
from supervisor.api.reading import row_of
from supervisor.database.calls import CALLS
from supervisor.phones import DESTINATION
from supervisor.workers.steering import Action

LONGEST_TEXT: Final = 500
"""Characters that are said: half a minute."""


class Words(Given):
    """What the agent says to the visitor, after what it is saying."""

    text: Annotated[
        str,
        Field(
            min_length=1,
            max_length=LONGEST_TEXT,
            pattern=r"^[^\x00-\x20\x7f]([^\x00-\x1f\x7f]*[^\x00-\x20\x7f])?$",
        ),
    ]


class Destination(Given):
    """Where the visitor is sent."""

    destination: Annotated[
        str, Field(pattern=f"^{DESTINATION.pattern}$", description="An extension of the dialplan")
    ]


class Accepted(BaseModel):
    """The call has been told; what became of it is among its events."""

    call_id: UUID
    status: Literal["accepted"] = "accepted"


async def steer(ask: Ask, action: Action, argument: str) -> None:
    """Have something done in the call that the path names. Raises ``Problem``."""
    await _refuse_what_is_over(ask)
    ready = ask.backend.ready
    steered = await ready.calls.steer(ask.id(), action, argument) if ready else None
    if steered is None:
        raise Problem(409, f"The call {ask.id()} does not go on here.")
    if steered.reason is not None:
        raise Problem(409, f"This cannot be done: {steered.reason}.")


def _steering(action: Action, argument: str = "") -> Handle:
    """What does ``action``, with the body's field of that name for an argument."""

    async def handle(ask: Ask) -> Answer:
        given = getattr(ask.body, argument) if argument else ""
        await steer(ask, action, given)
        told: Mapping[str, Any] = {"action": action, **({argument: given} if argument else {})}
        ask.changes.append(Change("calls", ask.id(), None, told))
        return Answer(Accepted(call_id=ask.id()))

    return handle


async def _refuse_what_is_over(ask: Ask) -> None:
    row = await row_of(ask, CALLS, "call")
    if row["ended_at"] is not None:
        raise Problem(409, f"The call {ask.id()} is over.")


def _endpoint(
    path: str, name: str, summary: str, handle: Handle, body: type[Given] | None = None
) -> Endpoint:
    return Endpoint(
        method="POST",
        path=f"/api/v1/calls/{{id}}/{path}",
        name=name,
        summary=summary,
        tag="calls",
        handle=handle,
        role="operator",
        body=body,
        answer=Accepted,
        status=202,
        idempotent=True,
        errors=frozenset({409}),
    )


ENDPOINTS: Final = (
    _endpoint("hangup", "hang_up_call", "End a call, after a goodbye", _steering("hang_up")),
    _endpoint("say", "say_in_call", "Say a text to the visitor", _steering("say", "text"), Words),
    _endpoint(
        "transfer",
        "transfer_call",
        "Send the visitor to an extension of the dialplan",
        _steering("transfer", "destination"),
        Destination,
    ),
)
