"""What a NetBox holds and how it takes and shows it, by the facts of `schema.yml`: types, needs, uniqueness, nesting."""

import ipaddress
import re
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

Json = dict[str, Any]
_SLUG = re.compile(r"[-a-zA-Z0-9_]+")
_OBJECT_TYPES = {"dcim.interface": "Interface", "dcim.site": "Site", "dcim.device": "Device"}


class WrongError(Exception):
    """One value is not what its field takes."""


class RefusedError(Exception):
    """400: what is wrong, by field."""

    def __init__(self, problems: Json) -> None:
        super().__init__(str(problems))
        self.problems = problems


@lru_cache(maxsize=1)
def schema() -> Json:
    """The facts."""
    found: Json = yaml.safe_load((resources.files("lab") / "netbox" / "schema.yml").read_text("utf-8"))
    return found


class Store:
    """Objects by kind and number. `unknown` collects fields that somebody wrote and that NetBox does not have."""

    def __init__(self, base: str = "http://netbox") -> None:
        self.base = base
        self.kinds: dict[str, Json] = schema()["kinds"]
        self.by_path = {kind["path"]: name for name, kind in self.kinds.items()}
        self.objects: dict[str, dict[int, Json]] = {name: {} for name in self.kinds}
        self.unknown: set[tuple[str, str]] = set()
        self._next = 1

    def add(self, kind: str, **values: Any) -> int:
        """A new object; its number. Raises `RefusedError`."""
        return int(self.create(kind, values)["id"])

    def create(self, kind: str, values: Json) -> Json:
        fields = self.kinds[kind]["fields"]
        problems = {name: ["This field is required."] for name, field in fields.items() if field.get("required") and name not in values}
        if problems:
            raise RefusedError(problems)
        made = {name: field.get("usual", [] if field["type"] == "list" else {} if field["type"] == "object" else
                                "" if field["type"] == "string" and not field.get("null") else None) for name, field in fields.items()}
        made |= self._taken(kind, values)
        self._check_unique(kind, made, 0)
        number, self._next = self._next, self._next + 1
        self.objects[kind][number] = made
        return self.shown(kind, number)

    def update(self, kind: str, number: int, values: Json) -> Json:
        made = self.objects[kind][number] | self._taken(kind, values)
        self._check_unique(kind, made, number)
        self.objects[kind][number] = made
        return self.shown(kind, number)

    def shown(self, kind: str, number: int, *, brief: bool = False) -> Json:
        """As it is answered."""
        made, facts = self.objects[kind][number], self.kinds[kind]
        shown: Json = {"id": number, "url": f"{self.base}/api/{facts['path']}/{number}/", "display": self._display(kind, made)}
        for name, field in facts["fields"].items():
            if not brief or name in facts["brief"]:
                shown[name] = self._value(field, made.get(name))
        if kind == "Device" and not brief:
            shown["primary_ip"] = shown["primary_ip4"] or shown["primary_ip6"]
        if kind == "Prefix" and not brief and made.get("scope_type"):
            shown["scope"] = self.shown(_OBJECT_TYPES[made["scope_type"]], made["scope_id"], brief=True)
        return shown

    def _display(self, kind: str, made: Json) -> str:
        return str(next((made[name] for name in ("name", "model", "prefix", "address", "cid", "label") if made.get(name)), kind))

    def _value(self, field: Json, value: Any) -> Any:
        if field.get("ref") == "generic":
            return [{**one, "object": self.shown(_OBJECT_TYPES[one["object_type"]], one["object_id"], brief=True)
                     if one["object_type"] in _OBJECT_TYPES else None} for one in value or []]
        if field["type"] == "list" and field.get("ref"):
            return [self.shown(field["ref"], one, brief=True) for one in value or []]
        if field["type"] == "ref" and value is not None:
            return self.shown(field["ref"], value, brief=True)
        if field["type"] == "choice" and value is not None:
            return {"value": value, "label": str(value).title()}
        return value

    def _taken(self, kind: str, values: Json) -> Json:
        """The values as they are kept. Raises `RefusedError` with every field that is wrong."""
        fields, taken, problems = self.kinds[kind]["fields"], {}, {}
        for name, value in values.items():
            field = fields.get(name)
            if field is None or field.get("read"):
                self.unknown.add((kind, name))
                continue
            try:
                taken[name] = self._checked(kind, field, value)
            except (WrongError, ValueError) as error:
                problems[name] = [str(error)]
        if problems:
            raise RefusedError(problems)
        return taken

    def _checked(self, kind: str, field: Json, value: Any) -> Any:
        if value is None:
            if field.get("null"):
                return None
            raise WrongError("This field may not be null.")
        check = getattr(self, f"_check_{field['type']}")
        return check(field, value, kind)

    def _check_string(self, field: Json, value: Any, _kind: str) -> str:
        if not isinstance(value, str):
            raise WrongError("Not a valid string.")
        if len(value) > field.get("max", 10_000):
            raise WrongError(f"Ensure this field has no more than {field['max']} characters.")
        if field.get("required") and not value:
            raise WrongError("This field may not be blank.")
        if field.get("slug") and not _SLUG.fullmatch(value):
            raise WrongError('Enter a valid "slug" consisting of letters, numbers, underscores or hyphens.')
        if "pattern" in field and not re.fullmatch(field["pattern"], value):
            raise WrongError("Only alphanumeric characters and underscores are allowed.")
        return value

    def _check_integer(self, field: Json, value: Any, _kind: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise WrongError("A valid integer is required.")
        if not field.get("least", 0) <= value <= field.get("most", 1 << 31):
            raise WrongError("Ensure this value is within its bounds.")
        return value

    def _check_choice(self, field: Json, value: Any, _kind: str) -> Any:
        if value not in field["choices"]:
            raise WrongError(f"{value} is not a valid choice.")
        return value

    def _check_prefix(self, _field: Json, value: Any, _kind: str) -> str:
        return str(ipaddress.ip_network(value))

    def _check_address(self, _field: Json, value: Any, _kind: str) -> str:
        return str(ipaddress.ip_interface(value))

    def _check_object(self, _field: Json, value: Any, kind: str) -> Json:
        if not isinstance(value, dict):
            raise WrongError("This field must be a mapping.")
        types = {"Site": "dcim.site", "Device": "dcim.device", "Prefix": "ipam.prefix"}
        known = {one["name"] for one in self.objects["CustomField"].values() if types.get(kind) in one["object_types"]}
        for name in value.keys() - known:
            raise WrongError(f"Unknown field name '{name}' in custom field data.")
        return value

    def _check_ref(self, field: Json, value: Any, _kind: str) -> int:
        return self._found(field["ref"], value)

    def _check_list(self, field: Json, value: Any, _kind: str) -> list[Any]:
        if not isinstance(value, list):
            raise WrongError('Expected a list of items.')
        return [self._found(field["ref"], one) for one in value] if field.get("ref", "generic") != "generic" else value

    def _found(self, kind: str, value: Any) -> int:
        """An object by its number, or by values that find exactly one."""
        if isinstance(value, int) and not isinstance(value, bool):
            if value not in self.objects[kind]:
                raise WrongError(f"Related object not found using the provided numeric ID: {value}")
            return value
        if not isinstance(value, dict):
            raise WrongError("Related objects must be referenced by numeric ID or by dictionary of attributes.")
        found = [n for n, one in self.objects[kind].items() if all(one.get(k) == v for k, v in value.items())]
        if len(found) != 1:
            raise WrongError("Related object not found using the provided attributes.")
        return found[0]

    def _check_unique(self, kind: str, made: Json, own: int) -> None:
        for together in self.kinds[kind]["unique"]:
            values = [made.get(name) for name in together]
            taken = (n for n, one in self.objects[kind].items() if n != own and [one.get(name) for name in together] == values)
            if None not in values and next(taken, None) is not None:
                raise RefusedError({"non_field_errors": [f"The fields {', '.join(together)} must make a unique set."]} if len(together) > 1
                                   else {together[0]: [f"{kind} with this {together[0]} already exists."]})
