"""SNMP: requests encoded once, answers checked to the last OID. The engine polls; a session reads anything from one device."""
