"""The console: one screen per operator question."""
