"""The front door: argument parsing only; every import is deferred."""
