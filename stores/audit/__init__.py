"""Archives of the audit trail: signed segments that anybody can check with ordinary tools."""

from stores.audit.archive import SEGMENT_ROWS, archive
from stores.audit.verifying import Verifier, read_tips

__all__ = ["SEGMENT_ROWS", "Verifier", "archive", "read_tips"]
