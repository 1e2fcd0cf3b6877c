"""The audit trail: sealed every hour, proved, searched, exported, archived. Its rows are written by whoever does something."""

from agents.hub.audit.part import Audit

__all__ = ["Audit"]
