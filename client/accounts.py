"""`client.accounts`: who one is, and the accounts, roles, tokens and sessions of everybody."""

from urllib.parse import quote

from client.transport import Transport
from core.identity import (
    Account,
    AccountChange,
    Asked,
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

LOGIN_TIMEOUT_S = 60.0


class Accounts:
    """Methods on people. All raise `LoginNeededError` when nobody is logged in and `ForbiddenError` when this caller may not."""

    def __init__(self, wire: Transport) -> None:
        self._wire = wire

    async def whoami(self) -> Identity:
        return await self._wire.get("/api/v1/whoami", Identity)

    async def login(self, name: str, secret: str, code: str = "") -> LoginAnswer:
        """When the answer's `need` is `code`, ask for it and call again with it. The token is used by this client from then on."""
        answer = await self._wire.send(
            "POST", "/api/v1/login", LoginAnswer, LoginRequest(name=name, secret=secret, code=code), timeout_s=LOGIN_TIMEOUT_S,
        )
        if answer.token:
            self._wire.token = answer.token
        return answer

    async def logout(self) -> None:
        await self._wire.tell("POST", "/api/v1/logout")
        self._wire.token = ""

    def use_persona(self, role: str) -> None:
        """From now on this client asks as one of `Identity.personas`; empty: as the default one. Streams must be opened anew."""
        self._wire.persona = role

    async def change_secret(self, old: str, new: str) -> None:
        """One's own; all other sessions of the account end."""
        await self._wire.tell("POST", "/api/v1/oneself/secret", SecretChange(old=old, new=new), timeout_s=LOGIN_TIMEOUT_S)

    async def enrol(self) -> Enrolment:
        """A new TOTP generator for oneself; it counts once `confirm` was told a code of it."""
        return await self._wire.send("POST", "/api/v1/oneself/totp", Enrolment, timeout_s=LOGIN_TIMEOUT_S)

    async def confirm(self, code: str) -> None:
        await self._wire.tell("POST", "/api/v1/oneself/totp/confirm", CodeGiven(code=code), timeout_s=LOGIN_TIMEOUT_S)

    async def list(self) -> tuple[Account, ...]:
        return await self._wire.get("/api/v1/accounts", tuple[Account, ...])

    async def add(self, new: NewAccount) -> OneTimeSecret:
        return await self._wire.send("POST", "/api/v1/accounts", OneTimeSecret, new, timeout_s=LOGIN_TIMEOUT_S)

    async def set(self, name: str, change: AccountChange) -> Asked:
        """Other particulars; another uid or certificate of who holds a role needs a second person."""
        return await self._wire.send("PATCH", f"/api/v1/accounts/{_segment(name)}", Asked, change)

    async def disable(self, name: str) -> None:
        await self._wire.tell("POST", f"/api/v1/accounts/{_segment(name)}/disable")

    async def enable(self, name: str) -> None:
        await self._wire.tell("POST", f"/api/v1/accounts/{_segment(name)}/enable")

    async def unlock(self, name: str) -> None:
        await self._wire.tell("POST", f"/api/v1/accounts/{_segment(name)}/unlock")

    async def reset_secret(self, name: str) -> Asked:
        """A one-time secret; for who holds a role a second person must approve it first."""
        return await self._wire.send("POST", f"/api/v1/accounts/{_segment(name)}/reset-secret", Asked, timeout_s=LOGIN_TIMEOUT_S)

    async def reset_totp(self, name: str) -> Asked:
        """Takes a lost generator away; a second person must approve it first."""
        return await self._wire.send("POST", f"/api/v1/accounts/{_segment(name)}/reset-totp", Asked, timeout_s=LOGIN_TIMEOUT_S)

    async def grants(self) -> tuple[Grant, ...]:
        return await self._wire.get("/api/v1/grants", tuple[Grant, ...])

    async def grant(self, new: NewGrant) -> Asked:
        """Gives a role; for an office a second person must approve it first."""
        return await self._wire.send("POST", "/api/v1/grants", Asked, new, timeout_s=LOGIN_TIMEOUT_S)

    async def revoke_grant(self, grant_id: str) -> None:
        await self._wire.tell("DELETE", f"/api/v1/grants/{_segment(grant_id)}")

    async def tokens(self, *, everybody: bool = False) -> tuple[TokenRow, ...]:
        return await self._wire.get("/api/v1/tokens", tuple[TokenRow, ...], {"everybody": int(everybody)})

    async def add_token(self, new: NewToken) -> TokenMade:
        return await self._wire.send("POST", "/api/v1/tokens", TokenMade, new, timeout_s=LOGIN_TIMEOUT_S)

    async def revoke_token(self, token_id: str) -> None:
        await self._wire.tell("DELETE", f"/api/v1/tokens/{_segment(token_id)}")

    async def sessions(self) -> tuple[SessionRow, ...]:
        """One's own; everybody's for who may see them."""
        return await self._wire.get("/api/v1/sessions", tuple[SessionRow, ...])

    async def end_session(self, session_id: str) -> None:
        await self._wire.tell("DELETE", f"/api/v1/sessions/{_segment(session_id)}")

    async def found(self, founding: Founding) -> tuple[OneTimeSecret, ...]:
        """Makes the unit and the three offices, and so ends the trial: each secret is shown once."""
        return await self._wire.send("POST", "/api/v1/found", tuple[OneTimeSecret, ...], founding, timeout_s=LOGIN_TIMEOUT_S)


def _segment(text: str) -> str:
    return quote(text, safe="")
