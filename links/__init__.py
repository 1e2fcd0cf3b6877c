"""The wires: SNMP, sheets, the bus. I/O and no rules."""
