"""Archives of the audit trail: signed segments that anybody can check with ordinary tools."""

from stores.audit.archive import SEGMENT_ROWS, archive
from stores.audit.reading import archived_rows
from stores.audit.sealing import LastSeal, last_seal, seal
from stores.audit.segment import archives
from stores.audit.verifying import Verifier

__all__ = ["SEGMENT_ROWS", "LastSeal", "Verifier", "archive", "archived_rows", "archives", "last_seal", "seal"]
