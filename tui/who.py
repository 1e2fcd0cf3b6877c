"""Who works at this console: asks the hub, opens the login where nobody is known, keeps the header true."""

import time
from typing import TYPE_CHECKING, Any

from core.errors import InvalidInputError, LoginNeededError, YunwangError
from core.i18n import tr
from core.identity import Identity
from tui.access import role_name
from tui.login import LoginForm, SecretForm, TotpForm

if TYPE_CHECKING:
    from tui.console import YunwangApp

AGAIN_S = 60.0
"""How often the hub is asked again: roles change, days pass."""
OFFICE_WORDS = {"administrator": "system-administrator", "security": "security-officer", "auditor": "auditor"}


class Who:
    """Belongs to one console."""

    def __init__(self, app: "YunwangApp") -> None:
        self.app = app
        self.identity: Identity | None = None
        self._asked_at = 0.0

    @property
    def is_due(self) -> bool:
        return self.identity is None or time.monotonic() - self._asked_at >= AGAIN_S

    async def ask(self) -> None:
        """Learns who this is; raises nothing: without an answer it stays as it was."""
        if self._has_form():
            return
        try:
            self.know(await self.app.hub.accounts.whoami())
        except LoginNeededError as error:
            self.log_in(error)
        except YunwangError:
            return

    def know(self, identity: Identity) -> None:
        """Takes the answer in, and asks for what must be done before anything else."""
        changed, self.identity, self._asked_at = identity != self.identity, identity, time.monotonic()
        if changed:
            self.app.identity_changed()
        if identity.must_change:
            self._push(SecretForm(self.app.hub, forced=True))
        elif identity.must_enrol:
            self._push(TotpForm(self.app.hub, forced=True))

    def log_in(self, error: YunwangError | None = None, *, may_leave: bool = False) -> None:
        """The login over whatever is on the screen; afterwards one is where one was."""
        if self._has_form():
            return
        reason = ""
        if error is not None:
            expired = self.identity is not None
            reason = tr("The session has ended. Log in to go on where you were.") if expired else ""
        self._push(LoginForm(self.app.hub, reason, may_leave=may_leave))

    async def log_out(self) -> None:
        identity = self.identity
        try:
            if identity is None or identity.how != "session":
                raise InvalidInputError(
                    tr("There is no session to end."), way_out=tr("The hub knows you by your system account; `:login` is for another one."),
                )
            await self.app.hub.accounts.logout()
        except YunwangError as error:
            self.app.say(error)
            return
        self.identity = None
        self.app.identity_changed()
        self.log_in()

    async def take(self, office: str = "") -> None:
        """Another persona of the trial: the one named, or the next."""
        identity = self.identity
        personas = identity.personas if identity is not None else ()
        wanted = OFFICE_WORDS.get(office, office)
        if not personas or (wanted and wanted not in personas):
            self.app.say(InvalidInputError(
                tr("There is no other office to work in."),
                way_out=tr("Only the trial has personas; with accounts each person has one office. `:login` changes the person."),
            ))
            return
        now = identity.roles[0] if identity is not None and identity.roles else personas[-1]
        role = wanted or personas[(personas.index(now) + 1) % len(personas) if now in personas else 0]
        self.app.hub.accounts.use_persona(role)
        self.identity = None
        await self.ask()
        self.app.follow_again()
        self.app.notify(tr("You work as {role} now.", role=role_name(role)), markup=False, timeout=4)

    @property
    def is_locked(self) -> bool:
        """While somebody must log in (or change a password, or set up the second factor) nothing else is done or shown."""
        return any(isinstance(screen, LoginForm | SecretForm | TotpForm) and not screen.may_leave for screen in self.app.screen_stack)

    def _has_form(self) -> bool:
        return any(isinstance(screen, LoginForm | SecretForm | TotpForm) for screen in self.app.screen_stack)

    def _push(self, form: LoginForm | SecretForm | TotpForm) -> None:
        if not self._has_form():
            self.app.push_screen(form, lambda done: self._done(form, done))

    def _done(self, form: Any, done: bool | None) -> None:
        if not done:
            return
        if isinstance(form, LoginForm) and form.identity is not None:
            self.know(form.identity)
        else:
            self.app.run_worker(self.ask(), group="who", exclusive=True)
        self.app.follow_again()
