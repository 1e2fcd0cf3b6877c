"""What the answers to probes mean. Pure: what came, and when, are arguments."""
