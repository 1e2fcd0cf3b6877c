"""The City's cloud as an OpenStack-style API over real sockets, as far as an inventory reads it."""

from lab.openstack.server import Served, serve

__all__ = ["Served", "serve"]
