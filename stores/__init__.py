"""Memory: records, samples, logs. I/O and no rules."""
