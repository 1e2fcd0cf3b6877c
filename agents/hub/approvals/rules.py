"""The rules of approval: read from YAML, every mistake named by file, line and key."""

import hashlib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from core.approval import ApprovalRule
from core.errors import InvalidInputError, SettingsError
from core.i18n import reason, tr
from core.settings import Settings
from monitors.yamlfile import SIZE_LIMIT, Document

SEARCH = ("~/.config/yunwang/approvals.yml", "/etc/yunwang/approvals.yml")
SHIPPED = "rules.yml"
MOST_RULES = 500
MOST_STEPS = 5
MOST_HOURS = 24 * 90

FIELDS = {field.name: field for field in msgspec.structs.fields(ApprovalRule)}


class Book(NamedTuple):
    """The rules in force, and which they are."""

    source: str
    digest: str
    """SHA-256 of the file."""
    rules: tuple[ApprovalRule, ...]


def shipped() -> Book:
    """The rules that come with Yunwang."""
    return _book(SHIPPED, (resources.files("agents.hub.approvals") / SHIPPED).read_bytes())


def place(settings: Settings) -> Path | None:
    """The file with the rules of this node; None: those that come with Yunwang."""
    if settings.work.approval_rules:
        return Path(settings.work.approval_rules).expanduser()
    return next((path for path in (Path(name).expanduser() for name in SEARCH) if path.is_file()), None)


def load(settings: Settings) -> Book:
    """The rules of this node. Raises `SettingsError` or `InvalidInputError`: what cannot be read approves nothing."""
    file = place(settings)
    return shipped() if file is None else read(file)


def read(file: Path) -> Book:
    try:
        with file.open("rb") as opened:
            content = opened.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise SettingsError(
            tr("The rules of approval in {file} cannot be read: {reason}.", file=file, reason=reason(error)),
            way_out=tr("Check the name and its mode."),
        ) from None
    return _book(str(file), content)


def _book(name: str, content: bytes) -> Book:
    try:
        document = Document(name, content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise InvalidInputError(tr("{file} is not UTF-8.", file=name), way_out=tr("Save it as UTF-8.")) from None
    tree = document.tree
    if not isinstance(tree, dict) or set(tree) != {"rules"} or not isinstance(tree["rules"], list) or not tree["rules"]:
        raise document.wrong((), tr("the file holds one list named rules."), _example())
    if len(tree["rules"]) > MOST_RULES:
        raise document.wrong(("rules",), tr("more than {limit} rules.", limit=MOST_RULES), tr("Let one rule fit more."))
    rules = tuple(_rule(document, number, item) for number, item in enumerate(tree["rules"]))
    _distinct(document, rules)
    return Book(name, hashlib.sha256(content).hexdigest(), rules)


def _rule(document: Document, number: int, item: Any) -> ApprovalRule:
    path = ("rules", number)
    if not isinstance(item, dict):
        raise document.wrong(path, tr("a rule is a list of keys and values."), _example())
    if unknown := [key for key in item if key not in FIELDS]:
        raise document.wrong((*path, str(unknown[0])), tr("no such key."), tr("Known here: {names}.", names=", ".join(FIELDS)))
    fields = dict(item)
    for name, value in item.items():
        fields[name] = _converted(document, (*path, name), name, _steps(value) if name == "steps" else value)
    if not fields.get("name"):
        raise document.wrong(path, tr("a rule needs a name."), _example())
    rule = ApprovalRule(**fields)
    _sensible(document, path, rule)
    return rule


def _steps(value: Any) -> Any:
    """`approver` stands for `[approver]`: one role of one."""
    return [[step] if isinstance(step, str) else step for step in value] if isinstance(value, list) else value


def _converted(document: Document, path: tuple[str | int, ...], name: str, value: Any) -> Any:
    try:
        return msgspec.convert(value, FIELDS[name].type, strict=True)
    except msgspec.ValidationError as error:
        raise document.wrong(path, f"{str(error).rstrip('.')}.", tr("docs/approvals.md names what each key takes.")) from None


def _sensible(document: Document, path: tuple[str | int, ...], rule: ApprovalRule) -> None:
    if not rule.steps and not rule.standard:
        raise document.wrong(path, tr("a rule without steps would approve everything."), tr("Name who approves, or standard items."))
    if len(rule.steps) > MOST_STEPS or any(not step for step in rule.steps):
        raise document.wrong((*path, "steps"), tr("one to {limit} steps, each with a role.", limit=MOST_STEPS), _example())
    if not 1 <= rule.expires_hours <= MOST_HOURS:
        raise document.wrong((*path, "expires_hours"), tr("1 to {limit} hours.", limit=MOST_HOURS), _example())
    for template, digest in rule.standard.items():
        if not is_digest(digest):
            raise document.wrong(
                (*path, "standard", template), tr("64 hexadecimal digits, the SHA-256 of the template."),
                tr("docs/approvals.md names what each key takes."),
            )


def is_digest(text: str) -> bool:
    return len(text) == 64 and not set(text) - set("0123456789abcdef")


def _distinct(document: Document, rules: Sequence[ApprovalRule]) -> None:
    seen: dict[str, int] = {}
    for number, rule in enumerate(rules):
        if rule.name in seen:
            raise document.wrong(("rules", number, "name"), tr("there is a rule of this name already."), tr("Choose another name."))
        seen[rule.name] = number


def _example() -> str:
    return tr("docs/approvals.md shows a whole file.")
