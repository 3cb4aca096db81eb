"""The keeping of the service: backups, jobs, queries."""
