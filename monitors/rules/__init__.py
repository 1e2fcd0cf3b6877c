"""Rules: what is worth an alert, as data. Everything here is pure; time is an argument."""
