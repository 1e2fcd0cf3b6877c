"""Real servers that run on a bare machine, each in a folder of its own, for the tests that want no double."""
