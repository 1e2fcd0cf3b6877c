"""What leads out to Prometheus: figures of all devices to be fetched, and the same pushed by remote write."""

from agents.hub.export.part import Export

__all__ = ["Export"]
