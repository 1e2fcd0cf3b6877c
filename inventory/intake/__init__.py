"""The one road into the inventory: what a source tells, set beside what is known, becomes records, statements and lines of the queue.

Records follow from the statements alone: from what is declared, and where nobody declared anything from the best of the other sources.
So the order in which the sources spoke leaves no trace, and telling a thing twice is telling it once.
"""

from inventory.intake.beside import detail
from inventory.intake.deciding import decide
from inventory.intake.replacing import replace_box
from inventory.intake.seeing import fields_of_facts, seen
from inventory.intake.telling import settle, take
from inventory.intake.world import Plan, World, needs

__all__ = ["Plan", "World", "decide", "detail", "fields_of_facts", "needs", "replace_box", "seen", "settle", "take"]
