"""What people have today, as small servers of loopback: LibreNMS, Zabbix and Oxidized, as far as an inventory reads them."""

from lab.peers.apis import librenms, oxidized, zabbix
from lab.peers.server import Served, serve

__all__ = ["Served", "librenms", "oxidized", "serve", "zabbix"]
