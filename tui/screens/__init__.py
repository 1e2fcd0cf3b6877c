"""One screen for each question of an operator."""
