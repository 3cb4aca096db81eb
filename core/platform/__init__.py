"""The service itself: its health, its backups, the jobs it does by itself."""
