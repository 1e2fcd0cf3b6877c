"""What was: any object at any moment, and what changed between two."""
