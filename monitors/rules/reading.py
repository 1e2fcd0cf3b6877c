"""From the YAML of a file to rules: every key checked, every mistake named by file, line and key."""

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

import msgspec

from core.errors import InvalidInputError
from monitors.rules.hours import minutes_of, spans
from monitors.rules.rule import COMMON, KEYS, NEEDS, Override, Rule, Where, Words
from monitors.yamlfile import Document, Path

WAY_OUT = "docs/rules.md names what each key takes."
MOST_RULES = 500
_LISTS = {"metric", "bad", "good", "all", "any", "none", "mnemonic", "words", "instance_of", "cleared_by", "fact", "during", "not_during"}
_WORDS = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PLACE = re.compile(r"\{([^{}]*)\}")
_MOST_STATE = 63
_DAY_S = 86400
_BOUNDS = {
    "for_s": (0, 30 * _DAY_S), "clear_s": (0, 30 * _DAY_S), "window_s": (0, 400 * _DAY_S), "after_s": (0, 400 * _DAY_S), "weeks": (1, 12),
    "percentile": (0, 100), "times": (1, 10_000), "priority": (0, 7), "raise_at_level": (0, 5), "raise_polls": (0, 1000),
    "within_days": (0, 3650), "band": (0, 1000),
}


def read_rules(name: str, text: str) -> tuple[Rule, ...]:
    """All rules in a YAML text: names with their keys, below `rules`. name: of the file, for messages. Raises `InvalidInputError`."""
    document = Document(name, text)
    tree = document.tree
    if not isinstance(tree, dict) or set(tree) != {"rules"} or not isinstance(tree["rules"], dict):
        raise document.wrong((), "rules with their names are expected below `rules:`.", WAY_OUT)
    if len(tree["rules"]) > MOST_RULES:
        raise document.wrong(("rules",), f"more than {MOST_RULES} rules.", "Split the file.")
    return tuple(_rule(document, ("rules", str(key)), str(key), body) for key, body in tree["rules"].items())


def put_together(files: Iterable[tuple[Rule, ...]]) -> dict[str, Rule]:
    """All rules by name: a later file's rule replaces an earlier one of the same name. Raises `InvalidInputError` for compositions of
    rules that are not there, or of themselves."""
    book = {rule.name: rule for rules in files for rule in rules}
    for rule in book.values():
        for other in (*rule.all, *rule.any, *rule.none):
            if other not in book:
                raise InvalidInputError(f"{rule.source}: {rule.name}: there is no rule {other}.", way_out=_near(other, book))
        if rule.name in _reached(rule, book):
            raise InvalidInputError(f"{rule.source}: {rule.name}: it is composed of itself.", way_out="Name other rules.")
    return book


def _reached(rule: Rule, book: Mapping[str, Rule]) -> set[str]:
    seen: set[str] = set()
    waiting = [*rule.all, *rule.any, *rule.none]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            below = book.get(name)
            waiting += [] if below is None else [*below.all, *below.any, *below.none]
    return seen


def _rule(document: Document, path: Path, name: str, body: Any) -> Rule:
    if not _WORDS.fullmatch(name) or len(name) > 64:
        raise document.wrong(path, "a rule's name is small letters, digits and hyphens.", WAY_OUT)
    if not isinstance(body, dict):
        raise document.wrong(path, "keys with values are expected here.", WAY_OUT)
    body = {"off" if key is False else key: value for key, value in body.items()}  # what YAML 1.1 makes of a bare `off`
    kind = body.get("kind")
    if kind not in KEYS:
        raise document.wrong((*path, "kind") if kind else path, f"the kind is one of {', '.join(KEYS)}.", WAY_OUT)
    allowed = (COMMON | KEYS[kind]) - {"name", "source"}
    for key in body:
        if key not in allowed:
            known = key in Rule.__struct_fields__
            problem = f"a rule of kind {kind} has no such key." if known else "there is no such key."
            raise document.wrong((*path, str(key)), problem, _near(str(key), allowed))
    ready = {key: [value] if key in _LISTS and not isinstance(value, list) else value for key, value in body.items()}
    ready |= {key: _noun(document, (*path, key), ready[key], Words) for key in ("says", "hint") if key in ready}
    if "where" in ready:
        ready["where"] = _where(document, (*path, "where"), ready["where"])
    if "overrides" in ready:
        ready["overrides"] = _overrides(document, (*path, "overrides"), ready["overrides"], allowed)
    rule: Rule = _noun(document, path, {**ready, "name": name, "source": f"{document.name}:{document.line(path)}"}, Rule)
    _check(document, path, rule, body)
    return rule


