"""The hub: the API, the only writer of records, and the live picture that every screen looks at."""
