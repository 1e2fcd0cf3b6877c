"""What a password must be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import passwords
from core.sections import Accounts

RULES = Accounts()


@pytest.mark.parametrize("secret", [
    "Correct-Horse-9", "浙江丽水花园云Ab1-", "Kx7#mPq2vL", "tr0ub4dor&3X", "Zhe4ge.mima.hao9", "xJ4-kkw-92b!",
])
def test_good_ones_pass(secret: str) -> None:
    assert passwords.problems(secret, "wang", RULES) == ()


@pytest.mark.parametrize("secret", [
    "", "short1A!", "alllowercase", "Alllowercase", "P@ssw0rd2024", "Password123!", "Admin@12345", "Huawei@123", "Qwertyuiop1!",
    "1qaz2wsx3edC!", "Aa1!Aa1!Aa1!", "wang.Tao-99x", "GNAW.xx-9271", "Lishui@2026", "Yunwang#2026", "aaaaAAAA1111", "A1!" + "x" * 200,
    "Good-\x00pass9x", "Abcdefg12345!",
])
def test_bad_ones_are_told_why(secret: str) -> None:
    found = passwords.problems(secret, "wang", RULES)
    assert found
    assert all(sentence.endswith(".") for sentence in found)
    assert not any(secret and len(secret) > 3 and secret in sentence for sentence in found)


def test_the_settings_decide() -> None:
    assert passwords.problems("kx7mpq2vlt", "wang", RULES)
    assert not passwords.problems("kx7mpq2vlt", "wang", Accounts(least_classes=2))
    assert passwords.problems("Kx7#mPq2vL", "wang", Accounts(least_length=11))


@given(st.text(max_size=300), st.text(max_size=40))
def test_any_text_is_judged_within_bounds(secret: str, name: str) -> None:
    found = passwords.problems(secret, name, RULES)
    if not found:
        assert RULES.least_length <= len(secret) <= passwords.LONGEST
        assert passwords.classes(secret) >= RULES.least_classes
        assert len(name) < 3 or name.casefold() not in secret.casefold()


@given(st.text(max_size=60))
def test_the_same_text_in_another_form_is_the_same_password(secret: str) -> None:
    import unicodedata

    assert passwords.prepared(unicodedata.normalize("NFD", secret)) == passwords.prepared(secret)
