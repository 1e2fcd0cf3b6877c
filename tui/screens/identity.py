"""Identity 身份: who am I here, and what may I do?"""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.widgets import Label

from core.errors import InvalidInputError
from core.i18n import mark, tr
from core.identity import Identity
from core.nouns import Noun
from core.operations import OPERATIONS
from core.permissions import PERMISSIONS
from core.views import ViewQuery
from core.width import clean
from tui.access import role_name, role_names, trial_days
from tui.columns import Column
from tui.login import SecretForm, TotpForm
from tui.operations import bindings
from tui.pane import Line, Pane
from tui.rows import Rows
from tui.screens.question import Listing
from tui.screens.review import Review, now_ms
from tui.window import Window
from tui.words import duration

HOW = {
    "session": mark("login"), "token": mark("token"), "socket": mark("system account"), "certificate": mark("client certificate"),
    "trial": mark("trial"), "process": mark("process"),
}


class Permission(Noun, frozen=True, kw_only=True):
    """One line of the table of permissions as this person sees it."""

    action: str
    summary: str
    may: bool
    holders: tuple[str, ...]


COLUMNS = (
    Column(mark("May I"), lambda r: f"+ {tr('yes')}" if r.may else f"- {tr('no')}", 6, 6, 0, tone=lambda r: "good" if r.may else "dim"),
    Column(mark("Action"), lambda r: r.action, 20, 24, 0),
    Column(mark("What it does"), lambda r: tr(r.summary), 16, 60, 1),
    Column(mark("Who may"), lambda r: role_names(r.holders), 20, 90, 0, tone=lambda r: "" if r.may else "warn"),
)


def permissions(identity: Identity) -> list[Permission]:
    """All actions; those of this person first."""
    summaries = {op.id: op.summary for op in OPERATIONS}
    found = [
        Permission(action=action, summary=summaries.get(action, ""), may=action in identity.actions, holders=tuple(sorted(holders)))
        for action, holders in PERMISSIONS.items()
    ]
    return sorted(found, key=lambda one: not one.may)


class IdentityScreen(Review):
    """The account, its roles with their scopes, the session; below all permissions."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("identity")
    NAME = "identity"
    TITLE_ID = mark("Identity")

    def __init__(self) -> None:
        window: Window[Permission] = Window(Permission, lambda one: one.action)
        super().__init__(Rows(COLUMNS, window, id="permissions", empty=mark("It is not known yet who you are.")))

    def first_query(self) -> ViewQuery:
        return ViewQuery(view="overview")

    def on_mount(self) -> None:
        self.rows.focus()
        self.set_interval(30.0, self.describe)
        self.describe()

    def start(self) -> None:
        self.describe()

    def refresh_data(self) -> None:
        self.describe()

    def list_filter(self) -> Listing | None:
        return None

    def describe(self) -> None:
        identity = self.console_app.who.identity
        window = self.rows.window
        before = list(window.rows.values())
        window.fill(permissions(identity) if identity is not None else [])
        if before != list(window.rows.values()):
            self.rows.moved()
        self.query_one("#state", Label).update(" " + self.says())
        self.query_one(Pane).show(about(identity, now_ms()) if identity is not None else ())

    def says(self) -> str:
        identity = self.console_app.who.identity
        if identity is None:
            return tr("It is not known yet who you are.")
        return tr("{n} of {all} actions are yours", n=len(set(identity.actions) & PERMISSIONS.keys()), all=len(PERMISSIONS))

    def action_secret(self) -> None:
        if self._has_account():
            self.app.push_screen(SecretForm(self.hub), self._done)

    def action_totp(self) -> None:
        if self._has_account():
            self.app.push_screen(TotpForm(self.hub), self._done)

    def _has_account(self) -> bool:
        identity = self.console_app.who.identity
        if identity is not None and identity.account and not identity.trial:
            return True
        self.failed(InvalidInputError(
            tr("There is no account here yet whose password or second factor could be changed."),
            way_out=tr("`yunwang setup` makes the accounts."),
        ))
        return False

    def _done(self, done: bool | None) -> None:
        if done:
            self.app.notify(tr("Done."), markup=False, timeout=3)
            self.run_worker(self.console_app.who.ask(), group="who", exclusive=True)


def about(identity: Identity, now_ms_: int) -> Sequence[Line]:
    """The account in words."""
    lines = [Line(clean(identity.display_name or identity.name), ""), Line(tr("Account"), clean(identity.name))]
    for place, role in enumerate(identity.roles):
        scope = identity.scopes[place] if place < len(identity.scopes) else None
        places = (*scope.units, *scope.sites) if scope is not None else ()
        where = clean(tr(", ").join(places)) or tr("everywhere")
        lines.append(Line(tr("Role"), f"{role_name(role)} ({where})"))
    lines.append(Line(tr("Known by"), tr(HOW.get(identity.how, identity.how))))
    if identity.trial:
        days = trial_days(identity, now_ms_)
        offices = role_names(identity.personas)
        lines.append(Line(tr("Trial"), tr("{n} days left; Ctrl+Y works in another office: {roles}", n=days, roles=offices), "warn"))
    else:
        lines.append(Line(tr("Second factor"), tr("set up") if identity.second_factor else tr("not set up: F8 sets it up"),
                          "good" if identity.second_factor else "warn"))
    if identity.expires_at and not identity.trial:
        lines.append(Line(tr("Session"), tr("ends in {span} at the latest", span=_span(identity.expires_at, now_ms_))))
    if identity.secret_until:
        lines.append(Line(tr("Password"), tr("must be changed within {span}", span=_span(identity.secret_until, now_ms_))))
    return lines


def _span(until_ms: int, now_ms_: int) -> str:
    return duration(max(0, until_ms - now_ms_) / 1000)
