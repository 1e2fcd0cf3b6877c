"""Forms of a person's own account: login, another password, the second factor."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label, Static

from core.errors import YunwangError
from core.i18n import tr
from core.identity import Enrolment, Identity
from core.width import clean
from tui import qr
from tui.feed import Hub
from tui.form import Field, Form, Values
from tui.words import told


class LoginForm(Form):
    """Name, password and, where the hub asks for it, the code of the second factor. Esc does not close it: nobody is logged in."""

    def __init__(self, hub: Hub, reason: str = "", *, may_leave: bool = False) -> None:
        fields = [
            Field(name="name", label=tr("Account")),
            Field(name="secret", label=tr("Password"), secret=True),
            Field(name="code", label=tr("Code of the second factor"), optional=True, note=tr("Only where one is set up.")),
        ]
        super().__init__(tr("Log in to Yunwang"), fields, self._login, says=[reason] if reason else [], may_leave=may_leave)
        self.hub = hub
        self.identity: Identity | None = None
        self.wants_code = False

    def on_mount(self) -> None:
        self.add_class("-login")
        super().on_mount()

    async def _login(self, values: Values) -> str:
        code = values["code"].replace(" ", "")
        answer = await self.hub.accounts.login(values["name"].strip(), values["secret"], code)
        if answer.need == "code":
            self.wants_code = True
            return tr("Type the code that your second factor shows now.")
        self.identity = answer.identity
        return ""

    def refused(self) -> None:
        """The password was right where the hub asked for the code: only the code is typed again."""
        again = "code" if self.wants_code else "secret"
        self.clear(again)
        self.query_one(f"#field-{again}", Input).focus()


class SecretForm(Form):
    """One's own password anew; with `forced` it cannot be left."""

    def __init__(self, hub: Hub, *, forced: bool = False) -> None:
        fields = [
            Field(name="old", label=tr("Password until now"), secret=True),
            Field(name="new", label=tr("New password"), secret=True),
            Field(name="again", label=tr("New password again"), secret=True),
        ]
        says = [tr("This password was given to you by somebody else, or is too old: choose your own now.")] if forced else []
        super().__init__(tr("Change my password"), fields, self._change, says=says, may_leave=not forced)
        self.hub = hub

    async def _change(self, values: Values) -> str:
        if values["new"] != values["again"]:
            self.clear("again")
            return tr("The two new passwords differ.")
        await self.hub.accounts.change_secret(values["old"], values["new"])
        return ""


class TotpForm(Form):
    """The second factor: a code to scan, the same in letters, and a first code to prove that it works."""

    def __init__(self, hub: Hub, *, forced: bool = False) -> None:
        fields = [Field(name="code", label=tr("Code that it shows"))]
        super().__init__(tr("Set up the second factor"), fields, self._confirm, may_leave=not forced)
        self.hub, self.forced = hub, forced

    def compose(self) -> ComposeResult:
        """The picture takes all lines there are, so everything else stands beside it."""
        with Horizontal(id="box", classes="-totp"):
            yield Static("", id="qr", markup=False)
            with Vertical():
                yield Label(self.heading, classes="title", markup=False)
                if self.forced:
                    yield Static(tr("Your office needs a second factor before anything else."), classes="says", markup=False)
                yield Static(tr("Scan the code with an authenticator (TOTP), or type its key there:"), classes="says", markup=False)
                yield Static("", id="key", markup=False)
                yield Label("", markup=False)
                yield Label(self.fields[0].label, markup=False)
                yield Input(max_length=12, id="field-code")
                yield Static("", id="problem", markup=False)
                yield Static(self.keys(), classes="-quiet says", markup=False)

    def on_mount(self) -> None:
        super().on_mount()
        self.run_worker(self._enrol(), group="enrol", exclusive=True)

    async def _enrol(self) -> None:
        try:
            enrolment = await self.hub.accounts.enrol()
        except YunwangError as error:
            self.problem(told(error))
            return
        self._show(enrolment)

    def _show(self, enrolment: Enrolment) -> None:
        self.query_one("#qr", Static).update("\n".join(qr.lines(enrolment.uri)))
        secret = clean(enrolment.secret)
        groups = [secret[i : i + 4] for i in range(0, len(secret), 4)]
        self.query_one("#key", Static).update("\n".join(" ".join(groups[i : i + 4]) for i in range(0, len(groups), 4)))

    async def _confirm(self, values: Values) -> str:
        await self.hub.accounts.confirm(values["code"].replace(" ", ""))
        return ""
