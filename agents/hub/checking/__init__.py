"""Everything that a device needs to be monitored, tried by the hub with what it knows of it."""
