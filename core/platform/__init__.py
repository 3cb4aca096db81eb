"""The keeping of the service: its health, backups, jobs, queries."""
