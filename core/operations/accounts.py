"""Operations on people: who one is, accounts, roles, tokens, sessions. Secrets are typed where they are not shown, never as an argument."""

from core.operations.noun import JSON, Argument, Operation
from core.permissions import NEVER_BY_TOKEN, PERMISSIONS, ROLES

_NAME = Argument(name="NAME", help="Name of the account.")
_STDIN = Argument(name="--stdin", help="Read what is secret from standard input, a line each, instead of asking.", type="flag")
_ROLE = Argument(name="ROLE", help="Role.", choices=ROLES)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="login",
        summary="Log in; the session is kept for this system account.",
        verb="login",
        arguments=(Argument(name="NAME", help="Name of the account; asked for where it is left out.", many="?"), _STDIN),
        handler="cli.login:login",
    ),
    Operation(id="logout", summary="End the session of this system account.", verb="logout", handler="cli.login:logout"),
    Operation(
        id="whoami", summary="Show who asks, in which roles, and what they may do.", verb="whoami",
        arguments=(Argument(name="--actions", help="List every action, too.", type="flag"), JSON), handler="cli.accounts:whoami",
    ),
    Operation(
        id="user.list", summary="List the accounts.", noun="user", verb="list", arguments=(JSON,), handler="cli.accounts:list_",
        needs="user.list",
    ),
    Operation(
        id="user.add",
        summary="Make an account; its one-time password is shown once.",
        noun="user",
        verb="add",
        arguments=(
            Argument(name="NAME", help="What is typed at login: small letters, digits, dots, underscores, hyphens."),
            Argument(name="--display-name", help="The person's name.", default="", metavar="TEXT"),
            Argument(name="--unit", help="The person's unit.", default="", metavar="NAME"),
            Argument(name="--ldap", help="The directory knows the password.", type="flag"),
            Argument(name="--uid", help="System account whose connections over the Unix socket are this person's.", type="int", default=-1,
                     metavar="N"),
            Argument(name="--certificate", help="Subject of the client certificate that is this person's.", default="", metavar="SUBJECT"),
            JSON,
        ),
        handler="cli.accounts:add",
        needs="user.add",
    ),
    Operation(
        id="user.set",
        summary="Change an account's particulars; another way in for who holds a role needs a second person.",
        noun="user",
        verb="set",
        arguments=(
            _NAME,
            Argument(name="--display-name", help="The person's name.", metavar="TEXT"),
            Argument(name="--unit", help="The person's unit.", metavar="NAME"),
            Argument(name="--uid", help="System account whose connections over the Unix socket are this person's; -1 for none.", type="int",
                     metavar="N"),
            Argument(name="--certificate", help="Subject of the client certificate that is this person's.", metavar="SUBJECT"),
            JSON,
        ),
        handler="cli.accounts:set_",
        needs="user.set",
    ),
    Operation(
        id="user.disable", summary="Take an account out of use: its sessions end, its tokens are revoked.", noun="user", verb="disable",
        arguments=(_NAME,), handler="cli.accounts:disable", needs="user.disable",
    ),
    Operation(
        id="user.enable", summary="Put a disabled account to use again.", noun="user", verb="enable", arguments=(_NAME,),
        handler="cli.accounts:enable", needs="user.enable",
    ),
    Operation(
        id="user.unlock", summary="Unlock an account after too many wrong logins.", noun="user", verb="unlock", arguments=(_NAME,),
        handler="cli.accounts:unlock", needs="user.unlock",
    ),
    Operation(
        id="user.reset-secret", summary="Give an account a new one-time password; for who holds a role a second person approves it.",
        noun="user", verb="reset-secret", arguments=(_NAME, JSON), handler="cli.accounts:reset_secret", needs="user.reset-secret",
    ),
    Operation(
        id="user.reset-totp", summary="Take a lost second factor away; a second person approves it.", noun="user", verb="reset-totp",
        arguments=(_NAME, JSON), handler="cli.accounts:reset_totp", needs="user.reset-totp",
    ),
    Operation(
        id="user.passwd", summary="Change one's own password.", noun="user", verb="passwd", arguments=(_STDIN,),
        handler="cli.login:passwd",
    ),
    Operation(
        id="user.enrol", summary="Set up one's own second factor.", noun="user", verb="enrol", handler="cli.login:enrol",
    ),
    Operation(
        id="user.rescue",
        summary="On the machine itself, with the hub stopped: a new one-time password for who cannot be helped by the others.",
        noun="user", verb="rescue", arguments=(_NAME,), handler="cli.accounts:rescue",
    ),
    Operation(
        id="grant.list", summary="List who holds which role where.", noun="grant", verb="list",
        arguments=(Argument(name="ACCOUNT", help="Only of this account.", many="?"), JSON), handler="cli.grants:list_", needs="grant.list",
    ),
    Operation(
        id="grant.add",
        summary="Give a role; for an office a second person approves it.",
        noun="grant",
        verb="add",
        arguments=(
            Argument(name="ACCOUNT", help="Name of the account."),
            _ROLE,
            Argument(name="--unit", help="Only for this unit and all units below it; may be repeated.", many="*", metavar="NAME"),
            Argument(name="--site", help="Only for this site; may be repeated.", many="*", metavar="NAME"),
            Argument(name="--from", help="First day, YYYY-MM-DD, local time; now where it is left out.", default="", metavar="DATE"),
            Argument(name="--to", help="Last day, YYYY-MM-DD, local time; without end where it is left out.", default="", metavar="DATE"),
            JSON,
        ),
        handler="cli.grants:add",
        needs="grant.add",
    ),
    Operation(
        id="grant.remove", summary="Take a role away; it holds at once.", noun="grant", verb="remove",
        arguments=(
            Argument(name="ACCOUNT", help="Name of the account."), _ROLE,
            Argument(name="--id", help="Which one, where the account holds the role more than once.", default="", metavar="ID"),
        ),
        handler="cli.grants:remove", needs="grant.remove",
    ),
    Operation(
        id="token.list", summary="List one's own tokens.", noun="token", verb="list",
        arguments=(Argument(name="--all", help="Those of everybody.", type="flag"), JSON), handler="cli.tokens:list_",
    ),
    Operation(
        id="token.add",
        summary="Make a token for a program; it is shown once.",
        noun="token",
        verb="add",
        arguments=(
            Argument(name="NAME", help="What will use it."),
            Argument(name="--action", help="Only this action; may be repeated. Without it all that you may do.", many="*", metavar="ACTION",
                     choices=tuple(action for action in PERMISSIONS if action not in NEVER_BY_TOKEN)),
            Argument(name="--days", help="How long it is valid, 1 to 366.", type="int", default=90, metavar="N"),
            JSON,
        ),
        handler="cli.tokens:add",
    ),
    Operation(
        id="token.revoke", summary="Revoke a token.", noun="token", verb="revoke",
        arguments=(Argument(name="TOKEN", help="Its id, or the name of one of your own."),), handler="cli.tokens:revoke",
    ),
    Operation(
        id="session.list", summary="List the sessions that last.", noun="session", verb="list", arguments=(JSON,),
        handler="cli.tokens:sessions",
    ),
    Operation(
        id="session.end", summary="End a session at once.", noun="session", verb="end",
        arguments=(Argument(name="SESSION", help="Its id, or the beginning of it."),), handler="cli.tokens:end",
    ),
)
