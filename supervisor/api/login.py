"""Logging in with a name and a password, staying so, and logging out.

What a browser keeps: the access token in the page's memory, to be sent as ``Bearer``; the refresh
token, if it asks for that, in a cookie that no script can read, that goes to these addresses only,
and that counts only with a header that no other site's page can send.
"""

from datetime import UTC, datetime
from typing import Annotated, Final, Literal

import structlog
from aiohttp import hdrs, web
from pydantic import BaseModel, Field

from supervisor.access.identity import Identity
from supervisor.access.passwords import LONGEST, BusyError, Verdict
from supervisor.access.second_factor import recovery_hash, step_of
from supervisor.api.addresses import ADDRESS, SECURE
from supervisor.api.backend import Backend
from supervisor.api.endpoint import Answer, Endpoint, Header, Knock
from supervisor.api.gate import LONGEST_PATH, REQUEST_ID
from supervisor.api.models import Flag, Given, absent
from supervisor.api.problems import Problem
from supervisor.database.audit import Access, write_accesses
from supervisor.database.login_attempts import attempt_succeeded, begin_attempt
from supervisor.database.pool import Connection
from supervisor.database.second_factors import spend_recovery_code, spend_step
from supervisor.database.sessions import (
    Granted,
    Stolen,
    close_session,
    open_session,
    refresh_session,
    session_of_token,
)
from supervisor.database.users import (
    Account,
    account_of,
    canonical,
    find_account,
    hold,
    rehash,
)

PATH: Final = "/api/v1/auth"
COOKIE: Final = "ramal_refresh"
CSRF: Final = Header(
    "X-Ramal-CSRF", "With the cookie: shows that no page of another site asks", r"^1$"
)
SECOND_FACTOR: Final = "urn:ramal:problem:second-factor"
"""The type of the problem of a login that lacks nothing but the code."""
BUSY_S: Final = 2
_log = structlog.get_logger(__name__)

Password = Annotated[str, Field(min_length=1, max_length=LONGEST, pattern=r"^[^\x00]+$")]
Code = Annotated[
    str,
    Field(
        pattern=r"^([0-9]{6}|[A-Za-z2-7]{4}(-[A-Za-z2-7]{4}){3})$",
        description="Six digits of the telephone's app, or a recovery code",
    ),
]
RefreshToken = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{20,100}$")]


class Login(Given):
    """Who somebody says to be. ``code`` is for users with a second factor."""

    username: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]+$")]
    password: Password
    code: Code = Field(default_factory=absent)
    cookie: Flag = Field(
        default=False, description="Keep the refresh token in a cookie: for browsers"
    )


class Refresh(Given):
    """The refresh token; left out where the cookie has it."""

    refresh_token: RefreshToken = Field(default_factory=absent)


class Tokens(BaseModel):
    """A login. The refresh token is good once; the answer to its use has the next one."""

    access_token: str = Field(description="To be sent as Authorization: Bearer")
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105
    expires_in_s: int
    refresh_token: str | None = Field(description="null where a cookie has it")


async def _log_in(knock: Knock) -> Answer:
    given: Login = knock.body
    account = await checked_account(knock.backend, knock.request, given.username, given.password)
    if account.second_factor and given.code is None:
        raise Problem(401, "This user needs a code as well; send it as code.", kind=SECOND_FACTOR)
    async with knock.backend.acquire() as connection, connection.transaction():
        held = await hold(connection, account)
        code_is_good = not account.second_factor or await spend(connection, account, given.code)
        if held and code_is_good:
            await attempt_succeeded(connection, account.username)
            lasting = knock.backend.identity.lasting
            granted = await open_session(connection, account.id, knock.request[ADDRESS], lasting)
            await trace(connection, knock.request, account, 200)
            return granted_answer(knock.backend.identity, knock.request, granted, given.cookie)
        await trace(connection, knock.request, account, 401)
    raise refused()


async def checked_account(
    backend: Backend, request: web.Request, username: str, password: str
) -> Account:
    """The account whose password this is. Raises ``Problem``: the same, after the same work, for
    a name that is nobody's, a password that is wrong and a user who is disabled."""
    name = canonical(username)
    async with backend.acquire() as connection:
        wait_s = await begin_attempt(connection, name, request[ADDRESS])
        account = await find_account(connection, name)
    if wait_s:
        await _refuse(backend, request, account, too_often(wait_s))
    verdict = await _verdict(backend.identity, account, password)
    if account is None or not verdict.right or not account.enabled:
        await _refuse(backend, request, account, refused())
        raise refused()
    if verdict.rehash:
        fresh = await backend.identity.passwords.hash(password)
        async with backend.acquire() as connection:
            await rehash(connection, account.id, fresh)
            account = await account_of(connection, account.id) or account
    return account


async def _verdict(identity: Identity, account: Account | None, password: str) -> Verdict:
    try:
        return await identity.passwords.verify(account.password_hash if account else None, password)
    except BusyError:
        raise busy() from None


async def _refuse(
    backend: Backend, request: web.Request, account: Account | None, problem: Problem
) -> None:
    async with backend.acquire() as connection:
        await trace(connection, request, account, problem.status)
    raise problem


