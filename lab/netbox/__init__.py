"""A small server with NetBox's REST API, as far as an inventory reads and writes it: token, pages, filters, nesting, 400 by field."""

from lab.netbox.server import Served, serve
from lab.netbox.store import Store

__all__ = ["Served", "Store", "serve"]
