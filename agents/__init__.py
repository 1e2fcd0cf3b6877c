"""Who works: the only place where engines, stores and links are wired together."""
