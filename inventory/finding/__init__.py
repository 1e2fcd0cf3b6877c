"""What search shows, who uses a thing, what is free: pure functions of the graph and of what was observed."""
