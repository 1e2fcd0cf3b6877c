"""The poller as a process: devices to plans, plans to readings, readings to samples, rows and alerts."""
