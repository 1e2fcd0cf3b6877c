"""Routes of identity: who one is, and the accounts, roles, tokens and sessions of everybody.

Handlers that change people write with no content that could hold a secret under the request's key: a repetition with the same key is told
that it was done, never the secret again.
"""

from typing import Annotated, Any

from litestar import Request, Router, delete, get, patch, post
from litestar.params import Parameter

from agents.hub.asking import forget_key
from agents.hub.hub import Hub
from agents.hub.identity.founding import found as found_offices
from agents.hub.peer import NOBODY
from agents.hub.records import now_ms
from core.errors import YunwangError
from core.identity import (
    Account,
    AccountChange,
    Actor,
    Asked,
    Caller,
    CodeGiven,
    Enrolment,
    Founding,
    Grant,
    Identity,
    LoginAnswer,
    LoginRequest,
    NewAccount,
    NewGrant,
    NewToken,
    OneTimeSecret,
    SecretChange,
    SessionRow,
    TokenMade,
    TokenRow,
)
from core.permissions import FOUND, ONESELF, TOKENS, WHOAMI

AnyRequest = Request[None, None, None]  # type: ignore[type-var]
Name = Annotated[str, Parameter(max_length=128)]
SMALL = 16 * 1024
OPEN = ("/healthz", "/api/v1/login")
"""What nobody may ask, too: a session that is over is no obstacle there."""
WHOAMI_PATH = "/api/v1/whoami"
"""Consoles ask this by themselves: it keeps no session alive."""


def caller_of(hub: Hub, request: Request[Any, Any, Any], peer: Actor) -> Caller:
    """Who asks. Raises `LoginNeededError` for a session or token that is over."""
    headers, state = request.headers, request.scope["state"]
    try:
        return hub.identity.resolve(
            peer, headers.get("authorization", ""), headers.get("x-yunwang-persona", ""), state.get("certificate_subject", ""),
            alive=request.scope["path"] != WHOAMI_PATH,
        )
    except YunwangError:
        if request.scope["path"] in OPEN:
            return Caller(actor=peer)
        raise


@post("/login", summary="Log in; needs nobody to be logged in.", status_code=200, request_max_body_size=SMALL)
async def login(hub: Hub, request: AnyRequest, data: LoginRequest) -> LoginAnswer:
    forget_key()
    peer: Actor = request.scope["state"].get("actor", NOBODY)
    return await hub.identity.login.login(peer.replace(request=request.scope["state"]["request"]), data, now_ms())


@post("/logout", summary="End the session that asks.", status_code=204)
async def logout(hub: Hub, caller: Caller) -> None:
    await hub.allow(caller, ONESELF)
    await hub.identity.bearers.logout(caller, now_ms())


@get("/whoami", summary="Who asks, and what they may do.")
async def whoami(hub: Hub, caller: Caller) -> Identity:
    await hub.allow(caller, WHOAMI)
    return hub.identity.who.identity(caller)


@post("/oneself/secret", summary="Change one's own password.", status_code=204, request_max_body_size=SMALL)
async def change_secret(hub: Hub, caller: Caller, data: SecretChange) -> None:
    forget_key()
    await hub.allow(caller, ONESELF)
    await hub.identity.oneself.change_secret(caller, data.old, data.new, now_ms())


@post("/oneself/totp", summary="Begin to set up one's second factor.", status_code=200)
async def enrol(hub: Hub, caller: Caller) -> Enrolment:
    await hub.allow(caller, ONESELF)
    return await hub.identity.oneself.enrol(caller)


@post("/oneself/totp/confirm", summary="The second factor counts from now on.", status_code=204, request_max_body_size=SMALL)
async def confirm(hub: Hub, caller: Caller, data: CodeGiven) -> None:
    forget_key()
    await hub.allow(caller, ONESELF)
    await hub.identity.oneself.confirm(caller, data.code, now_ms())


@get("/accounts", summary="All accounts.")
async def accounts(hub: Hub, caller: Caller) -> tuple[Account, ...]:
    await hub.allow(caller, "user.list")
    return tuple(sorted(hub.identity.people.accounts.values(), key=lambda account: account.name))


@post("/accounts", summary="Make an account; its one-time password is shown once.", status_code=201, request_max_body_size=SMALL)
async def add_account(hub: Hub, caller: Caller, data: NewAccount) -> OneTimeSecret:
    await hub.allow(caller, "user.add", data.name[:64])
    return await hub.identity.accounts.add(caller, data, now_ms())


@patch("/accounts/{name:str}", summary="Change an account's particulars.", status_code=200, request_max_body_size=SMALL)
async def set_account(hub: Hub, caller: Caller, name: Name, data: AccountChange) -> Asked:
    await hub.allow(caller, "user.set", name)
    return await hub.identity.accounts.set(caller, name, data)


