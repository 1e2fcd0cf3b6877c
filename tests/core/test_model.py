"""The model holds together: every kind has its names, every reference leads somewhere, every edge is known."""

import msgspec

from core.edges import EDGES, REFERENCES
from core.model import DECLARED, KEYED, MODEL, TITLES


def test_every_kind_has_a_name_in_both_languages() -> None:
    assert TITLES.keys() == MODEL.keys()
    assert len({zh for zh, _ in TITLES.values()}) == len(TITLES)


def test_kinds_are_known_by_a_name_or_a_key() -> None:
    assert all("key" in noun.__struct_fields__ for noun in KEYED.values())
    assert all("name" in noun.__struct_fields__ and "key" not in noun.__struct_fields__ for noun in DECLARED.values())


def test_every_reference_is_a_text_field_or_several_and_leads_to_a_kind() -> None:
    for kind, references in REFERENCES.items():
        types = {field.name: field.type for field in msgspec.structs.fields(MODEL[kind])}
        for reference in references:
            assert types[reference.field] in (str, tuple[str, ...]), (kind, reference)
            assert reference.target in MODEL, (kind, reference)
            assert reference.edge in EDGES
            assert not reference.port or types[reference.port] is str


def test_every_kind_was_thought_of_in_the_references() -> None:
    free = {"reservation", "site", "team", "ha_group", "zone", "circuit", "image", "quota"}
    assert MODEL.keys() - REFERENCES.keys() <= free
