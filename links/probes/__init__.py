"""The wires of probes: each asks one thing and brings back what came, bounded in size and time. What that means is said elsewhere."""
