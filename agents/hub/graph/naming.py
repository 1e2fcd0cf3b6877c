"""What people type to name an object, a port or a link, and what of the answer they may see."""

from collections.abc import Sequence
from typing import NamedTuple

from agents.hub.sight import Sight
from core.errors import InvalidInputError, NotFoundError
from core.graph import GraphView, Node
from core.i18n import tr
from core.model import MODEL
from core.questions import Thing
from inventory.graph.belonging import place_of
from inventory.graph.ports import Ends, edges_at_port, edges_between

LONGEST = 256
HIDDEN = Thing(id="", kind="", name="")


class Chosen(NamedTuple):
    """Objects and edges (ids) that somebody named; labels: ports and links as they were understood."""

    nodes: tuple[Node, ...]
    edges: tuple[str, ...]
    labels: tuple[str, ...]


def named(view: GraphView, text: str, sight: Sight) -> Node:
    """An object by id, by `KIND:NAME`, or by a name that only one object has. Raises `NotFoundError`, `InvalidInputError`.

    What the caller may not see is not there.
    """
    text = text[:LONGEST]
    kind, colon, name = text.partition(":")
    of_kind = bool(colon) and kind in MODEL
    if of_kind:
        found = [node for node in (view.find(kind, name) or _by_shown_name(view, kind, name),) if node is not None]
    else:
        found = _by_id(view, text) or [node for one in MODEL if (node := view.find(one, text)) is not None]
    found = found or ([node for one in MODEL if (node := _by_shown_name(view, one, text)) is not None] if not of_kind else [])
    seen = [node for node in found if sees(view, node, sight)]
    if len(seen) > 1:
        kinds = ", ".join(f"{node.kind}:{text}" for node in seen)
        raise InvalidInputError(tr("Several objects are called {name}.", name=text), way_out=tr("Name the kind: {kinds}.", kinds=kinds))
    if not seen:
        raise NotFoundError(tr("There is no object named {name}.", name=text), way_out=tr("`yunwang search TEXT` finds what it is called."))
    return seen[0]


def is_id(view: GraphView, kind: str, text: str) -> bool:
    """Whether an object of this kind has this id."""
    return any(node.kind == kind for node in _by_id(view, text))


def _by_id(view: GraphView, text: str) -> list[Node]:
    try:
        return [view.node(text)]
    except NotFoundError:
        return []


def _by_shown_name(view: GraphView, kind: str, name: str) -> Node | None:
    """Of kinds that are known by a key: by the name that people see, where only one has it."""
    found = [node for node in view.of_kind(kind) if node.name == name] if "key" in MODEL[kind].__struct_fields__ else []
    if len(found) > 1:
        raise InvalidInputError(tr("Several objects are called {name}.", name=name), way_out=tr("Name it by its id or key."))
    return found[0] if found else None


def chosen(view: GraphView, texts: Sequence[str], sight: Sight) -> Chosen:
    """Objects, and ports (`DEVICE:PORT`) and links (`A:PORT--B:PORT`, `A--B`) as the edges that end there."""
    nodes: dict[str, Node] = {}
    edges: dict[str, None] = {}
    labels: dict[str, None] = {}
    for text in texts:
        ends = _ends(view, text[:LONGEST], sight)
        if ends is None:
            node = named(view, text, sight)
            nodes[node.id] = node
            continue
        found = edges_at_port(view, ends) if not ends.far else edges_between(view, ends)
        if not found:
            raise NotFoundError(tr("Nothing is known to be connected at {place}.", place=text[:LONGEST]),
                                way_out=tr("`yunwang graph around DEVICE` shows the ports that are known."))
        edges |= dict.fromkeys(found)
        labels[text[:LONGEST]] = None
    return Chosen(tuple(nodes.values()), tuple(edges), tuple(labels))


def _ends(view: GraphView, text: str, sight: Sight) -> Ends | None:
    """None where it names an object."""
    near, dashes, far = text.partition("--")
    if dashes and (a := _device_and_port(view, near, sight)) and (b := _device_and_port(view, far, sight)):
        return Ends(a[0], a[1], b[0], b[1])
    one = _device_and_port(view, text, sight) if not dashes else None
    return Ends(*one) if one and one[1] else None


def _device_and_port(view: GraphView, text: str, sight: Sight) -> tuple[str, str] | None:
    text = text.removeprefix("device:")
    for place in (len(text), *(at for at, letter in enumerate(text) if letter == ":")):
        node = view.find("device", text[:place])
        if node is not None and sees(view, node, sight):
            return node.id, text[place + 1 :]
    return None


def sees(view: GraphView, node: Node, sight: Sight) -> bool:
    return sight.everything or sight.sees(*place_of(view, node))


def shown(view: GraphView, node: Node, sight: Sight) -> Thing:
    """With its name only for whom it is."""
    return thing(node) if sees(view, node, sight) else HIDDEN.replace(kind=node.kind)


def thing(node: Node) -> Thing:
    return Thing(id=node.id, kind=node.kind, name=node.name)
