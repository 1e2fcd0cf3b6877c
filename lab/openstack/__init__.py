"""The City's cloud as an OpenStack-style API over real sockets: what an inventory reads of Keystone, Nova, Neutron, Cinder, Glance, Octavia."""

from lab.openstack.server import Served, serve

__all__ = ["Served", "serve"]
