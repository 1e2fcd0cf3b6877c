"""What is happening: device profiles, values to samples, rules to alerts. Pure."""