def _noun(document: Document, path: Path, data: Any, kind: type[Any]) -> Any:
    if not isinstance(data, dict):
        raise document.wrong(path, "keys with values are expected here.", WAY_OUT)
    for key in data:
        if key not in kind.__struct_fields__:
            raise document.wrong((*path, str(key)), "there is no such key.", _near(str(key), kind.__struct_fields__))
    try:
        return msgspec.convert(data, kind, strict=True)
    except msgspec.ValidationError as error:
        where = re.search(r"\$\.([A-Za-z_]+)", str(error))
        missing = re.search(r"required field `(\w+)`", str(error))
        reason = re.sub(r" - at `[^`]*`$", "", str(error))
        problem = f"the key {missing[1]} is missing." if missing else f"{reason[:1].lower()}{reason[1:]}."
        raise document.wrong((*path, where[1]) if where else path, problem, WAY_OUT) from None


def _where(document: Document, path: Path, data: Any) -> Any:
    if isinstance(data, dict):
        data = {key: value if isinstance(value, list) else [value] for key, value in data.items()}
    return _noun(document, path, data, Where)


def _overrides(document: Document, path: Path, data: Any, allowed: Iterable[str]) -> list[Any]:
    if not isinstance(data, list):
        raise document.wrong(path, "a list is expected here.", WAY_OUT)
    out = []
    for number, said in enumerate(data):
        here = (*path, number)
        item = {"off" if key is False else key: value for key, value in said.items()} if isinstance(said, dict) else said
        if not isinstance(item, dict) or "where" not in item:
            raise document.wrong(here, "an override needs `where`.", WAY_OUT)
        for key in item:
            if key not in Override.__struct_fields__ or key not in {*allowed, "where"}:
                raise document.wrong((*here, str(key)), "this cannot be overridden here.", WAY_OUT)
        out.append(_noun(document, here, {**item, "where": _where(document, (*here, "where"), item["where"])}, Override))
    return out


def _check(document: Document, path: Path, rule: Rule, body: Mapping[str, Any]) -> None:
    for key in NEEDS[rule.kind]:
        if key not in body:
            raise document.wrong(path, f"a rule of kind {rule.kind} needs {key}.", WAY_OUT)
    if "above" in KEYS[rule.kind]:
        _check_levels(document, path, rule)
    _check_kind(document, path, rule)
    for key, (least, most) in _BOUNDS.items():
        if not least <= getattr(rule, key) <= most:
            raise document.wrong((*path, key), f"a number from {least} to {most} is expected.", WAY_OUT)
    _check_texts(document, path, rule)
    _check_hours(document, path, rule)


def _check_hours(document: Document, path: Path, rule: Rule) -> None:
    checks: dict[str, Callable[[], object]] = {
        "during": lambda: spans(rule.during), "not_during": lambda: spans(rule.not_during), "zone": lambda: minutes_of(rule.zone),
    }
    for key, check in checks.items():
        try:
            check()
        except ValueError as error:
            raise document.wrong((*path, key), str(error), WAY_OUT) from None


def _check_kind(document: Document, path: Path, rule: Rule) -> None:
    if rule.kind == "state" and bool(rule.bad) == bool(rule.good):
        raise document.wrong(path, "a state needs either bad or good.", WAY_OUT)
    if rule.kind == "change" and bool(rule.metric) == bool(rule.fact):
        raise document.wrong(path, "a change needs either metric or fact.", WAY_OUT)
    if rule.kind == "composed" and not (rule.all or rule.any):
        raise document.wrong(path, "a composition needs all or any.", WAY_OUT)
    if rule.kind == "event" and not (rule.mnemonic or rule.words):
        raise document.wrong(path, "an event needs mnemonic or words.", WAY_OUT)
    for key in ("bad", "good"):
        for value in getattr(rule, key):
            if isinstance(value, int) and not 0 <= value <= _MOST_STATE:
                raise document.wrong((*path, key), f"numbers from 0 to {_MOST_STATE} are expected.", WAY_OUT)


def _check_levels(document: Document, path: Path, rule: Rule) -> None:
    if (rule.above is None) == (rule.below is None):
        raise document.wrong(path, "either above or below is needed.", WAY_OUT)
    level, clear = rule.above if rule.above is not None else rule.below, rule.clear
    if isinstance(level, str) and (clear is not None or rule.kind != "threshold"):
        raise document.wrong((*path, "clear" if clear is not None else "above"), "a limit of the device stands alone.", WAY_OUT)
    if clear is not None and isinstance(level, int | float) and (clear > level if rule.above is not None else clear < level):
        raise document.wrong((*path, "clear"), "the value would be cleared before it is raised.", WAY_OUT)


def _check_texts(document: Document, path: Path, rule: Rule) -> None:
    for key in ("says", "hint"):
        words = getattr(rule, key)
        for language in ("zh", "en") if words else ():
            text = getattr(words, language)
            if not text.strip() or len(text) > 1000:
                raise document.wrong((*path, key, language), "a sentence of at most 1000 characters is expected.", WAY_OUT)
            for place in _PLACE.findall(text):
                if not re.fullmatch(r"[a-z_]+", place):
                    raise document.wrong((*path, key, language), f"{{{place}}} is no name of evidence.", WAY_OUT)


def _near(key: str, known: Iterable[str]) -> str:
    found = get_close_matches(key, list(known), 1)
    return f"Do you mean {found[0]}?" if found else WAY_OUT
