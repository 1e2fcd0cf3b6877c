"""A device whose box was replaced keeps its place, its id and its history."""

from collections.abc import Callable, Mapping

from core.errors import ConflictError, NotFoundError
from core.i18n import tr
from core.review import DECLARATION, Replaced, Replacement
from inventory.intake.binding import PINNED
from inventory.intake.saying import by_name, shown, text_of
from inventory.intake.settling import settle_draft
from inventory.intake.telling import finished
from inventory.intake.world import Draft, Plan, World, statement_id

BOX = ("serial", "model", "chassis", "engine")
"""What goes with a box."""
MOST_FORMER = 8


def new_box(draft: Draft, device_id: str, fields: Mapping[str, str]) -> None:
    """What was known of the old box is forgotten: the device itself is asked anew, other sources are behind until they say otherwise."""
    serial = fields.get("serial")
    for one in draft.others(device_id):
        if one.origin.startswith(PINNED) and one.fields.get("serial") != serial:
            left = {name: text for name, text in one.fields.items() if name not in BOX}
            draft.statements[one.id] = one.replace(fields=left, since=draft.now_ms)
    record = draft.records["device"][device_id]
    draft.declare("device", device_id, record.name, draft.declaration("device", device_id))
    if record.serial:
        mine = draft.statements[statement_id("device", DECLARATION, device_id)]
        former = tuple(dict.fromkeys((record.serial, *mine.former.get("serial", ()))))[:MOST_FORMER]
        draft.statements[mine.id] = mine.replace(former={**mine.former, "serial": former})


def replace_box(world: World, name: str, wish: Replacement, now_ms: int, new_id: Callable[[], str]) -> Plan:
    """Another box in the place of a device, which keeps its id and so its history. Raises what speaks against it."""
    draft = Draft(world, now_ms, new_id)
    device = draft.records["device"].get(name) or draft.named("device", name)
    if device is None:
        raise NotFoundError(tr("There is no device {name}.", name=name))
    taken = next((one for one in draft.records["device"].values() if one.serial == wish.serial and one.id != device.id), None)
    if taken is not None:
        raise ConflictError(
            tr("{serial} is the serial number of {name}.", serial=wish.serial, name=taken.name),
            way_out=tr("A box stands in one place: correct or remove that one first."),
        )
    fields = {"serial": text_of(wish.serial), **({"model": text_of(wish.model)} if wish.model else {})}
    open_before = {one.id for one in draft.queue.values() if one.object_id == device.id and one.state == "open"}
    if device.serial != wish.serial:
        new_box(draft, device.id, fields)
    draft.declare("device", device.id, device.name, {**draft.declaration("device", device.id), **fields})
    settle_draft(draft)
    after = draft.records["device"][device.id]
    changed = {
        field: (shown(text_of(getattr(device, field))), shown(text_of(getattr(after, field))))
        for field in by_name("device") if getattr(device, field) != getattr(after, field)
    }
    cleared = sum(draft.queue[one].state != "open" for one in open_before)
    return finished(draft, Replaced(id=device.id, name=after.name, dry_run=wish.dry_run, changed=changed, cleared=cleared))
