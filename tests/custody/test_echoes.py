"""Secrets that come back from the network: in traps, and in what devices say of themselves."""

from hypothesis import given
from hypothesis import strategies as st

from agents.senses.secrets import without_echo, words_of
from core.messages import Observed
from core.objects import Fact, Interface
from core.polling import SnmpSecret
from links.traps import without_community

TRAP = bytes.fromhex("3029020101") + b"\x04\x0ds3cret-string" + bytes.fromhex("a7150204000000010201000201003007300506032b06010500")


def test_a_trap_keeps_everything_but_its_community() -> None:
    kept = without_community(TRAP)
    assert kept == TRAP.replace(b"s3cret-string", b"*" * 13)
    long_form = b"\x30\x82" + len(TRAP[2:]).to_bytes(2, "big") + TRAP[2:]
    assert without_community(long_form) == long_form.replace(b"s3cret-string", b"*" * 13)
    v3 = TRAP.replace(b"\x02\x01\x01\x04", b"\x02\x01\x03\x04")
    assert without_community(v3) == v3


@given(st.one_of(
    st.binary(max_size=200), st.binary(max_size=60).map(lambda tail: TRAP[:5] + tail), st.integers(0, 60).map(lambda n: TRAP[:n]),
))
def test_whatever_comes_it_stays_as_long_as_it_was(raw: bytes) -> None:
    kept = without_community(raw)
    assert len(kept) == len(raw)
    assert all(new in (old, ord("*")) for old, new in zip(raw, kept, strict=True))


def observed(text: str) -> Observed:
    return Observed(
        device_id="d", at_ms=1, links=(),
        interfaces=(Interface(device_id="d", if_index=1, name="GE0/0/1", alias=f"to {text}", descr=text),),
        facts=(Fact(object_id="d", field="sysContact", value=f"call 1234, {text}!", source="observed", confidence=1.0, valid_from=1),),
    )


def test_a_device_that_echoes_its_secret_is_not_believed() -> None:
    for secret in (SnmpSecret(community="s3cret-string"), SnmpSecret(username="u", auth_key="x" * 9, priv_key="s3cret-string")):
        masked = without_echo(observed("s3cret-string"), words_of([SnmpSecret(community="another-one"), secret]))
        assert "s3cret" not in str(masked)
        assert (masked.facts[0].value, masked.interfaces[0].alias, masked.interfaces[0].name) == ("call 1234, ***!", "to ***", "GE0/0/1")


def test_words_that_are_no_secret_stay() -> None:
    for word in ("public", "private", "ab", ""):
        seen = observed(word)
        assert without_echo(seen, words_of([SnmpSecret(community=word)])) is seen
    seen = observed("something else")
    assert without_echo(seen, words_of([SnmpSecret(community="s3cret-string")])) is seen
