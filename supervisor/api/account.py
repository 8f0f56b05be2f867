"""What somebody who has logged in sees and changes of themselves."""

from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, Field

from supervisor.access.passwords import BusyError, PasswordError, check_password
from supervisor.access.second_factor import (
    enrolment_uri,
    new_recovery_codes,
    new_secret,
    recovery_hash,
    step_of,
)
from supervisor.api.addresses import ADDRESS
from supervisor.api.endpoint import Answer, Ask, Endpoint, Handle
from supervisor.api.gate import AUDITED, access_of
from supervisor.api.login import (
    PATH,
    Code,
    Password,
    Tokens,
    busy,
    checked_account,
    granted_answer,
    refused,
    spend,
)
from supervisor.api.models import Flag, Given, absent
from supervisor.api.principal import Kind
from supervisor.api.problems import Problem, wrong
from supervisor.database.api_keys import Role
from supervisor.database.audit import write_accesses
from supervisor.database.login_attempts import attempt_succeeded
from supervisor.database.pool import Connection
from supervisor.database.second_factors import confirm_secret, propose_secret
from supervisor.database.sessions import open_session
from supervisor.database.users import (
    NO_SECOND_FACTOR,
    Account,
    account_of,
    change_user,
    hold,
)


class Me(BaseModel):
    """Who asks: a key, or a user who has logged in."""

    kind: Kind
    id: UUID
    name: str
    role: Role
    tenant_id: UUID | None = Field(description="null: of the whole installation")
    second_factor: bool = Field(description="Whether codes are asked for; never of a key")


class NewPassword(Given):
    """The password of now, and the one to come."""

    current: Password
    new: Password
    code: Code = Field(default_factory=absent)
    cookie: Flag = Field(default=False, description="As at the login")


class Proof(Given):
    """The password of now."""

    password: Password


class FullProof(Proof):
    """... with a code of the second factor that is to go."""

    code: Code


class Enrolment(BaseModel):
    """What a telephone's app needs; it counts after a code of it was confirmed."""

    secret: str
    uri: str = Field(description="otpauth: as a QR code shows it")


class Confirmation(Given):
    """The first code that the app shows."""

    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class RecoveryCodes(BaseModel):
    """For a lost telephone: each is good once, and none is shown again."""

    recovery_codes: list[str]


async def _me(ask: Ask) -> Answer:
    who = ask.who
    second_factor = who.kind == "user" and await ask.connection.fetchval(
        "SELECT second_factor FROM users WHERE id = $1", who.id
    )
    return Answer(
        Me(
            kind=who.kind,
            id=who.id,
            name=who.name,
            role=who.role,
            tenant_id=who.tenant_id,
            second_factor=bool(second_factor),
        )
    )


async def _change_password(ask: Ask) -> Answer:
    """Every login of the user is over, and whoever changed it gets a new one."""
    given: NewPassword = ask.body
    account = await _proven(ask, given.current)
    try:
        check_password(given.new, (account.username, account.name))
        kept = await ask.backend.identity.passwords.hash(given.new)
    except PasswordError as error:
        raise wrong("body.new", str(error).rstrip(".")) from None
    except BusyError:
        raise busy() from None
    async with ask.backend.acquire() as connection, connection.transaction():
        await _held(connection, account)
        if account.second_factor and not await spend(connection, account, given.code):
            raise refused()
        await change_user(connection, account.id, {"password_hash": kept})
        lasting = ask.backend.identity.lasting
        granted = await open_session(connection, account.id, ask.request[ADDRESS], lasting)
        await _done(ask, connection, account)
    return granted_answer(ask.backend.identity, ask.request, granted, given.cookie)


async def _propose(ask: Ask) -> Answer:
    account = await _proven(ask, ask.body.password)
    secret = new_secret()
    async with ask.backend.acquire() as connection, connection.transaction():
        if not await propose_secret(connection, account.id, secret):
            raise Problem(409, "There is a second factor already; remove it first.")
        await _done(ask, connection, account)
    return Answer(Enrolment(secret=secret, uri=enrolment_uri(secret, account.username)))


async def _confirm(ask: Ask) -> Answer:
    account = await _account(ask)
    secret = account.totp_secret
    if secret is None or account.second_factor:
        raise Problem(409, "There is no second factor to confirm; ask for a secret first.")
    step = step_of(secret, ask.body.code)
    if step is None:
        raise wrong("body.code", "this is not the code of now; look at the telephone's clock", 409)
    codes = new_recovery_codes()
    async with ask.backend.acquire() as connection, connection.transaction():
        hashes = [recovery_hash(code) for code in codes]
        if not await confirm_secret(connection, account.id, secret, step, hashes):
            raise Problem(409, "Another secret was asked for meanwhile; use that one.")
        await _done(ask, connection, account)
    return Answer(RecoveryCodes(recovery_codes=codes))


async def _remove(ask: Ask) -> Answer:
    account = await _proven(ask, ask.body.password)
    async with ask.backend.acquire() as connection, connection.transaction():
        await _held(connection, account)
        if not await spend(connection, account, ask.body.code):
            raise refused()
        await change_user(connection, account.id, NO_SECOND_FACTOR)
        await _done(ask, connection, account)
    return Answer()


async def _account(ask: Ask) -> Account:
    if ask.who.kind != "user":
        raise Problem(403, "This is for users who have logged in; a key has no password.")
    async with ask.backend.acquire() as connection:
        account = await account_of(connection, ask.who.id)
    if account is None:
        raise refused()
    return account


async def _proven(ask: Ask, password: str) -> Account:
    """The account of who asks, if this is its password; guesses cost as at the login."""
    account = await _account(ask)
    return await checked_account(ask.backend, ask.request, account.username, password)


async def _held(connection: Connection, account: Account) -> None:
    if not await hold(connection, account):
        raise Problem(409, "The user was changed at the same moment; try again.")


async def _done(ask: Ask, connection: Connection, account: Account) -> None:
    """In the transaction of what was done: the audit, and the end of what failed before."""
    await attempt_succeeded(connection, account.username)
    await write_accesses(connection, [access_of(ask.request, 200)])
    ask.request[AUDITED] = True


def _endpoint(
    path: str,
    name: str,
    summary: str,
    *,
    alone: Handle,
    body: type[Given],
    answer: type[BaseModel] | None = None,
) -> Endpoint:
    return Endpoint(
        method="POST",
        path=f"{PATH}/{path}",
        name=name,
        summary=summary,
        tag="auth",
        alone=alone,
        body=body,
        answer=answer,
        status=200 if answer else 204,
    )


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=f"{PATH}/me",
        name="who_am_i",
        summary="Who asks, and with what rights",
        tag="auth",
        handle=_me,
        answer=Me,
    ),
    _endpoint(
        "password",
        "change_password",
        "Change one's password; every login of before is over",
        alone=_change_password,
        body=NewPassword,
        answer=Tokens,
    ),
    _endpoint(
        "second-factor",
        "propose_second_factor",
        "Get a secret for a telephone's app",
        alone=_propose,
        body=Proof,
        answer=Enrolment,
    ),
    _endpoint(
        "second-factor/confirm",
        "confirm_second_factor",
        "Have codes asked for from now on; shows the recovery codes, once",
        alone=_confirm,
        body=Confirmation,
        answer=RecoveryCodes,
    ),
    _endpoint(
        "second-factor/remove",
        "remove_second_factor",
        "Have no codes asked for any more",
        alone=_remove,
        body=FullProof,
    ),
)
