"""Operations on approvals."""

from typing import get_args

from core.approval import ApprovalState
from core.identity import Role
from core.operations.noun import JSON, Argument, Operation

_ID = Argument(name="ID", help="The request, as `approval list` shows it.")
_TEXT = Argument(name="-m --message", help="What there is to say.", default="", metavar="TEXT")
_BEHALF = Argument(name="--on-behalf-of", help="Name of the account that delegated to you.", default="", metavar="NAME")

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="approval.list", summary="List what waits for approval.", noun="approval", verb="list",
        arguments=(
            Argument(name="--state", help="In this state; `all` for every one.", choices=(*get_args(ApprovalState), "all"), default="open"),
            Argument(name="--kind", help="Of this kind.", default="", metavar="KIND"),
            Argument(name="--limit", help="At most so many.", type="int", default=100, metavar="N"),
            JSON,
        ),
        handler="cli.approval:list_",
    ),
    Operation(
        id="approval.show", summary="Show a request with its content, its steps and every word to it.", noun="approval", verb="show",
        arguments=(_ID, JSON), handler="cli.approval:show",
    ),
    Operation(
        id="approval.approve", summary="Approve what `approval show` shows.", noun="approval", verb="approve",
        arguments=(
            _ID,
            Argument(name="--digest", help="Digest of what you read (its first 12 characters at least); asked for where it is left out.",
                     default="", metavar="DIGEST"),
            _TEXT, _BEHALF, JSON,
        ),
        handler="cli.approval:approve",
    ),
    Operation(
        id="approval.reject", summary="Reject a request, with the reason.", noun="approval", verb="reject",
        arguments=(_ID, Argument(name="-m --message", help="The reason.", default="", metavar="TEXT"), _BEHALF, JSON),
        handler="cli.approval:reject",
    ),
    Operation(
        id="approval.comment", summary="Comment on a request without deciding.", noun="approval", verb="comment",
        arguments=(_ID, _TEXT, JSON), handler="cli.approval:comment",
    ),
    Operation(
        id="approval.withdraw", summary="Take back a request of your own.", noun="approval", verb="withdraw",
        arguments=(_ID, _TEXT, JSON), handler="cli.approval:withdraw",
    ),
    Operation(
        id="approval.rules", summary="Show who approves what.", noun="approval", verb="rules", arguments=(JSON,),
        handler="cli.approval:rules",
    ),
    Operation(
        id="approval.check", summary="Read a file of rules and name its mistakes; needs no hub and changes nothing.", noun="approval",
        verb="check", arguments=(Argument(name="FILE", help="The YAML file."), JSON), handler="cli.approval:check",
    ),
    Operation(
        id="approval.delegate", summary="Let somebody approve in your name for a while.", noun="approval", verb="delegate",
        arguments=(
            Argument(name="NAME", help="Name of the account that takes it."),
            Argument(name="--role", help="The role of yours that is delegated.", choices=get_args(Role), metavar="ROLE"),
            Argument(name="--from", help="When it begins: now, +2h, 18:00, 2026-11-23 18:00.", default="now", metavar="TIME"),
            Argument(name="--until", help="When it ends.", default="", metavar="TIME"),
            Argument(name="-m --message", help="The reason.", default="", metavar="TEXT"),
            JSON,
        ),
        handler="cli.approval:delegate",
    ),
    Operation(
        id="approval.undelegate", summary="End a delegation now.", noun="approval", verb="undelegate",
        arguments=(Argument(name="ID", help="The delegation, as `approval delegations` shows it."), JSON),
        handler="cli.approval:undelegate",
    ),
    Operation(
        id="approval.delegations", summary="List who may approve in whose name.", noun="approval", verb="delegations", arguments=(JSON,),
        handler="cli.approval:delegations",
    ),
)
