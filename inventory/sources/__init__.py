"""What other systems say exists, as records of ours: pure functions from what was read to nouns."""
