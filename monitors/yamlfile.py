"""YAML from any hand: plain mappings, lists and scalars with the line of each; nothing that grows, runs or hides.

Anchors and aliases (and so alias bombs), tags, duplicate keys, several documents and deep nesting are refused.
"""

from typing import Any

import yaml

from core.errors import InvalidInputError

SIZE_LIMIT = 512 * 1024
NODE_LIMIT = 60_000
DEPTH_LIMIT = 12

Path = tuple[str | int, ...]
_PLAIN = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null")}


class Document:
    """One file: `tree` is its plain data, `line(path)` where a key or item stands (1-based)."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._lines: dict[Path, int] = {}
        self._left = NODE_LIMIT
        self._loader = yaml.SafeLoader("")
        if len(text) > SIZE_LIMIT:
            raise InvalidInputError(f"{name}: the file is larger than {SIZE_LIMIT // 1024} KiB.", way_out="Split it.")
        self.tree: Any = self._plain(self._composed(text), ())

    def line(self, path: Path) -> int:
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    def wrong(self, path: Path, problem: str, way_out: str = "docs/profiles.md names what each key takes.") -> InvalidInputError:
        """The error for a mistake at `path`, with file, line and key."""
        key = ".".join(str(part) for part in path) or "the file"
        return InvalidInputError(f"{self.name}:{self.line(path)}: {key}: {problem}", way_out=way_out)

    def _composed(self, text: str) -> yaml.Node:
        try:
            loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
            for event in yaml.parse(text, loader):
                self._allowed(event)
            node = yaml.compose(text, loader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 1
            reason = getattr(error, "problem", None) or "it has characters that YAML does not allow"
            raise InvalidInputError(f"{self.name}:{line}: this is not YAML: {reason}.", way_out="Mend that line.") from None
        except RecursionError:
            raise InvalidInputError(f"{self.name}: the file is nested too deeply.", way_out="Write it flat.") from None
        if node is None:
            raise InvalidInputError(f"{self.name}: the file is empty.", way_out="docs/profiles.md shows a whole profile.")
        return node

    def _allowed(self, event: yaml.Event) -> None:
        self._left -= 1
        line = event.start_mark.line + 1 if event.start_mark else 1
        if self._left < 0:
            raise InvalidInputError(f"{self.name}:{line}: the file has too many entries.", way_out="Split it.")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise InvalidInputError(f"{self.name}:{line}: anchors and aliases are not read here.", way_out="Write the value out.")

    def _plain(self, node: yaml.Node, path: Path) -> Any:
        self._lines.setdefault(path, node.start_mark.line + 1)
        if len(path) > DEPTH_LIMIT:
            raise self.wrong(path, "nested too deeply.", "Write it flat.")
        if isinstance(node, yaml.MappingNode) and node.tag == "tag:yaml.org,2002:map":
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == "tag:yaml.org,2002:seq":
            return [self._plain(item, (*path, number)) for number, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[Any, Any]:
        out: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = self._scalar(key_node, path)
            here = (*path, key if isinstance(key, int) else str(key))
            self._lines[here] = key_node.start_mark.line + 1
            if key in out:
                raise self.wrong(here, "stands here twice.", "Keep one.")
            out[key] = self._plain(value_node, here)
        return out

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        if not isinstance(node, yaml.ScalarNode) or node.tag not in _PLAIN:
            raise self.wrong(path, f"{node.tag.rsplit(':', 1)[-1]} is not read here.", "Write plain text or a number, quoted if need be.")
        if node.tag == "tag:yaml.org,2002:str":
            return node.value
        try:
            return self._loader.construct_object(node)
        except (ValueError, OverflowError):
            raise self.wrong(path, "this number cannot be read.", "Quote it if it is text.") from None
