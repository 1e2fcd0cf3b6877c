"""How to ask: the typed client of the hub's API."""
