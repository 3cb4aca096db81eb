"""Keeping the service: backups, status, dictionaries, read-only queries."""