async def spend(connection: Connection, account: Account, code: str | None) -> bool:
    """Take a code of the account's second factor, which then is good no more."""
    if code is None or account.totp_secret is None:
        return False
    if not code.isdigit():
        return await spend_recovery_code(connection, account.id, recovery_hash(code))
    step = step_of(account.totp_secret, code)
    return step is not None and await spend_step(connection, account.id, step)


async def _refresh(knock: Knock) -> Answer:
    token, from_cookie = _token(knock)
    identity = knock.backend.identity
    async with knock.backend.acquire() as connection:
        outcome = await refresh_session(connection, token, identity.lasting) if token else None
        if isinstance(outcome, Stolen):
            account = await account_of(connection, outcome.user_id)
            await trace(connection, knock.request, account, 401)
            _log.warning("login.refresh_token_reused", session=str(outcome.session_id))
    if not isinstance(outcome, Granted):
        raise Problem(
            401,
            "This login is over; log in again.",
            headers=_cookie_header(knock.request, "", 0) if from_cookie else {},
        )
    return granted_answer(identity, knock.request, outcome, from_cookie)


async def _log_out(knock: Knock) -> Answer:
    token, _ = _token(knock)
    async with knock.backend.acquire() as connection, connection.transaction():
        found = await session_of_token(connection, token) if token else None
        if found is not None:
            await close_session(connection, found.session_id)
            account = await account_of(connection, found.user_id)
            await trace(connection, knock.request, account, 204)
    return Answer(headers=_cookie_header(knock.request, "", 0))


def _token(knock: Knock) -> tuple[str, bool]:
    """The refresh token, and whether a cookie brought it. Raises ``Problem`` for a cookie that
    another site's page may have sent along."""
    if knock.body.refresh_token is not None:
        return knock.body.refresh_token, False
    token = knock.request.cookies.get(COOKIE, "")
    if token and not _is_same_site(knock.request):
        raise Problem(403, f"The cookie counts only with the header {CSRF.name}: 1, from our page.")
    return token, True


def _is_same_site(request: web.Request) -> bool:
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    return CSRF.name in request.headers and site in ("same-origin", "none")


def granted_answer(
    identity: Identity, request: web.Request, granted: Granted, cookie: bool
) -> Answer:
    """Tokens for a session; the refresh token goes into a ``cookie`` or into the body."""
    tokens = Tokens(
        access_token=identity.signer.sign(granted.session_id, granted.user_id),
        expires_in_s=identity.signer.lasting_s,
        refresh_token=None if cookie else granted.refresh_token,
    )
    if not cookie:
        return Answer(tokens)
    age_s = int(identity.lasting.idle.total_seconds())
    return Answer(tokens, _cookie_header(request, granted.refresh_token, age_s))


def _cookie_header(request: web.Request, token: str, age_s: int) -> dict[str, str]:
    secure = "; Secure" if request[SECURE] else ""
    rules = f"Path={PATH}; Max-Age={age_s}; HttpOnly; SameSite=Strict{secure}"
    return {hdrs.SET_COOKIE: f"{COOKIE}={token}; {rules}"}


async def trace(
    connection: Connection, request: web.Request, account: Account | None, status: int
) -> None:
    """Write a login, or what becomes of one, into the audit log. A name that is nobody's is left
    out: people type passwords where names belong."""
    access = Access(
        at=datetime.now(UTC),
        tenant_id=account.tenant_id if account else None,
        key_id=account.id if account else None,
        key_name=account.username if account else "",
        role=account.role if account else "",
        address=request[ADDRESS],
        request_id=request[REQUEST_ID],
        method=request.method,
        path=request.path[:LONGEST_PATH],
        status=status,
        actor="user" if account else "nobody",
    )
    await write_accesses(connection, [access])


def refused() -> Problem:
    """The problem of every login that is not let in, whatever is wrong with it."""
    return Problem(401, "The user name, the password or the code is wrong.")


def too_often(wait_s: int) -> Problem:
    """The problem of whoever guesses."""
    return Problem(
        429,
        f"Too many logins failed; wait {wait_s} s.",
        headers={hdrs.RETRY_AFTER: str(wait_s)},
    )


def busy() -> Problem:
    """The problem of a machine that has too many passwords to check."""
    return Problem(
        503, "Too many log in at this moment; try again.", headers={hdrs.RETRY_AFTER: str(BUSY_S)}
    )


ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path=f"{PATH}/login",
        name="log_in",
        summary="Log in with a user name and a password",
        tag="auth",
        receive=_log_in,
        body=Login,
        answer=Tokens,
    ),
    Endpoint(
        method="POST",
        path=f"{PATH}/refresh",
        name="refresh_login",
        summary="Get the next tokens of a login",
        tag="auth",
        receive=_refresh,
        body=Refresh,
        answer=Tokens,
        headers=(CSRF,),
    ),
    Endpoint(
        method="POST",
        path=f"{PATH}/logout",
        name="log_out",
        summary="End a login",
        tag="auth",
        receive=_log_out,
        body=Refresh,
        status=204,
        headers=(CSRF,),
    ),
)
