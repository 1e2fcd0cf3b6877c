"""The node as a service: its health, its metrics, its heartbeat, what fills its disk, its backups, its settings in git."""
