"""The rules of approval: the shipped ones can be used, and every mistake in a file is named by file, line and key."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.hub.approvals import rules
from core.approval import Subject
from core.approving import choose
from core.errors import InvalidInputError, SettingsError, YunwangError
from core.permissions import PERMISSIONS
from core.sections import General, Work
from core.settings import Settings

DIGEST = "ab" * 32


def subject(kind: str, **more: object) -> Subject:
    return Subject(kind=kind, title="t", digest=DIGEST).replace(**more)


def test_the_shipped_rules_know_who_approves_what() -> None:
    book = rules.shipped()
    assert choose(book.rules, subject("grant")).author_executes
    assert choose(book.rules, subject("totp-reset")).name == "login-reset"
    assert len(choose(book.rules, subject("change", risk="high")).steps) == 2
    assert len(choose(book.rules, subject("change", level="5")).steps) == 2
    assert len(choose(book.rules, subject("change")).steps) == 1
    assert not choose(book.rules, subject("waiver")).author_executes
    with pytest.raises(InvalidInputError):
        choose(book.rules, subject("anything else"))
    named = {role for rule in book.rules for step in rule.steps for role in step}
    assert named <= PERMISSIONS["approval.decide"], "whoever a rule names may decide"


WRONG = {
    "": "empty",
    "rules: []": "one list named rules",
    "- a": "one list named rules",
    "rules:\n  - name: a\n    steps: [approver]\nmore: 1": "one list named rules",
    "rules:\n  - name: a\n    steps: [boss]": ":3: rules.0.steps",
    "rules:\n  - name: a\n    stages: [approver]": ":3: rules.0.stages",
    "rules:\n  - name: a": "approve everything",
    "rules:\n  - steps: [approver]": "needs a name",
    "rules:\n  - name: a\n    steps: []\n    standard: {}": "approve everything",
    "rules:\n  - name: a\n    steps: [[]]": "rules.0.steps",
    "rules:\n  - name: a\n    steps: [approver]\n    expires_hours: 0": ":4: rules.0.expires_hours",
    "rules:\n  - name: a\n    steps: [approver]\n    expires_hours: '72'": ":4: rules.0.expires_hours",
    "rules:\n  - name: a\n    steps: [approver]\n    standard: {t: short}": "rules.0.standard.t",
    "rules:\n  - name: a\n    steps: [approver]\n  - name: a\n    steps: [approver]": ":4: rules.1.name",
    "rules:\n  - name: a\n    steps: [approver, approver, approver, approver, approver, approver]": "steps",
    "rules: &a\n  - name: a\n    steps: [approver]": "anchors",
    "rules:\n  - !!python/object/apply:os.system [id]": ":2:",
    "rules:\n  - name: a\n    name: b\n    steps: [approver]": "twice",
    "rules: [": "not YAML",
    "rules:\n  - name: a\n    risks: [huge]\n    steps: [approver]": ":3: rules.0.risks",
    "rules:\n  - name: a\n    author_executes: perhaps\n    steps: [approver]": ":3: rules.0.author_executes",
}


@pytest.mark.parametrize("text", WRONG)
def test_every_mistake_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "approvals.yml"
    file.write_text(text)
    with pytest.raises(InvalidInputError) as found:
        rules.read(file)
    assert str(file) in found.value.message
    assert WRONG[text] in found.value.message
    assert found.value.way_out


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(st.binary(max_size=200))
def test_no_file_makes_it_fail_otherwise(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "approvals.yml"
    file.write_bytes(content)
    with pytest.raises(YunwangError):
        rules.read(file)


def test_the_file_of_the_settings_is_used(tmp_path: Path) -> None:
    file = tmp_path / "mine.yml"
    file.write_text(f"rules:\n  - name: mine\n    steps: [[approver, officer-in-charge], approver]\n    standard: {{t: {DIGEST}}}\n")
    found = rules.load(Settings(general=General(), work=Work(approval_rules=str(file))))
    (rule,) = found.rules
    assert (rule.name, rule.steps, rule.standard) == ("mine", (("approver", "officer-in-charge"), ("approver",)), {"t": DIGEST})
    with pytest.raises(SettingsError):
        rules.load(Settings(work=Work(approval_rules=str(tmp_path / "nowhere.yml"))))
