"""The net tells itself: `hub.crawls`."""

from agents.hub.crawl.part import Crawls

__all__ = ["Crawls"]
