"""What a line names: `name=value` in every dialect, the port, the peer. Bounded, and all of it text."""

import re

from core.width import clean

MAX_FIELDS = 48
MAX_NAME, MAX_VALUE = 64, 256
_PAIR = re.compile(
    r"""(?<![\w.])([A-Za-z][\w.-]{0,63})(?:=| = |= (?=["\d]))"""
    r"""("(?:[^"\\]|\\.){0,1024}"?|'[^']{0,1024}'?|[^\s,;()\[\]"']{1,512})"""
)
_PORT = re.compile(
    r"(?i)\b(?:interface|port|on|intf:)\s?(?:\(?(?:name|number)?\s?[:=]\s?)?"
    r"((?:\d{0,3}[A-Za-z][A-Za-z-]{0,24}[ ]?)?\d{1,4}(?:[/.:-]\d{1,5}){1,4}"
    r"|(?:Vlan|Vlanif|Vbdif|Loopback|LoopBack|Eth-Trunk|Bridge-Aggregation|Route-Aggregation|port-channel|Port-channel|AggregatePort|Tunnel|MEth|"
    r"Ethernet|mgmt|eth|et|xe|ge|ae|irb)[- ]?(?:interface)?\d[\d/.:]*)"
)
_PEER = re.compile(
    r"(?i)\b(?:peer|neighbou?r|nbr)(?:\s+(?:address|ip))?\s*[:=]?\s*\(?((?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{0,4}:[0-9a-f:]{2,38})"
)
_PLACES = ("nterface", "port", "Port", "PORT", " on ", "intf:", "NTERFACE")
_NEIGHBOURS = ("peer", "eighbo", "Nbr", "nbr", "Peer", "PEER")


def fields_of(text: str) -> dict[str, str]:
    """By name, the first of each; `ifName` and `peer` where the text has them without a name."""
    found: dict[str, str] = {}
    if "=" in text:
        for pair in _PAIR.finditer(text):
            if len(found) >= MAX_FIELDS:
                break
            found.setdefault(pair[1], value_of(pair[2]))
    if "ifName" not in found and any(word in text for word in _PLACES) and (port := _PORT.search(text)):
        found["ifName"] = port[1][:MAX_NAME].rstrip(".:")
    if "peer" not in found and any(word in text for word in _NEIGHBOURS) and (peer := _PEER.search(text)):
        found["peer"] = peer[1]
    return found


def value_of(text: str) -> str:
    """Without its quotation marks, fit for a screen."""
    if text[:1] not in ('"', "'"):
        return clean(text.rstrip(".:"), MAX_VALUE)
    return clean(text[1:-1] if len(text) > 1 and text[-1] == text[0] else text[1:], MAX_VALUE)