@post("/accounts/{name:str}/disable", summary="Take an account out of use.", status_code=204)
async def disable(hub: Hub, caller: Caller, name: Name) -> None:
    await hub.allow(caller, "user.disable", name)
    await hub.identity.accounts.disable(caller, name, now_ms())


@post("/accounts/{name:str}/enable", summary="Put an account to use again.", status_code=204)
async def enable(hub: Hub, caller: Caller, name: Name) -> None:
    await hub.allow(caller, "user.enable", name)
    await hub.identity.accounts.enable(caller, name)


@post("/accounts/{name:str}/unlock", summary="Unlock an account after wrong logins.", status_code=204)
async def unlock(hub: Hub, caller: Caller, name: Name) -> None:
    await hub.allow(caller, "user.unlock", name)
    await hub.identity.accounts.unlock(caller, name)


@post("/accounts/{name:str}/reset-secret", summary="A new one-time password; for who holds a role with a second person.", status_code=200)
async def reset_secret(hub: Hub, caller: Caller, name: Name) -> Asked:
    await hub.allow(caller, "user.reset-secret", name)
    return await hub.identity.accounts.reset_secret(caller, name, now_ms())


@post("/accounts/{name:str}/reset-totp", summary="Take a lost second factor away, with a second person.", status_code=200)
async def reset_totp(hub: Hub, caller: Caller, name: Name) -> Asked:
    await hub.allow(caller, "user.reset-totp", name)
    return await hub.identity.accounts.reset_totp(caller, name, now_ms())


@get("/grants", summary="Who holds which role where.")
async def grants(hub: Hub, caller: Caller) -> tuple[Grant, ...]:
    await hub.allow(caller, "grant.list")
    return tuple(sorted(hub.identity.people.grants.values(), key=lambda grant: grant.id))


@post("/grants", summary="Give a role; an office with a second person.", status_code=200, request_max_body_size=SMALL)
async def add_grant(hub: Hub, caller: Caller, data: NewGrant) -> Asked:
    await hub.allow(caller, "grant.add", data.account[:64])
    return await hub.identity.granting.add(caller, data, now_ms())


@delete("/grants/{grant_id:str}", summary="Take a role away.", status_code=204)
async def remove_grant(hub: Hub, caller: Caller, grant_id: Name) -> None:
    await hub.allow(caller, "grant.remove", grant_id)
    await hub.identity.granting.remove(caller, grant_id, now_ms())


@get("/tokens", summary="One's own tokens, or everybody's.")
async def tokens(hub: Hub, caller: Caller, everybody: bool = False) -> tuple[TokenRow, ...]:
    await hub.allow(caller, "token.list-all" if everybody else TOKENS)
    return hub.identity.bearers.tokens(caller, everybody=everybody)


@post("/tokens", summary="Make a token of one's own; it is shown once.", status_code=201, request_max_body_size=SMALL)
async def add_token(hub: Hub, caller: Caller, data: NewToken) -> TokenMade:
    await hub.allow(caller, TOKENS)
    return await hub.identity.bearers.add(caller, data, now_ms())


@delete("/tokens/{token_id:str}", summary="Revoke a token.", status_code=204)
async def revoke_token(hub: Hub, caller: Caller, token_id: Name) -> None:
    await hub.allow(caller, TOKENS)
    await hub.identity.bearers.revoke(caller, token_id, now_ms())


@get("/sessions", summary="One's own sessions, or everybody's for who may see them.")
async def sessions(hub: Hub, caller: Caller) -> tuple[SessionRow, ...]:
    await hub.allow(caller, ONESELF)
    return hub.identity.bearers.sessions(caller, now_ms())


@delete("/sessions/{session_id:str}", summary="End a session.", status_code=204)
async def end_session(hub: Hub, caller: Caller, session_id: Name) -> None:
    await hub.allow(caller, ONESELF)
    await hub.identity.bearers.end(caller, session_id, now_ms())


@post("/found", summary="Found the unit and the three offices; ends the trial.", status_code=201, request_max_body_size=SMALL)
async def found(hub: Hub, caller: Caller, data: Founding) -> tuple[OneTimeSecret, ...]:
    await hub.allow(caller, FOUND)
    return await found_offices(hub.identity, caller, data, now_ms())


router = Router(
    "/api/v1", tags=["identity"],
    route_handlers=[
        login, logout, whoami, change_secret, enrol, confirm, accounts, add_account, set_account, disable, enable, unlock, reset_secret,
        reset_totp, grants, add_grant, remove_grant, tokens, add_token, revoke_token, sessions, end_session, found,
    ],
)
